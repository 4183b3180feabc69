/** Numbers in LEB128 (core spec 5.2.2). */
import { next } from './layout/common.js';
import { load8, store32 } from './memory.js';

/** Value of the index at `position`; -1 where it is malformed or so large that it names nothing. What is behind it goes to `next`. */
export function readIndex(position: i32): i32 {
  let byte = load8(position++);
  let value = byte & 0x7f;
  if (byte >= 0x80) {
    byte = load8(position++);
    value |= (byte & 0x7f) << 7;
    if (byte >= 0x80) {
      byte = load8(position++);
      value |= (byte & 0x7f) << 14;
      if (byte >= 0x80) {
        byte = load8(position++);
        value |= (byte & 0x7f) << 21;
        if (byte >= 0x80) {
          byte = load8(position++);
          value = byte < 0x08 ? value | (byte << 28) : -1;
        }
      }
    }
  }
  store32(next, position);
  return value;
}

/** Address behind the unsigned number of 32 bits at `position`; 0 where it is malformed. */
export function skipUnsigned(position: i32): i32 {
  for (let left = 4; left > 0; left--) if (load8(position++) < 0x80) return position;
  return load8(position) <= 0x0f ? position + 1 : 0;
}

/** Address behind the signed number of 32 bits at `position`; 0 where it is malformed. */
export function skipSigned32(position: i32): i32 {
  for (let left = 4; left > 0; left--) if (load8(position++) < 0x80) return position;
  const last = load8(position);
  return last <= 0x07 || (last >= 0x78 && last < 0x80) ? position + 1 : 0;
}

/** Address behind the signed number of 64 bits at `position`; 0 where it is malformed. */
export function skipSigned64(position: i32): i32 {
  for (let left = 9; left > 0; left--) if (load8(position++) < 0x80) return position;
  const last = load8(position);
  return last === 0 || last === 0x7f ? position + 1 : 0;
}

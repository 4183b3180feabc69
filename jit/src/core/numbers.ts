/** Numbers of a body that has been validated. What is behind them goes to `next`. */
import { load8, next, store32 } from '@fireball/wasm';
import { aField, bField } from './layout/body.js';

/** The unsigned number of 32 bits at `position`. */
export function readUnsigned(position: i32): i32 {
  let byte = load8(position++);
  let value = byte & 0x7f;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = load8(position++);
    value |= (byte & 0x7f) << shift;
  }
  store32(next, position);
  return value;
}

/** The signed number of up to 33 bits at `position`, of which 32 are wanted. */
export function readSigned(position: i32): i32 {
  let byte = load8(position++);
  let value = byte & 0x7f;
  let shift = 7;
  for (; byte >= 0x80; shift += 7) {
    byte = load8(position++);
    value |= (byte & 0x7f) << shift;
  }
  store32(next, position);
  return shift < 32 && (byte & 0x40) !== 0 ? value | (-1 << shift) : value;
}

/** Writes the two words of the signed number of 64 bits at `position` into a record. */
export function readLong(position: i32, record: i32): void {
  let low = 0;
  let high = 0;
  let byte = 0x80;
  let shift = 0;
  for (; byte >= 0x80; shift += 7) {
    byte = load8(position++);
    const bits = byte & 0x7f;
    if (shift < 32) low |= bits << shift;
    if (shift >= 32) high |= bits << (shift - 32);
    else if (shift > 25) high |= bits >> (32 - shift);
  }
  if ((byte & 0x40) !== 0) {
    if (shift < 32) low |= -1 << shift;
    if (shift < 32) high = -1;
    else if (shift < 64) high |= -1 << (shift - 32);
  }
  store32(record + aField, low);
  store32(record + bField, high);
  store32(next, position);
}

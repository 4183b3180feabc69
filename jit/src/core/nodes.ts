/** What stays until the next function comes. */
import { allocate, isFull, load32, store32 } from '@fireball/wasm';
import { spare } from './layout/plan.js';

/** Address of so many bytes; where there is no room, of some that anybody may overwrite. */
export function claim(bytes: i32): i32 {
  const address = allocate(bytes);
  return address === 0 ? spare : address;
}

/** Address of so many words that are 0; 0 where there is no room. */
export function claimZeros(count: i32): i32 {
  const address = allocate(count << 2);
  if (address === 0) return 0;
  for (let at = address + ((count - 1) << 2); at >= address; at -= 4) store32(at, 0);
  return address;
}

/** Was there room for all that was asked for? */
export function hadRoom(): boolean {
  return load32(isFull) === 0;
}

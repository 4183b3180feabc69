/** Memory that is given back before the function is done, or begins with zeroes. */
import { allocate, heap, load32, store32 } from '@fireball/wasm';
import { mostHeap } from './layout/placing.js';

/** Frees what has been allocated from an address on. */
export function freeFrom(address: i32): void {
  const end = load32(heap);
  if (end > load32(mostHeap)) store32(mostHeap, end);
  store32(heap, address);
}

/** Address of so many bytes, words of 0; 0 where there is no room. */
export function allocateCleared(bytes: i32): i32 {
  const start = allocate(bytes);
  if (start !== 0) for (let at = 0; at < bytes; at += 4) store32(start + at, 0);
  return start;
}

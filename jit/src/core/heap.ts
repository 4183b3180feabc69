/** Memory that is given back before the function is done. */
import { heap, load32, store32 } from '@fireball/wasm';
import { mostHeap } from './layout/placing.js';

/** Frees what has been allocated from an address on. */
export function freeFrom(address: i32): void {
  const end = load32(heap);
  if (end > load32(mostHeap)) store32(mostHeap, end);
  store32(heap, address);
}

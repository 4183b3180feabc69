/** What stays in memory from one function to the next, and what does not. */
import { allocate, freeAll, heap, load32, makeArea, makeAreaIn, store32 } from '@fireball/wasm';
import { constants, copies, events } from './layout/analyses.js';
import { heapStart } from './layout/blocks.js';
import { generation } from './layout/body.js';
import { functionHeap, mostHeap } from './layout/placing.js';
import { argumentPlacesRoom, constantsRoom, eventsRoom } from './layout/rooms.js';

/** Makes room at `heapStart` for tables that stay from one function to the next, in place of those before, and forgets the function before. False where there is no room. */
export function makeRoom(bytes: i32): boolean {
  freeAll(heapStart);
  const hasRoom = allocate(bytes) !== 0;
  store32(functionHeap, load32(heap));
  reset();
  return hasRoom;
}

/** Forgets the function before. */
export function reset(): void {
  freeAll(load32(functionHeap));
  makeArea(copies);
  makeAreaIn(events, eventsRoom, constantsRoom);
  makeAreaIn(constants, constantsRoom, argumentPlacesRoom);
  store32(mostHeap, 0);
  store32(generation, load32(generation) + 1);
}

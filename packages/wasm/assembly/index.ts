/** What cores of other packages take from this one when they are compiled: the same names as in src/index.ts. */
export {
  growMemory,
  isBelow,
  leadingZeros,
  load16,
  load32,
  load8,
  loadFloat,
  memoryPages,
  quotient,
  rotateRight,
  store16,
  store32,
  store8,
  storeFloat,
} from './memory';
export { allocate, clearArea, copyWords, freeAll, makeArea, makeAreaIn, makeRoomIn, take, usedBytes } from './areas';
export { commonEnd, heap, isFull, limitField, next, usedField } from './layout/common';

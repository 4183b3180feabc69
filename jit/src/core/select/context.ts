/** Where the walk over the function is, and what waits for its end. */
import { load32, makeArea, store32, take } from '@fireball/wasm';
import { operationAt, recordOf } from '../instructions.js';
import { recordCount } from '../layout/body.js';
import {
  composing,
  deferred,
  deferredKind,
  deferredOffset,
  deferredStride,
  entryRing,
  instructionIndex,
  mostTraps,
  trapCount,
  trapLabels,
  trapOrder,
} from '../layout/select.js';
import { wasmOffset } from '../layout/masm.js';
import { newLabel } from '../masm/assembly.js';
import { outOfMemory } from './failure.js';

/** Nothing is selected so far, and nothing waits. */
export function beginContext(): void {
  store32(instructionIndex, 0);
  store32(composing, 0);
  makeArea(deferred);
  store32(trapCount, 0);
  for (let kind = 0; kind < mostTraps; kind++) store32(trapLabels + (kind << 2), -1);
}

/** Index of the instruction that is being selected. */
export function at(): i32 {
  return load32(instructionIndex);
}

export function goTo(index: i32): void {
  store32(instructionIndex, index);
}

/** So many instructions more are part of what is being selected. */
export function advance(count: i32): void {
  store32(instructionIndex, at() + count);
}

export function currentRecord(): i32 {
  return recordOf(at());
}

/** Record of the instruction so far behind; 0 behind the end. */
export function recordAfter(count: i32): i32 {
  const index = at() + count;
  return index < load32(recordCount) ? recordOf(index) : 0;
}

/** Record of the instruction that a result may be fused with; 0 where there is none, or one instruction is made of several operations. */
export function nextRecord(): i32 {
  return isComposing() ? 0 : recordAfter(1);
}

/** Operations selected from now on are parts of one instruction: their results are not what follows it wants. */
export function setComposing(on: boolean): void {
  store32(composing, on ? 1 : 0);
}

export function isComposing(): boolean {
  return load32(composing) !== 0;
}

/** Number of the operation; -1 where there is no record. */
export function operationOf(record: i32): i32 {
  return record === 0 ? -1 : operationAt(record);
}

/** The shared stub of a kind of traps; bound behind the function. */
export function trapLabel(kind: i32): i32 {
  const at = trapLabels + (kind << 2);
  if (load32(at) < 0) {
    const count = load32(trapCount);
    store32(trapOrder + (count << 2), kind);
    store32(trapCount, count + 1);
    store32(at, newLabel());
  }
  return load32(at);
}

/** Address of a new row of code behind the function, of a kind, at the wasm offset of now: until the next one. */
export function defer(kind: i32): i32 {
  const row = take(deferred, deferredStride);
  if (row === 0) {
    outOfMemory();
    // Nobody reads it.
    return entryRing;
  }
  store32(row + deferredKind, kind);
  store32(row + deferredOffset, load32(wasmOffset));
  return row;
}

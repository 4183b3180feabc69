/** Where the walk over the function is, and what waits for its end. */
import { load32, makeArea, store32, take } from '@fireball/wasm';
import { indexOf, recordOf } from '../instructions.js';
import { recordCount, recordStride } from '../layout/body.js';
import {
  composing,
  deferred,
  deferredKind,
  deferredOffset,
  deferredStride,
  entryRing,
  composed,
  followingRecord,
  mostTraps,
  noRecord,
  trapCount,
  trapLabels,
  trapOrder,
} from '../layout/select.js';
import { wasmOffset } from '../layout/masm.js';
import { newLabel } from '../masm/assembly.js';
import { trap } from '../masm/calls.js';
import { bind } from '../masm/conditions.js';
import { outOfMemory } from './failure.js';

/** Nothing is selected so far, and nothing waits. */
export function beginContext(): void {
  store32(composing, 0);
  store32(noRecord, -1);
  store32(followingRecord, noRecord);
  makeArea(deferred);
  store32(trapCount, 0);
  for (let kind = 0; kind < mostTraps; kind++) store32(trapLabels + (kind << 2), -1);
}

/** Index of the instruction that is being selected. */
export function at(): i32 {
  return indexOf(currentRecord());
}

/** The instruction at an index is selected next. */
export function goTo(index: i32): void {
  store32(followingRecord, recordOf(index));
}

/** Goes on to the next instruction: its record. */
export function goOn(): i32 {
  const record = load32(followingRecord);
  store32(followingRecord, record + recordStride);
  return record;
}

/** Nothing is selected any more that could be fused with an instruction. */
export function goToEnd(): void {
  store32(followingRecord, noRecord);
}

/** So many instructions more are part of what is being selected. */
export function advance(count: i32): void {
  store32(followingRecord, load32(followingRecord) + count * recordStride);
}

export function currentRecord(): i32 {
  return (isComposing() ? load32(composed) : load32(followingRecord)) - recordStride;
}

/** Record of the instruction so far behind; `noRecord` behind the end. */
export function recordAfter(count: i32): i32 {
  const record = currentRecord() + count * recordStride;
  return record < recordOf(load32(recordCount)) ? record : noRecord;
}

/** Record of the instruction that a result may be fused with; `noRecord` where there is none, or one instruction is made of several operations. */
export function nextRecord(): i32 {
  return load32(followingRecord);
}

/** Of `composing`, what register 0 is. */
const firstTarget: i32 = 2;

/** Operations selected from now on are parts of one instruction: their results are not what follows it wants. */
export function setComposing(on: boolean): void {
  if (on) store32(composed, load32(followingRecord));
  store32(followingRecord, on ? noRecord : load32(composed));
  store32(composing, on ? 1 : 0);
}

/** The same, but the last result is wanted in a register: one of the local of two words that the next instruction writes. */
export function setComposingInto(reg: i32): void {
  store32(composed, load32(followingRecord));
  store32(composing, reg + firstTarget);
}

/** The register in which the result of the instruction's part is wanted. */
export function composedReg(): i32 {
  return load32(composing) - firstTarget;
}

export function isComposing(): boolean {
  return load32(composing) !== 0;
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

/** Places the shared stubs of traps. */
export function bindTraps(): void {
  for (let index = 0; index < load32(trapCount); index++) {
    const kind = load32(trapOrder + (index << 2));
    bind(trapLabel(kind));
    trap(kind);
  }
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

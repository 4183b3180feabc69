/** Ways of conditional branches that have to do something before they arrive: stubs out of line. */
import { load32, makeArea, store32, take, usedBytes } from '@fireball/wasm';
import { deferredWords, edge, entryStride, forwardJump } from '../layout/select.js';
import { edgeEntries, functionKind, loopKind, openIsTargeted, openKind, openLabel, openValues } from '../layout/walk.js';
import { newLabel } from '../masm/assembly.js';
import { bind, jump } from '../masm/conditions.js';
import { hasForwardTables } from '../masm/properties.js';
import { defer } from './context.js';
import { copyEntry } from './entries.js';
import { arrive, branchWords } from './open-blocks.js';
import { topEntries } from './operand-stack.js';
import { outOfMemory } from './failure.js';
import { meetInRegisters, moveEntries, returnValues } from './results.js';

/** Of an edge: label of the stub, where it leads, -1 for the caller, whether values meet in registers, their height, and copies of their entries: how many bytes they begin behind those of all, and how many there are. */
const edgeStub: i32 = deferredWords;
const edgeTarget: i32 = deferredWords + 4;
const edgeIntoRegisters: i32 = deferredWords + 8;
const edgeHeight: i32 = deferredWords + 12;
const edgeFirst: i32 = deferredWords + 16;
const edgeCount: i32 = deferredWords + 20;

/** Of a jump: label of the stub, and where it leads. */
const jumpStub: i32 = deferredWords;
const jumpTarget: i32 = deferredWords + 4;

export function beginEdges(): void {
  makeArea(edgeEntries);
}

/** The label for a conditional branch: the block's own, or that of a stub which moves values first. */
export function edgeLabel(block: i32): i32 {
  store32(block + openIsTargeted, 1);
  // What moves on the way write is forgotten where it is pushed.
  arrive(block);
  const isReturn = load32(block + openKind) === functionKind;
  const count = branchWords(block);
  if (!isReturn && count === 0) return load32(block + openLabel);
  const stub = newLabel();
  const first = copyTop(count);
  const row = defer(edge);
  store32(row + edgeStub, stub);
  store32(row + edgeTarget, isReturn ? -1 : load32(block + openLabel));
  store32(row + edgeIntoRegisters, meetInRegisters(block) ? 1 : 0);
  store32(row + edgeHeight, load32(block + openValues));
  store32(row + edgeFirst, first);
  store32(row + edgeCount, count);
  return stub;
}

/** Copies the topmost entries. Returns how many bytes they begin behind those of all edges. */
function copyTop(count: i32): i32 {
  const first = usedBytes(edgeEntries);
  if (count === 0) return first;
  const bytes = count * entryStride;
  const from = topEntries(count);
  const into = take(edgeEntries, bytes);
  if (into === 0) outOfMemory();
  else for (let at = 0; at < bytes; at += entryStride) copyEntry(from + at, into + at);
  return first;
}

export function emitEdge(row: i32): void {
  bind(load32(row + edgeStub));
  const entries = load32(edgeEntries) + load32(row + edgeFirst);
  const count = load32(row + edgeCount);
  const target = load32(row + edgeTarget);
  if (target < 0) returnValues(entries, count);
  else {
    moveEntries(load32(row + edgeIntoRegisters) !== 0, load32(row + edgeHeight), entries, count);
    jump(target);
  }
}

/** Some branch tables reach forwards only: a loop's header is reached through a jump behind the function. */
export function forwardLabel(block: i32, label: i32): i32 {
  if (!hasForwardTables() || load32(block + openKind) !== loopKind || branchWords(block) > 0) return label;
  const stub = newLabel();
  const row = defer(forwardJump);
  store32(row + jumpStub, stub);
  store32(row + jumpTarget, label);
  return stub;
}

export function emitJump(row: i32): void {
  const target = load32(row + jumpTarget);
  bind(load32(row + jumpStub));
  jump(target);
}

/** What the baseline compiler writes down of where operands are, for who asks: in the rows that `debug/recorded-locations.ts` reads of either compiler. */
import { load32, makeArea, store32, take, usedBytes } from '@fireball/wasm';
import { bindLabel, newLabel } from '../masm/assembly.js';
import * as classes from '../layout/classes.js';
import * as layout from '../layout/baseline.js';
import { wasmOffset } from '../layout/masm.js';
import {
  constEntry,
  entryAmount,
  entryC,
  entryFrom,
  entryHigh,
  entryKind,
  entrySource,
  homeEntry,
  ownSource,
  stackWrites,
  sumEntry,
  writeEntry,
  writePosition,
  writeStride,
} from '../layout/select.js';
import { boundaries, boundaryIndex, boundaryInFlags, boundaryLabel, boundaryLength, boundaryStride, boundaryWrites } from '../layout/walk.js';
import { outOfMemory } from '../select/failure.js';
import { isHighRow, kindOf, stackBytes, valueOf } from './operands.js';

/** No instruction but calls and those of blocks puts more words on the stack. */
const mostPushed: i32 = 4 * layout.operandStride;

export function beginLocations(): void {
  makeArea(boundaries);
  makeArea(stackWrites);
  store32(layout.changedFrom, 0);
}

/** In front of an instruction of a class it will be asked where locals and operands are. */
export function noteBoundary(found: i32): void {
  const label = newLabel();
  bindLabel(label);
  noteRows();
  const row = take(boundaries, boundaryStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + boundaryIndex, load32(wasmOffset));
  store32(row + boundaryLabel, label);
  store32(row + boundaryLength, stackBytes() / layout.operandStride);
  store32(row + boundaryWrites, usedBytes(stackWrites) / writeStride);
  store32(row + boundaryInFlags, -1);
  // What the instruction may change of the stack, beside what it sends home.
  store32(layout.changedFrom, found <= classes.returnCallIndirect ? load32(layout.baseBytes) : stackBytes() - mostPushed);
}

/** Behind an instruction that cannot be reached, blocks may end without a boundary. */
export function noteDead(): void {
  if (load32(layout.baseBytes) < load32(layout.changedFrom)) store32(layout.changedFrom, load32(layout.baseBytes));
}

/** Writes down the rows that may have changed since the boundary before. */
function noteRows(): void {
  const end = stackBytes();
  const last = end - mostPushed;
  let at = load32(layout.changedFrom) < last ? load32(layout.changedFrom) : last;
  if (at < 0) at = 0;
  for (; at < end; at += layout.operandStride) noteRow(load32(layout.operands) + at, at / layout.operandStride);
}

function noteRow(row: i32, position: i32): void {
  const write = take(stackWrites, writeStride);
  if (write === 0) {
    outOfMemory();
    return;
  }
  const kind = kindOf(row);
  const entry = write + writeEntry;
  const isInRegister = kind === layout.tempKind || kind === layout.localKind;
  const found = kind === layout.constKind ? constEntry : isInRegister ? sumEntry : homeEntry;
  store32(write + writePosition, position);
  store32(entry + entryKind, found | (ownSource << (8 * entryFrom)) | (isHighRow(row) << (8 * entryHigh)));
  store32(entry + entrySource, isInRegister ? valueOf(row) : 0);
  store32(entry + entryC, isInRegister ? 0 : valueOf(row));
  store32(entry + entryAmount, 0);
}

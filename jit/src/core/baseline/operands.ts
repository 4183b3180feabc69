/**
 * The operand stack of the baseline compiler. A word of it is a constant; or in a temporary that it owns; or it waits in the register or the home of a local, which is read when
 * somebody wants it, or before the local is written; or it is in its own home. A row that has been taken off the stack is good until the next one is pushed.
 */
import { load32, makeAreaIn, store32, take, usedBytes, usedField, limitField } from '@fireball/wasm';
import { localCount } from '../layout/analyses.js';
import * as layout from '../layout/baseline.js';
import { stackEntriesRoom, stackNodesRoom } from '../layout/rooms.js';
import { slotBytes } from '../layout/select.js';
import { loadConst, move } from '../masm/arithmetic.js';
import { loadSlot, storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { zeroRegister } from '../masm/roles.js';
import { outOfMemory, outOfRegisters } from '../select/failure.js';
import { shift } from '../select/homes.js';
import { firstIn, placeOfWord } from './registers.js';

export function beginOperands(): void {
  makeAreaIn(layout.operands, stackEntriesRoom, stackNodesRoom);
  store32(layout.valueCount, 0);
  store32(layout.baseBytes, 0);
}

// --- homes ----------------------------------------------------------------------------------

/** sp offset of the home of a local's word. */
export function homeOfLocal(local: i32, high: i32): i32 {
  return useSlot((local << 3) + (high << 2));
}

/** sp offset of the home of a word of the value that so many are below. */
export function homeOfValue(values: i32, high: i32): i32 {
  return useSlot(((load32(localCount) + values) << 3) + (high << 2));
}

function useSlot(offset: i32): i32 {
  const end = (offset & -8) + 8;
  if (end > load32(slotBytes)) store32(slotBytes, end);
  return offset;
}

/** sp offset of a row's own home. */
function homeOfRow(row: i32): i32 {
  const head = load32(row);
  return homeOfValue(head >>> layout.valueShift, isHighRow(row));
}

// --- rows -----------------------------------------------------------------------------------

export function kindOf(row: i32): i32 {
  return load32(row) & layout.kindMask;
}

/** 1 for the upper word of a value, otherwise 0. */
export function isHighRow(row: i32): i32 {
  return (load32(row) & layout.highBit) !== 0 ? 1 : 0;
}

export function isConstant(row: i32): boolean {
  return kindOf(row) === layout.constKind;
}

/** The constant, the register, or the sp offset. */
export function valueOf(row: i32): i32 {
  return load32(row + layout.operandValue);
}

/** Is the row the constant? */
export function isConstantOf(row: i32, value: i32): boolean {
  return isConstant(row) && valueOf(row) === value;
}

/** Pushes a word of a kind; `high` is 1 for the upper one of a value, whose lower one is on top. */
export function push(kind: i32, value: i32, high: i32): void {
  const row = load32(layout.operands + usedField);
  const end = row + layout.operandStride;
  if (end > load32(layout.operands + limitField)) {
    pushElsewhere(kind, value, high);
    return;
  }
  const values = load32(layout.valueCount) - high;
  store32(layout.operands + usedField, end);
  store32(layout.valueCount, values + 1);
  // The last word first: what is below it needs no bounds check then.
  store32(row + layout.operandValue, value);
  store32(row, kind | (high << 7) | (values << layout.valueShift));
}

/** The same where there is no room left. @noinline */
function pushElsewhere(kind: i32, value: i32, high: i32): void {
  if (take(layout.operands, layout.operandStride) === 0) {
    outOfMemory();
    return;
  }
  store32(layout.operands + usedField, load32(layout.operands + usedField) - layout.operandStride);
  push(kind, value, high);
}

export function pushConstant(value: i32, high: i32): void {
  push(layout.constKind, value, high);
}

/** A temporary, which the row owns from then on. */
export function pushTemporary(reg: i32, high: i32): void {
  store32(layout.busy, load32(layout.busy) | (1 << reg));
  push(layout.tempKind, reg, high);
}

/** A local's word, which is read when it is wanted. */
export function pushWord(word: i32, local: i32, high: i32): void {
  const reg = placeOfWord(word);
  if (reg >= 0) push(layout.localKind, reg, high);
  else push(layout.slotKind, homeOfLocal(local, high), high);
}

/** Takes the topmost word off the stack. */
export function pop(): i32 {
  const row = load32(layout.operands + usedField) - layout.operandStride;
  store32(layout.operands + usedField, row);
  // Below the upper word of a value is its lower one.
  store32(layout.valueCount, (load32(row) >>> layout.valueShift) + isHighRow(row));
  return row;
}

/** Address of the topmost rows, so many. */
export function topRows(count: i32): i32 {
  return load32(layout.operands + usedField) - count * layout.operandStride;
}

/** Takes so many words off the stack: address of the lowest row. */
export function popRows(count: i32): i32 {
  const rows = topRows(count);
  if (count > 0) store32(layout.valueCount, load32(rows) >>> layout.valueShift);
  store32(layout.operands + usedField, rows);
  return rows;
}

/** Takes off all that lies above so many bytes of rows, and so many values. */
export function truncate(bytes: i32, values: i32): void {
  store32(layout.operands + usedField, load32(layout.operands) + bytes);
  store32(layout.valueCount, values);
}

/** How many bytes of rows there are. */
export function stackBytes(): i32 {
  return usedBytes(layout.operands);
}

// --- registers ------------------------------------------------------------------------------

/** A temporary that nobody has: it is held until it is pushed or released. */
export function takeTemporary(): i32 {
  const free = load32(layout.temporaries) & ~load32(layout.busy);
  if (free === 0) return spillOne();
  const bit = free & -free;
  store32(layout.taken, load32(layout.taken) | bit);
  store32(layout.busy, load32(layout.busy) | bit);
  return firstIn(bit);
}

/** That of the lowest word on the stack that has one, which goes home. @noinline */
function spillOne(): i32 {
  const end = load32(layout.operands + usedField);
  for (let row = load32(layout.operands) + load32(layout.baseBytes); row < end; row += layout.operandStride) {
    if (kindOf(row) !== layout.tempKind) continue;
    const reg = valueOf(row);
    sendHome(row);
    store32(layout.busy, load32(layout.busy) | (1 << reg));
    return reg;
  }
  outOfRegisters();
  return firstIn(load32(layout.temporaries));
}

/** Nobody holds the register any more, if it is a temporary. */
export function release(reg: i32): void {
  store32(layout.busy, load32(layout.busy) & ~(1 << reg));
}

/** What the row has is not wanted. */
export function releaseRow(row: i32): void {
  if (kindOf(row) === layout.tempKind) release(valueOf(row));
}

/** Is it a temporary? */
export function isTemporary(reg: i32): boolean {
  return reg >= 0 && ((load32(layout.temporaries) >>> reg) & 1) !== 0;
}

/** A register that has the word of a row, which is off the stack: read only, and held until it is released. */
export function hold(row: i32): i32 {
  const value = valueOf(row);
  const kind = kindOf(row);
  if (kind === layout.localKind || kind === layout.tempKind) return value;
  return load(row);
}

/** The same of what is in no register. @noinline */
function load(row: i32): i32 {
  if (isConstantOf(row, 0) && zeroRegister() >= 0) return zeroRegister();
  const reg = takeTemporary();
  readInto(reg, row);
  return reg;
}

/** The same in a temporary that may be written. */
export function holdOwn(row: i32): i32 {
  if (kindOf(row) === layout.tempKind) return valueOf(row);
  const reg = takeTemporary();
  readInto(reg, row);
  return reg;
}

/** Reads the word of a row into a register; nothing else is written. */
export function readInto(reg: i32, row: i32): void {
  const kind = kindOf(row);
  const value = valueOf(row);
  if (kind === layout.constKind) loadConst(reg, value);
  else if (kind === layout.slotKind) loadSlot(reg, value + shift());
  else move(reg, value);
}

/** Writes the word of a row to an sp offset, by way of the scratch register. */
export function storeRow(row: i32, spOffset: i32): void {
  const kind = kindOf(row);
  const isInRegister = kind === layout.tempKind || kind === layout.localKind;
  if (!isInRegister) readInto(scratch(), row);
  storeSlot(isInRegister ? valueOf(row) : scratch(), spOffset);
}

/** Has a row on the stack be in its home. */
function sendHome(row: i32): void {
  const home = homeOfRow(row);
  if (kindOf(row) === layout.slotKind && valueOf(row) === home) return;
  storeRow(row, home);
  releaseRow(row);
  noteChange(row);
  store32(row, (load32(row) & ~layout.kindMask) | layout.slotKind);
  store32(row + layout.operandValue, home);
}

/** A row on the stack is changed, for who asks for locations. */
function noteChange(row: i32): void {
  const at = row - load32(layout.operands);
  if (at < load32(layout.changedFrom)) store32(layout.changedFrom, at);
}

/** Has all words of the stack but constants be in their homes, and with `all` constants from an address on, too. */
export function flush(constantsFrom: i32): void {
  const end = load32(layout.operands + usedField);
  for (let row = load32(layout.operands) + load32(layout.baseBytes); row < end; row += layout.operandStride)
    if (row >= constantsFrom || !isConstant(row)) sendHome(row);
}

/** Has all words go home that are in temporaries, but for so many on top: a call is coming. */
export function flushTemporaries(but: i32): void {
  const end = topRows(but);
  for (let row = load32(layout.operands) + load32(layout.baseBytes); row < end; row += layout.operandStride) if (kindOf(row) === layout.tempKind) sendHome(row);
}

/** A local's word is written next, whose place is a register or, as `slotKind`, a home: who still wants its value gets it, and it is not checked any more. */
export function settleReads(kind: i32, place: i32): void {
  if (kind === layout.localKind) store32(layout.checkedRegs, load32(layout.checkedRegs) & ~(1 << place));
  const end = load32(layout.operands + usedField);
  for (let row = load32(layout.operands) + load32(layout.baseBytes); row < end; row += layout.operandStride) {
    if (valueOf(row) !== place || kindOf(row) !== kind) continue;
    const reg = takeTemporary();
    readInto(reg, row);
    noteChange(row);
    store32(row, (load32(row) & ~layout.kindMask) | layout.tempKind);
    store32(row + layout.operandValue, reg);
  }
}

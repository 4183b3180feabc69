/** Records of memories, tables and segments (jit/ABI.md), and elements of tables. */
import { load32 } from '@fireball/wasm';
import { anchorOf, fitsImmediate } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { addressField, tableField, typeNumberField } from '../layout/body.js';
import { tableCount, tableElements, tableRecord } from '../layout/module.js';
import { memoryRecord, pageShift } from '../layout/environment.js';
import { compareTest, immediate, loadWord, register, storeWord } from '../layout/machine.js';
import { noReg, typeMismatchTrap, undefinedElementTrap, uninitializedElementTrap } from '../layout/select.js';
import { alu } from '../masm/arithmetic.js';
import { branchIfWords } from '../masm/conditions.js';
import { access, accessIndexed, offsetOf } from '../masm/memory.js';
import { isIndexed } from '../masm/properties.js';
import { trapLabel } from './context.js';
import { owned, regOf } from './held.js';
import { pop } from './operand-stack.js';
import { hold, holdConst, pushReg, release, takeTemp } from './state.js';
import { dropReg } from './temporaries.js';

/** Word offsets in a table record. */
const countOffset: i32 = 0;
/** Word offsets in a slot, which is what a function reference points to. */
export const slotCodeOffset: i32 = 0;
const slotTypeOffset: i32 = 4;

/** Loads one word of a record whose address is a constant of the code, into a temporary of the caller. */
function loadRecordWord(address: i32): i32 {
  const base = holdConst(anchorOf(address));
  release(base);
  const reg = takeTemp(regOf(base));
  access(loadWord, reg, regOf(base), offsetOf(address));
  return reg;
}

export function selectTableSize(record: i32): void {
  pushReg(loadRecordWord(load32(record + addressField) + countOffset), false);
}

export function selectMemorySize(): void {
  const size = loadRecordWord(load32(memoryRecord));
  if (load32(pageShift) > 0) alu(arithmetic.shrU, size, size, immediate, load32(pageShift), false);
  pushReg(size, false);
}

/** data.drop, elem.drop: the segment's record has length 0 from now on. */
export function selectDrop(record: i32): void {
  const address = load32(record + addressField);
  const zero = holdConst(0);
  const base = holdConst(anchorOf(address));
  access(storeWord, regOf(zero), regOf(base), offsetOf(address));
  release(base);
  release(zero);
}

/** The function reference at table[index], checked: index in range, element not null, type as expected. Consumes the index; returns the slot's address, held. */
export function selectTableElement(record: i32): i32 {
  const index = hold(pop());
  const table = load32(record + tableField);
  checkIndex(table, regOf(index));
  const reference = loadElement(load32(table + tableElements), index);
  branchIfWords(compareTest, arithmetic.eq, reference, immediate, 0, trapLabel(uninitializedElementTrap));
  const type = takeTemp(noReg);
  access(loadWord, type, reference, slotTypeOffset);
  trapIf(arithmetic.ne, type, load32(record + typeNumberField), typeMismatchTrap);
  dropReg(type);
  return owned(reference);
}

/** Traps where a table's element does not exist. */
function checkIndex(table: i32, index: i32): void {
  const fixed = load32(table + tableCount);
  if (fixed !== 0) {
    trapIf(arithmetic.geU, index, fixed, undefinedElementTrap);
    return;
  }
  const count = loadRecordWord(load32(table + tableRecord) + countOffset);
  branchIfWords(compareTest, arithmetic.geU, index, register, count, trapLabel(undefinedElementTrap));
  dropReg(count);
}

/** Traps where a comparison with a constant holds. */
function trapIf(cond: i32, reg: i32, value: i32, kind: i32): void {
  const label = trapLabel(kind);
  if (fitsImmediate(arithmetic.compare, value)) {
    branchIfWords(compareTest, cond, reg, immediate, value, label);
    return;
  }
  const held = holdConst(value);
  branchIfWords(compareTest, cond, reg, register, regOf(held), label);
  release(held);
}

function loadElement(elements: i32, index: i32): i32 {
  const base = holdConst(elements);
  const reference = takeTemp(noReg);
  if (isIndexed()) accessIndexed(loadWord, reference, regOf(base), regOf(index), 2);
  else {
    alu(arithmetic.shl, reference, regOf(index), immediate, 2, false);
    alu(arithmetic.add, reference, reference, register, regOf(base), false);
    access(loadWord, reference, reference, 0);
  }
  release(base);
  release(index);
  return reference;
}

/** Results of blocks and of the function, where they are expected. */
import { load32, load8 } from '@fireball/wasm';
import * as arithmetic from '../layout/arithmetic.js';
import { resultBuffer } from '../layout/environment.js';
import { functionSignature, parameterCount, resultCount } from '../layout/function.js';
import { immediate, storeWord } from '../layout/machine.js';
import { epilogueSite } from '../layout/masm.js';
import { entryC, entryKind, entryStride, homeEntry, resultInUseAtLabel } from '../layout/select.js';
import { loopKind, openKind, openSignature, openValues, resultRegCount, resultRegs } from '../layout/walk.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { returnSite, useLink } from '../masm/calls.js';
import { access, storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { argumentRegister } from '../masm/roles.js';
import { forget } from './contents.js';
import { homeEntryOf, isHigh } from './entries.js';
import { valueHome } from './homes.js';
import { addMove, beginMoves, moveAll } from './moves.js';
import { branchWords } from './open-blocks.js';
import { push, topEntries } from './operand-stack.js';
import { failInternally } from './failure.js';
import { resultRegisterCount, resultWords, wordsOfParameter, wordsOfResult } from './signatures.js';
import { compute, pushReg, takeTemp } from './state.js';

/** Results of up to two words meet in registers, longer ones in their home slots. */
export function meetInRegisters(block: i32): boolean {
  return load32(block + openKind) !== loopKind && resultWords(load32(block + openSignature)) <= load32(resultRegCount);
}

function resultReg(word: i32): i32 {
  return load32(resultRegs + (word << 2));
}

/** The block's parameters are in their homes, again. */
export function pushParameters(block: i32): void {
  const signature = load32(block + openSignature);
  const count = load32(signature + parameterCount);
  for (let index = 0; index < count; index++) pushHome(load32(block + openValues) + index, wordsOfParameter(signature, index));
}

function pushHome(height: i32, words: i32): void {
  push(homeEntryOf(valueHome(height, false), false));
  if (words === 2) push(homeEntryOf(valueHome(height, true), true));
}

/** Control has come to the end of the block, whose results are where they meet. */
export function pushResults(block: i32): void {
  const signature = load32(block + openSignature);
  const count = load32(signature + resultCount);
  const areInRegisters = meetInRegisters(block);
  let next = 0;
  for (let index = 0; index < count; index++) {
    const words = wordsOfResult(signature, index);
    if (areInRegisters) for (let word = 0; word < words; word++) pushResult(resultReg(next++), word === 1);
    else pushHome(load32(block + openValues) + index, words);
  }
}

function pushResult(reg: i32, high: boolean): void {
  forget(reg);
  if (takeTemp(reg) !== reg) failInternally(resultInUseAtLabel);
  pushReg(reg, high);
}

/** Computes the topmost values of the stack into the places where the block expects them. */
export function moveToResults(block: i32): void {
  const count = branchWords(block);
  if (count > 0) moveEntries(meetInRegisters(block), load32(block + openValues), topEntries(count), count);
}

/** Computes entries, of values from a height on, to where they meet. */
export function moveEntries(intoRegisters: boolean, height: i32, entries: i32, count: i32): void {
  if (intoRegisters) {
    beginMoves();
    for (let index = 0; index < count; index++) addMove(entries + index * entryStride, resultReg(index));
    moveAll();
    return;
  }
  // Ascending order: sources lie at or above their targets.
  let value = height - 1;
  for (let index = 0; index < count; index++) {
    const entry = entries + index * entryStride;
    const high = isHigh(entry);
    if (!high) value++;
    const target = valueHome(value, high);
    if (load8(entry + entryKind) === homeEntry && load32(entry + entryC) === target) continue;
    compute(entry, scratch());
    storeSlot(scratch(), target);
  }
}

/** The topmost values are the function's results. */
export function returnFrom(): void {
  const count = resultWords(load32(functionSignature));
  returnValues(topEntries(count), count);
}

/** Stores to the result buffer reach this far from their base on both targets. */
const bufferStep: i32 = 1024;

/** Leaves the function with entries as its results. */
export function returnValues(entries: i32, count: i32): void {
  if (count > resultRegisterCount) returnFar(entries, count);
  beginMoves();
  for (let index = 0; index < count && index < resultRegisterCount; index++) addMove(entries + index * entryStride, argumentRegister(index));
  moveAll();
  returnSite(epilogueSite, 0);
}

/** Stores results beyond the registers into the buffer. */
function returnFar(entries: i32, count: i32): void {
  // Behind this point only the results matter: the link register, saved, holds the buffer's address.
  const buffer = useLink();
  loadConst(buffer, load32(resultBuffer));
  for (let index = resultRegisterCount; index < count; index++) {
    const offset = (4 * (index - resultRegisterCount)) % bufferStep;
    if (index > resultRegisterCount && offset === 0) alu(arithmetic.add, buffer, buffer, immediate, bufferStep, false);
    compute(entries + index * entryStride, scratch());
    access(storeWord, scratch(), buffer, offset);
  }
}

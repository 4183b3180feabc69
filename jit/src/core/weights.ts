/** How often locals and constants are used in registers: what the allocation of registers goes by. */
import { allocate, clearArea, load32, loadFloat, store32, storeFloat, take, usedBytes } from '@fireball/wasm';
import { anchorOf, constCost, fitsImmediate } from './costs.js';
import { indexOf } from './instructions.js';
import * as arithmetic from './layout/arithmetic.js';
import {
  byteWeight,
  constantCost,
  constantIsBehindCall,
  constantMentions,
  constants,
  constantStride,
  constantValue,
  constantWeight,
  copies,
  copyAt,
  copySource,
  copyStride,
  copyWeight,
  copyWord,
  eventIndex,
  events,
  eventStride,
  eventWord,
  wordCount,
  wordMentions,
  wordRows,
  wordRowStride,
  wordWeight,
} from './layout/analyses.js';
import { isBehindCall } from './layout/allocation.js';
import { doubleWorth, isWorthKnown, looksAhead, loopLevel, multiple, share, slotMask, slots, weight, worth } from './layout/plan.js';
import { symbolC } from './layout/symbols.js';
import { claimZeros } from './nodes.js';
import { addNumber, clearNumber, copyNumber, highWord, scale } from './positive.js';
import { clearSet } from './sets.js';
import { isConstant, valueOf } from './symbols.js';

/** Turns of a loop, as a power of 2. */
const loopPower = 3;
/** The upper word of 0.5. */
const highWordOfHalf = 0x3fe0_0000;
const firstSlots = 64;

/** Makes room for the rows of words. False where there is none. */
export function makeRows(): boolean {
  const rows = allocate(load32(wordCount) * wordRowStride);
  store32(wordRows, rows);
  return rows !== 0;
}

/** Begins with nothing that is used. False where there is no room. */
export function beginWeights(): boolean {
  const found = claimZeros(firstSlots);
  if (found === 0) return false;
  clearSet(load32(wordRows), load32(wordCount) * wordRowStride);
  store32(slots, found);
  store32(slotMask, firstSlots - 1);
  clearArea(constants);
  clearArea(copies);
  clearArea(events);
  storeFloat(share, 1);
  store32(loopLevel, 0);
  weigh();
  return true;
}

export function enterLoop(): void {
  store32(loopLevel, load32(loopLevel) + 1);
  if (load32(looksAhead) !== 0) return;
  // The condition in front of a loop mostly lets control come to it.
  if (isRare()) scale(share, share, 1);
  else storeFloat(share, 1);
  weigh();
}

export function leaveLoop(): void {
  store32(loopLevel, load32(loopLevel) - 1);
}

export function isInLoop(): boolean {
  return load32(loopLevel) > 0;
}

/** Does less than half of what comes to the innermost loop come here? What is executed in so many turns of it counts as part of it. */
export function isRare(): boolean {
  return load32(share + highWord) < highWordOfHalf;
}

/** Says how much weight what is executed here has; whenever the share, or how many loops there are around, has become another one. */
export function weigh(): void {
  if (load32(looksAhead) !== 0) return;
  scale(weight, share, loopPower * load32(loopLevel));
  store32(isWorthKnown, 0);
}

/** From here on things are counted as they weigh elsewhere. */
export function weighAs(from: i32, isInLoop: boolean): void {
  copyNumber(weight, from);
  store32(loopLevel, isInLoop ? 1 : 0);
  store32(isWorthKnown, 0);
}

/** Address of what it is worth that an instruction to load a constant is saved here: its bytes count, too. */
function worthOfLoad(): i32 {
  if (load32(isWorthKnown) === 0) {
    storeFloat(worth, byteWeight);
    addNumber(worth, weight);
    store32(isWorthKnown, 1);
  }
  return worth;
}

/** The same of two. */
function worthOfTwo(): i32 {
  const one = worthOfLoad();
  if (load32(isWorthKnown) === 1) {
    scale(doubleWorth, one, 1);
    store32(isWorthKnown, 2);
  }
  return doubleWorth;
}

/** An instruction that reads or writes the local word, whose row it is. */
export function touch(row: i32): void {
  if (load32(looksAhead) !== 0) return;
  store32(row + wordMentions, load32(row + wordMentions) + 1);
  addNumber(row + wordWeight, weight);
}

/** An instruction makes `word` a copy of `source`. */
export function noteCopy(record: i32, word: i32, source: i32): void {
  if (load32(looksAhead) !== 0) return;
  const copy = take(copies, copyStride);
  if (copy === 0) return;
  store32(copy + copyAt, indexOf(record));
  store32(copy + copyWord, word);
  store32(copy + copySource, source);
  copyNumber(copy + copyWeight, weight);
}

/** An instruction reads the word again; or calls a routine, -1. */
export function noteEvent(record: i32, word: i32): void {
  if (load32(looksAhead) !== 0) return;
  const event = take(events, eventStride);
  if (event === 0) return;
  store32(event + eventIndex, indexOf(record));
  store32(event + eventWord, word);
}

/** Address of what is known of a constant; 0 where there is no room. */
function constantOf(value: i32): i32 {
  const mask = load32(slotMask);
  let slot = hash(value) & mask;
  for (;;) {
    const number = load32(load32(slots) + (slot << 2));
    if (number === 0) break;
    const found = load32(constants) + (number - 1) * constantStride;
    if (load32(found + constantValue) === value) return found;
    slot = (slot + 1) & mask;
  }
  const constant = take(constants, constantStride);
  if (constant === 0) return 0;
  const number = usedBytes(constants) / constantStride;
  store32(constant + constantValue, value);
  store32(constant + constantIsBehindCall, 0);
  store32(constant + constantMentions, 0);
  store32(constant + constantCost, constCost(value));
  clearNumber(constant + constantWeight);
  store32(load32(slots) + (slot << 2), number);
  if (2 * number > mask && !growSlots()) return 0;
  return constant;
}

function hash(value: i32): i32 {
  return (value ^ (value >>> 7) ^ (value >>> 15) ^ (value >>> 23)) | 0;
}

function growSlots(): boolean {
  const count = 2 * (load32(slotMask) + 1);
  const grown = claimZeros(count);
  if (grown === 0) return false;
  const all = usedBytes(constants) / constantStride;
  for (let number = 1; number <= all; number++) {
    let slot = hash(load32(load32(constants) + (number - 1) * constantStride + constantValue)) & (count - 1);
    while (load32(grown + (slot << 2)) !== 0) slot = (slot + 1) & (count - 1);
    store32(grown + (slot << 2), number);
  }
  store32(slots, grown);
  store32(slotMask, count - 1);
  return true;
}

/** A constant that has to be in a register here, which saves so many instructions. */
export function needConstFor(value: i32, cost: i32): void {
  if (cost <= 0) return;
  if (load32(looksAhead) !== 0) return;
  const constant = constantOf(value);
  if (constant !== 0) addWorth(constant, cost);
}

/** A constant has to be in a register, which saves so many instructions: one, or two. */
function addWorth(constant: i32, cost: i32): void {
  addNumber(constant + constantWeight, cost === 1 ? worthOfLoad() : worthOfTwo());
  noteBehindCall(constant);
  store32(constant + constantMentions, load32(constant + constantMentions) + 1);
}

/** The same, which saves a part of an instruction, or many. */
export function needConstInPart(value: i32, cost: f64): void {
  storeFloat(multiple, cost * loadFloat(worthOfLoad()));
  addConst(value, multiple);
}

/** A constant that has to be in a register here. */
export function needConst(value: i32): void {
  if (load32(looksAhead) !== 0) return;
  // RV32 has a register of that.
  if (value === 0) {
    if (constCost(0) === 0) return;
  }
  const constant = constantOf(value);
  if (constant !== 0) addWorth(constant, load32(constant + constantCost));
}

/** A constant that saves an instruction here if it is in a register, but no bytes. */
export function likeConst(value: i32): void {
  addConst(value, weight);
}

/** A constant that makes an instruction shorter here if it is in a register of any kind. */
export function shortenByConst(value: i32): void {
  const constant = constantOf(value);
  if (constant === 0) return;
  storeFloat(multiple, byteWeight / 2);
  addNumber(constant + constantWeight, multiple);
  noteBehindCall(constant);
}

/** `more`: address of a number. */
function addConst(value: i32, more: i32): void {
  const constant = constantOf(value);
  if (constant === 0) return;
  addNumber(constant + constantWeight, more);
  noteBehindCall(constant);
  store32(constant + constantMentions, load32(constant + constantMentions) + 1);
}

/** A constant is wanted here. */
function noteBehindCall(constant: i32): void {
  if (load32(isBehindCall) !== 0) store32(constant + constantIsBehindCall, 1);
}

/** A constant that code behind a call may want, too. */
export function wantBehindCall(value: i32): void {
  const constant = constantOf(value);
  if (constant !== 0) store32(constant + constantIsBehindCall, 1);
}

/** So many instructions that name the constant's register, should it have one. */
export function mention(value: i32, count: i32): void {
  const constant = constantOf(value);
  if (constant !== 0) store32(constant + constantMentions, load32(constant + constantMentions) + count);
}

/** Instructions encode any register of the constant equally well. */
export function forgetMentions(value: i32): void {
  const constant = constantOf(value);
  if (constant !== 0) store32(constant + constantMentions, 0);
}

/** A data address: its anchor has to be in a register. */
export function useAddress(address: i32): void {
  needConst(anchorOf(address));
}

/** The operand of an instruction that takes some constants as immediates. */
export function useConst(symbol: i32, operation: i32): void {
  if (isConstant(symbol) && !fitsImmediate(operation, valueOf(symbol))) needConst(valueOf(symbol));
}

/** An operand that is moved somewhere: a constant is made there. */
export function useMoved(symbol: i32): void {
  if (isConstant(symbol)) moveConst(valueOf(symbol));
}

function moveConst(value: i32): void {
  needConstFor(value, constCost(value) - 1);
}

/** The pending addition of an operand that is needed in a register. */
export function settle(symbol: i32): void {
  const c = load32(symbol + symbolC);
  if (c !== 0) useAdded(c);
}

/** A constant that is added. */
export function useAdded(c: i32): void {
  if (!fitsImmediate(arithmetic.add, c)) needConst(c);
}

/** An operand that is stored, or otherwise needed in a register as it is. */
export function useInRegister(symbol: i32): void {
  if (isConstant(symbol)) needConst(valueOf(symbol));
  else settle(symbol);
}

/** How often locals and constants are used in registers: what the allocation of registers goes by. */
import { clearArea, load32, loadFloat, store32, storeFloat, take, usedBytes } from '@fireball/wasm';
import { anchorOf, constCost, fitsImmediate } from './costs.js';
import * as arithmetic from './layout/arithmetic.js';
import {
  byteWeight,
  constantCost,
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
  wordWeights,
} from './layout/analyses.js';
import { loops, share, slotMask, slots } from './layout/plan.js';
import { symbolC } from './layout/symbols.js';
import { claimZeros } from './nodes.js';
import { isConstant, valueOf } from './symbols.js';

const loopFactor = 8;
const firstSlots = 64;

/** Begins with nothing that is used. False where there is no room. */
export function beginWeights(): boolean {
  const words = load32(wordCount);
  const weights = claimZeros(2 * words);
  const mentions = claimZeros(words);
  const found = claimZeros(firstSlots);
  if (weights === 0 || mentions === 0 || found === 0) return false;
  store32(wordWeights, weights);
  store32(wordMentions, mentions);
  store32(slots, found);
  store32(slotMask, firstSlots - 1);
  clearArea(constants);
  clearArea(copies);
  clearArea(events);
  storeFloat(loops, 1);
  storeFloat(share, 1);
  return true;
}

export function enterLoop(): void {
  // The condition in front of a loop mostly lets control come to it.
  const double = 2 * loadFloat(share);
  storeFloat(share, double > 1 ? 1 : double);
  storeFloat(loops, loadFloat(loops) * loopFactor);
}

export function leaveLoop(): void {
  storeFloat(loops, loadFloat(loops) / loopFactor);
}

export function isInLoop(): boolean {
  return loadFloat(loops) > 1;
}

/** Of what is executed here. */
function weight(): f64 {
  return loadFloat(share) * loadFloat(loops);
}

/** An instruction that reads or writes the local word. */
export function touch(word: i32): void {
  const uses = load32(wordWeights) + (word << 3);
  storeFloat(uses, loadFloat(uses) + weight());
  const mentions = load32(wordMentions) + (word << 2);
  store32(mentions, load32(mentions) + 1);
}

/** The instruction at `index` makes `word` a copy of `source`. */
export function noteCopy(index: i32, word: i32, source: i32): void {
  const copy = take(copies, copyStride);
  if (copy === 0) return;
  store32(copy + copyAt, index);
  store32(copy + copyWord, word);
  store32(copy + copySource, source);
  storeFloat(copy + copyWeight, weight());
}

/** The instruction at `index` reads the word again; or calls a routine, -1. */
export function noteEvent(index: i32, word: i32): void {
  const event = take(events, eventStride);
  if (event === 0) return;
  store32(event + eventIndex, index);
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
  store32(constant + constantMentions, 0);
  store32(constant + constantCost, constCost(value));
  storeFloat(constant + constantWeight, 0);
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
export function needConstFor(value: i32, cost: f64): void {
  if (cost > 0) addConst(value, cost * (weight() + byteWeight));
}

/** A constant that has to be in a register here. */
export function needConst(value: i32): void {
  needConstFor(value, constCost(value));
}

/** A constant that saves an instruction here if it is in a register, but no bytes. */
export function likeConst(value: i32): void {
  addConst(value, weight());
}

/** A constant that makes an instruction shorter here if it is in a register of any kind. */
export function shortenByConst(value: i32): void {
  const constant = constantOf(value);
  if (constant !== 0) storeFloat(constant + constantWeight, loadFloat(constant + constantWeight) + byteWeight / 2);
}

function addConst(value: i32, more: f64): void {
  const constant = constantOf(value);
  if (constant === 0) return;
  storeFloat(constant + constantWeight, loadFloat(constant + constantWeight) + more);
  store32(constant + constantMentions, load32(constant + constantMentions) + 1);
}

/** An instruction that names the constant's register, should it have one. */
export function mention(value: i32): void {
  const constant = constantOf(value);
  if (constant !== 0) store32(constant + constantMentions, load32(constant + constantMentions) + 1);
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
  if (isConstant(symbol)) needConstFor(valueOf(symbol), constCost(valueOf(symbol)) - 1);
}

/** The pending addition of an operand that is needed in a register. */
export function settle(symbol: i32): void {
  const c = load32(symbol + symbolC);
  if (c !== 0 && !fitsImmediate(arithmetic.add, c)) needConst(c);
}

/** An operand that is stored, or otherwise needed in a register as it is. */
export function useInRegister(symbol: i32): void {
  if (isConstant(symbol)) needConst(valueOf(symbol));
  else settle(symbol);
}

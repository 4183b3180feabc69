/** Copies templates and fills their holes. Knows no instruction set: everything is in the tables of the template set. */
import { load16, load32, rotateRight, store32 } from '@fireball/wasm';
import { notEncodable } from '../derive.js';
import { itself } from '../layout/functions.js';
import { fixupOf, placedOffset, toCallee, unsignedLast } from '../layout/placed.js';
import { code, fine, problem, recordCount, records, refused, templates, unplaced } from '../layout/placing.js';
import {
  computedBias,
  computedSlices,
  computedSource,
  sliceMask,
  sliceStride,
  sliceWay,
  sourceCountShift,
  sourceFunctionBits,
  templateComputed,
  templateComputedCount,
  templateRuleCount,
  templateRules,
  templateSize,
  templateWords,
  wayOffsetShift,
  wayRotationShift,
  wordBits,
  wordPartCount,
  wordParts,
  wordStride,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { areLegal, areWithinRules } from './legal.js';
import { isLaidOut, writeLaidOut, writePlain } from './operands.js';
import { bitsOf } from './slices.js';
import { column, fact, headOf, listAt, listIn, recordStride, templateOf } from './tables.js';

/** Makes the code of a function that is laid out; something is wrong with `problem` where it returns another number than `fine`. Up to two bytes behind the code change. */
export function link(): i32 {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  const start = load32(code);
  for (let record = first; record < end; record += recordStride) {
    const head = headOf(record);
    const template = templateOf(head);
    if (isLaidOut(head)) writeLaidOut(record, head);
    else writePlain(record);
    const unsigned = (head & unsignedLast) !== 0 ? 2 : 0;
    const isCall = fixupOf(head) === toCallee;
    if (isCall || !fill(template, unsigned, start + column(record, placedOffset))) {
      store32(problem, (record - first) / recordStride);
      return isCall ? unplaced : refused;
    }
  }
  return fine;
}

/** Fills one template, the first of the tables, with what is in `operands`; `unsigned` has a bit for each word that is 2^31 or more. False where they are not legal. */
export function fillFirst(unsigned: i32): boolean {
  return fill(load32(templates), unsigned, load32(code));
}

function fill(template: i32, unsigned: i32, at: i32): boolean {
  // The last column first: those before it need no bounds checks then.
  const computed = fact(template, templateComputedCount);
  const rules = fact(template, templateRuleCount);
  if (!areLegal(template)) return false;
  if (rules > 0 && !areWithinRules(listIn(template, templateRules), rules, unsigned)) return false;
  writeWords(template, at);
  return computed === 0 || fillComputed(listIn(template, templateComputed), computed, at);
}

function writeWords(template: i32, at: i32): void {
  const end = at + fact(template, templateSize);
  let row = listIn(template, templateWords);
  let into = at;
  do {
    const count = load16(row + wordPartCount);
    const first = listAt(load16(row + wordParts));
    const last = first + count * sliceStride;
    let word = load32(row + wordBits);
    for (let part = first; part < last; part += sliceStride) word ^= bitsOf(part);
    store32(into, word);
    into += 4;
    row += wordStride;
  } while (into < end);
}

/** Fills the computed fields in a list. False where operands have no encoding. */
function fillComputed(first: i32, count: i32, at: i32): boolean {
  let row = first;
  for (let left = count; left > 0; left--) {
    const source = load32(row + computedSource);
    const value = valueOf(source);
    if (value === notEncodable && (source & sourceFunctionBits) !== itself) return false;
    const scattered = value - load32(row + computedBias);
    const end = row + computedSlices + (source >>> sourceCountShift) * sliceStride;
    for (let slice = row + computedSlices; slice < end; slice += sliceStride) flip(slice, scattered, at);
    row = end;
  }
  return true;
}

function flip(slice: i32, value: i32, at: i32): void {
  const way = load32(slice + sliceWay);
  const into = at + (way >>> wayOffsetShift);
  store32(into, load32(into) ^ (rotateRight(value, way >>> wayRotationShift) & load32(slice + sliceMask)));
}

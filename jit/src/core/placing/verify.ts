/**
 * Reads code back: templates tile it without gaps, every bit outside of fields is the template's own, every field decodes to the value that was put in, branches
 * lead to where templates begin or to entries outside, and no template needs what the core lacks. Made of the inverse of each field: the patcher is made of something else.
 */
import { load16, load32, store32 } from '@fireball/wasm';
import { fixupOf, placedLast, placedOffset, toAddress } from '../layout/placed.js';
import {
  code,
  codeAddress,
  codeSize,
  differs,
  entries,
  entryCount,
  features,
  fine,
  gap,
  lacksFeature,
  noEntry,
  notFilled,
  problem,
  recordCount,
  records,
} from '../layout/placing.js';
import {
  fieldBias,
  fieldBits,
  fieldColumns,
  fieldFootprint,
  fieldOffset,
  fieldReach,
  fieldReadCount,
  fieldReads,
  fieldRest,
  fieldShift,
  fieldSource,
  fieldSumCount,
  fieldSums,
  readColumns,
  readFrom,
  readMask,
  readTo,
  sliceMask,
  sliceStride,
  sliceWay,
  sumBits,
  sumColumns,
  sumMask,
  sumPivot,
  templateFeatures,
  templateFieldCount,
  templateFields,
  templateSize,
  templateWords,
  wordBits,
  wordFixed,
  wordRunCount,
  wordRuns,
  wordStride,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { writeOperands } from './operands.js';
import { bitsFor } from './slices.js';
import { column, fact, headOf, listAt, listIn, recordStride, templateOf } from './tables.js';

const fieldStride = fieldColumns << 2;
const sumStride = sumColumns << 2;
const readStride = readColumns << 2;

/** Something is wrong with `problem` where it returns another number than `fine`. */
export function verify(): i32 {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  const start = load32(code);
  let offset = 0;
  for (let record = first; record < end; record += recordStride) {
    const head = headOf(record);
    const template = templateOf(head);
    const found = verifyTemplate(record, head, template, offset, start);
    if (found !== fine) {
      store32(problem, (record - first) / recordStride);
      return found;
    }
    offset += fact(template, templateSize);
  }
  return offset === load32(codeSize) ? fine : notFilled;
}

function verifyTemplate(record: i32, head: i32, template: i32, offset: i32, start: i32): i32 {
  if (column(record, placedOffset) !== offset) return gap;
  if ((fact(template, templateFeatures) & ~load32(features)) !== 0) return lacksFeature;
  writeOperands(record, head);
  if (!isThere(template, start + offset)) return differs;
  return fixupOf(head) === toAddress && !isEntry(column(record, placedLast)) ? noEntry : fine;
}

function isThere(template: i32, at: i32): boolean {
  const end = at + fact(template, templateSize);
  let row = listIn(template, templateWords);
  let wrong = 0;
  let from = at;
  do {
    const count = load16(row + wordRunCount);
    const first = listAt(load16(row + wordRuns));
    const last = first + count * sliceStride;
    const flipped = load32(from) ^ load32(row + wordBits);
    wrong |= flipped & load32(row + wordFixed);
    for (let run = first; run < last; run += sliceStride) wrong |= differenceIn(run, flipped);
    from += 4;
    row += wordStride;
  } while (from < end);
  if (wrong !== 0) return false;
  const count = fact(template, templateFieldCount);
  return count === 0 || areFieldsThere(listIn(template, templateFields), count, at);
}

/** What differs between a slice of operands and the bits of the code that are no longer what they are where every field is 0. */
function differenceIn(run: i32, flipped: i32): i32 {
  const bits = bitsFor(load32(run + sliceWay));
  return (bits ^ flipped) & load32(run + sliceMask);
}

function areFieldsThere(first: i32, count: i32, at: i32): boolean {
  const end = first + count * fieldStride;
  for (let field = first; field < end; field += fieldStride) if (!holds(field, at)) return false;
  return true;
}

/** Does a field hold its value, and nothing that no value gives? */
function holds(field: i32, at: i32): boolean {
  let rest = (load32(at + column(field, fieldOffset)) ^ column(field, fieldBits)) & column(field, fieldFootprint);
  let value = 0;
  const sums = listAt(column(field, fieldSums));
  const end = sums + column(field, fieldSumCount) * sumStride;
  for (let sum = sums; sum < end; sum += sumStride) {
    if ((rest & column(sum, sumPivot)) === 0) continue;
    rest ^= column(sum, sumMask);
    value ^= column(sum, sumBits);
  }
  const reads = listAt(column(field, fieldReads));
  const last = reads + column(field, fieldReadCount) * readStride;
  for (let read = reads; read < last; read += readStride) {
    value ^= ((rest >> column(read, readFrom)) & column(read, readMask)) << column(read, readTo);
  }
  if ((rest & column(field, fieldRest)) !== 0) return false;
  const expected = valueOf(column(field, fieldSource)) - column(field, fieldBias);
  return value === ((expected >> column(field, fieldShift)) & column(field, fieldReach));
}

/** May code branch to the address: outside of the function, or to where a template begins? */
function isEntry(address: i32): boolean {
  const first = load32(entries);
  const end = first + (load32(entryCount) << 3);
  for (let at = first; at < end; at += 8) if (isBelow(address - load32(at), load32(at + 4) - load32(at))) return true;
  return isStart(address - load32(codeAddress));
}

function isStart(offset: i32): boolean {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  for (let record = first; record < end; record += recordStride) if (column(record, placedOffset) === offset) return true;
  return offset === load32(codeSize);
}

/** Compares without sign. */
function isBelow(a: i32, b: i32): boolean {
  return (a ^ (1 << 31)) < (b ^ (1 << 31));
}

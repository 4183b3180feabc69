/**
 * Reads code back: templates tile it without gaps, every bit outside of fields is the template's own, every field decodes to the value that was put in, branches
 * lead to where templates begin or to entries outside, and no template needs what the core lacks. Made of the inverse of each field: the patcher is made of something else.
 */
import { load16, load32, rotateRight, store32 } from '@fireball/wasm';
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
  fieldLeft,
  fieldOffset,
  fieldRest,
  fieldSliceCount,
  fieldSlices,
  fieldSource,
  fieldSumCount,
  fieldSums,
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
  wayRotationShift,
  wordBits,
  wordFixed,
  wordRunCount,
  wordRuns,
  wordStride,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { isLaidOut, writeLaidOut, writePlain } from './operands.js';
import { bitsFor } from './slices.js';
import { column, fact, headOf, listAt, listIn, recordStride, templateOf } from './tables.js';

const fieldStride = fieldColumns << 2;
const sumStride = sumColumns << 2;

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
  if (isLaidOut(head)) writeLaidOut(record, head);
  else writePlain(record);
  if (!isThere(template, start + offset)) return differs;
  return fixupOf(head) === toAddress && !isEntry(column(record, placedLast)) ? noEntry : fine;
}

function isThere(template: i32, at: i32): boolean {
  // The last column first: those before it need no bounds checks then.
  const fields = fact(template, templateFieldCount);
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
  return wrong === 0 && (fields === 0 || areFieldsThere(listIn(template, templateFields), fields, at));
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
  let flipped = load32(at + column(field, fieldOffset)) ^ column(field, fieldBits);
  let value = valueOf(column(field, fieldSource)) - column(field, fieldBias);
  const steps = column(field, fieldSumCount);
  if (steps > 0) {
    const sums = listAt(column(field, fieldSums));
    const behind = sums + steps * sumStride;
    for (let sum = sums; sum < behind; sum += sumStride) {
      if ((flipped & column(sum, sumPivot)) === 0) continue;
      flipped ^= column(sum, sumMask);
      value ^= column(sum, sumBits);
    }
  }
  let wrong = (flipped & column(field, fieldRest)) | (value & column(field, fieldLeft));
  const first = listAt(column(field, fieldSlices));
  const end = first + column(field, fieldSliceCount) * sliceStride;
  for (let slice = first; slice < end; slice += sliceStride) {
    const bits = rotateRight(value, load32(slice + sliceWay) >>> wayRotationShift);
    wrong |= (bits ^ flipped) & load32(slice + sliceMask);
  }
  return wrong === 0;
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

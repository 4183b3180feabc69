/**
 * Reads code back: templates tile it without gaps, every bit outside of fields is the template's own, every field decodes to the value that was put in, branches
 * lead to where templates begin or to entries outside, and no template needs what the core lacks. Made of the inverse of each field: the patcher is made of something else.
 */
import { isBelow, load16, load32, rotateRight, store32 } from '@fireball/wasm';
import { segmentBegin, segmentEnd, segmentStride, spareRecord } from '../layout/masm.js';
import { fixupOf, labelled, placedBytes, placedLast, templateBits, toAddress } from '../layout/placed.js';
import {
  behindWords,
  code,
  codeAddress,
  codeSize,
  differs,
  entries,
  entryCount,
  features,
  fine,
  gap,
  labelCount,
  labelOffsets,
  lacksFeature,
  noEntry,
  notFilled,
  operands,
  problem,
  records,
  segments,
  segmentsEnd,
  starts,
  templates,
} from '../layout/placing.js';
import {
  isComputed,
  isLastStep,
  longStepStride,
  readsBySteps,
  sliceMask,
  sliceStride,
  sliceWay,
  sourceOffsetShift,
  stepBias,
  stepBits,
  stepFixed,
  stepLeft,
  stepMasks,
  stepPartCount,
  stepParts,
  stepRotations,
  stepSource,
  stepStride,
  stepSumCount,
  stepSums,
  sumBits,
  sumColumns,
  sumMask,
  sumPivot,
  templateFeatures,
  templateMore,
  templateReading,
  templateSize,
  templateStride,
  templateWays,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { isLaidOut, joined, takeLaidOut, writeOperands } from './operands.js';
import { bitsFor } from './slices.js';
import { bytesOfStarts, column, fact, failed, headOf, listAt, listIn, recordStride, templateOf, writeSpare } from './tables.js';
import { compareWords, noteStart } from './words.js';

const sumStride = sumColumns << 2;

/** Something is wrong with `problem` where it returns another number than `fine`. */
export function verify(): i32 {
  const size = load32(codeSize);
  clearStarts();
  const behind = compare();
  if (behind < 0) return -behind;
  if (behind !== size) return notFilled;
  noteStart(size);
  return findLostLabel();
}

/** Compares all templates with the code, and notes where labels may be bound. Returns the offset behind the last one; where something is wrong, the negative number of what that is. */
function compare(): i32 {
  const first = load32(records);
  let at = load32(code);
  for (let segment = load32(segments); segment < load32(segmentsEnd); segment += segmentStride) {
    const end = first + load32(segment + segmentEnd);
    let record = first + load32(segment + segmentBegin);
    for (;;) {
      record = compareWords(record, end, at);
      at = load32(behindWords);
      if (record >= end) break;
      const status = compareOther(record, at);
      if (status !== fine) return -failed(record, status);
      at += fact(templateOf(headOf(record)), templateSize);
      record += recordStride;
    }
  }
  return at - load32(code);
}

/** Compares one template, any, with the code at an address; something is wrong where it returns another number than `fine`. @noinline */
function compareOther(record: i32, at: i32): i32 {
  let last = column(record, placedLast);
  let bytes = column(record, placedBytes);
  const head = headOf(record);
  const template = templateOf(head);
  if ((fact(template, templateFeatures) & ~load32(features)) !== 0) return lacksFeature;
  if ((head & labelled) !== 0) noteStart(at - load32(code));
  if (isLaidOut(head)) {
    last = takeLaidOut(record, head, at - load32(code));
    bytes = load32(operands);
  }
  if ((fact(template, templateWays) & readsBySteps) === 0) {
    writeSpare(head & templateBits, bytes, last);
    if (compareWords(spareRecord, spareRecord + recordStride, at) === spareRecord) return differs;
  } else {
    const both = joined(template, bytes, last);
    if (fact(template, templateMore) !== 0) writeOperands(bytes, last, both);
    if (differenceIn(listIn(template, templateReading), both, at) !== 0) return differs;
  }
  return fixupOf(head) === toAddress && !isEntry(column(record, placedLast)) ? noEntry : fine;
}

function clearStarts(): void {
  const first = load32(starts);
  const end = first + bytesOfStarts();
  for (let at = first; at < end; at += 4) store32(at, 0);
}

/** Looks for a label, which `problem` is then, that is bound where no template begins that labels are bound to. */
function findLostLabel(): i32 {
  const offsets = load32(labelOffsets);
  const count = load32(labelCount);
  const size = load32(codeSize);
  const bits = load32(starts);
  for (let label = 0; label < count; label++) {
    const offset = load32(offsets + (label << 2));
    if (offset === -1) continue;
    if ((offset & 1) === 0 && !isBelow(size, offset) && ((load32(bits + ((offset >>> 6) << 2)) >>> (offset >>> 1)) & 1) !== 0) continue;
    store32(problem, label);
    return gap;
  }
  return fine;
}

/** What differs between an instance and what the steps in a list read. */
function differenceIn(first: i32, both: i32, at: i32): i32 {
  let step = first;
  let source: i32;
  let wrong = 0;
  do {
    source = load32(step + stepSource);
    const parts = load16(step + stepPartCount);
    let flipped = load32(at + (source >>> sourceOffsetShift)) ^ load32(step + stepBits);
    let value = both;
    if (parts > 0) wrong |= differenceOf(listAt(load16(step + stepParts)), parts, flipped);
    const rotations = load32(step + stepRotations);
    let next = stepStride;
    if ((source & isComputed) !== 0) {
      value = valueOf(source) - load32(step + stepBias);
      const sums = load16(step + stepSumCount);
      for (let sum = listAt(load16(step + stepSums)), end = sum + sums * sumStride; sum < end; sum += sumStride) {
        if ((flipped & column(sum, sumPivot)) === 0) continue;
        flipped ^= column(sum, sumMask);
        value ^= column(sum, sumBits);
      }
      wrong |= value & load32(step + stepLeft);
      next = longStepStride;
    }
    wrong |= flipped & load32(step + stepFixed);
    wrong |= (rotateRight(value, rotations >>> 24) ^ flipped) & load32(step + stepMasks + 12);
    wrong |= (rotateRight(value, rotations >>> 16) ^ flipped) & load32(step + stepMasks + 8);
    wrong |= (rotateRight(value, rotations >>> 8) ^ flipped) & load32(step + stepMasks + 4);
    wrong |= (rotateRight(value, rotations) ^ flipped) & load32(step + stepMasks);
    step += next;
  } while ((source & isLastStep) === 0);
  return wrong;
}

/** What differs between slices of operands in a list and the bits of the code. */
function differenceOf(first: i32, count: i32, flipped: i32): i32 {
  const end = first + count * sliceStride;
  let wrong = 0;
  for (let run = first; run < end; run += sliceStride) wrong |= (bitsFor(load32(run + sliceWay)) ^ flipped) & load32(run + sliceMask);
  return wrong;
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
  const rows = load32(templates);
  let begin = 0;
  for (let segment = load32(segments); segment < load32(segmentsEnd); segment += segmentStride) {
    const end = first + load32(segment + segmentEnd);
    for (let record = first + load32(segment + segmentBegin); record < end; record += recordStride) {
      if (begin === offset) return true;
      begin += fact(rows + (headOf(record) & templateBits) * templateStride, templateSize);
    }
  }
  return offset === load32(codeSize);
}

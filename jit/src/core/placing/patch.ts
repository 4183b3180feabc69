/** Copies templates and fills their holes. Knows no instruction set: everything is in the tables of the template set. */
import { load16, load32, rotateRight, store32 } from '@fireball/wasm';
import { notEncodable } from '../derive.js';
import { itself } from '../layout/functions.js';
import { segmentBegin, segmentEnd, segmentStride, spareRecord } from '../layout/masm.js';
import { fixupBits, fixupOf, fixupShift, placedBytes, placedLast, templateBits, toCallee, unsignedLast } from '../layout/placed.js';
import { behindWords, code, fine, operands, records, refused, segments, segmentsEnd, templates, unplaced } from '../layout/placing.js';
import {
  choiceCountBits,
  fillsBySteps,
  isComputed,
  isLastStep,
  looksForMore,
  longStepStride,
  ruleCountBits,
  ruleCountShift,
  sliceStride,
  sourceFunctionBits,
  sourceOffsetShift,
  stepBias,
  stepBits,
  stepMasks,
  stepPartCount,
  stepParts,
  stepRotations,
  stepSource,
  stepStride,
  templateChoices,
  templateMore,
  templatePatching,
  templateRules,
  templateSize,
  templateSpan,
  templateWays,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { areChosen, areWithinRules, isOutside, patternBits, zeroBits } from './legal.js';
import { isLaidOut, joined, takeLaidOut, writeOperands } from './operands.js';
import { bitsOf } from './slices.js';
import { column, fact, failed, headOf, listAt, listIn, recordStride, templateOf, writeSpare } from './tables.js';
import { fillWords } from './words.js';

/** Makes the code of a function that is laid out; something is wrong with `problem` where it returns another number than `fine`. Up to two bytes behind the code change. */
export function link(): i32 {
  const first = load32(records);
  const end = load32(segmentsEnd);
  let at = load32(code);
  for (let segment = load32(segments); segment < end; segment += segmentStride) {
    const filled = fill(first + load32(segment + segmentBegin), first + load32(segment + segmentEnd), at, 0);
    if (filled < 0) return -filled;
    at = filled;
  }
  return fine;
}

/** Fills one template, the first of the tables, with what is in `operands`; `unsigned` has a bit for each word that is 2^31 or more. False where they are not legal. */
export function fillFirst(unsigned: i32): boolean {
  writeSpare((unsigned & 2) !== 0 ? unsignedLast : 0, load32(operands), load32(operands + 4));
  return fill(spareRecord, spareRecord + recordStride, load32(code), unsigned) > 0;
}

/**
 * Fills the templates whose records lie from one address to another, for code at an address. `unsigned`: a bit for each word of operands that is 2^31 or more, if it is not the
 * second one. Returns the address behind the code; where something is wrong, the negative number of what that is.
 */
function fill(first: i32, end: i32, start: i32, unsigned: i32): i32 {
  let at = start;
  let record = first;
  for (;;) {
    record = fillWords(record, end, at);
    at = load32(behindWords);
    if (record >= end) break;
    at = fillOther(record, at, unsigned);
    if (at < 0) break;
    record += recordStride;
  }
  return at;
}

/** The same of one template, any. @noinline */
function fillOther(record: i32, at: i32, unsigned: i32): i32 {
  let last = column(record, placedLast);
  let bytes = column(record, placedBytes);
  const head = headOf(record);
  const template = templateOf(head);
  if ((head & ((fixupBits << fixupShift) | unsignedLast)) !== 0) {
    if (fixupOf(head) === toCallee) return -failed(record, unplaced);
    if (isLaidOut(head)) {
      last = takeLaidOut(record, head, at - load32(code));
      bytes = load32(operands);
    } else if (load32(template + templateSpan) !== -1) return -failed(record, refused);
  }
  if ((fact(template, templateWays) & fillsBySteps) === 0) {
    writeSpare(head & templateBits, bytes, last);
    return fillWords(spareRecord, spareRecord + recordStride, at) === spareRecord ? -failed(record, refused) : load32(behindWords);
  }
  const more = fact(template, templateMore);
  const both = joined(template, bytes, last);
  if ((zeroBits(template, bytes, last) | patternBits(template, both)) !== 0 || isOutside(template, last)) return -failed(record, refused);
  if (more !== 0) {
    writeOperands(bytes, last, both);
    if (more !== looksForMore && !areFurtherLegal(template, more, (head & unsignedLast) !== 0 ? unsigned | 2 : unsigned)) return -failed(record, refused);
  }
  if (!takeSteps(load32(templates) + (fact(template, templatePatching) << 2), both, at)) return -failed(record, refused);
  return at + fact(template, templateSize);
}

function areFurtherLegal(template: i32, more: i32, unsigned: i32): boolean {
  const choices = more & choiceCountBits;
  const rules = (more >>> ruleCountShift) & ruleCountBits;
  if (choices !== 0 && !areChosen(listIn(template, templateChoices), choices)) return false;
  return rules === 0 || areWithinRules(listIn(template, templateRules), rules, unsigned);
}

/** Carries out the steps in a list. False where operands have no encoding. */
function takeSteps(first: i32, both: i32, at: i32): boolean {
  let step = first;
  let source: i32;
  do {
    source = load32(step + stepSource);
    const into = at + (source >>> sourceOffsetShift);
    const parts = load16(step + stepPartCount);
    let word = load32(step + stepBits);
    let value = both;
    if (parts > 0) word ^= partsOf(listAt(load16(step + stepParts)), parts);
    const rotations = load32(step + stepRotations);
    let next = stepStride;
    if ((source & isComputed) !== 0) {
      value = valueOf(source);
      if (value === notEncodable && (source & sourceFunctionBits) !== itself) return false;
      value -= load32(step + stepBias);
      word ^= load32(into);
      next = longStepStride;
    }
    word ^= rotateRight(value, rotations >>> 24) & load32(step + stepMasks + 12);
    word ^= rotateRight(value, rotations >>> 16) & load32(step + stepMasks + 8);
    word ^= rotateRight(value, rotations >>> 8) & load32(step + stepMasks + 4);
    store32(into, word ^ (rotateRight(value, rotations) & load32(step + stepMasks)));
    step += next;
  } while ((source & isLastStep) === 0);
  return true;
}

/** What slices flip that are in a list. */
function partsOf(first: i32, count: i32): i32 {
  const end = first + count * sliceStride;
  let bits = 0;
  for (let part = first; part < end; part += sliceStride) bits ^= bitsOf(part);
  return bits;
}

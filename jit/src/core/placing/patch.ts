/** Copies templates and fills their holes. Knows no instruction set: everything is in the tables of the template set. */
import { load32, store32 } from '@fireball/wasm';
import { notEncodable } from '../derive.js';
import { itself } from '../layout/functions.js';
import { fixupOf, placedOffset, toCallee, unsignedLast } from '../layout/placed.js';
import { code, fine, problem, recordCount, records, refused, templates, unplaced } from '../layout/placing.js';
import {
  computedBias,
  computedParts,
  computedSource,
  sourceCountShift,
  sourceFunctionBits,
  templateBytes,
  templateComputed,
  templateComputedCount,
  templatePartCount,
  templateParts,
  templateSize,
} from '../layout/templates.js';
import { valueOf } from './computed.js';
import { areDistinct, areLegal } from './legal.js';
import { writeOperands } from './operands.js';
import { bitsOf, offsetOf, wordOf } from './parts.js';
import { column, fact, headOf, listIn, recordStride, templateOf } from './tables.js';

/** Makes the code of a function that is laid out; something is wrong with `problem` where it returns another number than `fine`. Up to two bytes behind the code change. */
export function link(): i32 {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  const start = load32(code);
  for (let record = first; record < end; record += recordStride) {
    const head = headOf(record);
    const template = templateOf(head);
    const fixup = fixupOf(head);
    writeOperands(record, head);
    const unsigned = (head & unsignedLast) !== 0 ? 2 : 0;
    if (fixup === toCallee || !fill(template, unsigned, start + column(record, placedOffset))) {
      store32(problem, (record - first) / recordStride);
      return fixup === toCallee ? unplaced : refused;
    }
  }
  return fine;
}

/** Fills one template, the first of the tables, with what is in `operands`; `unsigned` has a bit for each word that is 2^31 or more. False where they are not legal. */
export function fillFirst(unsigned: i32): boolean {
  return fill(load32(templates), unsigned, load32(code));
}

function fill(template: i32, unsigned: i32, at: i32): boolean {
  if (!areLegal(template, unsigned)) return false;
  const bytes = listIn(template, templateBytes);
  const size = fact(template, templateSize);
  for (let offset = 0; offset < size; offset += 4) store32(at + offset, load32(bytes + offset));
  fillParts(template, at);
  const count = fact(template, templateComputedCount);
  let row = listIn(template, templateComputed);
  for (let index = 0; index < count; index++) {
    const end = fillComputed(row, at);
    if (end === 0) return false;
    row = end;
  }
  return areDistinct(template);
}

/** Parts are in the order of instructions. */
function fillParts(template: i32, at: i32): void {
  const first = listIn(template, templateParts);
  const end = first + (fact(template, templatePartCount) << 2);
  let word = 0;
  let into = at;
  for (let row = first; row < end; row += 4) {
    const part = load32(row);
    const instruction = at + offsetOf(part);
    if (instruction !== into) {
      store32(into, load32(into) ^ word);
      into = instruction;
      word = 0;
    }
    word ^= bitsOf(part, wordOf(part));
  }
  store32(into, load32(into) ^ word);
}

function flip(part: i32, value: i32, at: i32): void {
  const into = at + offsetOf(part);
  store32(into, load32(into) ^ bitsOf(part, value));
}

/** Address behind the row; 0 where the operands have no encoding. */
function fillComputed(row: i32, at: i32): i32 {
  const source = load32(row + computedSource);
  const value = valueOf(source);
  if (value === notEncodable && (source & sourceFunctionBits) !== itself) return 0;
  const end = row + computedParts + ((source >>> sourceCountShift) << 2);
  for (let part = row + computedParts; part < end; part += 4) flip(load32(part), value - load32(row + computedBias), at);
  return end;
}

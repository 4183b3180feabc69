/** Copies templates and fills their holes. Knows no instruction set: everything is in the tables of the template set. */
import { load32, store32 } from '@fireball/wasm';
import { notEncodable } from '../derive.js';
import { itself } from '../layout/functions.js';
import { noFixup, placedFixup, placedOffset, placedUnsigned, toCallee } from '../layout/placed.js';
import { code, fine, problem, recordCount, records, refused, unplaced } from '../layout/placing.js';
import {
  computedBias,
  computedColumns,
  computedFirst,
  computedFunction,
  computedParts,
  computedPartsEnd,
  computedSecond,
  partColumns,
  partMask,
  partOffset,
  partOperandShift,
  partPlace,
  partToShift,
  templateBytes,
  templateComputed,
  templateComputedEnd,
  templateParts,
  templatePartsEnd,
  templateSize,
} from '../layout/templates.js';
import { compute } from './computed.js';
import { templateOf } from './layout.js';
import { areLegal } from './legal.js';
import { column, operandsOf, recordStride } from './operands.js';

const partStride = partColumns << 2;
const computedStride = computedColumns << 2;

/** Makes the code of a function that is laid out; something is wrong with `problem` where it returns another number than `fine`. Up to two bytes behind the code change. */
export function link(): i32 {
  const first = load32(records);
  const end = first + load32(recordCount) * recordStride;
  const start = load32(code);
  for (let record = first; record < end; record += recordStride) {
    const fixup = column(record, placedFixup);
    const template = templateOf(record);
    const unsigned = fixup === noFixup ? column(record, placedUnsigned) : 0;
    if (fixup === toCallee || !fill(template, operandsOf(record), unsigned, start + column(record, placedOffset))) {
      store32(problem, (record - first) / recordStride);
      return fixup === toCallee ? unplaced : refused;
    }
  }
  return fine;
}

function fill(template: i32, operands: i32, unsigned: i32, at: i32): boolean {
  if (!areLegal(template, operands, unsigned)) return false;
  const bytes = column(template, templateBytes);
  const size = column(template, templateSize);
  for (let offset = 0; offset < size; offset += 4) store32(at + offset, load32(bytes + offset));
  const end = column(template, templatePartsEnd);
  let word = 0;
  let into = at;
  for (let part = column(template, templateParts); part < end; part += partStride) {
    const instruction = at + column(part, partOffset);
    if (instruction !== into) {
      store32(into, load32(into) ^ word);
      into = instruction;
      word = 0;
    }
    word ^= bitsOf(part, load32(operands + (column(part, partPlace) >> partOperandShift)));
  }
  store32(into, load32(into) ^ word);
  const last = column(template, templateComputedEnd);
  for (let row = column(template, templateComputed); row < last; row += computedStride) if (!fillComputed(row, operands, at)) return false;
  return true;
}

/** False where the operands have no encoding. */
function fillComputed(row: i32, operands: i32, at: i32): boolean {
  const number = column(row, computedFunction);
  const value = compute(number, load32(operands + column(row, computedFirst)), load32(operands + column(row, computedSecond)));
  if (value === notEncodable && number !== itself) return false;
  const end = column(row, computedPartsEnd);
  for (let part = column(row, computedParts); part < end; part += partStride) {
    const into = at + column(part, partOffset);
    store32(into, load32(into) ^ bitsOf(part, value - column(row, computedBias)));
  }
  return true;
}

/** What a part of a value flips in the code. */
function bitsOf(part: i32, value: i32): i32 {
  const place = column(part, partPlace);
  return ((value >> (place & 31)) & column(part, partMask)) << ((place >> partToShift) & 31);
}

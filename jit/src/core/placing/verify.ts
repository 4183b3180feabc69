/**
 * Reads code back: templates tile it without gaps, every bit outside of fields is the template's own, every field decodes to the value that was put in, branches
 * lead to where templates begin or to entries outside, and no template needs what the core lacks. Made of the inverse of each field: the patcher is made of something else.
 */
import { load32, store32 } from '@fireball/wasm';
import { placedFixup, placedOffset, placedTarget, toAddress } from '../layout/placed.js';
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
  fieldBytes,
  fieldColumns,
  fieldFirst,
  fieldFootprint,
  fieldFunction,
  fieldOffset,
  fieldReach,
  fieldReads,
  fieldReadsEnd,
  fieldRest,
  fieldSecond,
  fieldShift,
  fieldSums,
  fieldSumsEnd,
  readColumns,
  readFrom,
  readMask,
  readTo,
  runBytes,
  runColumns,
  runFrom,
  runMask,
  runOffset,
  runOperand,
  runShift,
  sumBits,
  sumColumns,
  sumMask,
  sumPivot,
  templateBytes,
  templateFields,
  templateFieldsEnd,
  templateFixed,
  templateRequires,
  templateRuns,
  templateRunsEnd,
  templateSize,
} from '../layout/templates.js';
import { compute } from './computed.js';
import { templateOf } from './layout.js';
import { column, operandsOf, recordStride } from './operands.js';

const runStride = runColumns << 2;
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
    const found = verifyTemplate(record, offset, start);
    if (found !== fine) {
      store32(problem, (record - first) / recordStride);
      return found;
    }
    offset += column(templateOf(record), templateSize);
  }
  return offset === load32(codeSize) ? fine : notFilled;
}

function verifyTemplate(record: i32, offset: i32, start: i32): i32 {
  if (column(record, placedOffset) !== offset) return gap;
  const template = templateOf(record);
  if ((column(template, templateRequires) & ~load32(features)) !== 0) return lacksFeature;
  if (!isThere(template, operandsOf(record), start + offset)) return differs;
  return column(record, placedFixup) === toAddress && !isEntry(column(record, placedTarget)) ? noEntry : fine;
}

function isThere(template: i32, operands: i32, at: i32): boolean {
  const bytes = column(template, templateBytes);
  const fixed = column(template, templateFixed);
  const size = column(template, templateSize);
  let wrong = 0;
  for (let offset = 0; offset < size; offset += 4) wrong |= (load32(at + offset) ^ load32(bytes + offset)) & load32(fixed + offset);
  const end = column(template, templateRunsEnd);
  for (let run = column(template, templateRuns); run < end; run += runStride) {
    const read = (load32(at + column(run, runOffset)) ^ column(run, runBytes)) >>> column(run, runFrom);
    wrong |= (read ^ (load32(operands + column(run, runOperand)) >> column(run, runShift))) & column(run, runMask);
  }
  if (wrong !== 0) return false;
  const last = column(template, templateFieldsEnd);
  for (let field = column(template, templateFields); field < last; field += fieldStride) if (!holds(field, operands, at)) return false;
  return true;
}

/** Does a field hold its value, and nothing that no value gives? */
function holds(field: i32, operands: i32, at: i32): boolean {
  let rest = (load32(at + column(field, fieldOffset)) ^ column(field, fieldBytes)) & column(field, fieldFootprint);
  let value = 0;
  const end = column(field, fieldSumsEnd);
  for (let sum = column(field, fieldSums); sum < end; sum += sumStride) {
    if ((rest & column(sum, sumPivot)) === 0) continue;
    rest ^= column(sum, sumMask);
    value ^= column(sum, sumBits);
  }
  const last = column(field, fieldReadsEnd);
  for (let read = column(field, fieldReads); read < last; read += readStride) {
    value ^= ((rest >> column(read, readFrom)) & column(read, readMask)) << column(read, readTo);
  }
  if ((rest & column(field, fieldRest)) !== 0) return false;
  const a = load32(operands + column(field, fieldFirst));
  const b = load32(operands + column(field, fieldSecond));
  const expected = compute(column(field, fieldFunction), a, b) - column(field, fieldBias);
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

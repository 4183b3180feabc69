/**
 * The declared i64 locals that never hold anything but an extended word: their upper words need not be read. Every write takes its value from the instruction
 * in front of it; one that comes from anywhere else may be anything.
 */
import { allocate, load32, load8, store32, store8 } from '@fireball/wasm';
import { classAt, indexAt, operationAt, recordOf } from './instructions.js';
import { extended, localCount, parameterCount, parameterWords, signedExtension, unsignedExtension, wordCount } from './layout/analyses.js';
import { aField, bField, recordCount, records, recordStride } from './layout/body.js';
import * as classes from './layout/classes.js';
import { extensionsOf, i64Const } from './layout/operations.js';

/** Of a local that is not written. */
const unwritten = 4;

/** Writes of each local how its upper word follows from the lower one; where it is both, unsigned. False where there is no room. */
export function findExtendedLocals(): boolean {
  const locals = load32(localCount);
  const parameters = load32(parameterCount);
  const found = allocate(locals);
  store32(extended, found);
  if (found === 0) return false;
  // Of parameters nothing is known.
  const hasPairs = load32(wordCount) - load32(parameterWords) !== locals - parameters;
  for (let local = 0; local < locals; local++) store8(found + local, !hasPairs || local < parameters ? 0 : unwritten | signedExtension | unsignedExtension);
  if (!hasPairs) return true;
  // Of the instruction in front of the last write, but for writes that keep what the one in front of them has made.
  let extensions = 0;
  let lastTee = 0;
  const end = recordOf(load32(recordCount));
  for (let record = load32(records); record < end; record += recordStride) {
    const kind = classAt(record);
    if (kind < classes.localSet) continue;
    if (kind > classes.localTee) continue;
    if (lastTee !== record - recordStride) extensions = extensionsAt(record - recordStride);
    if (kind === classes.localTee) lastTee = record;
    const at = found + indexAt(record);
    store8(at, load8(at) & extensions);
  }
  for (let at = found; at < found + locals; at++) {
    const known = load8(at);
    if ((known & unwritten) !== 0) store8(at, 0);
    else if ((known & unsignedExtension) !== 0) store8(at, unsignedExtension);
  }
  return true;
}

function extensionsAt(record: i32): i32 {
  const operation = operationAt(record);
  if (operation !== i64Const) return load8(extensionsOf + operation);
  const high = load32(record + bField);
  return (high === load32(record + aField) >> 31 ? signedExtension : 0) | (high === 0 ? unsignedExtension : 0);
}

/** A function from its body to its code, for who has nothing but the core: on a device. A host calls the steps by themselves, and looks at what they leave. */
import { allocate, load32, load8, next, store32, usedBytes } from '@fireball/wasm';
import { analyseUses } from '../analyses.js';
import { readBody } from '../body.js';
import { findExtendedLocals } from '../extended.js';
import * as analyses from '../layout/analyses.js';
import { offsetField, records as bodyRecords, recordStride as bodyStride } from '../layout/body.js';
import {
  asked,
  asks,
  compiled,
  failed,
  failedAt,
  functionIndex,
  functionStart,
  isBaseline,
  lacksRoutine,
  moduleWords,
  notVerified,
  tooLarge,
  tooMuchCode,
} from '../layout/environment.js';
import { parameterCount, resultCount, firstResult, wordsOfParameters } from '../layout/function.js';
import { mostCodeBytes } from '../layout/masm.js';
import { functionRows, functionSignature, moduleRowStride } from '../layout/module.js';
import { code, codeAddress, codeSize, fine, noRoom as noRoomToPlace } from '../layout/placing.js';
import * as select from '../layout/select.js';
import { refusedPlacing } from '../layout/walk.js';
import { readUnsigned } from '../numbers.js';
import { compileBaseline } from '../baseline/compile.js';
import { scanBody } from '../baseline/scan.js';
import { planFunction } from '../plan.js';
import { layOutPlaced } from '../placing/layout.js';
import { link } from '../placing/patch.js';
import { verify } from '../placing/verify.js';
import { giveRegisters, selectByNeed } from './by-need.js';
import { nameOperands } from './names.js';

/** Types of two words, i64 and f64, as bodies have them. */
const longType = 0x7e;
const doubleType = 0x7c;

/**
 * Reads a function whose body, from the declarations of its locals on, lies from one address to another; `offset` is where it begins in the module. Module and
 * environment have been written. Returns `compiled` where it can be made code of at once, or another outcome.
 */
export function readFunction(index: i32, start: i32, end: i32, offset: i32): i32 {
  store32(failedAt, 0);
  store32(functionIndex, index);
  const instructions = readLocals(index, start);
  if (instructions === 0) return tooLarge;
  store32(functionStart, offset + instructions - start);
  const first = offset + instructions - start;
  if (load32(isBaseline) !== 0) {
    if (!scanBody(instructions, end, first)) return tooLarge;
  } else if (!readBody(instructions, end, first) || !findExtendedLocals() || !nameOperands()) return tooLarge;
  return usedBytes(asked) === 0 ? compiled : asks;
}

/** Lists the first words of parameters and declared locals. Returns the address of the first instruction; 0 where there is no room. */
function readLocals(index: i32, start: i32): i32 {
  const module = load32(moduleWords);
  const signature = module + load32(module + load32(module + functionRows) + index * moduleRowStride + functionSignature);
  const parameters = load32(signature + parameterCount);
  const count = parameters + declaredLocals(start);
  const list = allocate((count + 1) << 2);
  if (list === 0) return 0;
  let word = 0;
  let at = list;
  const widths = signature + firstResult + (load32(signature + resultCount) << 2);
  for (let parameter = 0; parameter < parameters; parameter++) {
    store32(at, word);
    at += 4;
    word += load32(widths + (parameter << 2));
  }
  let runs = readUnsigned(start);
  let position = load32(next);
  for (; runs > 0; runs--) {
    let left = readUnsigned(position);
    position = load32(next);
    const type = load8(position++);
    const width = type === longType || type === doubleType ? 2 : 1;
    for (; left > 0; left--) {
      store32(at, word);
      at += 4;
      word += width;
    }
  }
  store32(at, word);
  store32(analyses.localCount, count);
  store32(analyses.parameterCount, parameters);
  store32(analyses.wordCount, word);
  store32(analyses.parameterWords, load32(signature + wordsOfParameters));
  store32(analyses.firstWords, list);
  return position;
}

/** How many locals the declarations are of. */
function declaredLocals(start: i32): i32 {
  let count = 0;
  let runs = readUnsigned(start);
  let position = load32(next);
  for (; runs > 0; runs--) {
    count += readUnsigned(position);
    position = load32(next) + 1;
  }
  return count;
}

/** Makes code of the function that has been read, all of whose operands are named: `codeSize` bytes that have no address yet. Returns an outcome. */
export function compileFunction(): i32 {
  if (load32(isBaseline) !== 0) return layOutSelected(compileBaseline());
  if (!planFunction() || !analyseUses() || !giveRegisters()) return tooLarge;
  return layOutSelected(selectByNeed());
}

function layOutSelected(outcome: i32): i32 {
  if (outcome !== select.selected) return failureOf(outcome);
  const laidOut = layOutPlaced();
  if (laidOut === noRoomToPlace) return tooLarge;
  return laidOut === fine && load32(codeSize) <= mostCodeBytes ? compiled : tooMuchCode;
}

function failureOf(outcome: i32): i32 {
  if (outcome === select.noRoom) return tooLarge;
  if (outcome === select.unsupported) {
    const at = load32(select.internalError);
    store32(failedAt, load32(isBaseline) !== 0 ? at : load32(load32(bodyRecords) + at * bodyStride + offsetField));
    return lacksRoutine;
  }
  return outcome === select.internal && load32(select.internalError) === refusedPlacing ? tooMuchCode : failed;
}

/** Fills in what depends on the address where the code will run, and reads it back: `code` is where it is then. Returns an outcome. */
export function placeFunction(address: i32): i32 {
  // The last word is changed as a whole.
  const at = allocate(load32(codeSize) + 4);
  if (at === 0) return tooLarge;
  store32(code, at);
  store32(codeAddress, address);
  if (link() !== fine) return failed;
  return verify() === fine ? compiled : notVerified;
}

/** Words of the stack that leave their registers for their home slots. */
import { load32, load8, usedBytes } from '@fireball/wasm';
import { f32Type, f64Type } from '../layout/machine.js';
import {
  clobberedCount,
  clobberedWords,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  floatEntry,
  homeEntry,
  noReg,
  positions,
  savedRoles,
  settledBelow,
  singlePart,
} from '../layout/select.js';
import { fitsFloatSlot, storeFloatSlot } from '../masm/floats.js';
import { storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { compute, isHome, sourceReg } from './computing.js';
import { floatOf, isConst, isHigh, isPlainSum, ownedBy, registerOf, sourceCount } from './entries.js';
import { dropFloat } from './float-file.js';
import { shift, valueHome } from './homes.js';
import { entryAt, findInRegisters, replaceByHome, settle, stackLength, valueAt } from './operand-stack.js';
import { releaseEntry } from './releasing.js';
import { isExclusive } from './temporaries.js';

/** sp offset of the home of the stack word at a position. */
export function stackHome(position: i32): i32 {
  return valueHome(valueAt(position), isHigh(entryAt(position)));
}

/** Moves the word at a position to its home slot, constants included. */
export function spill(position: i32): void {
  if (position >= stackLength()) return;
  const entry = entryAt(position);
  const kind = load8(entry + entryKind);
  if (kind === homeEntry || (kind === floatEntry && spillFloat(position))) return;
  const spOffset = stackHome(position);
  if (isPlainSum(entry) && !isHome(load8(entry + entryFrom), load32(entry + entrySource))) {
    storeSlot(sourceReg(load8(entry + entryFrom), load32(entry + entrySource)), spOffset + shift());
  } else {
    const own = ownedBy(entry);
    const via = own !== noReg && isExclusive(own) ? own : scratch();
    compute(entry, via);
    storeSlot(via, spOffset + shift());
  }
  releaseEntry(entry);
  replaceByHome(position, spOffset);
}

/** Stores a single, or both words of a double at once; returns false where that is not to be had. */
function spillFloat(position: i32): boolean {
  const entry = entryAt(position);
  const float = load32(entry + entryC);
  const next = entryAt(position + 1);
  const isDouble = position + 1 < stackLength() && isHigh(next) && !isHigh(entry) && floatOf(entry, next) !== noReg;
  if (!isDouble && load8(entry + entryShift) !== singlePart) return false;
  const spOffset = stackHome(position);
  if (!fitsFloatSlot(spOffset + shift())) return false;
  storeFloatSlot(isDouble ? f64Type : f32Type, float, spOffset + shift());
  dropFloat(float);
  replaceByHome(position, spOffset);
  if (isDouble) {
    dropFloat(float);
    replaceByHome(position + 1, spOffset + 4);
  }
  return true;
}

/** Everything below `top` words of the stack goes home; constants stay where they are. */
export function spillBelow(top: i32): void {
  const end = stackLength() - top;
  for (let position = load32(settledBelow); position < end; position++) if (!isConst(entryAt(position))) spill(position);
  settle(end);
}

/** Temporaries that a callee may overwrite go home; lazy locals in callee-saved registers or homes stay. */
export function spillCallerSaved(top: i32): void {
  findInRegisters(stackLength() - top, load32(clobberedWords), load32(clobberedCount));
  const end = load32(positions) + usedBytes(positions);
  for (let at = load32(positions); at < end; at += 4) {
    const position = load32(at);
    const entry = entryAt(position);
    if (load8(entry + entryKind) === floatEntry || isClobbered(entry)) spill(position);
  }
}

/** Does the entry read a register that callees may overwrite? */
function isClobbered(entry: i32): boolean {
  const count = sourceCount(entry);
  if (count >= 1 && isClobberedSource(load8(entry + entryFrom), load32(entry + entrySource))) return true;
  return count === 2 && isClobberedSource(load8(entry + entryShift), load32(entry + entryAmount));
}

function isClobberedSource(from: i32, source: i32): boolean {
  const reg = registerOf(from, source);
  return reg !== noReg && ((load32(savedRoles) >>> reg) & 1) === 0;
}

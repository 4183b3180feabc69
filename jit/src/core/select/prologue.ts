/** The entry of a function: frame, stack check, parameters to their homes, zeroed locals, constants. */
import { load32 } from '@fireball/wasm';
import { constCost, fitsImmediate } from '../costs.js';
import { constantRegCount, constantRegs } from '../layout/allocation.js';
import { isLiveKnown, liveAtEntry } from '../layout/analyses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { functionStart } from '../layout/environment.js';
import { functionSignature } from '../layout/function.js';
import { immediate } from '../layout/machine.js';
import { fixedSource, noReg } from '../layout/select.js';
import { entryLabel } from '../layout/walk.js';
import { attribute } from '../masm/assembly.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { bind } from '../masm/conditions.js';
import { loadSlot, storeSlot } from '../masm/memory.js';
import { frameBytes } from '../masm/stack.js';
import { sumEntryOf, wordReg } from './entries.js';
import { enterFrame } from './frame.js';
import { hasLocalHome, localHome } from './homes.js';
import { addMove, beginMoves, moveAll } from './moves.js';
import { placeArguments, placeOf } from './signatures.js';
import { hasMember, isMentioned, spareTemp } from './wanted.js';
import { zeroLocals } from './zero.js';

/** Locals that only unreachable code names may have neither a register nor a slot. */
function isWanted(word: i32): boolean {
  return isMentioned(word) && (load32(isLiveKnown) === 0 || hasMember(load32(liveAtEntry), word));
}

export function emitPrologue(overflow: i32): void {
  attribute(load32(functionStart));
  bind(load32(entryLabel));
  enterFrame(0, overflow);
  const count = placeArguments(load32(functionSignature));
  moveArrivals(count);
  loadStackArguments(count);
  zeroLocals();
  loadConstants();
}

function moveArrivals(count: i32): void {
  beginMoves();
  for (let word = 0; word < count; word++) {
    const place = placeOf(word);
    if (place < 0 || !isWanted(word)) continue;
    const into = wordReg(word);
    if (into !== noReg) addMove(sumEntryOf(fixedSource, place, 0, false), into);
    else if (hasLocalHome(word)) storeSlot(place, localHome(word));
  }
  moveAll();
}

function loadStackArguments(count: i32): void {
  // The scratch register may be needed for the addresses of far slots.
  const spare = spareTemp(0);
  for (let word = 0; word < count; word++) {
    const place = placeOf(word);
    if (place >= 0 || !isWanted(word)) continue;
    const into = wordReg(word);
    if (into === noReg && !hasLocalHome(word)) continue;
    const via = into === noReg ? spare : into;
    loadSlot(via, frameBytes() + ~place);
    if (into === noReg) storeSlot(via, localHome(word));
  }
}

/** A wide constant is one addition from another where they lie near each other. */
function loadConstants(): void {
  const first = load32(constantRegs);
  const end = first + (load32(constantRegCount) << 3);
  for (let pair = first; pair < end; pair += 8) {
    const value = load32(pair);
    const reg = load32(pair + 4);
    const near = constCost(value) > 1 ? nearConstant(first, pair, value) : 0;
    if (near === 0) loadConst(reg, value);
    else alu(arithmetic.add, reg, load32(near + 4), immediate, (value - load32(near)) | 0, false);
  }
}

/** The first of the constants in front that is one addition away; 0 where none is. */
function nearConstant(first: i32, end: i32, value: i32): i32 {
  for (let pair = first; pair < end; pair += 8) if (fitsImmediate(arithmetic.add, (value - load32(pair)) | 0)) return pair;
  return 0;
}

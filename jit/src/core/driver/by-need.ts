/** Registers for a function that has been planned, and its selection: as many temporaries as that needs. */
import { allocate, heap, load32, store32 } from '@fireball/wasm';
import { allocateRegisters } from '../allocation.js';
import { findCandidates } from '../candidates.js';
import { arrivals, constantRegCount, constantRegs, saveCost, savedRegCount, savedRegs, tempRegCount, tempRegs, wordRegs } from '../layout/allocation.js';
import { wordCount } from '../layout/analyses.js';
import { freeFrom } from '../heap.js';
import { ownsLink } from '../layout/environment.js';
import { functionSignature, hasMemory, hasSafepoint, isFixed, target, thumb2 } from '../layout/function.js';
import { noReg, noRoom, outOfRegisters, pressure } from '../layout/select.js';
import { linkRole } from '../masm/roles.js';
import { selectFunction } from '../select/select.js';
import { beginArguments, placeArguments, placeOf, resultRegisterCount, resultWords } from '../select/signatures.js';

/** Withholding more than this leaves no register to withhold. */
const mostWithheld = 8;
/** Instructions that saving and restoring one callee-saved register costs on RV32; Thumb-2 has one for all of them. */
const singleSaveCost = 2;

/** Gives registers to locals and constants of the function that has been planned. False where there is no room. */
export function giveRegisters(): boolean {
  store32(saveCost, load32(target) === thumb2 ? 0 : singleSaveCost);
  store32(ownsLink, isLinkFree() && linkRole() >= 0 ? 1 : 0);
  return findArrivals() && findCandidates() && withhold(0);
}

/** Nothing but calls needs the link register: no exact check of a growing memory, no safepoint, no far result. */
function isLinkFree(): boolean {
  const growsNot = load32(hasMemory) === 0 || load32(isFixed) !== 0;
  return growsNot && load32(hasSafepoint) === 0 && resultWords(load32(functionSignature)) <= resultRegisterCount;
}

/** Lists the registers in which words of parameters arrive. */
function findArrivals(): boolean {
  beginArguments();
  const count = placeArguments(load32(functionSignature));
  const list = allocate(count << 2);
  store32(arrivals, list);
  if (list === 0) return false;
  for (let word = 0; word < count; word++) store32(list + (word << 2), placeOf(word) < 0 ? noReg : placeOf(word));
  return true;
}

function withhold(count: i32): boolean {
  return allocateRegisters(load32(target), count, load32(ownsLink));
}

/** Selects the function, and withholds registers from locals and constants as long as selection has too few. Returns one of the outcomes of `layout/select.ts`. */
export function selectByNeed(): i32 {
  let withheld = 0;
  let kept = load32(heap);
  let outcome = selectFunction();
  while (outcome === pressure) {
    const words = load32(wordRegs);
    const constants = load32(constantRegs);
    const constantCount = load32(constantRegCount);
    const saved = load32(savedRegs);
    const savedCount = load32(savedRegCount);
    const temps = load32(tempRegs);
    const tempCount = load32(tempRegCount);
    // Nobody needs what selection has made.
    freeFrom(kept);
    // Where nobody got the registers that are withheld now, selection would fail again in the same way.
    do {
      if (withheld >= mostWithheld) return outOfRegisters;
      withheld += 2;
      if (!withhold(withheld)) return noRoom;
    } while (
      constantCount === load32(constantRegCount) &&
      savedCount === load32(savedRegCount) &&
      tempCount === load32(tempRegCount) &&
      areSame(words, load32(wordRegs), load32(wordCount)) &&
      areSame(constants, load32(constantRegs), 2 * constantCount) &&
      areSame(saved, load32(savedRegs), savedCount) &&
      areSame(temps, load32(tempRegs), tempCount)
    );
    kept = load32(heap);
    outcome = selectFunction();
  }
  return outcome;
}

function areSame(a: i32, b: i32, words: i32): boolean {
  const end = a + (words << 2);
  for (; a < end; a += 4) {
    if (load32(a) !== load32(b)) return false;
    b += 4;
  }
  return true;
}

/** Which registers the words of locals have, and which ones are left for what is computed: the words that are named most, loops counted, have one all the time. */
import { allocate, leadingZeros, load32, store32 } from '@fireball/wasm';
import { checkedReach, fitsImmediate, isThumb2 } from '../costs.js';
import * as arithmetic from '../layout/arithmetic.js';
import { wordCount } from '../layout/analyses.js';
import * as layout from '../layout/baseline.js';
import { hasBytes, isFixed, isTrusted, lastByte } from '../layout/function.js';
import { isBelow } from '../unsigned.js';
import { argumentCount, argumentRegister, savedCount, savedRegisterAt } from '../masm/roles.js';

/** Where the memory's address goes among callee-saved registers: Thumb-2's shortest accesses want it in one of the first eight. */
const memoryIndex: i32 = 3;

/** Gives registers, of which so many callee-saved ones are withheld from locals for what is computed. False where there is no room. */
export function giveLocalsRegisters(withheld: i32): boolean {
  const count = load32(wordCount);
  const list = allocate(count << 2);
  if (list === 0) return false;
  store32(layout.wordPlaces, list);
  for (let word = 0; word < count; word++) store32(list + (word << 2), -1);
  store32(layout.localRegs, 0);
  store32(layout.memoryReg, -1);
  const all = savedCount();
  const needsLimit = load32(layout.usualVotes) > 1 && findLimit(load32(layout.usualReach));
  store32(layout.limitReg, needsLimit ? savedRegisterAt(all - 1) : -1);
  const own = load32(layout.hasAccesses) === 0 ? -1 : isThumb2() ? memoryIndex : all - 2;
  if (own >= 0) store32(layout.memoryReg, savedRegisterAt(own));
  let next = 0;
  const ranked = rankWords(all - withheld - (own >= 0 ? 1 : 0) - (needsLimit ? 1 : 0));
  for (let rank = 0; rank < ranked; rank++) {
    if (next === own) next++;
    const reg = savedRegisterAt(next++);
    store32(list + (load32(layout.ranking + (rank << 2)) << 2), reg);
    store32(layout.localRegs, load32(layout.localRegs) | (1 << reg));
  }
  if (next === own) next++;
  setTemporaries(next);
  return true;
}

/** Lists the words that are named most, `most` of them at most. Returns how many. */
function rankWords(most: i32): i32 {
  const uses = load32(layout.uses);
  const words = load32(wordCount);
  let count = 0;
  for (let word = 0; word < words; word++) {
    const own = load32(uses + (word << 2));
    if (own === 0) continue;
    let rank = count;
    for (; rank > 0; rank--) {
      const before = load32(layout.ranking + ((rank - 1) << 2));
      if (load32(uses + (before << 2)) >= own) break;
      if (rank < most) store32(layout.ranking + (rank << 2), before);
    }
    if (rank >= most) continue;
    store32(layout.ranking + (rank << 2), word);
    if (count < most) count++;
  }
  return count;
}

/** Argument registers, and the callee-saved ones from an index on that nobody has. */
function setTemporaries(first: i32): void {
  let set = 0;
  for (let index = argumentCount() - 1; index >= 0; index--) set |= 1 << argumentRegister(index);
  for (let index = first; index < savedCount(); index++) if (isFree(savedRegisterAt(index))) set |= 1 << savedRegisterAt(index);
  store32(layout.temporaries, set);
  store32(layout.busy, 0);
  store32(layout.taken, 0);
}

function isFree(reg: i32): boolean {
  return reg !== load32(layout.memoryReg) && reg !== load32(layout.limitReg);
}

/** Finds the constant that accesses of such a reach compare their indices with. False where there is none, or it is an immediate. */
function findLimit(reach: i32): boolean {
  if (load32(isTrusted) !== 0 || load32(isFixed) === 0 || load32(hasBytes) === 0 || isBelow(load32(lastByte), reach)) return false;
  const last = (load32(lastByte) - checkedReach(reach)) | 0;
  store32(layout.limit, last);
  return !fitsImmediate(arithmetic.compare, last) && !fitsImmediate(arithmetic.compare, (last + 1) | 0);
}

/** Place of a local's word: a register, or -1. */
export function placeOfWord(word: i32): i32 {
  return load32(load32(layout.wordPlaces) + (word << 2));
}

/** Is the word of a local named anywhere? */
export function isNamed(word: i32): boolean {
  return load32(load32(layout.uses) + (word << 2)) !== 0;
}

/** The register with the least number in a set, which is not empty. */
export function firstIn(set: i32): i32 {
  return 31 - leadingZeros(set & -set);
}

/** Locals and globals. */
import { load32, load8 } from '@fireball/wasm';
import { anchorOf } from '../costs.js';
import { extended, signedExtension } from '../layout/analyses.js';
import { addressField, wordsField } from '../layout/body.js';
import { f32Type, f64Type, loadWord, storeWord } from '../layout/machine.js';
import { entrySource, localContent, noReg, wordSource } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { fitsFloatSlot, storeFloatSlot } from '../masm/floats.js';
import { access, storeSlot } from '../masm/memory.js';
import { floatOf, isPlain, signOf, wordReg } from './entries.js';
import { rememberFloat } from './float-file.js';
import { wordHead } from './heads.js';
import { regOf } from './held.js';
import { localHome, shift } from './homes.js';
import { pop, push, topEntry } from './operand-stack.js';
import { flushReads } from './spilling.js';
import { evaluate, forgetWord, hold, holdConst, isHomeWord, pushConst, pushReg, pushWord, release, releaseEntry, remember, takeTemp } from './state.js';

export function selectLocalGet(local: i32): void {
  const end = endOfWords(local);
  const low = firstWordOf(local);
  pushWord(low, false);
  if (low + 1 !== end) pushUpperWord(local, low);
}

/** The upper word of a local, whose lower one has been pushed. @noinline */
export function pushUpperWord(local: i32, low: i32): void {
  const extension = load8(load32(extended) + local);
  if (extension === 0) pushWord(low + 1, true);
  else if (extension === signedExtension) push(signOf(wordSource, low));
  else pushConst(0, true);
}

/** local.set, or what local.tee writes. High word first: it is on top. @noinline */
export function selectLocalSet(local: i32): void {
  const first = firstWordOf(local);
  const words = endOfWords(local) - first;
  const float = floatOf(words === 1 ? 0 : topEntry(2), topEntry(1));
  if (float === noReg || !storeFloat(first, words, float)) for (let word = first + words - 1; word >= first; word--) setWord(word, pop());
  if (float !== noReg) rememberFloat(float, localContent, first, 0);
}

/** One store for a local in memory whose value is in a floating-point register; false where that is not to be had. */
function storeFloat(first: i32, words: i32, float: i32): boolean {
  for (let word = first; word < first + words; word++) if (!isHomeWord(word)) return false;
  const spOffset = localHome(first) + shift();
  if (!fitsFloatSlot(spOffset)) return false;
  for (let word = first; word < first + words; word++) flushReads(word);
  storeFloatSlot(words === 1 ? f32Type : f64Type, float, spOffset);
  for (let word = 0; word < words; word++) releaseEntry(pop());
  return true;
}

function setWord(word: i32, entry: i32): void {
  const reg = wordReg(word);
  if (isPlain(entry, wordHead)) {
    const source = load32(entry + entrySource);
    if (source === word) return;
    if (reg !== noReg && wordReg(source) === reg) {
      // Both live there, and from here on with the same value.
      forgetWord(word);
      return;
    }
  }
  flushReads(word);
  if (reg !== noReg) {
    evaluate(entry, reg);
    return;
  }
  const held = hold(entry);
  storeSlot(regOf(held), localHome(word));
  release(held);
  // What was loaded for the computation is the old value.
  forgetWord(word);
  remember(regOf(held), word);
}

export function selectGlobalGet(record: i32): void {
  const address = load32(record + addressField);
  const words = load32(record + wordsField);
  const anchor = anchorOf(address);
  for (let word = 0; word < words; word++) {
    const base = holdConst(anchor);
    const reg = takeTemp(noReg);
    access(loadWord, reg, regOf(base), address - anchor + 4 * word);
    release(base);
    pushReg(reg, word === 1);
  }
}

export function selectGlobalSet(record: i32): void {
  const address = load32(record + addressField);
  const anchor = anchorOf(address);
  for (let word = load32(record + wordsField) - 1; word >= 0; word--) {
    const value = hold(pop());
    const base = holdConst(anchor);
    access(storeWord, regOf(value), regOf(base), address - anchor + 4 * word);
    release(base);
    release(value);
  }
}

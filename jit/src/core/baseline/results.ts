/** Where the results of instructions go: into the local that the next instruction writes, if that has registers, otherwise into temporaries. */
import { load32, load8, store32 } from '@fireball/wasm';
import * as layout from '../layout/baseline.js';
import { localSet, localTee } from '../layout/select.js';
import { endOfWords, firstWordOf } from '../locals.js';
import { nextByte, skip } from './reading.js';
import { isTemporary, push, pushTemporary, release, settleReads, takeTemporary } from './operands.js';
import { placeOfWord } from './registers.js';

/** The local that the next instruction writes, of so many words that all have registers; -1. @noinline */
function localOf(words: i32): i32 {
  const local = load8(load32(layout.position) + 1);
  if (local >= 0x80) return -1;
  const word = firstWordOf(local);
  if (endOfWords(local) - word !== words || placeOfWord(word) < 0) return -1;
  return words === 2 && placeOfWord(word + 1) < 0 ? -1 : local;
}

/** Notes what is to be done with what the next instruction writes, and leaves that out. */
function noteWay(): void {
  const next = nextByte();
  store32(layout.resultWay, next === localSet ? layout.written : layout.writtenAndRead);
  skip(2);
}

function isWrite(next: i32): boolean {
  return next === localSet || next === localTee;
}

/** Register for the result of an instruction that reads registers a and b, -1 for none: they are released when it comes back, before the instruction is placed. */
export function resultOf(a: i32, b: i32): i32 {
  if (isWrite(nextByte())) {
    const local = localOf(1);
    if (local >= 0) {
      const reg = placeOfWord(firstWordOf(local));
      settleReads(layout.localKind, reg);
      noteWay();
      if (a >= 0) release(a);
      if (b >= 0) release(b);
      return reg;
    }
  }
  store32(layout.resultWay, layout.pushed);
  if (isTemporary(a)) {
    if (b >= 0 && b !== a) release(b);
    return a;
  }
  return isTemporary(b) ? b : takeTemporary();
}

/** The result is in its register. */
export function finishResult(reg: i32): void {
  const way = load32(layout.resultWay);
  if (way === layout.pushed) pushTemporary(reg, 0);
  else if (way === layout.writtenAndRead) push(layout.localKind, reg, 0);
}

/**
 * Registers for a result of two words, `lowResult` and `highResult`, of an instruction that reads a pair of registers, -1 for none, which must stay
 * held while it is placed; `takesLow` and `takesHigh`: the result may have them where they are temporaries.
 */
export function pairResultOf(low: i32, high: i32, takesLow: boolean, takesHigh: boolean): void {
  if (isWrite(nextByte())) {
    const local = localOf(2);
    if (local >= 0) {
      const word = firstWordOf(local);
      store32(layout.lowResult, placeOfWord(word));
      store32(layout.highResult, placeOfWord(word + 1));
      settleReads(layout.localKind, placeOfWord(word));
      settleReads(layout.localKind, placeOfWord(word + 1));
      noteWay();
      return;
    }
  }
  store32(layout.resultWay, layout.pushed);
  store32(layout.lowResult, takesLow && isTemporary(low) ? low : takeTemporary());
  store32(layout.highResult, takesHigh && isTemporary(high) ? high : takeTemporary());
}

/** The result is in its registers; those of the operands have been released. */
export function finishPair(): void {
  const way = load32(layout.resultWay);
  if (way === layout.written) return;
  const low = load32(layout.lowResult);
  const high = load32(layout.highResult);
  if (way === layout.pushed) {
    pushTemporary(low, 0);
    pushTemporary(high, 1);
  } else {
    push(layout.localKind, low, 0);
    push(layout.localKind, high, 1);
  }
}

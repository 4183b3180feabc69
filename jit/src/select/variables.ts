import { wordsOf } from '../plan/words.js';
import { localWords, type Context } from './context.js';
import { noReg, type FloatReg } from '../target/registers.js';
import { floatOf, signOf, type Entry } from './operands.js';
import { flushReads } from './spilling.js';

export function selectLocalGet(context: Context, local: number): void {
  const [low, high] = localWords(context, local) as readonly [number, number?];
  context.state.pushLocal(low);
  if (high === undefined) return;
  const extension = context.plan.extended.of(local);
  if (extension === undefined) context.state.pushLocal(high, true);
  else if (extension === 'unsigned') context.state.pushConst(0, true);
  else context.state.stack.push(signOf({ word: low }));
}

/** local.set and local.tee. High word first: it is on top. */
export function selectLocalSet(context: Context, local: number, keep: boolean): void {
  const { state } = context;
  const words = localWords(context, local);
  const float = floatOf(words.length === 1 ? undefined : state.stack.at(-2), state.stack.at(-1));
  if (float === undefined || !storeFloat(context, words, float)) {
    for (let index = words.length - 1; index >= 0; index--) setWord(context, words[index] as number, state.pop());
  }
  if (float !== undefined) state.floats.remember(float, `local ${words[0] ?? 0}`);
  if (keep) selectLocalGet(context, local);
}

/** One store for a local in memory whose value is in a floating-point register. */
function storeFloat({ state, masm }: Context, words: readonly number[], float: FloatReg): boolean {
  const [word = 0] = words;
  if (!words.every((each) => state.isHomeLocal({ word: each }))) return false;
  const spOffset = state.localHome(word) + state.spShift;
  if (!masm.fitsFloatSlot(spOffset)) return false;
  for (const each of words) flushReads(state, each);
  masm.storeFloatSlot(words.length === 1 ? 'f32' : 'f64', float, spOffset);
  words.forEach(() => state.releaseEntry(state.pop()));
  return true;
}

function setWord({ state, masm }: Context, word: number, entry: Entry): void {
  const isSelf = entry.kind === 'sum' && entry.c === 0 && 'word' in entry.source && entry.source.word === word;
  if (isSelf) return;
  const reg = state.allocation.localRegs[word] ?? noReg;
  if (reg !== noReg && entry.kind === 'sum' && entry.c === 0 && 'word' in entry.source && state.allocation.localRegs[entry.source.word] === reg) {
    // Both live there, and from here on with the same value.
    state.forgetWord(word);
    return;
  }
  flushReads(state, word);
  if (reg !== noReg) {
    state.evaluate(entry, reg);
    return;
  }
  const held = state.hold(entry);
  masm.storeSlot(held.reg, state.localHome(word));
  state.release(held);
  // What was loaded for the computation is the old value.
  state.forgetWord(word);
  state.remember(held.reg, word);
}

export function selectGlobalGet(context: Context, global: number): void {
  const { state, masm, environment } = context;
  const { anchor, offset } = masm.splitAddress(environment.globalAddress(global));
  const words = wordsOf(context.source.globalType(global));
  for (let word = 0; word < words; word++) {
    const base = state.holdConst(anchor);
    const reg = state.allocate();
    masm.load('load', reg, { base: base.reg, offset: offset + 4 * word });
    state.release(base);
    state.pushReg(reg, word === 1);
  }
}

export function selectGlobalSet(context: Context, global: number): void {
  const { state, masm, environment } = context;
  const { anchor, offset } = masm.splitAddress(environment.globalAddress(global));
  for (let word = wordsOf(context.source.globalType(global)) - 1; word >= 0; word--) {
    const value = state.hold(state.pop());
    const base = state.holdConst(anchor);
    masm.store('store', value.reg, { base: base.reg, offset: offset + 4 * word });
    state.release(base);
    state.release(value);
  }
}

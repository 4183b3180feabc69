import { wordsOf } from '../plan/words.js';
import { localWords, type Context } from './context.js';
import { noReg } from './machine.js';

export function selectLocalGet(context: Context, local: number): void {
  const [low, high] = localWords(context, local) as readonly [number, number?];
  context.state.pushLocal(low);
  if (high !== undefined) context.state.pushLocal(high, true);
}

/** local.set and local.tee. High word first: it is on top. */
export function selectLocalSet(context: Context, local: number, keep: boolean): void {
  const { state, machine } = context;
  const words = localWords(context, local);
  for (let index = words.length - 1; index >= 0; index--) {
    const word = words[index] as number;
    const entry = state.pop();
    const isSelf = entry.kind === 'sum' && entry.c === 0 && 'word' in entry.source && entry.source.word === word;
    if (isSelf) continue;
    state.flushReads(word);
    const reg = state.allocation.localRegs[word] ?? noReg;
    if (reg !== noReg) state.evaluate(entry, reg);
    else {
      const held = state.hold(entry);
      machine.storeSlot(held.reg, state.localHome(word));
      state.release(held);
      // What was loaded for the computation is the old value.
      state.forgetWord(word);
      state.remember(held.reg, word);
    }
  }
  if (keep) selectLocalGet(context, local);
}

export function selectGlobalGet(context: Context, global: number): void {
  const { state, machine, environment } = context;
  const { anchor, offset } = machine.splitAddress(environment.globalAddress(global));
  const words = wordsOf(context.source.globalType(global));
  for (let word = 0; word < words; word++) {
    const base = state.holdConst(anchor);
    const reg = state.allocate();
    machine.load('load', reg, { base: base.reg, offset: offset + 4 * word });
    state.release(base);
    state.pushReg(reg, word === 1);
  }
}

export function selectGlobalSet(context: Context, global: number): void {
  const { state, machine, environment } = context;
  const { anchor, offset } = machine.splitAddress(environment.globalAddress(global));
  for (let word = wordsOf(context.source.globalType(global)) - 1; word >= 0; word--) {
    const value = state.hold(state.pop());
    const base = state.holdConst(anchor);
    machine.store('store', value.reg, { base: base.reg, offset: offset + 4 * word });
    state.release(base);
    state.release(value);
  }
}

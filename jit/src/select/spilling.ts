/** Operands that leave their registers: for their home slots, or before what they read is written. */
import { noReg } from '../target/registers.js';
import { ownedRegisters } from './operand-stack.js';
import { floatOf, readsWord, registerOf, someSource, type Entry, type Source } from './operands.js';
import type { FunctionState } from './state.js';

/** Moves the word at `position` to its home slot, constants included. */
export function spill(state: FunctionState, position: number): void {
  const entry = state.stack.at(position);
  if (entry === undefined || entry.kind === 'home') return;
  if (entry.kind === 'float' && spillFloat(state, position, entry)) return;
  const spOffset = state.stackHome(position);
  const { masm } = state;
  if (entry.kind === 'sum' && entry.c === 0 && !state.isHomeLocal(entry.source)) {
    masm.storeSlot(state.sourceReg(entry.source), spOffset + state.spShift);
  } else {
    const [own] = ownedRegisters(entry);
    const via = own !== undefined && state.temporaries.isExclusive(own) ? own : masm.scratch;
    state.compute(entry, via);
    masm.storeSlot(via, spOffset + state.spShift);
  }
  state.releaseEntry(entry);
  state.stack.replace(position, { kind: 'home', spOffset, high: entry.high });
}

/** Stores a single, or both words of a double at once; returns false where that is not to be had. */
function spillFloat(state: FunctionState, position: number, entry: Entry & { kind: 'float' }): boolean {
  const next = state.stack.at(position + 1);
  const isDouble = next?.high === true && !entry.high && floatOf(entry, next) !== undefined;
  if (!isDouble && entry.part !== 'single') return false;
  const spOffset = state.stackHome(position);
  if (!state.masm.fitsFloatSlot(spOffset + state.spShift)) return false;
  state.masm.storeFloatSlot(isDouble ? 'f64' : 'f32', entry.float, spOffset + state.spShift);
  for (let word = 0; word < (isDouble ? 2 : 1); word++) {
    state.floats.drop(entry.float);
    state.stack.replace(position + word, { kind: 'home', spOffset: spOffset + 4 * word, high: word === 1 || entry.high });
  }
  return true;
}

/** Everything below `top` words of the stack goes home; constants stay where they are. */
export function spillBelow(state: FunctionState, top: number): void {
  state.stack.settle(state.stack.length - top, (position) => spill(state, position));
}

/** Temporaries that a callee may overwrite go home; lazy locals in callee-saved registers or homes stay. */
export function spillCallerSaved(state: FunctionState, top: number): void {
  const clobbered = (source: Source): boolean => {
    const reg = registerOf(source, state.allocation.localRegs);
    return reg !== noReg && !state.masm.roles.saved.includes(reg);
  };
  for (const position of state.stack.inRegisters(state.stack.length - top, state.callerSavedWords)) {
    const entry = state.stack.at(position) as Entry;
    if (entry.kind === 'float' || someSource(entry, clobbered)) spill(state, position);
  }
}

/** Before a write to a local: pending reads of its old value, and of others in its register, are made real (hazard 6). */
export function flushReads(state: FunctionState, word: number): void {
  state.forgetWord(word);
  for (const other of state.wordsAt(word)) {
    for (const position of state.stack.readersOf(other)) {
      const entry = state.stack.at(position) as Entry;
      if (!readsWord(entry, other)) continue;
      const held = state.hold(entry);
      const reg = held.owned ? held.reg : state.allocate();
      state.masm.move(reg, held.reg);
      state.contents.forget(reg);
      state.stack.replace(position, { kind: 'sum', source: { reg }, c: 0, high: entry.high });
    }
  }
}

import { UnsupportedError } from '@fireball/contracts';
import { opcodeByName, type OpName } from '@fireball/wasm';
import { wordsOf } from '../plan/words.js';
import type { Context } from './context.js';
import { moveAll } from './moves.js';
import type { Entry } from './operands.js';

/**
 * An instruction that a routine of the guest ROM carries out: operands in argument registers,
 * results in the first ones, everything caller-saved lost. The routine traps by itself.
 */
export function selectRuntime(context: Context, op: OpName): void {
  const { state, machine, environment } = context;
  const { signature } = opcodeByName(op);
  const address = environment.routineAddress(op);
  if (signature === undefined || address === undefined) {
    throw new UnsupportedError(op, { offset: machine.wasmOffset, section: 'code' });
  }
  const words = signature.params.reduce((count, type) => count + wordsOf(type), 0);
  state.spillCallerSaved(words);
  const entries = state.stack.splice(state.stack.length - words);
  moveAll(
    state,
    entries.map((entry: Entry, index) => ({ entry, reg: machine.roles.args[index] as number })),
  );
  for (const entry of entries) state.releaseEntry(entry);
  machine.callRoutine(address);
  state.forgetTemps();
  let next = 0;
  for (const type of signature.results) {
    for (let word = 0; word < wordsOf(type); word++) {
      const reg = machine.roles.args[next++] as number;
      state.allocateExactly(reg);
      state.pushReg(reg, word === 1);
    }
  }
}

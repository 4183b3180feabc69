import { InternalError } from '@fireball/contracts';
import { readsRegister, type Entry } from './operands.js';
import type { Reg } from '../target/registers.js';
import type { FunctionState } from './state.js';

export interface RegisterMove {
  readonly entry: Entry;
  readonly reg: Reg;
}

/**
 * Computes all entries into their registers as if at once. Ownership is untouched; besides the
 * targets only the scratch register is written, which breaks cycles.
 */
export function moveAll(state: FunctionState, moves: readonly RegisterMove[]): void {
  state.contents.overwriting((overwrite) => moveInOrder(state, moves, overwrite));
}

function moveInOrder(state: FunctionState, moves: readonly RegisterMove[], overwrite: (reg: Reg) => void): void {
  const { masm } = state;
  let pending = [...moves];
  let parked: RegisterMove | undefined;
  let waiting = 0;
  const blocks = (reg: Reg, self: RegisterMove): boolean =>
    pending.some((other) => other !== self && readsRegister(other.entry, reg, state.allocation.localRegs));
  while (pending.length > 0) {
    const next = pending.find((move) => move !== parked && !blocks(move.reg, move) && (parked === undefined || !state.usesScratch(move.entry, move.reg)));
    if (parked !== undefined && !blocks(parked.reg, parked)) {
      masm.move(parked.reg, masm.scratch);
      overwrite(parked.reg);
      const done = parked;
      pending = pending.filter((move) => move !== done);
      parked = undefined;
    } else if (next !== undefined) {
      state.compute(next.entry, next.reg);
      overwrite(next.reg);
      pending = pending.filter((move) => move !== next);
    } else if (parked === undefined && pending.some((move) => move.entry.kind === 'product')) {
      // A product reads two registers, so that it may stand in two cycles, and one scratch register breaks one: it waits
      // in memory. No operand has its home so high.
      const index = pending.findIndex((move) => move.entry.kind === 'product');
      const { entry, reg } = pending[index] as RegisterMove;
      const spOffset = state.valueHome(state.height + moves.length + waiting++, entry.high);
      state.compute(entry, masm.scratch);
      masm.storeSlot(masm.scratch, spOffset + state.spShift);
      pending[index] = { entry: { kind: 'home', spOffset, high: entry.high }, reg };
    } else if (parked === undefined) {
      const [first] = pending as [RegisterMove];
      state.compute(first.entry, masm.scratch);
      // It no longer reads anything; its value waits in the scratch register.
      parked = { entry: { kind: 'const', value: 0, high: first.entry.high }, reg: first.reg };
      pending[0] = parked;
    } else {
      throw new InternalError('parallel move cannot make progress');
    }
  }
}

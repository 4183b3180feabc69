import type { Label } from '../expand/assembly.js';
import type { ArgumentPlace } from './calls.js';
import type { Context } from './context.js';
import { enterFrame } from './frame.js';
import type { Frame } from '../target/frame.js';
import { type Reg, noReg } from '../target/registers.js';
import { moveAll } from './moves.js';
import { zeroLocals } from './zero.js';

/** Entry sequence: frame, stack check, parameters to their homes, zeroed locals, constants. */
export function emitPrologue(context: Context, frame: Frame, places: readonly ArgumentPlace[], overflow: Label | undefined): void {
  const { masm, state, plan, source } = context;
  const { localRegs, constRegs } = state.allocation;
  masm.wasmOffset = source.start;
  masm.bind(context.entryLabel);
  enterFrame(context, frame, 0, overflow);
  // Locals that only unreachable code names may have neither a register nor a slot.
  const isNamed = (word: number): boolean => (plan.localWeights[word] ?? 0) > 0 && state.hasLocalHome(word);
  const moves = places.flatMap((place, word) => {
    const to = localRegs[word] ?? noReg;
    if (!('reg' in place)) return [];
    if (to === noReg) {
      if (isNamed(word)) masm.storeSlot(place.reg, state.localHome(word));
      return [];
    }
    return [{ entry: { kind: 'sum', source: { fixed: place.reg }, c: 0, high: false } as const, reg: to }];
  });
  moveAll(state, moves);
  // The scratch register may be needed for the addresses of far slots.
  const spare = state.allocation.temps[0] ?? masm.scratch;
  places.forEach((place, word) => {
    if (!('stack' in place)) return;
    const to = localRegs[word] ?? noReg;
    if (to === noReg && !isNamed(word)) return;
    const via: Reg = to === noReg ? spare : to;
    masm.loadSlot(via, masm.frameBytes(frame) + place.stack);
    if (to === noReg) masm.storeSlot(via, state.localHome(word));
  });
  zeroLocals(context);
  for (const [constant, reg] of constRegs) masm.loadConst(reg, constant);
}

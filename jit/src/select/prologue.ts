import type { Label } from '../expand/assembly.js';
import type { ArgumentPlace } from '../target/arguments.js';
import type { Context } from './context.js';
import { enterFrame } from './frame.js';
import { isLiveAtEntry, type Allocation } from '../plan/result.js';
import type { Frame } from '../target/frame.js';
import type { MacroAssembler } from '../target/macro-assembler.js';
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
  const isWanted = (word: number): boolean => plan.found.isMentioned(word) && isLiveAtEntry(plan, word);
  const hasHome = (word: number): boolean => isWanted(word) && state.hasLocalHome(word);
  const moves = places.flatMap((place, word) => {
    const to = localRegs[word] ?? noReg;
    if (!('reg' in place) || !isWanted(word)) return [];
    if (to === noReg) {
      if (hasHome(word)) masm.storeSlot(place.reg, state.localHome(word));
      return [];
    }
    return [{ entry: { kind: 'sum', source: { fixed: place.reg }, c: 0, high: false } as const, reg: to }];
  });
  moveAll(state, moves);
  // The scratch register may be needed for the addresses of far slots.
  const spare = state.allocation.temps[0] ?? masm.scratch;
  places.forEach((place, word) => {
    if (!('stack' in place) || !isWanted(word)) return;
    const to = localRegs[word] ?? noReg;
    if (to === noReg && !hasHome(word)) return;
    const via: Reg = to === noReg ? spare : to;
    masm.loadSlot(via, masm.frameBytes(frame) + place.stack);
    if (to === noReg) masm.storeSlot(via, state.localHome(word));
  });
  zeroLocals(context);
  loadConstants(masm, constRegs);
}

/** A wide constant is one addition from another where they lie near each other. */
function loadConstants(masm: MacroAssembler, constRegs: Allocation['constRegs']): void {
  const loaded: [number, Reg][] = [];
  for (const [constant, reg] of constRegs) {
    const near = masm.constCost(constant) > 1 ? loaded.find(([other]) => masm.fitsImmediate('add', constant - other)) : undefined;
    if (near === undefined) masm.loadConst(reg, constant);
    else masm.alu('add', reg, near[1], { imm: constant - near[0] });
    loaded.push([constant, reg]);
  }
}

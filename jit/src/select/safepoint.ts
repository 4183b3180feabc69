/**
 * Safepoints: where running code looks whether it shall yield (ABI.md, "Safepoints"). At a loop's header
 * and at the entry no temporary is in use, so that a check needs no spilling.
 */
import type { Context } from './context.js';

/** Loads the flag and branches out of line where it is set. */
export function selectSafepoint(context: Context): void {
  const { state, machine, environment } = context;
  const { safepoint } = environment;
  if (safepoint === undefined) return;
  const { anchor, offset } = machine.splitAddress(safepoint.flag);
  const base = state.holdConst(anchor);
  const flag = state.allocate();
  machine.load('load', flag, { base: base.reg, offset });
  state.release(base);
  const stub = machine.assembly.newLabel();
  const back = machine.assembly.newLabel();
  machine.branchIf({ test: 'compare', cond: 'ne', a: flag, b: { imm: 0 } }, stub);
  state.release({ reg: flag, owned: true });
  machine.bind(back);
  context.yields.push({ stub, back, wasmOffset: machine.wasmOffset });
}

/** Behind everything else that is out of line: only now is it known whether the link register is saved. */
export function bindYields(context: Context): void {
  const { machine, state, environment, yields } = context;
  const { safepoint } = environment;
  if (safepoint === undefined) return;
  for (const { stub, back, wasmOffset } of yields) {
    machine.wasmOffset = wasmOffset;
    machine.bind(stub);
    // What the machine may push counts like stack arguments.
    state.spShift = machine.callService(safepoint.service);
    state.spShift = 0;
    machine.jump(back);
  }
}

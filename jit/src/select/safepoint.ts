/**
 * Safepoints: where running code looks whether it shall yield (ABI.md, "Safepoints"). At a loop's header
 * and at the entry no temporary is in use, so that a check needs no spilling.
 */
import type { Context } from './context.js';

/** Loads the flag and branches out of line where it is set. */
export function selectSafepoint(context: Context): void {
  const { state, masm, environment } = context;
  const { safepoint } = environment;
  if (safepoint === undefined) return;
  const { anchor, offset } = masm.splitAddress(safepoint.flag);
  const base = state.holdConst(anchor);
  const flag = state.allocate();
  masm.load('load', flag, { base: base.reg, offset });
  state.release(base);
  const stub = masm.assembly.newLabel();
  const back = masm.assembly.newLabel();
  masm.branchIf({ test: 'compare', cond: 'ne', a: flag, b: { imm: 0 } }, stub);
  state.release({ reg: flag, owned: true });
  masm.bind(back);
  context.yields.push({ stub, back, wasmOffset: masm.wasmOffset });
}

/** Behind everything else that is out of line: only now is it known whether the link register is saved. */
export function bindYields(context: Context): void {
  const { masm, state, environment, yields } = context;
  const { safepoint } = environment;
  if (safepoint === undefined) return;
  for (const { stub, back, wasmOffset } of yields) {
    masm.wasmOffset = wasmOffset;
    masm.bind(stub);
    // What the macro assembler may push counts like stack arguments.
    state.spShift = masm.callService(safepoint.service);
    state.spShift = 0;
    masm.jump(back);
  }
}

import { mProfile } from '@fireball/unicorn.js';
import type { ExceptionModel } from './model.js';
import { NextAccess } from './next-access.js';
import { control } from './registers.js';

/** MSR CONTROL at PC (Armv6-M ARM, B4.2.3): without effect in unprivileged code; SPSEL changes in Thread mode only. */
export function writeControl(model: ExceptionModel, pc: number): void {
  const { registers, space, coreState } = model;
  const value = NextAccess.register(model, (space.read(pc, 2) ?? 0) & 15);
  const before = registers.control;
  const isThread = coreState.current === 0;
  if (!isThread || (before & control.unprivileged) === 0) {
    const stack = isThread ? value : before;
    registers.set(mProfile.control, (value & control.unprivileged) | (stack & control.processStack));
  }
  registers.set(mProfile.pc, pc + 4);
}

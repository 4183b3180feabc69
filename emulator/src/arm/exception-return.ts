import { mProfile } from '@fireball/unicorn.js';
import { basicFrame, excReturn, floatFrame, takeException } from './exception-entry.js';
import { exception } from './exceptions.js';
import { busFault, memManageFault, raiseFault, usageFault } from './faults.js';
import type { Fault } from './faults.js';
import { executionPriority } from './model.js';
import type { ExceptionModel } from './model.js';
import { control, xpsr } from './registers.js';
import { ccr, cfsr } from './scb.js';

/** Returns by the EXC_RETURN value that the program has jumped to (Armv7-M ARM, B1.5.8). Bit 0 of it is not known. */
export function returnFromException(model: ExceptionModel, target: number): void {
  const { registers, exceptions, scb } = model;
  const value = (target | 1) >>> 0;
  const current = registers.xpsr & xpsr.number;
  const nested = exceptions.active.length;
  const toThread = (value & excReturn.thread) !== 0;
  const legal = isValid(model, value) && exceptions.isActive(current);
  // To Thread mode returns the last active exception, to Handler mode any other.
  const balanced = toThread ? nested === 1 || (scb.state.ccr & ccr.NONBASETHRDENA) !== 0 : nested > 1;
  exceptions.deactivate(current);
  if (current !== exception.nmi) registers.set(mProfile.faultmask, 0);
  registers.set(mProfile.control, registers.control & control.unprivileged);
  if (!legal || !balanced) {
    fail(model, usageFault(cfsr.INVPC), value);
    return;
  }
  model.setEvent();
  const next = exceptions.anyPending ? exceptions.best() : 0;
  if (next !== 0 && exceptions.groupPriority(next) < executionPriority(model)) {
    takeException(model, next, value);
    return;
  }
  popFrame(model, value);
}

/** What follows takes the place of the return: the frame stays where it is. */
function fail(model: ExceptionModel, fault: Fault, value: number): void {
  raiseFault(model, fault);
  takeException(model, model.exceptions.best(), value);
}

function isValid({ core }: ExceptionModel, value: number): boolean {
  if (core.version === 8) {
    // Bits 31:7 are ones; S, DCRS and ES say nothing without the security extension, and Unicorn takes secure ones.
    const handlerOnProcessStack = (value & excReturn.thread) === 0 && (value & excReturn.processStack) !== 0;
    return value >>> 7 === 0x1ff_ffff && (value & 2) === 0 && !handlerOnProcessStack;
  }
  const kind = value & 0xf;
  const fixed = core.floats ? (value | excReturn.basicFrame) >>> 4 : value >>> 4;
  return fixed === 0xfff_ffff && (kind === 1 || kind === 9 || kind === 0xd);
}

function popFrame(model: ExceptionModel, value: number): void {
  const { registers, space, mpu, scb } = model;
  const toThread = (value & excReturn.thread) !== 0;
  const floats = model.core.floats && (value & excReturn.basicFrame) === 0;
  const stack = (value & excReturn.processStack) !== 0 ? mProfile.psp : mProfile.msp;
  const words = floats ? registers.loadFloats() : registers.load();
  const sp = words[stack] ?? 0;
  const size = floats ? floatFrame : basicFrame;
  const privileged = !toThread || ((words[mProfile.control] ?? 0) & control.unprivileged) === 0;
  const denied = mpu.enabled && !(mpu.allows(sp, false, privileged) && mpu.allows(sp + size - 4, false, privileged));
  const memory = denied ? undefined : space.words(sp, size / 4, false);
  if (memory === undefined) {
    fail(model, denied ? memManageFault(cfsr.MUNSTKERR) : busFault(cfsr.UNSTKERR), value);
    return;
  }
  const { view, offset } = memory;
  const flags = view.getUint32(offset + 0x1c, true);
  if (toThread !== ((flags & xpsr.number) === 0)) {
    fail(model, usageFault(cfsr.INVPC), value);
    return;
  }
  registers.edit();
  for (let n = 0; n < 4; n++) words[n] = view.getUint32(offset + 4 * n, true);
  words[12] = view.getUint32(offset + 0x10, true);
  words[mProfile.lr] = view.getUint32(offset + 0x14, true);
  words[mProfile.pc] = view.getUint32(offset + 0x18, true) & ~1;
  words[mProfile.xpsr] = (flags & ~xpsr.aligned) >>> 0;
  if (floats) {
    for (let n = 0; n < 16; n++) words[mProfile.floats + n] = view.getUint32(offset + 0x20 + 4 * n, true);
    words[mProfile.fpscr] = view.getUint32(offset + 0x60, true);
  }
  words[stack] = (sp + size + ((flags & xpsr.aligned) !== 0 ? 4 : 0)) >>> 0;
  const unprivileged = (words[mProfile.control] ?? 0) & control.unprivileged;
  const processStack = toThread && (value & excReturn.processStack) !== 0 ? control.processStack : 0;
  words[mProfile.control] = unprivileged | processStack | (floats ? control.floatsActive : 0);
  if (toThread && scb.sleepsOnExit) model.sleepOnExit();
}

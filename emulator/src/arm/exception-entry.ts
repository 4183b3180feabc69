import { mProfile } from '@fireball/unicorn.js';
import { exception, exceptionName } from './exceptions.js';
import { busFault, memManageFault, raiseFault, usageFault } from './faults.js';
import type { ExceptionModel } from './model.js';
import { control, xpsr } from './registers.js';
import { ccr, cfsr, hfsr } from './scb.js';

/** Bytes of a frame on the stack (Armv7-M ARM, B1.5.6). */
export const basicFrame = 0x20;
export const floatFrame = 0x68;

/** Bits of EXC_RETURN. */
export const excReturn = { processStack: 1 << 2, thread: 1 << 3, basicFrame: 1 << 4 } as const;

/** From where the registers of a frame come, in the order in which they lie in memory. */
const frameWords = [0, 1, 2, 3, 12, mProfile.lr, mProfile.pc, mProfile.xpsr];

/** Stacks a frame, and takes the exception that then goes first. */
export function enterException(model: ExceptionModel, number: number): void {
  const value = pushFrame(model);
  takeException(model, value.stacked ? number : model.exceptions.best(), value.excReturn);
}

/** The value that returns to where the core is now (Armv7-M ARM, table B1-8; Armv8-M ARM without the security extension). */
function returnValue({ core, registers }: ExceptionModel): number {
  const thread = (registers.xpsr & xpsr.number) === 0;
  const state = registers.control;
  const floats = core.floats && (state & control.floatsActive) !== 0;
  const base = core.version === 8 ? 0xffff_ffa0 : 0xffff_ffe1;
  return (
    (base |
      (thread ? excReturn.thread : 0) |
      (thread && (state & control.processStack) !== 0 ? excReturn.processStack : 0) |
      (floats ? 0 : excReturn.basicFrame)) >>>
    0
  );
}

function pushFrame(model: ExceptionModel): { readonly excReturn: number; readonly stacked: boolean } {
  const { core, registers, scb, fpu, space, mpu } = model;
  const value = returnValue(model);
  const floats = (value & excReturn.basicFrame) === 0;
  const words = floats ? registers.loadFloats() : registers.load();
  const stack = (value & excReturn.processStack) !== 0 ? mProfile.psp : mProfile.msp;
  const size = floats ? floatFrame : basicFrame;
  const before = (words[stack] ?? 0) & ~3;
  const aligns = floats || core.version !== 7 || (scb.state.ccr & ccr.STKALIGN) !== 0;
  const padded = aligns && (before & 4) !== 0;
  const sp = (before - size - (padded ? 4 : 0)) >>> 0;
  const limit = model.stackLimits[stack === mProfile.psp ? 1 : 0];
  if (sp < limit) {
    registers.set(stack, limit);
    raiseFault(model, usageFault(cfsr.STKOF));
    return { excReturn: value, stacked: false };
  }
  registers.set(stack, sp);
  const privileged = (words[mProfile.xpsr] ?? 0) % 512 !== 0 || ((words[mProfile.control] ?? 0) & control.unprivileged) === 0;
  const denied = mpu.enabled && !(mpu.allows(sp, true, privileged) && mpu.allows(sp + size - 4, true, privileged));
  const memory = denied ? undefined : space.words(sp, size / 4, true);
  if (memory === undefined) {
    raiseFault(model, denied ? memManageFault(cfsr.MSTKERR) : busFault(cfsr.STKERR));
    return { excReturn: value, stacked: false };
  }
  const { view, offset } = memory;
  for (let at = 0; at < frameWords.length; at++) view.setUint32(offset + 4 * at, words[frameWords[at] ?? 0] ?? 0, true);
  const flags = (words[mProfile.xpsr] ?? 0) & ~xpsr.aligned;
  view.setUint32(offset + 0x1c, padded ? flags | xpsr.aligned : flags, true);
  if (floats) {
    for (let n = 0; n < 16; n++) view.setUint32(offset + 0x20 + 4 * n, words[mProfile.floats + n] ?? 0, true);
    view.setUint32(offset + 0x60, words[mProfile.fpscr] ?? 0, true);
    fpu.state.fpcar = (sp + 0x20) >>> 0;
  }
  return { excReturn: value, stacked: true };
}

/** Goes to the handler of an exception (Armv7-M ARM, ExceptionTaken). Nothing is stacked: on entry that has been done, in a tail chain it still is. */
export function takeException(model: ExceptionModel, number: number, value: number): void {
  const { core, registers, exceptions, scb, space } = model;
  // The stacking has failed, and so has what should have handled that.
  if (number === 0) return;
  const at = scb.vectorAddress(number);
  const vector = space.isMemory(at, 4) ? space.read(at, 4) : undefined;
  if (vector === undefined) {
    if (number === exception.hardFault || exceptions.activePriority <= -1) {
      model.lockUp(`lock-up: the vector of ${exceptionName(number)} at 0x${at.toString(16)} cannot be read`, exceptions.activePriority);
      return;
    }
    if (core.version !== 6) scb.state.hfsr = (scb.state.hfsr | hfsr.VECTTBL) >>> 0;
    exceptions.setPending(exception.hardFault);
    takeException(model, exception.hardFault, value);
    return;
  }
  exceptions.activate(number);
  const words = registers.edit();
  words[mProfile.lr] = value;
  words[mProfile.pc] = vector & ~1;
  words[mProfile.xpsr] = (((words[mProfile.xpsr] ?? 0) & 0xf80f_0000) | number | ((vector & 1) !== 0 ? xpsr.thumb : 0)) >>> 0;
  words[mProfile.control] = (words[mProfile.control] ?? 0) & control.unprivileged;
  model.setEvent();
}

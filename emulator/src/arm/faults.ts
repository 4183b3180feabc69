import { exception, exceptionName } from './exceptions.js';
import { executionPriority } from './model.js';
import type { ExceptionModel } from './model.js';
import { cfsr, hfsr } from './scb.js';

/** A synchronous fault, as Armv7-M has it: which exception, why (bits of CFSR), and at which address where that is known. */
export interface Fault {
  readonly exception: number;
  readonly status: number;
  readonly address?: number;
}

export const usageFault = (status: number): Fault => ({ exception: exception.usageFault, status });
export const busFault = (status: number, address?: number): Fault => ({ exception: exception.busFault, status, ...(address === undefined ? {} : { address }) });
export const memManageFault = (status: number, address?: number): Fault => ({
  exception: exception.memManage,
  status,
  ...(address === undefined ? {} : { address }),
});

/** Notes a fault in the status registers; Armv6-M has none. */
function record(model: ExceptionModel, fault: Fault): void {
  const { core, scb } = model;
  if (core.version === 6) {
    Object.assign(model.coreState, { faultStatus: fault.status, faultAddress: fault.address ?? -1 });
    return;
  }
  const { state } = scb;
  state.cfsr = (state.cfsr | fault.status) >>> 0;
  if (fault.address === undefined) return;
  if (fault.exception === exception.memManage) {
    state.mmfar = fault.address;
    state.cfsr = (state.cfsr | cfsr.MMARVALID) >>> 0;
  } else {
    state.bfar = fault.address;
    state.cfsr = (state.cfsr | cfsr.BFARVALID) >>> 0;
  }
}

/**
 * Makes the exception of a fault pending, or HardFault where that one cannot be taken now (Armv7-M ARM, B1.5.14). Where not even HardFault
 * can be taken, the core locks up.
 */
export function raiseFault(model: ExceptionModel, fault: Fault): void {
  record(model, fault);
  raise(model, model.core.version === 6 ? exception.hardFault : fault.exception);
}

/** Of a supervisor call, or a breakpoint without a debugger: what has to be handled now, or is a HardFault. */
export function raiseSynchronous(model: ExceptionModel, number: number): void {
  model.coreState.faultStatus = 0;
  raise(model, number);
}

function raise(model: ExceptionModel, number: number): void {
  const { exceptions, core, scb } = model;
  const priority = executionPriority(model);
  const takes = exceptions.isEnabled(number) && exceptions.groupPriority(number) < priority;
  if (takes) {
    exceptions.setPending(number);
    return;
  }
  if (core.version !== 6 && number !== exception.hardFault) scb.state.hfsr = (scb.state.hfsr | hfsr.FORCED) >>> 0;
  if (priority <= -1) {
    const within = exceptions.active.map(exceptionName).join(', ');
    model.lockUp(`lock-up: ${exceptionName(number)} ${within === '' ? 'with FAULTMASK set' : `inside of ${within}`}`, priority);
    return;
  }
  exceptions.setPending(exception.hardFault);
}

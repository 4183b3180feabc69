/** Code that is no function: what makes system calls. */
import { isThumb2 } from '../costs.js';
import { loadConst } from './arithmetic.js';
import { beginAssembly } from './assembly.js';
import { jumpRegister, systemCall, useLink } from './calls.js';
import { scratch } from './properties.js';
import { t0 } from './rv32/emitter.js';
import { adjustStackKeeping } from './stack.js';
import { lr } from './thumb2/emitter.js';

/** A function that a system call carries out: loads the service's number into the scratch register, calls the system, pops the stack arguments and returns. */
export function placeSystemCallStub(service: i32, stackBytes: i32): void {
  beginCall(service);
  adjustStackKeeping(stackBytes);
  jumpRegister(useLink());
}

/** The yield service as a system call: it changes nothing but the scratch register, and returns by the link register of routines. */
export function placeYieldStub(service: i32): void {
  beginCall(service);
  jumpRegister(isThumb2() ? lr : t0);
}

function beginCall(service: i32): void {
  beginAssembly(0);
  loadConst(scratch(), service);
  systemCall();
}

import type { RunOutcome, UnicornModule } from '@fireball/unicorn.js';
import { runTraps } from '@fireball/unicorn.js';
import { busFault, memManageFault, usageFault } from './faults.js';
import type { Fault } from './faults.js';
import { inThreadMode } from './model.js';
import type { ExceptionModel } from './model.js';
import { xpsr } from './registers.js';
import { cfsr } from './scb.js';

/** What the program has done that the exception model has to act on. */
type Event =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'supervisor-call' }
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'return'; readonly target: number }
  /** A store to memory that is read only for the CPU. */
  | { readonly kind: 'rom-write'; readonly address: number }
  /** MSR CONTROL, where the library would not do it right. */
  | { readonly kind: 'control-write' }
  /** What this emulator does not do; `message` is for the user. */
  | { readonly kind: 'unsupported'; readonly message: string };

/** Numbers of libunicorn's interrupt hook on Arm. */
const interrupt = { supervisorCall: 2, dataAbort: 4, breakpoint: 7, exceptionReturn: 8, noCoprocessor: 17, invalidState: 18, stackOverflow: 19 } as const;

const fault = (of: Fault): Event => ({ kind: 'fault', fault: of });

/** Of a run that ended at an instruction that is not just another one. */
export function eventOf(uc: UnicornModule, model: ExceptionModel, outcome: RunOutcome, refusedAddress: () => number | undefined): Event {
  switch (outcome.reason) {
    case 'exception':
      return exceptionEvent(model, outcome, refusedAddress);
    case 'invalid-instruction':
      return fault(usageFault((model.registers.xpsr & xpsr.thumb) === 0 ? cfsr.INVSTATE : cfsr.UNDEFINSTR));
    case 'memory-fault':
      return memoryEvent(uc, model, outcome);
    default:
      return trapEvent(outcome);
  }
}

function exceptionEvent(model: ExceptionModel, outcome: RunOutcome, refusedAddress: () => number | undefined): Event {
  switch (outcome.interrupt) {
    case interrupt.supervisorCall:
      return { kind: 'supervisor-call' };
    case interrupt.breakpoint:
      return { kind: 'breakpoint' };
    case interrupt.exceptionReturn:
      // In Thread mode this is an address like any other, and nothing there can be executed.
      return inThreadMode(model) ? fault(memManageFault(cfsr.IACCVIOL)) : { kind: 'return', target: outcome.pc };
    case interrupt.dataAbort:
      return fault(dataAbort(model, refusedAddress()));
    case interrupt.noCoprocessor:
      return fault(usageFault(cfsr.NOCP));
    case interrupt.invalidState:
      return fault(usageFault(cfsr.INVSTATE));
    case interrupt.stackOverflow:
      return fault(usageFault(cfsr.STKOF));
    default:
      return { kind: 'unsupported', message: `libunicorn reports exception ${outcome.interrupt}, which no instruction of a Cortex-M has` };
  }
}

/** The library has one number for accesses that the MPU refuses and exclusive ones that are not aligned. */
function dataAbort({ mpu }: ExceptionModel, address: number | undefined): Fault {
  return mpu.enabled && address !== undefined ? memManageFault(cfsr.DACCVIOL, address) : usageFault(cfsr.UNALIGNED);
}

/** Of the default memory map, what cannot be executed: devices and the system's own addresses (Armv7-M ARM, B3.1). */
function neverExecutes(address: number): boolean {
  return (address >= 0x4000_0000 && address < 0x6000_0000) || address >= 0xa000_0000;
}

function memoryEvent(uc: UnicornModule, { space }: ExceptionModel, { faultType, faultAddress }: RunOutcome): Event {
  switch (faultType) {
    case uc.MEM_FETCH_UNMAPPED:
    case uc.MEM_FETCH_PROT:
      return fault(
        neverExecutes(faultAddress) || (faultType === uc.MEM_FETCH_PROT && !space.isBackground(faultAddress))
          ? memManageFault(cfsr.IACCVIOL)
          : busFault(cfsr.IBUSERR),
      );
    case uc.MEM_WRITE_PROT:
      return { kind: 'rom-write', address: faultAddress };
    default:
      return fault(busFault(cfsr.PRECISERR, faultAddress));
  }
}

function trapEvent({ interrupt: trap, pc }: RunOutcome): Event {
  switch (trap) {
    case runTraps.unaligned:
      return fault(usageFault(cfsr.UNALIGNED));
    case runTraps.division:
      return fault(usageFault(cfsr.DIVBYZERO));
    case runTraps.floats:
      return fault(usageFault(cfsr.NOCP));
    case runTraps.undefined:
      return fault(usageFault(cfsr.UNDEFINSTR));
    case runTraps.control:
      return { kind: 'control-write' };
    default:
      return {
        kind: 'unsupported',
        message: `the instruction at 0x${pc.toString(16)} belongs to the security extension (TrustZone), which this Cortex-M33 does not have`,
      };
  }
}

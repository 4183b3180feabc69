import type { Machine } from '@fireball/emulator';
import type { CaughtFault } from '../observer.js';
import { hex } from '../places.js';
import { stackTrouble, verdictOf, type Ended, type Finding } from './finding.js';

/** mcause without the interrupt bit (privileged architecture, table 3.6). */
const causes: Readonly<Record<number, string>> = {
  0: 'a jump to an address that is not aligned',
  1: 'an instruction was fetched from where there is nothing, or none may be executed',
  2: 'the instruction is illegal',
  3: 'a breakpoint instruction without a debugger',
  4: 'the address of a load is not aligned',
  5: 'a load from where there is nothing, or that PMP forbids',
  6: 'the address of a store is not aligned',
  7: 'a store to where there is nothing, or that PMP forbids',
  8: 'a call from user mode',
  9: 'a call from supervisor mode',
  11: 'a call from machine mode',
  12: 'page fault of an instruction fetch',
  13: 'page fault of a load',
  15: 'page fault of a store',
};
/** Causes whose mtval is the address of an access. */
const addressCauses = new Set([0, 1, 4, 5, 6, 7, 12, 13, 15]);

/** Those of instruction fetches. */
const fetchCauses = new Set([0, 1, 12]);
/** Those that an access to the stack may have. */
const dataCauses = new Set([4, 5, 6, 7, 13, 15]);

export function riscvFinding(ended: Ended): Finding {
  const { machine, symbols, observer, detail } = ended;
  const { processor } = machine;
  const last = observer.fault !== undefined && isHandled(machine, observer.fault) ? undefined : observer.fault;
  // What the handler of a trap ran into at once explains less than that trap.
  const origin = last === undefined || observer.nested === 0 ? undefined : observer.origin;
  const fault = origin === undefined ? last : origin.fault;
  const pc = fault?.pc ?? origin?.pc ?? processor.pc;
  const sp = fault?.sp ?? processor.readRegister('sp');
  const link = fault?.link ?? processor.readRegister('ra');
  const trap = fault?.trap;
  const address = trap !== undefined && addressCauses.has(trap.cause) ? trap.value : undefined;
  const meaning = trap === undefined ? undefined : (causes[trap.cause] ?? 'no cause of this number is known');
  const overflow = trap === undefined || !dataCauses.has(trap.cause) ? undefined : stackTrouble(machine, symbols, sp);
  const cause = overflow ?? meaning ?? origin?.text ?? detail ?? 'it does not go on';
  const reasons = trap === undefined ? [] : [`${trap.supervisor ? 'scause' : 'mcause'} ${trap.cause}: ${meaning ?? ''}`];
  const inHandler = origin === undefined ? undefined : last?.trap;
  const where = inHandler === undefined ? '' : `${inHandler.supervisor ? 'stvec' : 'mtvec'} ${hex(inHandler.handler)}`;
  if (inHandler !== undefined) reasons.push(`in the handler, ${where}: ${causes[inHandler.cause] ?? `cause ${inHandler.cause}`}`);
  if (detail !== undefined && detail !== cause) reasons.push(detail);
  const registers: Record<string, string> = Object.fromEntries(
    processor.registerNames.filter((name) => !/^f\d/.test(name)).map((name) => [name, hex(processor.readRegister(name))]),
  );
  const verdict = verdictOf(ended, last === undefined ? 'the firmware hangs' : 'trap', cause, pc, address);
  return {
    verdict:
      last === undefined || inHandler === undefined
        ? verdict
        : `${verdict}; ${fetchCauses.has(inHandler.cause) ? `no handler is at ${where}` : `its handler traps itself, at ${hex(last.pc)}`}`,
    reasons,
    registers,
    pc,
    link,
    sp,
    address,
    active: [],
  };
}

const previousMode = (mstatus: number): number => Math.floor(mstatus / 0x800) % 4;

/** Is the CPU in the handler of a fault that machine mode takes? */
export function isInFault({ machine, observer: { fault } }: Pick<Ended, 'machine' | 'observer'>): boolean {
  return fault?.trap?.supervisor === false && !isHandled(machine, fault);
}

/** Has the handler returned? MRET leaves user mode in mstatus.MPP (privileged architecture, 3.3.2). */
function isHandled({ processor }: Machine, { trap }: CaughtFault): boolean {
  if (trap === undefined || trap.supervisor) return false;
  return trap.fromMode === 0 ? processor.readRegister('priv') !== 3 : previousMode(processor.readRegister('mstatus')) === 0;
}

import type { Machine } from '@fireball/emulator';
import type { CaughtFault } from '../observer.js';
import { hex, memoryWord } from '../places.js';
import { readArmFault, vectorOf, type Bit } from './arm-registers.js';
import { stackTrouble, verdictOf, type Ended, type Finding } from './finding.js';

const frameRegisters = ['r0', 'r1', 'r2', 'r3', 'r12', 'lr', 'pc', 'xpsr'];
/** Bytes of a frame, without and with registers of the FPU (Armv7-M ARM, B1.5.7). */
const basicFrame = 32;
const floatFrame = 104;
/** Of a stacked xPSR: four bytes more, for alignment. */
const aligned = 1 << 9;

/** Bits of CFSR by the fault that they belong to. */
const groups = [0xff, 0xff00, 0xffff_0000];

export function armFinding(ended: Ended): Finding {
  const { machine, symbols, observer, detail } = ended;
  const { processor } = machine;
  const isLockUp = detail?.startsWith('lock-up') === true;
  const last = observer.fault;
  // Where the handler of a fault cannot even begin, that fault explains more than what its handler ran into.
  const noHandler = isLockUp && last !== undefined ? unableHandler(machine, last.name, processor.pc) : undefined;
  const lockedUp = isLockUp && noHandler === undefined;
  const { cfsr, hfsr, bits, address, addressRegister, active } = readArmFault(machine, noHandler === undefined ? undefined : last?.status);
  // One that firmware has handled and returned from explains nothing.
  const fault = last !== undefined && !lockedUp && active.includes(last.name) ? last : undefined;
  const notBegun = fault === undefined ? undefined : handlerThatFailed(ended, fault, bits);
  const stacked = fault === undefined ? undefined : frameOf(ended, fault);
  const pc = fault?.pc ?? processor.pc;
  const link = fault?.link ?? processor.readRegister('lr');
  const sp =
    fault === undefined
      ? processor.readRegister('sp')
      : stacked === undefined
        ? fault.sp
        : fault.sp + (fault.hasFloats ? floatFrame : basicFrame) + (((stacked[7] ?? 0) & aligned) === 0 ? 0 : 4);
  const isFault = fault !== undefined || lockedUp;
  const overflow = isFault ? (limitTrouble(ended, bits, fault) ?? stackTrouble(machine, symbols, fault?.sp ?? sp)) : undefined;
  const cause =
    overflow ??
    notBegun ??
    (isFault ? bits.find(({ name }) => name !== 'FORCED')?.meaning : undefined) ??
    (fault === undefined ? detail : `${fault.name} was taken`) ??
    'it does not go on';
  const escalated = bits.some(({ name }) => name === 'FORCED') ? ' (escalated)' : '';
  const title = lockedUp ? detail : fault === undefined ? 'the firmware hangs' : `${fault.name}${escalated}`;
  const reasons = isFault ? bits.map(({ name, meaning }) => `${name}: ${meaning}`) : [];
  if (isFault && addressRegister !== undefined) reasons.push(`${addressRegister} is valid`);
  else if (isFault && cfsr !== 0) reasons.push('neither MMFAR nor BFAR is valid: no address is known');
  if (isFault && groups.filter((group) => (cfsr & group) !== 0).length > 1)
    reasons.push('CFSR has bits of several faults: firmware did not clear those of earlier ones');
  if (fault !== undefined && stacked === undefined) reasons.push('the stacked registers are lost: the frame is not in memory, or has been overwritten');
  if (noHandler !== undefined) reasons.push(noHandler);
  if (detail !== undefined && detail !== title && detail !== cause) reasons.push(detail);
  const registers: Record<string, string> =
    stacked === undefined
      ? Object.fromEntries(processor.registerNames.map((name) => [name, hex(processor.readRegister(name))]))
      : Object.fromEntries(frameRegisters.map((name, index) => [name, hex(stacked[index] ?? 0)]));
  Object.assign(registers, { sp: hex(sp), cfsr: hex(cfsr), hfsr: hex(hfsr) });
  const accessed = isFault ? address : undefined;
  const verdict = `${verdictOf(ended, title, cause, pc, accessed)}${noHandler === undefined ? '' : `; ${noHandler}`}`;
  return { verdict, reasons, registers, pc, link, sp, address: accessed, active };
}

/** Says that the handler of a fault is not where the CPU locked up at its first instruction: at `pc`. */
function unableHandler(machine: Machine, name: string, pc: number): string | undefined {
  const vector = vectorOf(machine, name);
  if (vector === undefined || (vector.holds & ~1) >>> 0 !== pc) return undefined;
  return `its handler cannot run: the vector of ${name} at ${hex(vector.at)} holds ${hex(vector.holds)}`;
}

/** Bits of a fault that the first instruction of what is no code has. */
const notCode = new Set(['INVSTATE', 'IACCVIOL', 'IBUSERR', 'UNDEFINSTR']);

/** Says that a fault was the first instruction of another exception's handler, which is none. */
function handlerThatFailed({ machine, observer }: Ended, fault: CaughtFault, bits: readonly Bit[]): string | undefined {
  const taken = observer.exceptions.list();
  const before = taken[taken.findLastIndex(({ text, cycle }) => text === fault.name && cycle === fault.cycle) - 1];
  if (before === undefined || !bits.some(({ name }) => notCode.has(name))) return undefined;
  const vector = vectorOf(machine, before.text);
  if (vector === undefined || (vector.holds & ~1) >>> 0 !== fault.pc) return undefined;
  return `${before.text} was taken at ${hex(before.pc)}, and has no handler: its vector at ${hex(vector.at)} holds ${hex(vector.holds)}`;
}

/** The registers on the stack; undefined where they are not those that were put there. */
function frameOf({ machine }: Ended, { sp, pc }: CaughtFault): number[] | undefined {
  const words = frameRegisters.flatMap((_, index) => memoryWord(machine, sp + 4 * index) ?? []);
  return words.length === frameRegisters.length && words[6] === pc ? words : undefined;
}

/** Armv8-M's limits of the stack pointers. */
function limitTrouble({ machine: { processor } }: Ended, bits: readonly Bit[], fault: CaughtFault | undefined): string | undefined {
  if (!bits.some(({ name }) => name === 'STKOF') || !processor.registerNames.includes('msplim')) return undefined;
  const name = fault?.onProcessStack === true ? 'psplim' : 'msplim';
  return `stack overflow: the stack pointer would go below ${name.toUpperCase()} ${hex(processor.readRegister(name))}`;
}

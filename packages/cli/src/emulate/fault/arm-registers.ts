import { exceptionNumber, type Machine } from '@fireball/emulator';
import { memoryWord } from '../places.js';
import { faultStatus, type FaultStatus } from './arm-status.js';

/** Registers of the System Control Block (Armv7-M ARM, B3.2.2). */
const scb = { vtor: 0xe000_ed08, shcsr: 0xe000_ed24 } as const;

export interface Bit {
  readonly name: string;
  readonly meaning: string;
}

/** CFSR, by bit (Armv7-M ARM, B3.2.15; STKOF: Armv8-M ARM). */
const cfsrBits: Readonly<Record<number, Bit>> = {
  0: { name: 'IACCVIOL', meaning: 'an instruction was fetched from where none may be executed' },
  1: { name: 'DACCVIOL', meaning: 'the MPU forbids this load or store' },
  3: { name: 'MUNSTKERR', meaning: 'the MPU forbade to take registers off the stack on return from an exception' },
  4: { name: 'MSTKERR', meaning: 'the MPU forbade to save registers on the stack on entry to an exception' },
  5: { name: 'MLSPERR', meaning: 'the MPU forbade to save floating-point registers lazily' },
  8: { name: 'IBUSERR', meaning: 'an instruction was fetched from where there is nothing' },
  9: { name: 'PRECISERR', meaning: 'a load or store went to where there is nothing, or was refused' },
  10: { name: 'IMPRECISERR', meaning: 'a store failed after the CPU had gone on' },
  11: { name: 'UNSTKERR', meaning: 'registers could not be taken off the stack on return from an exception' },
  12: { name: 'STKERR', meaning: 'registers could not be saved on the stack on entry to an exception' },
  13: { name: 'LSPERR', meaning: 'floating-point registers could not be saved lazily' },
  16: { name: 'UNDEFINSTR', meaning: 'the instruction is undefined' },
  17: { name: 'INVSTATE', meaning: 'a jump went to an address without bit 0, which asks for Arm state' },
  18: { name: 'INVPC', meaning: 'the return from an exception had an EXC_RETURN that is not valid' },
  19: { name: 'NOCP', meaning: 'a coprocessor, or the FPU, is absent or switched off (CPACR)' },
  20: { name: 'STKOF', meaning: 'the stack pointer went below its limit' },
  24: { name: 'UNALIGNED', meaning: 'the address of the access is not aligned' },
  25: { name: 'DIVBYZERO', meaning: 'a division by zero (CCR.DIV_0_TRP)' },
};
const hfsrBits: Readonly<Record<number, Bit>> = {
  1: { name: 'VECTTBL', meaning: 'the vector of an exception could not be read' },
  30: { name: 'FORCED', meaning: 'another fault was escalated to HardFault: its own handler is not enabled, or could not run now' },
  31: { name: 'DEBUGEVT', meaning: 'a breakpoint instruction without a debugger' },
};
const mmfarValid = 1 << 7;
const bfarValid = 1 << 15;

interface ArmFault {
  readonly cfsr: number;
  readonly hfsr: number;
  readonly bits: readonly Bit[];
  /** What was accessed, where MMFAR or BFAR is valid. */
  readonly address: number | undefined;
  /** None on Armv6-M, which has no such registers. */
  readonly addressRegister: 'MMFAR' | 'BFAR' | undefined;
  readonly active: readonly string[];
}

/** What the fault registers of a Cortex-M say, now or as they were. */
export function readArmFault(machine: Machine, status: FaultStatus = faultStatus(machine)): ArmFault {
  const active = activeExceptions(machine, (address) => machine.bus.read(address, 4) ?? 0);
  if ('status' in status) return { cfsr: 0, hfsr: 0, bits: setBits(status.status, cfsrBits), address: status.address, addressRegister: undefined, active };
  const { cfsr, hfsr, mmfar, bfar } = status;
  const addressRegister = (cfsr & bfarValid) !== 0 ? 'BFAR' : (cfsr & mmfarValid) !== 0 ? 'MMFAR' : undefined;
  const address = addressRegister === undefined ? undefined : addressRegister === 'BFAR' ? bfar : mmfar;
  return { cfsr, hfsr, bits: [...setBits(cfsr, cfsrBits), ...setBits(hfsr, hfsrBits)], address, addressRegister, active };
}

/** Where an exception's vector lies, and what it holds. */
interface Vector {
  readonly at: number;
  readonly holds: number;
}

/** Of the exception of a name, as the emulator has them. */
export function vectorOf(machine: Machine, name: string): Vector | undefined {
  const number = exceptionNumber(name);
  if (number === undefined) return undefined;
  const at = (machine.bus.read(scb.vtor, 4) ?? 0) + 4 * number;
  const holds = memoryWord(machine, at);
  return holds === undefined ? undefined : { at, holds };
}

function setBits(value: number, names: Readonly<Record<number, Bit>>): Bit[] {
  return Object.entries(names).flatMap(([bit, name]) => (((value >>> Number(bit)) & 1) === 1 ? [name] : []));
}

const systemActive: Readonly<Record<number, string>> = {
  0: 'MemManage',
  1: 'BusFault',
  3: 'UsageFault',
  7: 'SVCall',
  8: 'DebugMonitor',
  10: 'PendSV',
  11: 'SysTick',
};

function activeExceptions(machine: Machine, read: (address: number) => number): string[] {
  const current = machine.processor.readRegister('xpsr') & 0x1ff;
  const shcsr = read(scb.shcsr);
  const list = [
    ...(current === 2 ? ['NMI'] : []),
    ...(current === 3 ? ['HardFault'] : []),
    ...Object.entries(systemActive).flatMap(([bit, name]) => (((shcsr >>> Number(bit)) & 1) === 1 ? [name] : [])),
  ];
  for (let word = 0; word < Math.ceil(machine.board.processor.interrupts / 32); word++) {
    const active = read(0xe000_e300 + 4 * word);
    for (let bit = 0; bit < 32; bit++) if (((active >>> bit) & 1) === 1) list.push(`interrupt ${word * 32 + bit}`);
  }
  return list;
}

import type { RegisterDescription } from '../machine/register-block.js';
import type { ArmCore } from './cores.js';
import { exception } from './exceptions.js';
import type { ExceptionTable } from './exceptions.js';

/** Bits of the fault status registers (Armv7-M ARM, B3.2.15 and B3.2.16; STKOF: Armv8-M ARM). */
export const cfsr = {
  IACCVIOL: 1 << 0,
  DACCVIOL: 1 << 1,
  MUNSTKERR: 1 << 3,
  MSTKERR: 1 << 4,
  MMARVALID: 1 << 7,
  IBUSERR: 1 << 8,
  PRECISERR: 1 << 9,
  UNSTKERR: 1 << 11,
  STKERR: 1 << 12,
  BFARVALID: 1 << 15,
  UNDEFINSTR: 1 << 16,
  INVSTATE: 1 << 17,
  INVPC: 1 << 18,
  NOCP: 1 << 19,
  STKOF: 1 << 20,
  UNALIGNED: 1 << 24,
  DIVBYZERO: 1 << 25,
} as const;

export const hfsr = { VECTTBL: 1 << 1, FORCED: 1 << 30, DEBUGEVT: 0x8000_0000 } as const;

/** DFSR.BKPT. */
export const dfsrBreakpoint = 1 << 1;

export const ccr = { NONBASETHRDENA: 1 << 0, USERSETMPEND: 1 << 1, UNALIGN_TRP: 1 << 3, DIV_0_TRP: 1 << 4, BFHFNMIGN: 1 << 8, STKALIGN: 1 << 9 } as const;

/** Bits of the System Control Register. */
const scr = { SLEEPONEXIT: 1 << 1, SLEEPDEEP: 1 << 2, SEVONPEND: 1 << 4 } as const;

const vectorKey = 0x05fa;
const vectorKeyStatus = 0xfa05_0000;

interface ControlBlockOptions {
  readonly core: ArmCore;
  readonly exceptions: ExceptionTable;
  readonly resetVector: number;
  /** The exception that the CPU is in, 0 in Thread mode. */
  readonly current: () => number;
  /** AIRCR.SYSRESETREQ. */
  readonly requestReset: () => void;
  /** CCR or CPACR were written. */
  readonly configured: () => void;
}

/** The System Control Block: what the processor looks at in its registers, and the registers themselves. */
export class SystemControlBlock {
  readonly state = { vtor: 0, scr: 0, ccr: 0, cfsr: 0, hfsr: 0, dfsr: 0, mmfar: 0, bfar: 0, cpacr: 0, cacheSelection: 0 };
  readonly #options: ControlBlockOptions;

  constructor(options: ControlBlockOptions) {
    this.#options = options;
    this.reset();
  }

  reset(): void {
    const { resetVector, core } = this.#options;
    Object.assign(this.state, { scr: 0, cfsr: 0, hfsr: 0, dfsr: 0, mmfar: 0, bfar: 0, cpacr: 0, cacheSelection: 0, vtor: resetVector, ccr: core.ccr.reset });
  }

  /** Address of an exception's vector. */
  vectorAddress(number: number): number {
    return (this.state.vtor + 4 * number) >>> 0;
  }

  get sleepsOnExit(): boolean {
    return (this.state.scr & scr.SLEEPONEXIT) !== 0;
  }

  get sleepsDeep(): boolean {
    return (this.state.scr & scr.SLEEPDEEP) !== 0;
  }

  get pendingIsEvent(): boolean {
    return (this.state.scr & scr.SEVONPEND) !== 0;
  }

  /** Full access to the FPU for privileged code, at least (CPACR.CP10). */
  get floatsEnabled(): boolean {
    return (this.state.cpacr & (1 << 20)) !== 0;
  }

  #icsr(): number {
    const { exceptions, current } = this.#options;
    const active = current();
    const pending = exceptions.best();
    const external = exceptions.state.pending.some((flag, number) => flag === 1 && number >= exception.firstInterrupt);
    const others = exceptions.active.filter((number) => number !== active).length;
    const flag = (number: number, bit: number): number => (exceptions.isPending(number) ? 2 ** bit : 0);
    return (
      active +
      (others === 0 && this.#options.core.version !== 6 ? 1 << 11 : 0) +
      (pending << 12) +
      (external ? 1 << 22 : 0) +
      flag(exception.sysTick, 26) +
      flag(exception.pendSv, 28) +
      flag(exception.nmi, 31)
    );
  }

  #writeIcsr(written: number): void {
    const { exceptions } = this.#options;
    if ((written & (1 << 25)) !== 0) exceptions.clearPending(exception.sysTick);
    else if ((written & (1 << 26)) !== 0) exceptions.setPending(exception.sysTick);
    if ((written & (1 << 27)) !== 0) exceptions.clearPending(exception.pendSv);
    else if ((written & (1 << 28)) !== 0) exceptions.setPending(exception.pendSv);
    if ((written & 0x8000_0000) !== 0) exceptions.setPending(exception.nmi);
  }

  #writeAircr(written: number): void {
    if (written >>> 16 !== vectorKey) return;
    const { exceptions, core, requestReset } = this.#options;
    if (core.version !== 6) exceptions.setGroup((written >>> 8) & 7);
    if ((written & 4) !== 0) requestReset();
  }

  /** SHCSR: enables, active and pending bits of the system exceptions. */
  #shcsr(): number {
    const { exceptions } = this.#options;
    const bits = this.#options.core.version === 8 ? [...shcsrBits, ...readOnlyShcsrBits] : shcsrBits;
    return bits.reduce((word, [bit, number, kind]) => {
      const set = kind === 'enabled' ? exceptions.isEnabled(number) : kind === 'active' ? exceptions.isActive(number) : exceptions.isPending(number);
      return word | (set ? 1 << bit : 0);
    }, 0);
  }

  #writeShcsr(value: number): void {
    const { exceptions } = this.#options;
    for (const [bit, number, kind] of shcsrBits) {
      const set = (value & (1 << bit)) !== 0;
      if (kind === 'enabled') exceptions.setEnabled(number, set);
      else if (kind === 'active') exceptions.setActive(number, set);
      else if (set) exceptions.setPending(number);
      else exceptions.clearPending(number);
    }
  }

  /** SHPR1 to SHPR3: priorities of exceptions 4 to 15, those that have one. */
  #priorities(): RegisterDescription[] {
    const { exceptions, core } = this.#options;
    const configurable = core.version === 6 ? [11, 14, 15] : [4, 5, 6, 11, 12, 14, 15];
    const register = (number: number): RegisterDescription => ({
      name: `SHPR${number}`,
      offset: 0xd14 + 4 * number,
      read: () => [3, 2, 1, 0].reduce((word, at) => ((word << 8) | (exceptions.state.priority[4 * number + at] ?? 0)) >>> 0, 0),
      write: (stored) => {
        for (let at = 0; at < 4; at++) {
          if (configurable.includes(4 * number + at)) exceptions.setPriority(4 * number + at, (stored >>> (8 * at)) & 0xff);
        }
      },
    });
    return (core.version === 6 ? [2, 3] : [1, 2, 3]).map(register);
  }

  get registers(): RegisterDescription[] {
    const { state } = this;
    const { core, configured } = this.#options;
    const registers: RegisterDescription[] = [
      { name: 'CPUID', offset: 0xd00, access: 'ro', reset: core.cpuid },
      {
        name: 'ICSR',
        offset: 0xd04,
        read: () => this.#icsr(),
        write: (_, _before, written) => {
          this.#writeIcsr(written);
        },
      },
      {
        name: 'AIRCR',
        offset: 0xd0c,
        read: () => vectorKeyStatus | (this.#options.exceptions.state.group << 8),
        write: (_, _before, written) => {
          this.#writeAircr(written);
        },
      },
      {
        name: 'SCR',
        offset: 0xd10,
        writable: 0x16,
        read: () => state.scr,
        write: (stored) => {
          state.scr = stored;
        },
      },
      {
        name: 'CCR',
        offset: 0xd14,
        reset: core.ccr.reset,
        writable: core.ccr.writable,
        read: () => state.ccr,
        write: (stored) => {
          state.ccr = stored;
          configured();
        },
      },
      ...this.#priorities(),
    ];
    // The Cortex-M0 has no VTOR.
    if (core.name !== 'cortex-m0') {
      registers.push({
        name: 'VTOR',
        offset: 0xd08,
        writable: core.version === 6 ? 0xffff_ff00 : 0xffff_ff80,
        read: () => state.vtor,
        write: (stored) => {
          state.vtor = stored;
        },
      });
    }
    if (core.version === 6) return registers;
    return [...registers, ...this.#mainlineRegisters(), ...(core.caches ? this.#cacheRegisters() : [])];
  }

  #mainlineRegisters(): RegisterDescription[] {
    const { state } = this;
    const { core, configured } = this.#options;
    const stored = (name: string, offset: number, key: 'mmfar' | 'bfar' | 'cpacr', writable: number): RegisterDescription => ({
      name,
      offset,
      writable,
      read: () => state[key],
      write: (value) => {
        state[key] = value;
        if (key === 'cpacr') configured();
      },
    });
    const clearedByOnes = (name: string, offset: number, key: 'cfsr' | 'hfsr' | 'dfsr'): RegisterDescription => ({
      name,
      offset,
      read: () => state[key],
      write: (_, _before, written) => {
        state[key] = (state[key] & ~written) >>> 0;
      },
    });
    return [
      {
        name: 'SHCSR',
        offset: 0xd24,
        read: () => this.#shcsr(),
        write: (value) => {
          this.#writeShcsr(value);
        },
      },
      clearedByOnes('CFSR', 0xd28, 'cfsr'),
      clearedByOnes('HFSR', 0xd2c, 'hfsr'),
      clearedByOnes('DFSR', 0xd30, 'dfsr'),
      stored('MMFAR', 0xd34, 'mmfar', 0xffff_ffff),
      stored('BFAR', 0xd38, 'bfar', 0xffff_ffff),
      { name: 'AFSR', offset: 0xd3c, access: 'ro' },
      ...core.identification.map((reset, index): RegisterDescription => ({
        name: identificationNames[index] ?? '',
        offset: 0xd40 + 4 * index,
        access: 'ro',
        reset,
      })),
      stored('CPACR', 0xd88, 'cpacr', core.floats ? 0x00f0_0000 : 0),
      // Without the security extension, and of an Armv7-M core, these are reserved and read 0: SAU, SFSR, SFAR.
      { name: 'ACTLR', offset: 0x008, writable: core.version === 8 ? 0x2000_1e05 : 0x307 },
    ];
  }

  /** Of the Cortex-M7 (its Generic User Guide, 4.5 and 4.6): 4 KiB of each cache. Maintenance has no effect here: memory is always coherent. */
  #cacheRegisters(): RegisterDescription[] {
    const { state } = this;
    const maintenance = ['ICIALLU', '', 'ICIMVAU', 'DCIMVAC', 'DCISW', 'DCCMVAU', 'DCCMVAC', 'DCCSW', 'DCCIMVAC', 'DCCISW', 'BPIALL'];
    return [
      { name: 'CLIDR', offset: 0xd78, access: 'ro', reset: 0x0900_0003 },
      { name: 'CTR', offset: 0xd7c, access: 'ro', reset: 0x8303_c003 },
      { name: 'CCSIDR', offset: 0xd80, access: 'ro', read: () => ((state.cacheSelection & 1) !== 0 ? 0xf007_e009 : 0xf003_e019) },
      {
        name: 'CSSELR',
        offset: 0xd84,
        writable: 0xf,
        write: (value) => {
          state.cacheSelection = value;
        },
      },
      ...maintenance.flatMap((name, index): RegisterDescription[] => (name === '' ? [] : [{ name, offset: 0xf50 + 4 * index, access: 'wo' }])),
      { name: 'ITCMCR', offset: 0xf90, writable: 7 },
      { name: 'DTCMCR', offset: 0xf94, writable: 7 },
      { name: 'AHBPCR', offset: 0xf98, reset: 2, writable: 1 },
      { name: 'CACR', offset: 0xf9c, writable: 7 },
      { name: 'AHBSCR', offset: 0xfa0, reset: 0x0800, writable: 0xffff },
      { name: 'ABFSR', offset: 0xfa8, writable: 0 },
    ];
  }
}

const identificationNames = [
  ...['ID_PFR0', 'ID_PFR1', 'ID_DFR0', 'ID_AFR0', 'ID_MMFR0', 'ID_MMFR1', 'ID_MMFR2', 'ID_MMFR3'],
  ...['ID_ISAR0', 'ID_ISAR1', 'ID_ISAR2', 'ID_ISAR3', 'ID_ISAR4'],
];

type ShcsrBit = readonly [bit: number, number: number, kind: 'active' | 'pending' | 'enabled'];
/** Those that Armv8-M adds (Armv8-M ARM, SHCSR). Writes do not change them. */
const readOnlyShcsrBits: readonly ShcsrBit[] = [
  [2, exception.hardFault, 'active'],
  [5, exception.nmi, 'active'],
  [21, exception.hardFault, 'pending'],
];
/** Armv7-M ARM, B3.2.13. */
const shcsrBits: readonly ShcsrBit[] = [
  [0, exception.memManage, 'active'],
  [1, exception.busFault, 'active'],
  [3, exception.usageFault, 'active'],
  [7, exception.svCall, 'active'],
  [8, exception.debugMonitor, 'active'],
  [10, exception.pendSv, 'active'],
  [11, exception.sysTick, 'active'],
  [12, exception.usageFault, 'pending'],
  [13, exception.memManage, 'pending'],
  [14, exception.busFault, 'pending'],
  [15, exception.svCall, 'pending'],
  [16, exception.memManage, 'enabled'],
  [17, exception.busFault, 'enabled'],
  [18, exception.usageFault, 'enabled'],
];

import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { cause } from './csr.js';

/** The privileged state of a hart, which the library keeps: whatever its mode is, seen from outside. */
export interface Hart {
  /** Does the hart itself enter traps of exceptions, and take interrupts that `setPending` makes pending? */
  readonly takesTraps: boolean;
  /** Undefined where there is no such CSR. */
  readCsr(number: number): bigint | undefined;
  /** False where there is no such CSR. */
  writeCsr(number: number, value: bigint): boolean;
  /** 0, 1 or 3. */
  mode: number;
  /** Interrupt lines into mip: those of `mask` become `value`. */
  setPending(mask: number, value: number): void;
  /** Rights and translations may have changed. */
  flush(): void;
}

/** Exceptions that the library enters by itself, in a run. Others it does not know, or gets wrong: unmapped memory, EBREAK, misaligned AMOs. */
const entered = [
  cause.fetchAccess,
  cause.illegalInstruction,
  cause.loadAccess,
  cause.storeAccess,
  cause.ecallFromUser,
  cause.ecallFromSupervisor,
  cause.ecallFromMachine,
  cause.fetchPage,
  cause.loadPage,
  cause.storePage,
].reduce((bits, number) => bits + 2 ** number, 0);

/** How a processor gets at its hart. */
export type HartOf = (core: RiscvCore, uc: UnicornModule, engine: Unicorn) => Hart;

/** By the library's internals; undefined where they are not those that are known. */
export function nativeHart(engine: Unicorn): Hart | undefined {
  if (!engine.riscv.internals(entered)) return undefined;
  return {
    takesTraps: true,
    readCsr: (number) => engine.riscv.csr_read(number),
    writeCsr: (number, value) => engine.riscv.csr_write(number, value),
    get mode() {
      return engine.riscv.mode_read();
    },
    set mode(value) {
      engine.riscv.mode_write(value);
    },
    setPending: (mask, value) => {
      engine.riscv.pending(mask, value);
    },
    flush: () => {
      engine.riscv.flush();
    },
  };
}

/** What a core is in the library. */
export interface RiscvCore {
  readonly name: string;
  readonly xlen: 32 | 64;
  /** Does it have supervisor mode? */
  readonly supervisor: boolean;
  /** Does it have registers for floating point? */
  readonly floats: boolean;
  open(uc: UnicornModule): Unicorn;
}

function core(name: string, xlen: 32 | 64, full: boolean, model: (uc: UnicornModule) => number): [string, RiscvCore] {
  const open = (uc: UnicornModule): Unicorn => {
    const engine = new uc.Unicorn(uc.ARCH_RISCV, xlen === 32 ? uc.MODE_RISCV32 : uc.MODE_RISCV64);
    engine.ctl_set_cpu_model(model(uc));
    return engine;
  };
  return [name, { name, xlen, supervisor: full, floats: full, open }];
}

/** Cores that boards may name. Those without supervisor mode have machine and user mode, and no floating point. */
export const riscvCores: ReadonlyMap<string, RiscvCore> = new Map([
  core('rv32imac', 32, false, (uc) => uc.CPU_RISCV32_SIFIVE_E31),
  core('rv32imafdc', 32, true, (uc) => uc.CPU_RISCV32_SIFIVE_U34),
  core('rv64imac', 64, false, (uc) => uc.CPU_RISCV64_SIFIVE_E51),
  core('rv64imafdc', 64, true, (uc) => uc.CPU_RISCV64_SIFIVE_U54),
  core('rv32gc', 32, true, (uc) => uc.CPU_RISCV32_SIFIVE_U34),
  core('rv64gc', 64, true, (uc) => uc.CPU_RISCV64_SIFIVE_U54),
]);

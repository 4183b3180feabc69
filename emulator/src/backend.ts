import { UsageError } from '@fireball/contracts';
import type {
  Address,
  BusDevice,
  CpuBackend,
  Instructions,
  Isa,
  Permissions,
  RunResult,
} from '@fireball/contracts';
import { loadUnicorn } from '@fireball/unicorn.js';
import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { coreNamed } from './cores.js';
import type { Core } from './cores.js';
import { AddressMap } from './address-map.js';
import { busCallbacks } from './bus.js';
import { registerTable } from './registers.js';
import type { RegisterAccess } from './registers.js';
import { stopReason } from './stop-reason.js';

/** High word of a NaN-boxed single (RISC-V F extension, "NaN Boxing of Narrower Values"). */
const nanBox = 0xffffffff;

class UnicornCpu implements CpuBackend {
  readonly isa: Isa;
  readonly pageSize: number;
  readonly #uc: UnicornModule;
  readonly #engine: Unicorn;
  readonly #registers: ReadonlyMap<string, RegisterAccess>;
  readonly #map: AddressMap;

  constructor(
    readonly cpu: string,
    core: Core,
  ) {
    this.isa = core.isa;
    this.pageSize = core.pageSize;
    this.#uc = loadUnicorn();
    this.#engine = core.open(this.#uc);
    this.#registers = registerTable(core.isa, this.#uc);
    this.#map = new AddressMap(core.pageSize);
  }

  #register(name: string): RegisterAccess {
    const register = this.#registers.get(name);
    if (register === undefined) throw new UsageError(`${this.cpu} has no register '${name}'`);
    return register;
  }

  readRegister(name: string): number {
    const { id, part } = this.#register(name);
    if (part === 'wired-zero') return 0;
    if (part === 'word') return this.#engine.reg_read_i32(id) >>> 0;
    const bits = BigInt.asUintN(64, this.#engine.reg_read_i64(id));
    return Number(part === 'single' ? bits & 0xffffffffn : bits >> 32n);
  }

  writeRegister(name: string, value: number): void {
    const { id, part } = this.#register(name);
    if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
      throw new UsageError(`${value} is no 32-bit value for register '${name}'`);
    }
    if (part === 'wired-zero') return;
    if (part === 'word') {
      // Thumb state is bit 0 of a written PC.
      this.#engine.reg_write_i32(id, this.isa === 'thumb2' && id === this.#uc.ARM_REG_PC ? value | 1 : value);
      return;
    }
    const old = BigInt.asUintN(64, this.#engine.reg_read_i64(id));
    const low = part === 'single' ? BigInt(value >>> 0) : old & 0xffffffffn;
    const high = BigInt(part === 'single' ? nanBox : value >>> 0);
    this.#engine.reg_write_i64(id, BigInt.asIntN(64, (high << 32n) | low));
  }

  #bits(permissions: Permissions): number {
    return (
      (permissions.read ? this.#uc.PROT_READ : 0) |
      (permissions.write ? this.#uc.PROT_WRITE : 0) |
      (permissions.execute ? this.#uc.PROT_EXEC : 0)
    );
  }

  mapRam(base: Address, size: number, permissions: Permissions): Uint8Array {
    this.#map.checkFree(base, size);
    const buffer = this.#engine.mem_map_native(base, size, this.#bits(permissions));
    this.#map.add(base, size);
    return new Uint8Array(buffer);
  }

  protect(base: Address, size: number, permissions: Permissions): void {
    this.#map.checkMapped(base, size);
    this.#engine.mem_protect(base, size, this.#bits(permissions));
  }

  mapDevice(base: Address, size: number, device: BusDevice): void {
    this.#map.checkFree(base, size);
    this.#engine.mmio_map(base, size, busCallbacks(device));
    this.#map.add(base, size);
  }

  invalidateCode(base: Address, size: number): void {
    this.#engine.ctl_remove_cache(base, base + size);
  }

  countRange(begin: Address, end: Address): void {
    this.#engine.count_range(begin, end);
  }

  run(pc: Address, budget: Instructions): RunResult {
    const outcome = this.#engine.run({ pc, budget });
    return {
      reason: stopReason(this.#uc, outcome),
      pc: outcome.pc,
      previousPc: outcome.previousPc,
      executed: outcome.executed,
      executedInRange: outcome.executedInRange,
    };
  }

  stop(): void {
    this.#engine.emu_stop();
  }

  close(): void {
    this.#engine.close();
  }
}

/**
 * An emulated CPU in its reset state, with an empty address space.
 * @throws UsageError for an unknown core, MissingPartError where libunicorn is missing.
 */
export function createCpu(options: { readonly isa: Isa; readonly cpu: string }): CpuBackend {
  return new UnicornCpu(options.cpu, coreNamed(options.isa, options.cpu));
}

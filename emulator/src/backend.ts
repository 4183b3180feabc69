import { InternalError, UsageError } from '@fireball/contracts';
import type { Address, BusDevice, CpuBackend, GuardOptions, Instructions, Isa, MemoryGuard, Permissions, RunResult, StopPoints } from '@fireball/contracts';
import { loadUnicorn } from '@fireball/unicorn.js';
import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';
import { coreNamed } from './cores.js';
import type { Core } from './cores.js';
import { AddressMap } from './address-map.js';
import { EnginePool } from './engine-pool.js';
import { busCallbacks } from './bus.js';
import { UnicornGuard } from './guard.js';
import type { KeptEngine } from './kept-engine.js';
import { registerTable } from './registers.js';
import { RunTrace, type TraceSink } from './run-trace.js';
import { stopReason } from './stop-reason.js';

/** What generated code can change of a Cortex-M, where no exception is active. */
const thumb2State = [...Array.from({ length: 13 }, (_, n) => `r${n}`), 'sp', 'lr', 'pc', ...Array.from({ length: 32 }, (_, n) => `s${n}`), 'fpscr', 'apsr'];

class UnicornCpu implements CpuBackend {
  readonly isa: Isa;
  readonly pageSize: number;
  readonly #uc: UnicornModule;
  #open: Unicorn | undefined;
  /** Where the engine is a pool's. */
  readonly #kept: KeptEngine | undefined;
  /** Of a run that has thrown, for ever. */
  #isRunning = false;
  readonly #registers: ReadonlyMap<string, number>;
  readonly #map: AddressMap;
  /** Of `thumb2State`. */
  readonly #stateRegisters: readonly number[];
  #trace: RunTrace | undefined;

  constructor(
    readonly cpu: string,
    private readonly core: Core,
    private readonly pool: EnginePool | undefined,
  ) {
    this.isa = core.isa;
    this.pageSize = core.pageSize;
    this.#uc = loadUnicorn();
    this.#kept = pool?.take(core);
    this.#open = this.#kept?.engine ?? core.open(this.#uc);
    // Where the library is another one, stores are slower, and nothing else is different.
    if (this.#kept === undefined) this.#open.fast_stores();
    this.#registers = registerTable(core.isa, this.#uc);
    this.#map = new AddressMap(core.pageSize);
    this.#stateRegisters = this.isa === 'thumb2' ? thumb2State.map((name) => this.#register(name)) : [];
  }

  get #engine(): Unicorn {
    if (this.#open === undefined) throw new InternalError(`the CPU ${this.cpu} is closed`);
    return this.#open;
  }

  #register(name: string): number {
    const id = this.#registers.get(name);
    if (id === undefined) throw new UsageError(`${this.cpu} has no register '${name}'`);
    return id;
  }

  get stops(): StopPoints {
    return this.#engine.stops;
  }

  readRegister(name: string): number {
    return this.#engine.reg_read_i32(this.#register(name)) >>> 0;
  }

  readFloatRegister(register: number): bigint | undefined {
    return this.isa === 'thumb2' ? BigInt(this.readRegister(`s${register}`)) : this.#engine.riscv.double_read(register);
  }

  writeRegister(name: string, value: number): void {
    const id = this.#register(name);
    if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0xffff_ffff) {
      throw new UsageError(`${value} is not a 32-bit value for register '${name}'`);
    }
    // The library would store into x0, and readers would see it.
    if (this.isa === 'rv32' && id === this.#uc.RISCV_REG_X0) return;
    // Bit 0 of a written PC is the Thumb state.
    const thumbPc = this.isa === 'thumb2' && id === this.#uc.ARM_REG_PC;
    this.#engine.reg_write_i32(id, thumbPc ? value | 1 : value);
  }

  #bits(permissions: Permissions): number {
    return (permissions.read ? this.#uc.PROT_READ : 0) | (permissions.write ? this.#uc.PROT_WRITE : 0) | (permissions.execute ? this.#uc.PROT_EXEC : 0);
  }

  mapRam(base: Address, size: number, permissions: Permissions, accessible = size): Uint8Array {
    this.#map.checkFree(base, size);
    const bits = this.#bits(permissions);
    const buffer = this.#kept?.map(base, size, bits, accessible) ?? this.#engine.mem_map_native(base, size, bits, accessible);
    this.#map.add(base, size);
    return new Uint8Array(buffer);
  }

  protect(base: Address, size: number, permissions: Permissions): void {
    this.#map.checkMapped(base, size);
    if (this.#kept === undefined) this.#engine.mem_protect(base, size, this.#bits(permissions));
    else this.#kept.protect(base, size, this.#bits(permissions));
  }

  mapDevice(base: Address, size: number, device: BusDevice): void {
    this.#map.checkFree(base, size);
    this.#kept?.settle();
    this.#engine.mmio_map(base, size, busCallbacks(device));
    this.#map.add(base, size);
  }

  readMemory(address: Address, size: number): Uint8Array {
    this.#kept?.settle();
    return this.#engine.mem_read(address, size);
  }

  invalidateCode(base: Address, size: number): void {
    if (this.#kept === undefined) this.#engine.ctl_remove_cache(base, base + size);
    else this.#kept.invalidate(base, size);
  }

  countRange(begin: Address, end: Address): void {
    this.#engine.count_range(begin, end);
  }

  traceRuns(most: Instructions, sink: TraceSink): void {
    this.#trace = new RunTrace(this.#engine, sink, most);
  }

  guardMemory(options: GuardOptions): MemoryGuard {
    return new UnicornGuard(this.#engine, options);
  }

  run(pc: Address, budget: Instructions): RunResult {
    this.#kept?.settle();
    this.#isRunning = true;
    const outcome = this.#engine.run({ pc, budget });
    this.#isRunning = false;
    this.#trace?.take(outcome);
    return {
      reason: stopReason(this.#uc, outcome),
      pc: outcome.pc,
      previousPc: outcome.previousPc,
      lastPcInRange: outcome.lastPcInRange,
      executed: outcome.executed,
      executedInRange: outcome.executedInRange,
    };
  }

  stop(): void {
    this.#engine.emu_stop();
  }

  saveState(): Uint8Array {
    // The library's saved state of an Arm CPU points to memory of its own.
    if (this.isa === 'thumb2') return new Uint8Array(Uint32Array.from(this.#stateRegisters, (id) => this.#engine.reg_read_i32(id)).buffer);
    const context = this.#engine.context_alloc();
    this.#engine.context_save(context);
    const bytes = this.#engine.context_bytes(context);
    this.#engine.context_free(context);
    // It lacks the flags of fcsr.
    return Buffer.concat([bytes, Uint8Array.of(this.readRegister('fcsr'))]);
  }

  restoreState(saved: Uint8Array): void {
    if (this.isa === 'thumb2') {
      const words = new Uint32Array(saved.slice().buffer);
      // Bit 0 of a written PC is the Thumb state.
      const values = Array.from(words, (word, index) => (thumb2State[index] === 'pc' ? word | 1 : word));
      this.#engine.reg_write_batch(this.#stateRegisters, values);
      return;
    }
    const context = this.#engine.context_alloc();
    this.#engine.context_save(context);
    this.#engine.context_patch(context, 0, saved.subarray(0, -1));
    this.#engine.context_restore(context);
    this.#engine.context_free(context);
    this.writeRegister('fcsr', saved.at(-1)!);
  }

  close(): void {
    const engine = this.#engine;
    this.#open = undefined;
    if (this.#kept === undefined || this.#isRunning) engine.close();
    else this.pool?.give(this.core, this.#kept);
  }
}

/**
 * An emulated CPU in its reset state, with an empty address space.
 * @throws UsageError for an unknown core, MissingPartError where libunicorn is missing.
 */
export function createCpu({ isa, cpu }: { readonly isa: Isa; readonly cpu: string }): CpuBackend {
  return new UnicornCpu(cpu, coreNamed(isa, cpu), undefined);
}

/**
 * Makes CPUs as `createCpu` does. Those that are closed leave their engines for the next ones of the same core, which then need not be opened. What a CPU
 * does, and what that costs the guest, does not depend on the ones before.
 */
export class CpuPool {
  readonly #engines = new EnginePool();

  /** A CPU that is to be closed in the end. */
  create({ isa, cpu }: { readonly isa: Isa; readonly cpu: string }): CpuBackend {
    return new UnicornCpu(cpu, coreNamed(isa, cpu), this.#engines);
  }

  /** Closes the engines that no CPU has. */
  close(): void {
    this.#engines.close();
  }
}

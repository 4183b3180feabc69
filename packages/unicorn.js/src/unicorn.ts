import { core } from './constants/core.js';
import { later } from './constants/later.js';
import { UnicornError } from './error.js';
import { readViolation, wordRows } from './guard.js';
import type { GuardFunction, GuardRange, GuardViolation } from './guard.js';
import { hookReceiver, mmioReceiver } from './hooks.js';
import type { MmioCallbacks, Receiver, TranslationBlock } from './hooks.js';
import { KeptReads, keptReadsOffset, keptReadsWords } from './kept-reads.js';
import { mProfileOffset, mProfileWords } from './m-profile.js';
import type { Dispatch, Integer, NativeAddon, NativeContext, NativeEngine } from './native.js';
import { Reuse } from './reuse.js';
import { RiscvTraps } from './riscv.js';
import { Stops } from './stops.js';
import { TrapLog } from './trap-log.js';
import { faultAddressOffset, outcomeLength, outcomeOffset, readOutcome } from './run.js';
import type { RunOutcome } from './run.js';

/** What `hook_add` and `mmio_map` give out; opaque. */
export interface Hook {
  readonly id: number;
}

/** What `context_alloc` gives out; opaque. */
export type Context = NativeContext;

/** A mapped range, as `mem_regions` lists it. */
export interface MemoryRegion {
  readonly begin: bigint;
  /** Inclusive. */
  readonly end: bigint;
  readonly perms: number;
}

/** Bytes as unicorn.js takes them: an array or typed array of byte values. */
export type Bytes = ArrayLike<number>;

const registerBytes = 64;

/**
 * One emulated CPU with its address space: the `Unicorn` class of unicorn.js v2, plus native RAM,
 * MMIO and budgeted runs. Methods throw `UnicornError` when the library refuses, `TypeError` for
 * arguments of a wrong type; an exception thrown inside a hook surfaces from the call that ran it.
 */
export class Unicorn {
  readonly #addon: NativeAddon;
  readonly #engine: NativeEngine;
  readonly #registers: Uint8Array;
  readonly #view: DataView;
  readonly #outcome: Float64Array;
  readonly #faultAddress: BigUint64Array;
  /** What `m_profile_read` reads and `m_profile_write` writes: words as `mProfile` says. */
  readonly m_profile_state: Uint32Array;
  /** Traps of RISC-V, by internals of the library. */
  readonly riscv: RiscvTraps;
  /** Where `run` stops for a debugger. */
  readonly stops: Stops;
  /** Another user after this one. */
  readonly reuse: Reuse;
  /** Reads of devices that are answered without their callback. */
  readonly kept_reads: KeptReads;
  readonly #receivers = new Map<number, Receiver>();
  readonly #dispatch: Dispatch = (id, ...values) => this.#receivers.get(id)?.(values) ?? 0;
  #nextId = 1;

  constructor(addon: NativeAddon, arch: number, mode: number) {
    this.#addon = addon;
    this.#engine = new addon.Engine();
    const scratch = this.#engine.scratch();
    this.#registers = new Uint8Array(scratch, 0, registerBytes);
    this.#view = new DataView(scratch, 0, registerBytes);
    this.#outcome = new Float64Array(scratch, outcomeOffset, outcomeLength);
    this.#faultAddress = new BigUint64Array(scratch, faultAddressOffset, 1);
    this.m_profile_state = new Uint32Array(scratch, mProfileOffset, mProfileWords);
    this.#check('uc_open', this.#engine.open(arch, mode));
    this.riscv = new RiscvTraps(this.#engine, this.#view, this.#check, (...registration) => this.#keep(...registration), new TrapLog(scratch));
    this.stops = new Stops(this.#engine, this.#check);
    this.reuse = new Reuse(this.#engine, this.#failure);
    this.kept_reads = new KeptReads(new Uint32Array(scratch, keptReadsOffset, keptReadsWords));
  }

  readonly #failure = (functionName: string, code: number): UnicornError => new UnicornError(functionName, code, this.#addon.strerror(code));
  readonly #check = (functionName: string, code: number): void => {
    if (code !== core.ERR_OK) throw this.#failure(functionName, code);
  };

  // Registers

  /**
   * Raw bytes of a register, zero-extended to `size` (at most 64).
   * @param request for a register that is many, the library's structure that says which: `uc_x86_msr` for `X86_REG_MSR`,
   *   `uc_arm_cp_reg` and `uc_arm64_cp_reg` for `ARM_REG_CP_REG` and `ARM64_REG_CP_REG`; the result is that structure
   */
  reg_read(regid: number, size: number, request?: Bytes): Uint8Array {
    if (request === undefined) {
      this.#check('uc_reg_read', this.#engine.reg_read(regid));
    } else {
      this.#fill(request);
      this.#check('uc_reg_read', this.#engine.reg_read_request(regid));
    }
    return this.#registers.slice(0, size);
  }

  /** A shorter value than the register is zero-extended. */
  reg_write(regid: number, bytes: Bytes): void {
    this.#fill(bytes);
    this.#check('uc_reg_write', this.#engine.reg_write(regid));
  }

  #fill(bytes: Bytes): void {
    this.#registers.fill(0);
    this.#registers.set(Array.from(bytes).slice(0, registerBytes));
  }

  /** Many registers at once, each as `reg_read_i64` reads it. */
  reg_read_batch(regids: readonly number[]): bigint[] {
    const values = new Uint8Array(regids.length * registerBytes);
    this.#check('uc_reg_read_batch', this.#engine.reg_read_batch(wordRows([regids]), values));
    const view = new DataView(values.buffer);
    return regids.map((_, index) => view.getBigInt64(index * registerBytes, true));
  }

  /** Many registers, one after the other; those before one that is refused are written. */
  reg_write_batch(regids: readonly number[], values: readonly Integer[]): void {
    if (regids.length !== values.length) {
      throw new TypeError(`Unicorn.js: reg_write_batch: ${regids.length} registers, ${values.length} values`);
    }
    const slots = new Uint8Array(regids.length * registerBytes);
    const view = new DataView(slots.buffer);
    values.forEach((value, index) => {
      view.setBigInt64(index * registerBytes, BigInt(value), true);
    });
    this.#check('uc_reg_write_batch', this.#engine.reg_write_batch(wordRows([regids]), slots));
  }

  #read(regid: number): DataView {
    this.#check('uc_reg_read', this.#engine.reg_read(regid));
    return this.#view;
  }

  #write(regid: number): void {
    this.#check('uc_reg_write', this.#engine.reg_write(regid));
  }

  reg_read_i8(regid: number): number {
    return this.#read(regid).getInt8(0);
  }
  reg_read_i16(regid: number): number {
    return this.#read(regid).getInt16(0, true);
  }
  reg_read_i32(regid: number): number {
    return this.#read(regid).getInt32(0, true);
  }
  reg_read_i64(regid: number): bigint {
    return this.#read(regid).getBigInt64(0, true);
  }
  reg_read_float(regid: number): number {
    return this.#read(regid).getFloat32(0, true);
  }
  reg_read_double(regid: number): number {
    return this.#read(regid).getFloat64(0, true);
  }

  reg_write_i8(regid: number, value: number): void {
    this.#registers.fill(0);
    this.#view.setInt8(0, value);
    this.#write(regid);
  }
  reg_write_i16(regid: number, value: number): void {
    this.#registers.fill(0);
    this.#view.setInt16(0, value, true);
    this.#write(regid);
  }
  reg_write_i32(regid: number, value: number): void {
    this.#view.setInt32(0, value, true);
    this.#view.setInt32(4, 0, true);
    this.#write(regid);
  }
  reg_write_i64(regid: number, value: bigint): void {
    this.#view.setBigInt64(0, value, true);
    this.#write(regid);
  }
  reg_write_float(regid: number, value: number): void {
    this.#registers.fill(0);
    this.#view.setFloat32(0, value, true);
    this.#write(regid);
  }
  reg_write_double(regid: number, value: number): void {
    this.#view.setFloat64(0, value, true);
    this.#write(regid);
  }

  // Memory

  mem_map(address: Integer, size: Integer, perms: number): void {
    this.#check('uc_mem_map', this.#engine.mem_map(address, size, perms));
  }

  /**
   * Maps zeroed, natively owned RAM and returns it without a copy. `close` detaches the buffer,
   * unless another open engine maps it too. After the host writes code: `ctl_remove_cache`.
   * @param accessible bytes that have the permissions; those behind have none until `mem_protect` gives them some
   */
  mem_map_native(address: Integer, size: Integer, perms: number, accessible = size): ArrayBuffer {
    const result = this.#engine.mem_map_native(address, size, perms, accessible);
    if (typeof result === 'number') throw this.#failure('uc_mem_map_ptr', result);
    return result;
  }

  /** Maps `size` bytes at `offset` of a buffer from `mem_map_native`, of this engine or another. */
  mem_map_ptr(address: Integer, size: Integer, perms: number, buffer: ArrayBuffer, offset: Integer = 0): void {
    const code = this.#engine.mem_map_ptr(address, size, perms, buffer, offset);
    this.#check('uc_mem_map_ptr', code);
  }

  mem_unmap(address: Integer, size: Integer): void {
    this.#check('uc_mem_unmap', this.#engine.mem_unmap(address, size));
  }

  mem_protect(address: Integer, size: Integer, perms: number): void {
    this.#check('uc_mem_protect', this.#engine.mem_protect(address, size, perms));
  }

  mem_read(address: Integer, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#check('uc_mem_read', this.#engine.mem_read(address, bytes, this.#dispatch));
    return bytes;
  }

  mem_write(address: Integer, bytes: Bytes): void {
    const code = this.#engine.mem_write(address, Uint8Array.from(bytes), this.#dispatch);
    this.#check('uc_mem_write', code);
  }

  mem_regions(): MemoryRegion[] {
    const fields = this.#engine.mem_regions();
    if (typeof fields === 'number') throw this.#failure('uc_mem_regions', fields);
    return Array.from({ length: fields.length / 3 }, (_, index) => ({
      begin: fields[index * 3] ?? 0n,
      end: fields[index * 3 + 1] ?? 0n,
      perms: Number(fields[index * 3 + 2]),
    }));
  }

  /** Maps a device over [address, address + size), both multiples of the page size. */
  mmio_map(address: Integer, size: Integer, device: MmioCallbacks): void {
    this.#keep('uc_mmio_map', mmioReceiver(device), (id) => this.#engine.mmio_map(address, size, id));
  }

  // Hooks

  /**
   * See unicorn.js: the callback's signature depends on `type`; memory types may be combined.
   * @param extra for `HOOK_INSN` an instruction: `X86_INS_IN`, `_OUT`, `_SYSCALL`, `_SYSENTER`, `_CPUID`, or `ARM64_INS_MRS`, `_MSR`,
   *   `_SYS`, `_SYSL`; for `HOOK_TCG_OPCODE` a `TCG_OP_*`
   * @param flags `TCG_OP_FLAG_*`
   */
  hook_add(type: number, callback: (...args: never[]) => unknown, userData: unknown = {}, begin: Integer = 1, end: Integer = 0, extra = 0, flags = 0): Hook {
    if (typeof callback !== 'function') {
      throw new TypeError('Unicorn.js: hook_add: callback must be a function');
    }
    const receiver = hookReceiver(this, type, callback, userData, extra);
    return { id: this.#keep('uc_hook_add', receiver, (id) => this.#engine.hook_add(type, id, begin, end, extra, flags)) };
  }

  hook_del(hook: Hook): void {
    this.#check('uc_hook_del', this.#engine.hook_del(hook.id));
    this.#receivers.delete(hook.id);
  }

  /** Registers with the library and forgets the receiver again where that fails. */
  #keep(functionName: string, receiver: Receiver, register: (id: number) => number): number {
    const id = this.#nextId++;
    this.#receivers.set(id, receiver);
    try {
      this.#check(functionName, register(id));
    } catch (error) {
      this.#receivers.delete(id);
      throw error;
    }
    return id;
  }

  // Execution

  emu_start(begin: Integer, until: Integer, timeout: Integer = 0, count: Integer = 0): void {
    const code = this.#engine.emu_start(begin, until, timeout, count, this.#dispatch);
    this.#check('uc_emu_start', code);
  }

  /** Stops the guest before its next instruction; without effect when it does not run. */
  emu_stop(): void {
    this.#check('uc_emu_stop', this.#engine.emu_stop());
  }

  /**
   * Runs exactly `budget` instructions from `pc`, or stops earlier with a reason. An IT block is
   * one unit: `executed` exceeds the budget by at most 4. For Arm (Thumb) and RISC-V.
   */
  run(options: { readonly pc: Integer; readonly budget: Integer }): RunOutcome {
    const code = this.#engine.run(options.pc, options.budget, this.#dispatch);
    this.#check('uc_emu_start', code);
    return readOutcome(this.#outcome);
  }

  /**
   * In a callback of a device or hook, of the run that is going on: instructions that it has executed before the one that makes the
   * access. Within an IT block, those before the block. 0 between runs.
   */
  run_progress(): number {
    return this.#engine.run_progress();
  }

  /**
   * In a callback: the run ends after at most `budget` instructions, counted from its start. A budget is only ever made smaller; where
   * it has been spent already, the run ends behind the current instruction or IT block. Without effect between runs.
   */
  run_limit(budget: Integer): void {
    this.#check('run_limit', this.#engine.run_limit(budget));
  }

  /**
   * In a callback of a device that the guest accesses in `run`: the access is a fault (`memory-fault` with this type, address and
   * size), and its instruction has no effect on registers.
   */
  run_abort(type: number, address: Integer, size: number): void {
    this.#check('run_abort', this.#engine.run_abort(type, address, size));
  }

  /** `run` stores at full speed to memory that is mapped with all rights from now on (README). @returns false where the library's internals are not known: all goes on as without */
  fast_stores(): boolean {
    return this.#knows('fast_stores', this.#engine.fast_stores());
  }

  #knows(functionName: string, code: number): boolean {
    if (code !== core.ERR_VERSION) this.#check(functionName, code);
    return code !== core.ERR_VERSION;
  }

  /** Arm's M-profile: what this run and later ones stop at, a sum of `runChecks`. Instructions within IT blocks are stopped at only where the library's internals are known. */
  run_checks(checks: number): void {
    this.#check('run_checks', this.#engine.run_checks(checks));
  }

  /** Has a Cortex-M3 run as Armv6-M does, whose own core has no MPU. Wants `narrow`, `wide` and `control` of `runChecks`. @returns false as `fast_stores` */
  m_profile_baseline(): boolean {
    return this.#knows('m_profile_baseline', this.#engine.m_profile_baseline());
  }

  /** Has STREX fail until the next LDREX. `offset`: of the monitor in `context_bytes` behind their header. Wants `run_checks`. @returns false as `fast_stores` */
  m_profile_clear_exclusive(offset: number): boolean {
    return this.#knows('m_profile_clear_exclusive', this.#engine.m_profile_clear_exclusive(offset));
  }

  /** In these pages of 1 KiB, by their first addresses, the MPU is asked about every access, not only about the first one. @returns false as `fast_stores` */
  m_profile_divide(pages: Uint32Array): boolean {
    return this.#knows('m_profile_divide', this.#engine.m_profile_divide(new Uint8Array(pages.slice().buffer)));
  }

  /** Reads all that exceptions of Arm's M-profile are about into `m_profile_state`, whether or not the CPU is privileged. `floats`: with the FPU's registers. */
  m_profile_read(floats = false): void {
    this.#check('m_profile_read', this.#engine.m_profile_read(Number(floats)));
  }

  /** Writes `m_profile_state` into the CPU. Bit 24 of the xPSR (T) is the CPU's state, bits 8 to 0 its mode. */
  m_profile_write(floats = false): void {
    this.#check('m_profile_write', this.#engine.m_profile_write(Number(floats)));
  }

  /** The address of the last run's `memory-fault`, all 64 bits of it. */
  run_fault_address(): bigint {
    return this.#faultAddress[0] ?? 0n;
  }

  /** Counts instructions of later runs whose PC lies in [begin, end), and keeps the last: `executedInRange`, `lastPcInRange`. */
  count_range(begin: Integer, end: Integer): void {
    this.#check('count_range', this.#engine.count_range(begin, end));
  }

  /** Marks instructions that later runs begin in [begin, end), one that faults included: bit `k` stands for the halfword at `begin + 2 * k`. A second call replaces the range. */
  cover_range(begin: Integer, end: Integer): Uint8Array {
    const result = this.#engine.cover_range(begin, end);
    if (typeof result === 'number') throw this.#failure('cover_range', result);
    return new Uint8Array(result);
  }

  /**
   * From now on a run executes at most `limit` instructions (up to 2^24), and leaves their addresses in the result, in
   * order: `traced` of them. Conditional instructions whose condition fails are not among them. A second call replaces the buffer.
   */
  trace_runs(limit: Integer): Uint32Array {
    const result = this.#engine.trace_runs(limit);
    if (typeof result === 'number') throw this.#failure('trace_runs', result);
    return new Uint32Array(result);
  }

  // The memory guard

  /**
   * From now on every memory access of the guest is checked natively (README, "Memory guard"). Returns the marks:
   * a byte for each halfword of [codeBegin, codeEnd), to be filled by the caller.
   */
  guard_memory(options: {
    readonly codeBegin: Integer;
    readonly codeEnd: Integer;
    readonly stackBegin: Integer;
    readonly stackEnd: Integer;
    /** Report misaligned accesses too. */
    readonly aligned?: boolean;
  }): Uint8Array {
    const { codeBegin, codeEnd, stackBegin, stackEnd, aligned = false } = options;
    const result = this.#engine.guard_memory(codeBegin, codeEnd, stackBegin, stackEnd, Number(aligned));
    if (typeof result === 'number') throw this.#failure('guard_memory', result);
    return new Uint8Array(result);
  }

  /** Functions, and the ranges of each owner; owner 0 is that of what runs outside of all functions. */
  guard_rules(functions: readonly GuardFunction[], owners: readonly (readonly GuardRange[])[]): void {
    const ranges = owners.flatMap((owner, index) => owner.map(({ begin, end, rights }) => [index, begin, end, rights]));
    const rows = functions.map(({ begin, argumentBytes, owner }) => [begin, argumentBytes, owner]);
    this.#check('guard_rules', this.#engine.guard_rules(wordRows(rows), wordRows(ranges)));
  }

  /** The first violation since the last call; null where there was none. */
  guard_take(): GuardViolation | null {
    this.#check('guard_take', this.#engine.guard_take());
    return readViolation(this.#outcome);
  }

  /** How many functions are active; those above the first `kept` are forgotten: they will not return. */
  guard_frames(kept: Integer = Number.MAX_SAFE_INTEGER): number {
    return this.#engine.guard_frames(kept);
  }

  // Contexts

  context_alloc(): Context {
    return new this.#addon.Context();
  }
  context_save(context: Context): void {
    this.#check('uc_context_save', this.#engine.context_save(context));
  }
  /** Only a context saved from this same engine can be restored. */
  context_restore(context: Context): void {
    this.#check('uc_context_restore', this.#engine.context_restore(context));
  }
  context_free(context: Context): void {
    this.#check('uc_context_free', this.#engine.context_free(context));
  }

  /** Bytes that the library needs for a saved context. */
  context_size(): number {
    this.#check('uc_context_size', this.#engine.context_size());
    return Number(this.#view.getBigUint64(0, true));
  }
  /** All of a saved context, as this build of the library lays it out. */
  context_bytes(context: Context): Uint8Array {
    const bytes = new Uint8Array(this.context_size());
    this.#check('context_bytes', this.#engine.context_bytes(context, bytes));
    return bytes;
  }
  /** Changes bytes of a saved context. Those of another state than this one are refused where the library has pointers; nothing else is checked. */
  context_patch(context: Context, offset: Integer, bytes: Uint8Array): void {
    this.#check('context_patch', this.#engine.context_patch(context, offset, bytes));
  }
  /** A register of a saved context: raw bytes, zero-extended to `size` (at most 64). */
  context_reg_read(context: Context, regid: number, size: number): Uint8Array {
    this.#check('uc_context_reg_read', this.#engine.context_reg_read(context, regid));
    return this.#registers.slice(0, size);
  }
  context_reg_read_i32(context: Context, regid: number): number {
    this.#check('uc_context_reg_read', this.#engine.context_reg_read(context, regid));
    return this.#view.getInt32(0, true);
  }
  context_reg_read_i64(context: Context, regid: number): bigint {
    this.#check('uc_context_reg_read', this.#engine.context_reg_read(context, regid));
    return this.#view.getBigInt64(0, true);
  }
  context_reg_write(context: Context, regid: number, bytes: Bytes): void {
    this.#fill(bytes);
    this.#check('uc_context_reg_write', this.#engine.context_reg_write(context, regid));
  }
  context_reg_write_i32(context: Context, regid: number, value: number): void {
    this.#registers.fill(0);
    this.#view.setInt32(0, value, true);
    this.#check('uc_context_reg_write', this.#engine.context_reg_write(context, regid));
  }
  context_reg_write_i64(context: Context, regid: number, value: bigint): void {
    this.#registers.fill(0);
    this.#view.setBigInt64(0, value, true);
    this.#check('uc_context_reg_write', this.#engine.context_reg_write(context, regid));
  }

  // Queries and controls

  query_i8(type: number): number {
    this.#check('uc_query', this.#engine.query(type));
    return this.#view.getInt8(0);
  }
  query_i16(type: number): number {
    this.#check('uc_query', this.#engine.query(type));
    return this.#view.getInt16(0, true);
  }
  query_i32(type: number): number {
    this.#check('uc_query', this.#engine.query(type));
    return this.#view.getInt32(0, true);
  }
  query_i64(type: number): bigint {
    this.#check('uc_query', this.#engine.query(type));
    return this.#view.getBigInt64(0, true);
  }

  /** Before any other call on the engine. */
  ctl_set_cpu_model(model: number): void {
    this.#check('uc_ctl', this.#engine.ctl_set_cpu_model(model));
  }
  #control(control: number): bigint {
    this.#check('uc_ctl', this.#engine.ctl_read(control));
    return this.#view.getBigInt64(0, true);
  }
  ctl_get_cpu_model(): number {
    return Number(this.#control(core.CTL_CPU_MODEL));
  }
  ctl_get_arch(): number {
    return Number(this.#control(core.CTL_UC_ARCH));
  }
  ctl_get_mode(): number {
    return Number(this.#control(core.CTL_UC_MODE));
  }
  ctl_get_page_size(): number {
    return Number(this.#control(core.CTL_UC_PAGE_SIZE));
  }
  /** Arm only, before any other call on the engine: a power of two from 1024 to 65,536. */
  ctl_set_page_size(size: Integer): void {
    this.#check('uc_ctl', this.#engine.ctl_set_page_size(size));
  }
  /** Of the last `emu_start`, in microseconds. */
  ctl_get_timeout(): bigint {
    return this.#control(core.CTL_UC_TIMEOUT);
  }
  /** From now on `emu_start` ignores `until` and stops at any of `ctl_set_exits`; `run` is refused. */
  ctl_exits_enable(): void {
    this.#check('uc_ctl', this.#engine.ctl_use_exits(1));
  }
  ctl_exits_disable(): void {
    this.#check('uc_ctl', this.#engine.ctl_use_exits(0));
  }
  ctl_get_exits_cnt(): number {
    return Number(this.#control(core.CTL_UC_EXITS_CNT));
  }
  /** @param count as `ctl_get_exits_cnt` says */
  ctl_get_exits(count: number): bigint[] {
    const exits = new BigUint64Array(count);
    this.#check('uc_ctl', this.#engine.ctl_get_exits(new Uint8Array(exits.buffer)));
    return [...exits];
  }
  ctl_set_exits(exits: readonly Integer[]): void {
    this.#check('uc_ctl', this.#engine.ctl_set_exits(new Uint8Array(BigUint64Array.from(exits, BigInt).buffer)));
  }
  /** Translates the block at an address, as it would be when it runs. Its page and the next must be executable. */
  ctl_request_cache(address: Integer): TranslationBlock {
    this.#check('uc_ctl', this.#engine.ctl_request_cache(address));
    const field = (index: number): bigint => this.#view.getBigUint64(8 * index, true);
    return { pc: field(0), icount: Number(field(1)), size: Number(field(2)) };
  }
  /** Drops all translated code. */
  ctl_flush_tb(): void {
    this.#check('uc_ctl', this.#engine.ctl_flush());
  }
  /** The same: libunicorn 2.0 has one control for both. */
  ctl_flush_tlb(): void {
    this.ctl_flush_tb();
  }
  /** libunicorn 2.0 has the CPU's own translation of addresses only: `TLB_CPU`. */
  ctl_tlb_mode(mode: number): void {
    if (mode !== later.TLB_CPU) throw this.#failure('uc_ctl', core.ERR_ARG);
  }
  /** libunicorn 2.0 saves CPU state only: `CTL_CONTEXT_CPU`. */
  ctl_context_mode(mode: number): void {
    if (mode !== later.CTL_CONTEXT_CPU) throw this.#failure('uc_ctl', core.ERR_ARG);
  }
  /** Drops translated code of [address, end): needed after the host changed code. */
  ctl_remove_cache(address: Integer, end: Integer): void {
    this.#check('uc_ctl', this.#engine.ctl_remove_cache(address, end));
  }

  // Lifecycle

  /** Code of the engine's last error; `ERR_HANDLE` once it is closed. */
  errno(): number {
    return this.#engine.errno();
  }

  /** Frees everything at once: engine, hooks, and the memory of buffers that no other open engine maps, which are detached. */
  close(): void {
    this.#check('uc_close', this.#engine.close());
    this.#receivers.clear();
  }
}

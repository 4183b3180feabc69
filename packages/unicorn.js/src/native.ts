/**
 * The native addon's interface: error codes out (0 is success), values through the scratch page.
 * The other side is native/addon.cc, which registers the methods of native/methods.h.
 */

/** An integer argument: numbers up to 2^53, bigints below 2^64. */
export type Integer = number | bigint;

/**
 * JavaScript's entry point for hooks while a native call runs. `id` is the number given to
 * `hook_add` or `mmio_map`; the arguments are the library's for that kind of hook. Values above
 * 2^53 arrive as bigint. The result is an MMIO read's value, or 1 for "handled" (retry).
 */
export type Dispatch = (id: number, ...values: (number | bigint)[]) => number | bigint;

declare const contextBrand: unique symbol;
/** Registers of an engine, as the library keeps them: opaque. */
export interface NativeContext {
  readonly [contextBrand]: true;
}

export interface NativeEngine {
  open(arch: number, mode: number): number;
  close(): number;
  recycle(): number;
  /** The result page: register bytes, then a run's outcome as doubles (see `scratch.ts`). */
  scratch(): ArrayBuffer;
  errno(): number;
  query(type: number): number;
  reg_read(regid: number): number;
  /** Of a register that is many; the scratch bytes say which. */
  reg_read_request(regid: number): number;
  reg_write(regid: number): number;
  /** Ids as little-endian words, values in slots of 64 bytes. */
  reg_read_batch(regids: Uint8Array, values: Uint8Array): number;
  reg_write_batch(regids: Uint8Array, values: Uint8Array): number;
  mem_map(address: Integer, size: Integer, perms: number): number;
  mem_map_native(address: Integer, size: Integer, perms: number, accessible: Integer): ArrayBuffer | number;
  mem_renew(address: Integer, size: Integer): ArrayBuffer | number;
  mem_map_ptr(address: Integer, size: Integer, perms: number, buffer: ArrayBuffer, offset: Integer): number;
  mem_unmap(address: Integer, size: Integer): number;
  mem_protect(address: Integer, size: Integer, perms: number): number;
  mem_read(address: Integer, bytes: Uint8Array, dispatch: Dispatch): number;
  mem_write(address: Integer, bytes: Uint8Array, dispatch: Dispatch): number;
  mem_regions(): bigint[] | number;
  mmio_map(address: Integer, size: Integer, id: number): number;
  hook_add(type: number, id: number, begin: Integer, end: Integer, extra: number, flags: number): number;
  hook_del(id: number): number;
  emu_start(begin: Integer, until: Integer, timeout: Integer, count: Integer, dispatch: Dispatch): number;
  emu_stop(): number;
  run(pc: Integer, budget: Integer, dispatch: Dispatch): number;
  run_progress(): number;
  run_limit(budget: Integer): number;
  run_abort(type: number, address: Integer, size: number): number;
  run_checks(checks: Integer): number;
  fast_stores(): number;
  /** Fills, or takes, the words of `m-profile.ts` in the scratch page. */
  m_profile_read(floats: number): number;
  m_profile_baseline(): number;
  m_profile_clear_exclusive(offset: number): number;
  m_profile_divide(pages: Uint8Array): number;
  m_profile_write(floats: number): number;
  stop_set(address: Integer, on: number): number;
  stop_pass(address: Integer): number;
  stop_watch(id: number, begin: Integer, size: Integer, kinds: number): number;
  stop_unwatch(id: number): number;
  riscv_internals(entered: Integer): number;
  riscv_listen(id: number): number;
  riscv_log(traps: Integer): number;
  riscv_csr_read(number: number): number;
  riscv_csr_write(number: number, value: Integer): number;
  riscv_mode_read(): number;
  riscv_mode_write(mode: number): number;
  riscv_pending(mask: Integer, value: Integer): number;
  riscv_flush(): number;
  riscv_double_read(number: number): number;
  riscv_double_write(number: number, value: Integer): number;
  riscv_watch(instructions: Uint8Array): number;
  count_range(begin: Integer, end: Integer): number;
  cover_range(begin: Integer, end: Integer): ArrayBuffer | number;
  trace_runs(limit: Integer): ArrayBuffer | number;
  guard_memory(codeBegin: Integer, codeEnd: Integer, stackBegin: Integer, stackEnd: Integer, aligned: number): ArrayBuffer | number;
  guard_rules(functions: Uint8Array, ranges: Uint8Array): number;
  guard_take(): number;
  guard_frames(kept: Integer): number;
  context_save(context: NativeContext): number;
  context_restore(context: NativeContext): number;
  context_free(context: NativeContext): number;
  context_reg_read(context: NativeContext, regid: number): number;
  context_reg_write(context: NativeContext, regid: number): number;
  context_size(): number;
  context_bytes(context: NativeContext, bytes: Uint8Array): number;
  context_patch(context: NativeContext, offset: Integer, bytes: Uint8Array): number;
  ctl_set_cpu_model(model: number): number;
  /** A `CTL_*` control that is read as one number. */
  ctl_read(control: number): number;
  ctl_set_page_size(size: Integer): number;
  ctl_use_exits(enabled: number): number;
  /** Exits are 64-bit integers. */
  ctl_set_exits(exits: Uint8Array): number;
  ctl_get_exits(exits: Uint8Array): number;
  ctl_request_cache(address: Integer): number;
  ctl_flush(): number;
  ctl_remove_cache(address: Integer, end: Integer): number;
}

export interface NativeAddon {
  readonly Engine: new () => NativeEngine;
  readonly Context: new () => NativeContext;
  version(): number;
  arch_supported(arch: number): boolean;
  strerror(code: number): string;
  /** Calls, and tells whether the call returned in time; it is ended otherwise. What it throws passes through. */
  call_within(milliseconds: number, call: () => void): boolean;
}

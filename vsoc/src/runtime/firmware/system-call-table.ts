/**
 * System calls for firmware on the virtual SoC, by number (vsoc/SYSCALLS.md). Below the first of them are the numbers of stubs in code
 * memory, given out as they are made.
 */
export const systemCallNumbers = {
  console_write: 0x8000,
  clock: 0x8001,
  wasm_load: 0x8002,
  wasm_export: 0x8003,
  wasm_call: 0x8004,
  jit_hint: 0x8010,
  jit_compile: 0x8011,
  jit_lookup: 0x8012,
  jit_invalidate: 0x8013,
  jit_stats: 0x8014,
  jit_enable: 0x8015,
  jit_disable: 0x8016,
} as const;
/** Name of a system call, as vsoc/SYSCALLS.md lists it. */
export type SystemCallName = keyof typeof systemCallNumbers;

/** Answers below 0 of the calls about modules; those about functions also have the ones of `jitStatus`. */
export const firmwareErrors = {
  'no such function': -2,
  'no such module': -3,
  'bad address': -4,
  'bad module': -5,
  'bad import': -6,
} as const;

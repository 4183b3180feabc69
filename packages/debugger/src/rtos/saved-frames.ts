/** Reads a word; undefined where there is none. */
type Read = (address: number) => bigint | undefined;
type Registers = (name: string) => bigint | undefined;

/** EXC_RETURN: its upper bits are ones. Bit 4 is 0 where registers of the FPU have been stacked (Armv7-M ARM, B1.5.8). */
const isExceptionReturn = (word: bigint): boolean => word >> 7n === 0x1ff_ffffn;

/**
 * What a port of FreeRTOS to a Cortex-M saves: r4 to r11, with an FPU EXC_RETURN and s16 to s31 behind them (ARM_CM4F, ARM_CM7), on Armv8-M PSPLIM and
 * EXC_RETURN in front of them (ARM_CM33_NTZ); then what the core itself has stacked (Armv7-M ARM, B1.5.6).
 */
export function cortexFrame(top: number, read: Read, shared: (name: string) => bigint): Registers {
  const at = (offset: number): bigint => read(top + offset) ?? 0n;
  const places = new Map<string, number>();
  const put = (names: readonly string[], begin: number): number => {
    names.forEach((name, index) => places.set(name, begin + 4 * index));
    return begin + 4 * names.length;
  };
  const kept = ['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11'];
  const isArmv8 = isExceptionReturn(at(4));
  const exceptionReturn = isArmv8 ? at(4) : at(32);
  const hasFloats = isExceptionReturn(exceptionReturn) && (exceptionReturn & 0x10n) === 0n;
  let next = put(kept, isArmv8 ? 8 : 0);
  if (!isArmv8 && isExceptionReturn(exceptionReturn)) next += 4;
  if (hasFloats) next = put(floats(16), next);
  const stacked = cortexStacked(top + next, hasFloats, read, shared);
  return (name) => {
    const place = places.get(name);
    return place === undefined ? stacked(name) : read(top + place);
  };
}

/** What the core itself stacks when an exception comes: words from `top` on. @param hasFloats registers of the FPU are among them */
export function cortexStacked(top: number, hasFloats: boolean, read: Read, shared: (name: string) => bigint): Registers {
  const names = ['r0', 'r1', 'r2', 'r3', 'r12', 'lr', 'pc', 'xpsr', ...(hasFloats ? [...floats(0), 'fpscr'] : [])];
  // Behind FPSCR a word is left free.
  const size = 4 * names.length + (hasFloats ? 4 : 0);
  // Bit 9 of the stacked xPSR: a word was left free to align the stack.
  const isAligned = ((read(top + 4 * names.indexOf('xpsr')) ?? 0n) & 0x200n) !== 0n;
  const sp = BigInt(top + size + (isAligned ? 4 : 0));
  return (name) => {
    if (name === 'sp' || name === 'psp') return sp;
    if (name === 'msp') return shared(name);
    const index = names.indexOf(name);
    return index < 0 ? undefined : read(top + 4 * index);
  };
}

function floats(from: number): string[] {
  return Array.from({ length: 16 }, (_, index) => `s${from + index}`);
}

/** x1 and x5 to x31 behind mepc, by their names. */
const riscvSaved = 'pc ra t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
/** Words of it: those, the depth of critical sections, mstatus. */
const riscvWords = 31;

/** What FreeRTOS's port to RISC-V saves (portContext.h), without additions of a chip; gp and tp belong to all tasks. */
export function riscvFrame(top: number, width: number, read: Read, shared: (name: string) => bigint): Registers {
  return (name) => {
    if (name === 'sp') return BigInt(top + riscvWords * width);
    if (name === 'zero' || name === 'gp' || name === 'tp') return shared(name);
    if (name === 'mstatus') return read(top + (riscvWords - 1) * width);
    const index = riscvSaved.indexOf(name);
    return index < 0 ? undefined : read(top + index * width);
  };
}

/** x1, x8, x9 and x18 to x27 behind sp, by their names. */
const riscvKept = 'sp ra s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11'.split(' ');

/** What Zephyr keeps of a thread that has called its scheduler (arch/riscv/thread.h, struct _callee_saved), from `at` on: the call returns to ra. */
export function riscvSwitched(at: number, width: number, read: Read, shared: (name: string) => bigint): Registers {
  return (name) => {
    if (name === 'zero' || name === 'gp' || name === 'tp') return shared(name);
    const index = riscvKept.indexOf(name === 'pc' ? 'ra' : name);
    return index < 0 ? undefined : read(at + index * width);
  };
}

import { mProfile, runChecks } from '@fireball/unicorn.js';
import type { Context, Unicorn, UnicornModule } from '@fireball/unicorn.js';
import type { ArmCore } from './cores.js';
import type { MemoryProtection } from './mpu.js';

/**
 * Registers of libunicorn's CPU that it has no numbers for: those of the MPU, stack limits, and how the FPU behaves. They are in a saved context,
 * where they are found by a pattern; that is tried out on a machine of its own, once for each core (`selfTest`), before it is relied on.
 */
interface Internals {
  /** Word of the context that holds BASEPRI of bank 0 (`CPUARMState.v7m.basepri` of QEMU 5). */
  readonly basepri: number;
  /** Words at which the counted arrays of MPU registers begin, behind their counts: bases, and both halves of attributes; or bases and limits of both banks. */
  readonly arrays: readonly number[];
  readonly regions: number;
  /** Word at which the exclusive monitor begins: the address and the value of LDREX, in 64 bits each. */
  readonly exclusive: number;
  /** Can the library's own state be written there? */
  readonly reachable: boolean;
}

/** Words from BASEPRI on (`CPUARMState.v7m`). */
const mpuControlWord = 15;
const primaskWord = 18;
const faultmaskWord = 20;
const mainLimitWord = 28;
const processLimitWord = 30;
/** FPCCR of both banks, and FPDSCR behind them. */
const fpccrWord = 34;

/** libunicorn's Cortex-M33 runs in Secure state, whose registers are those of bank 1. */
const bankOf = ({ version }: ArmCore): number => (version === 8 ? 1 : 0);

const testBasepri = 0xa0;

/** What comes before the state in a saved context, and the address of the exclusive monitor after a store, which no load has. */
const [headerBytes, noAddress] = [16, 0xffff_ffff];

function wordsOf(engine: Unicorn, context: Context): Uint32Array {
  engine.context_save(context);
  const bytes = engine.context_bytes(context);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}

/** Indices of equal counts with room for as many words between them. */
function countedArrays(words: Uint32Array, count: number, many: number): number[] | undefined {
  for (let at = 1; at + many * (count + 1) <= words.length; at++) {
    const starts = Array.from({ length: many }, (_, index) => at + index * (count + 1));
    const fits = starts.every((start) => words[start] === count && words.subarray(start + 1, start + 1 + count).every((word) => word === 0));
    if (fits) return starts.map((start) => start + 1);
  }
  return undefined;
}

/** The library's model that has an MPU. */
export function protectedModel(uc: UnicornModule, core: ArmCore): number {
  return core.version === 6 ? uc.CPU_ARM_CORTEX_M3 : core.model(uc);
}

const known = new Map<string, Internals | undefined>();

/** Where the library of this process keeps them; undefined where it does not do so as expected. */
export function findInternals(uc: UnicornModule, core: ArmCore): Internals | undefined {
  if (!known.has(core.name)) known.set(core.name, selfTest(uc, core));
  return known.get(core.name);
}

const ramBase = 0x2000_0000;
const refused = ramBase + 0x2324;
/** Number of the library's interrupt hook. */
const dataAbort = 4;

/** Has a CPU refuse a store by the MPU. */
function selfTest(uc: UnicornModule, core: ArmCore): Internals | undefined {
  // 2.0.x; later ones may lay their state out otherwise.
  if ((core.version === 6 && !core.optionalProtection) || uc.version() >>> 16 !== 0x0200) return undefined;
  const engine = new uc.Unicorn(uc.ARCH_ARM, uc.MODE_THUMB);
  try {
    engine.ctl_set_cpu_model(protectedModel(uc, core));
    if (core.version === 6 && !engine.m_profile_baseline()) return undefined;
    const ram = new DataView(engine.mem_map_native(ramBase, 0x4000, uc.PROT_ALL));
    ram.setUint16(0, 0x6008, true); // str r0, [r1]
    ram.setUint32(4, 0x0f00_e851, true); // ldrex r0, [r1]
    ram.setUint32(refused - ramBase, 1, true);
    const state = engine.m_profile_state;
    state.fill(0);
    state[1] = refused;
    state[mProfile.pc] = ramBase;
    state[mProfile.xpsr] = 1 << 24;
    state.set([1, testBasepri, 1], mProfile.primask);
    engine.m_profile_write();
    const context = engine.context_alloc();
    const words = wordsOf(engine, context);
    const hit = words.findIndex((word, at) => word === testBasepri && words[at + primaskWord] === 1 && words[at + faultmaskWord] === 1);
    if (hit < 0) return undefined;
    const regions = core.version === 8 ? 16 : 8;
    const arrays = countedArrays(words, regions, core.version === 8 ? 4 : 3);
    if (arrays === undefined) return undefined;
    const found = { basepri: hit - bankOf(core), arrays, regions };
    // Everything may be read and executed, and nothing written.
    const readOnly = { control: 1, bases: Uint32Array.of(core.version === 8 ? 6 : 0), limits: Uint32Array.of(core.version === 8 ? 0xffff_ffe1 : 0x0600_003f) };
    patchMpu(engine, context, found, core, readOnly);
    const outcome = engine.run({ pc: ramBase, budget: 1 });
    if (outcome.reason !== 'exception' || outcome.interrupt !== dataAbort || ram.getUint32(refused - ramBase, true) !== 1) return undefined;
    engine.run({ pc: ramBase + 4, budget: 1 });
    const exclusive = monitorOf(wordsOf(engine, context));
    if (exclusive === undefined || (core.version === 6 && !refusesMisaligned(uc, engine))) return undefined;
    engine.run_checks(runChecks.multiple);
    const reachable = engine.m_profile_clear_exclusive(4 * exclusive - headerBytes) && isOpen(wordsOf(engine, context).subarray(exclusive));
    return { ...found, exclusive, reachable };
  } finally {
    engine.close();
  }
}

/** Does it fault at the misaligned load that the program begins with? */
function refusesMisaligned(uc: UnicornModule, engine: Unicorn): boolean {
  engine.reg_write_i32(uc.ARM_REG_R1, refused + 1);
  engine.mem_write(ramBase, [0x08, 0x68]); // ldr r0, [r1]
  engine.ctl_remove_cache(ramBase, ramBase + 2);
  const outcome = engine.run({ pc: ramBase, budget: 1 });
  return outcome.reason === 'exception' && outcome.interrupt === dataAbort;
}

/** Where the state has the address and the value of the load. */
function monitorOf(words: Uint32Array): number | undefined {
  const at = words.findIndex((word, index) => word === refused && words[index + 1] === 0 && words[index + 2] === 1 && words[index + 3] === 0);
  return at < 0 ? undefined : at;
}

/** Has the monitor nothing that a store could go with? */
function isOpen([low, high]: Uint32Array): boolean {
  return low === noAddress && high === noAddress;
}

type Registers = Pick<MemoryProtection['state'], 'control' | 'bases' | 'limits'>;

function patchMpu(
  engine: Unicorn,
  context: Context,
  { basepri, arrays, regions }: Omit<Internals, 'exclusive' | 'reachable'>,
  { version }: ArmCore,
  mpu: Registers,
): void {
  const patch = (word: number, values: Uint32Array): void => {
    engine.context_patch(context, 4 * word, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  const padded = (values: Uint32Array): Uint32Array => {
    const all = new Uint32Array(regions);
    all.set(values);
    return all;
  };
  engine.context_save(context);
  patch(basepri + mpuControlWord, Uint32Array.of(mpu.control, mpu.control));
  const bases = padded(mpu.bases);
  const limits = padded(mpu.limits);
  const columns = version === 8 ? [bases, bases, limits, limits] : [bases, limits.map((word) => word & 0xffff), limits.map((word) => word >>> 16)];
  columns.forEach((values, index) => {
    patch(arrays[index] ?? 0, values);
  });
  engine.context_restore(context);
}

/** These registers of one engine; to be used between its runs. */
export class LibraryState {
  readonly #engine: Unicorn;
  readonly #core: ArmCore;
  readonly #internals: Internals;
  readonly #context: Context;
  #mpu = '';

  constructor(engine: Unicorn, core: ArmCore, internals: Internals) {
    this.#engine = engine;
    this.#core = core;
    this.#internals = internals;
    this.#context = engine.context_alloc();
  }

  /** Has the MPU enforce what its registers say. In `divided` pages the library would keep what it found for the first access. */
  protect(mpu: Registers, divided: Uint32Array): void {
    const wanted = mpu.control === 0 ? '' : [mpu.control, ...mpu.bases, ...mpu.limits].join();
    if (wanted === this.#mpu) return;
    this.#mpu = wanted;
    patchMpu(this.#engine, this.#context, this.#internals, this.#core, mpu);
    this.#engine.m_profile_divide(divided);
    this.#renew();
    this.#flush();
  }

  /** What FPCCR says of automatic state, and the FPSCR of new contexts. */
  setFloats(fpccr: number, fpdscr: number): void {
    this.#engine.context_save(this.#context);
    // Bit 2 is the security state's.
    const control = (fpccr | 4) >>> 0;
    const bytes = new Uint8Array(Uint32Array.of(control, control, fpdscr, fpdscr).buffer);
    this.#engine.context_patch(this.#context, 4 * (this.#internals.basepri + fpccrWord), bytes);
    this.#engine.context_restore(this.#context);
    this.#renew();
  }

  /** MSPLIM and PSPLIM. */
  get stackLimits(): readonly [main: number, process: number] {
    const words = wordsOf(this.#engine, this.#context);
    return [words[this.#limitWord(mainLimitWord)] ?? 0, words[this.#limitWord(processLimitWord)] ?? 0];
  }

  set stackLimits([main, process]: readonly [main: number, process: number]) {
    this.#engine.context_save(this.#context);
    this.#engine.context_patch(this.#context, 4 * this.#limitWord(mainLimitWord), new Uint8Array(Uint32Array.of(main).buffer));
    this.#engine.context_patch(this.#context, 4 * this.#limitWord(processLimitWord), new Uint8Array(Uint32Array.of(process).buffer));
    this.#engine.context_restore(this.#context);
    this.#renew();
  }

  /** What the exclusive monitor remembers, in four words. */
  get exclusive(): Uint32Array {
    return wordsOf(this.#engine, this.#context).slice(this.#internals.exclusive, this.#internals.exclusive + 4);
  }

  set exclusive(words: Uint32Array) {
    this.#engine.context_save(this.#context);
    this.#engine.context_patch(this.#context, 4 * this.#internals.exclusive, new Uint8Array(words.slice().buffer));
    this.#engine.context_restore(this.#context);
    this.#renew();
  }

  /** STREX fails until the next LDREX: every exception and every return has that effect (Armv7-M ARM, A3.4.1 and B1.5.6). */
  clearExclusive(): void {
    const { exclusive, reachable } = this.#internals;
    if (this.#core.version === 6 || (reachable && this.#engine.m_profile_clear_exclusive(4 * exclusive - headerBytes))) return;
    const words = this.exclusive;
    if (!isOpen(words)) this.exclusive = words.fill(noAddress);
  }

  #limitWord(word: number): number {
    return this.#internals.basepri + word + bankOf(this.#core);
  }

  /** The library has a copy of some of it, for which code is translated. */
  #renew(): void {
    this.#engine.m_profile_read();
    this.#engine.m_profile_write();
  }

  /** Rights of pages are kept by the library; a change of its address space has it forget all of them. */
  #flush(): void {
    this.#engine.mem_map(scratchPage, 0x400, 0);
    this.#engine.mem_unmap(scratchPage, 0x400);
  }
}

/** Of the vendor's system space, in which nothing can be executed and boards have nothing. */
const scratchPage = 0xffff_f800;

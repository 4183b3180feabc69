import type { Isa } from '@fireball/contracts';
import type { CpuPool } from '@fireball/emulator';
import type { BranchProfile, CompilerName, MisalignedAccess } from '@fireball/jit';
import type { Work } from '@fireball/wasm';
import type { InjectionPlan, Profile, SharedTime, Tier, WorkerKind, WorkerPlacement } from '@fireball/vsoc';
import type { LoadedModule } from './inputs/module.js';
import type { ImportPolicy } from './imports/policy.js';
import type { EngineInstance } from './instance.js';
import type { VerifyLevel } from './deep-verification.js';
import type { Linker } from './linker.js';

/** Of mixed mode; the virtual SoC's own where absent. */
export interface MixedSettings {
  /** Calls of a function, and rounds of a loop, before it is compiled. */
  readonly hot?: readonly [calls: number, loops: number];
  /** Bytes of packed templates and native code together. */
  readonly budget?: number;
  /** Functions that are compiled at the same time. */
  readonly workers?: 1 | 2;
  /** What compiles: the compiler on the device, whose instructions count, or the host's. */
  readonly worker?: WorkerKind;
  /** Bytes of memory that the compiler has on the device. */
  readonly workerMemory?: number;
  /** Whether it runs on the program's core, and how they share that one. */
  readonly workerCore?: WorkerPlacement;
  readonly workerShare?: SharedTime;
  /** Instructions of virtual time that compiling takes for each byte of a function's body; what a device executes where absent. */
  readonly compileCost?: number;
  /** Instructions from one audit of the code cache to the next. */
  readonly audit?: number;
  /** Failures to bring about. */
  readonly inject?: InjectionPlan;
}

/** What engines may be told; each takes what concerns it. */
export interface EngineOptions extends MixedSettings {
  /** How far native code is verified before it is installed; structurally unless told otherwise. */
  readonly verify?: VerifyLevel;
  /** Check every memory access of compiled code while it runs, in mixed mode of the compiler on the device; one that breaks out is an error of ours. */
  readonly sandbox?: boolean;
  /** Native code and the interpreter in ROM have safepoints, and yield now and then. */
  readonly safepoints?: boolean;
  /** How often branches were taken, by the offset in the module, where somebody has counted. */
  readonly branches?: BranchProfile;
  /** Counts what native engines execute. */
  readonly profile?: Profile;
  /** What code for RV32 does about misaligned accesses of wasm memory; `hw` where absent. */
  readonly misaligned?: MisalignedAccess;
  /** What compiles functions; `optimizing` where absent. */
  readonly compiler?: CompilerName;
  /** What stands in for imports of an instance of its own; they are found nowhere where absent. */
  readonly imports?: ImportPolicy;
  /** Most wasm instructions that one call may execute; engines that do not count these have limits derived from it (bounds.ts). */
  readonly fuel: number;
  /** What instantiation took in the reference, as for `EngineInstance.invoke`. */
  readonly reference?: Work;
  /** Pages of 64 KiB to which any memory may grow, the same in all engines (hazard 15; `SizeLimits`). */
  readonly maxPages: number;
  /** Most bytes of code memory on engines that compile everything, a multiple of 4096; all that there is where absent. */
  readonly codeMemory?: number;
  /** Cores of the native engines, comma-separated, at most one per instruction set; cortex-m4 and rv32imc where absent. */
  readonly cpu?: string;
  /** Where the engines of their CPUs come from, and go when an instance is closed; new ones where absent. */
  readonly cpus?: CpuPool;
  /** Folder with the template sets that native engines use; the built-in ones where absent. */
  readonly templates?: string;
}

/** An instruction set, and how the virtual SoC runs wasm on it. */
export interface VsocPlace {
  readonly isa: Isa;
  readonly tier: Tier;
}

/** A way to run WebAssembly. */
export interface Engine {
  readonly name: string;
  /** What `--help` says of it. */
  readonly summary: string;
  /** Runs compiled code on an emulated CPU, and must prove that it did. */
  readonly native: boolean;
  /** Runs wasm by the interpreter in ROM on an emulated CPU, and must prove that it did. */
  readonly romInterpreter?: true;
  /** Runs wasm by both, as a device does: interpreted until it is hot. */
  readonly mixedMode?: true;
  /** Instruction set of the emulated CPU, where there is one. */
  readonly isa?: Isa;
  /** Present where it is the virtual SoC. */
  readonly vsoc?: VsocPlace;
  /** Stack that every call has, in bytes; absent where `Work` itself is what is limited. */
  readonly stackBytes?: number;
  /** Its NaN results have any payload, so they are compared by class (hazard 10). */
  readonly nanByClass: boolean;
  /** An instance of its own, with stand-ins for its imports where the options want them. */
  instantiate(loaded: LoadedModule, options: EngineOptions): Promise<EngineInstance>;
  /** A place for several instances that import from one another. */
  createLinker(options: EngineOptions): Linker;
}

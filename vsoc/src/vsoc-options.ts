import type { Isa } from '@fireball/contracts';
import type { CpuPool } from '@fireball/emulator';
import type { BoundsChecks, BranchProfile, CodeVerifier, CompilerName, MisalignedAccess, TemplateSet } from '@fireball/jit';
import type { CodeMemoryFaults } from './chip/code-memory.js';
import type { InterruptOptions } from './checks/interrupts.js';
import type { Profile } from './checks/profile.js';
import type { AddressMap } from './chip/memory-map.js';
import type { RomImage } from './chip/rom.js';
import type { SafepointOptions } from './runtime/safepoints.js';
import type { SandboxOptions } from './checks/sandbox.js';
import type { MixedOptions } from './tier/mixed.js';

/** How a virtual SoC runs wasm functions. */
export type Tier = 'compiled' | 'interpreter' | 'mixed';

/** Faults that tests plant to see them found. */
export interface VsocFaults extends CodeMemoryFaults {
  /** Damages the routines in ROM before they are installed. */
  readonly damageRom?: (rom: RomImage) => void;
}

/** What a virtual SoC is made of; only the instruction set must be said. */
export interface VsocOptions {
  readonly isa: Isa;
  /** Core; `cortex-m4` or `rv32imc` unless told otherwise. */
  readonly cpu?: string;
  /** Where its CPU's engine comes from, and goes when it is closed; a new one unless told otherwise. */
  readonly cpus?: CpuPool;
  /** The most code memory in bytes, of which as much is mapped as code needs; all that the map has unless told otherwise. */
  readonly codeBytes?: number;
  readonly stackBytes?: number;
  /** Most pages of 64 KiB that any linear memory may grow to, as far as its place has room (`SizeLimits`). */
  readonly maxPages?: number;
  /** Where everything lies; the virtual SoC's own map unless told otherwise. */
  readonly map?: AddressMap;
  /**
   * Code, data and ROM will leave for a system without this host: nothing in them may call it. memory.grow is a routine
   * in ROM, host functions are refused.
   */
  readonly freestanding?: boolean;
  /** ROM has the interpreter even where all functions are compiled. */
  readonly carriesInterpreter?: boolean;
  /** How functions run: as machine code (unless told otherwise), by the interpreter in ROM, or there until they are hot. */
  readonly tier?: Tier;
  /** Of mixed mode; what is absent is as `defaultMixedOptions` has it. */
  readonly mixed?: Partial<MixedOptions>;
  /** Most guest instructions of one call; the call then ends as `out of fuel`. */
  readonly fuel?: number;
  /** Most guest instructions between two looks of the host at its own affairs. Nothing that the guest does or counts depends on it. */
  readonly slice?: number;
  /** What code for RV32 does about misaligned accesses of wasm memory; `hw` unless told otherwise. */
  readonly misaligned?: MisalignedAccess;
  /** What compiles functions; `optimizing` unless told otherwise. */
  readonly compiler?: CompilerName | undefined;
  /**
   * Of machine code, not of the interpreter; `all` unless told otherwise. With `wide` an access within the last 4 KiB of a memory of fixed size may trap. `none` is for a module that is trusted like the firmware around it: what it gets
   * wrong is no trap, and nothing keeps it from memory that is not its own.
   */
  readonly boundsChecks?: BoundsChecks;
  readonly templates?: TemplateSet;
  /** Test mode: every memory access of the guest is checked while it runs; a call that breaks out throws `SandboxViolationError`. */
  readonly sandbox?: SandboxOptions;
  /** Every loop gets an entry at which an interpreter can go on in the code (`VsocInstance.enterLoop`). */
  readonly osrEntries?: boolean;
  /** How often branches were taken, by the offset in the module: code that is mostly passed over goes behind its function. */
  readonly branches?: BranchProfile;
  /** Loops and calls look whether they shall yield, compiled and interpreted. */
  readonly safepoints?: SafepointOptions;
  /** Counts every instruction that is executed, if all functions are compiled. */
  readonly profile?: Profile;
  /** A DMA controller (dma.ts), which reaches code memory past every protection. */
  readonly dma?: boolean;
  /** Test mode: interrupts overwrite the stack below sp while the guest runs. */
  readonly interrupts?: InterruptOptions;
  readonly faults?: VsocFaults;
  /** Record where locals and operands are in the code (`LinkedCode.locations`), for debugging. */
  readonly locations?: boolean;
  /** Sees every function's code before it is installed; `DeepVerifier` proves it again. */
  readonly verifier?: CodeVerifier;
}

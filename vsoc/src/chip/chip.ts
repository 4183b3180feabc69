import type { CpuBackend, Isa } from '@fireball/contracts';
import type { CompilerName, Features, MisalignedAccess, TemplateSet } from '@fireball/jit';
import type { CodeMap } from './code-map.js';
import type { CodeMemory } from './code-memory.js';
import type { DataMemory } from './data-memory.js';
import type { AddressMap } from './memory-map.js';
import type { RomImage } from './rom.js';

/** The hardware of a virtual SoC and what code for it is made of: data alone. Instances, calls and tiers work on it. */
export interface Chip {
  readonly isa: Isa;
  readonly map: AddressMap;
  readonly cpu: CpuBackend;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly codeMemory: CodeMemory;
  readonly dataMemory: DataMemory;
  /** Routines in ROM. */
  readonly rom: RomImage;
  /** Return address of host calls: nothing can be executed there. */
  readonly exitAddress: number;
  /** Which functions lie in code memory. */
  readonly codeMap: CodeMap;
  readonly templates: TemplateSet;
  readonly misaligned: MisalignedAccess;
  /** What compiles functions. */
  readonly compiler: CompilerName;
}

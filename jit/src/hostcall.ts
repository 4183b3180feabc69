import type { CodeRegisters, Isa } from '@fireball/contracts';
import type { FunctionType } from '@fireball/wasm';
import { wordCount } from './plan/words.js';
import { argumentPlaces, resultRegisterCount } from './target/arguments.js';
import { rv32Roles } from './target/rv32/roles.js';
import { thumb2Roles } from './target/thumb2/roles.js';

/** How the host enters generated code: a register name or stack offset per argument word. */
export interface HostCallPlan {
  readonly arguments: readonly ({ readonly register: string } | { readonly stack: number })[];
  readonly stackBytes: number;
  /** Registers of the first result words; the others are in the result buffer. */
  readonly results: readonly string[];
  /** Register that receives the return address. */
  readonly link: string;
}

const roles = { thumb2: thumb2Roles, rv32: rv32Roles } as const;
const registerPrefix = { thumb2: 'r', rv32: 'x' } as const;
const floatPrefix = { thumb2: 's', rv32: 'f' } as const;
const linkName = { thumb2: 'lr', rv32: 'ra' } as const;
const linkRegister = { thumb2: 14, rv32: 1 } as const;

/**
 * Registers of generated code, by names that the CPU backend knows: `r0` and `s0` and so on on Arm, `x0` and `f0` on RISC-V; and those that
 * a function hands back as it got them (ABI.md, "Registers").
 */
export function codeRegisters(isa: Isa): CodeRegisters {
  return {
    registerName: (register) => `${registerPrefix[isa]}${register}`,
    floatRegisterName: (register) => `${floatPrefix[isa]}${register}`,
    link: linkRegister[isa],
    keptRegisters: roles[isa].saved,
  };
}

/** Where a function of this type finds its arguments, and puts its results, when it is called from the host (ABI.md). */
export function hostCallPlan(type: FunctionType, isa: Isa): HostCallPlan {
  const { args } = roles[isa];
  const prefix = registerPrefix[isa];
  const { places, stackBytes } = argumentPlaces(type, args);
  const words = Math.min(wordCount(type.results), resultRegisterCount);
  return {
    arguments: places.map((place) => ('reg' in place ? { register: `${prefix}${place.reg}` } : { stack: place.stack })),
    stackBytes,
    results: args.slice(0, words).map((reg) => `${prefix}${reg}`),
    link: linkName[isa],
  };
}

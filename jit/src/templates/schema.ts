/**
 * The exchange form of a template set: `jit/templates/generated/{thumb2,rv32}.json`.
 * Field names of templates and patch points follow the template metadata format of the Fireball
 * JIT design (appendix, version 0.2.0).
 */
import type { Isa } from '@fireball/contracts';
import type { DerivedName } from './derive.js';

/** Of the JSON exchange form; sets of another one are refused. */
export const schemaVersion = 1;

/** Name of each instruction set in template metadata. */
export const archNames = { thumb2: 'arm-thumb2', rv32: 'riscv-rv32' } as const satisfies Record<Isa, string>;
/** Value of `arch` in template metadata. */
export type ArchName = (typeof archNames)[Isa];

export const patchTypes = ['imm8', 'imm12', 'imm16', 'imm32', 'addr32', 'rel_jmp', 'rel_cond', 'reg', 'freg', 'enum', 'reglist'] as const;
/** How a patch field lies in an instruction; names are those of the exchange form. */
export type PatchType = (typeof patchTypes)[number];

export const operandKinds = ['reg', 'freg', 'enum', 'imm', 'imm32', 'addr32', 'rel_jmp', 'rel_cond', 'reglist'] as const;
/** What a value of an operand means. */
export type OperandKind = (typeof operandKinds)[number];

/** What an emitter may pass. Branch distances count from the start of the branch instruction. */
export interface OperandJson {
  readonly name: string;
  readonly kind: OperandKind;
  readonly min: number;
  readonly max: number;
  /** Values are multiples of this; 1 where absent. */
  readonly step?: number;
  /**
   * Values inside [min, max] that have no encoding or another meaning.
   * `reglist`: masks whose registers must not all be present.
   */
  readonly excluded?: readonly number[];
  /** `enum` only: assembly text -> value. */
  readonly values?: Readonly<Record<string, number>>;
  /** `reglist` only: the least number of registers. `max` is the mask of those allowed. */
  readonly least?: number;
}

/** One field: operand bits [shift, shift + masks) of one operand, scattered into one instruction. */
export interface PatchPointJson {
  /** Byte offset of the instruction in the template. */
  readonly offset: number;
  readonly type: PatchType;
  readonly operand: string;
  /** Key into `maps`. */
  readonly map: string;
  /** Lowest operand bit that the map takes; 0 where absent. */
  readonly shift?: number;
  /** The value is computed by this function from the operand (and `with`). */
  readonly derive?: DerivedName;
  /** Second base operand of a two-operand derived function. */
  readonly with?: string;
  /**
   * Subtracted from the value first; 0 where absent. Thumb branches count from the address of the
   * instruction + 4 (Arm ARM A4.2.1), operands from the instruction itself, on every ISA.
   */
  readonly bias?: number;
}

/** Mask i is XORed into the little-endian instruction word when bit i of the (shifted) value is 1. */
export interface FieldMapJson {
  /** Instruction size in bytes. */
  readonly unit: 2 | 4;
  /** Hexadecimal, without prefix. */
  readonly masks: readonly string[];
}

/** A template in the exchange form. */
export interface TemplateJson {
  readonly template_id: string;
  readonly arch: ArchName;
  readonly version: number;
  /** Assembler's -mcpu / -march (and -mfpu) of this template. */
  readonly cpu: string;
  readonly size: number;
  readonly alignment: number;
  readonly doc: string;
  /** Hexadecimal; the instance in which every field's value is 0. */
  readonly bytes: string;
  readonly operands: readonly OperandJson[];
  readonly patch_points: readonly PatchPointJson[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly clobbers: readonly string[];
  /** Operand pairs that must not name the same register; any other aliasing is allowed. */
  readonly distinct: readonly (readonly [string, string])[];
  /** Features of the CPU that it needs beyond the base of `cpu`, free words such as `fpu`. */
  readonly requires: readonly string[];
  /** Disassembly of a sample instance. */
  readonly listing: readonly string[];
}

/** A template set in the exchange form. */
export interface TemplateSetJson {
  readonly schema: typeof schemaVersion;
  readonly arch: ArchName;
  /** SHA-256 over the template sources and the builder's version. */
  readonly inputs_hash: string;
  /** First line of the assembler's `--version`; information only, not part of the hash. */
  readonly assembler: string;
  readonly maps: Readonly<Record<string, FieldMapJson>>;
  readonly templates: readonly TemplateJson[];
}

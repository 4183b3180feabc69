import { fits12, rv32Cost } from '../../core/target.js';
import type { Features } from '../../features.js';
import type { Assembly } from '../../expand/assembly.js';
import type { TemplateSet } from '../../templates/index.js';
import { Emitter } from '../emitter.js';
import type { Reg } from '../registers.js';
import { rv32Branches, type Rv32Branches } from './branches.js';
import { rv32Roles } from './roles.js';
import { rv32Templates, type Rv32Templates } from './templates.js';

export const x0 = 0;
export const ra = 1;
export const sp = 2;
/** Link register of runtime routines. */
export const t0 = 5;
export const t1 = 6;
export const t2 = 7;

export const aluCodes = {
  add: 0,
  shl: 1,
  slt: 2,
  sltu: 3,
  xor: 4,
  shr_u: 5,
  or: 6,
  and: 7,
  sub: 8,
  shr_s: 13,
  mul: 16,
  mulh: 17,
  mulhu: 19,
  div_s: 20,
  div_u: 21,
  rem_s: 22,
  rem_u: 23,
} as const;
export const immediateCodes = { add: 0, slt: 2, sltu: 3, xor: 4, or: 6, and: 7 } as const;
export const shiftCodes = { shl: 0, shr_u: 1, shr_s: 3 } as const;
export const compressedAlu = { sub: 0, xor: 1, or: 2, and: 3 } as const;
export function isCompressed(reg: Reg): boolean {
  return reg >= 8 && reg <= 15;
}

function upperPart(value: number): number {
  return ((value + 0x800) >>> 12) & 0xfffff;
}

export function lowerPart(value: number): number {
  return (value << 20) >> 20;
}

/** Placing single templates, moves and constants. */
export abstract class Rv32Emitter extends Emitter<Rv32Templates> {
  readonly isa = 'rv32';
  readonly roles = rv32Roles;
  readonly indexed = false;
  readonly shiftedOperands = false;
  readonly multiplyAdd = false;
  readonly spreadsResults = false;
  readonly bitFields = false;
  readonly forwardTables = false;
  readonly scratch = t2;
  readonly saveCost = 2;
  protected readonly branches: Rv32Branches;

  constructor(
    templates: TemplateSet,
    assembly: Assembly,
    readonly features: Features,
  ) {
    const t = rv32Templates(templates);
    super(assembly, t, ra, t.ebreak);
    this.branches = rv32Branches(templates);
  }

  move(rd: Reg, rs: Reg): void {
    if (rd === rs) return;
    if (rs === x0) this.emit(this.t.c_li, rd, 0);
    else this.emit(this.t.c_mv, rd, rs);
  }

  constCost(value: number): number {
    return rv32Cost(value | 0);
  }

  loadConst(rd: Reg, value: number): void {
    const v = value | 0;
    const upper = v >>> 12;
    if (v >= -32 && v <= 31) this.emit(this.t.c_li, rd, v);
    else if (fits12(v)) this.emit(this.t.alu_rri, immediateCodes.add, rd, x0, v);
    else if ((v & 0xfff) === 0) {
      if (upper >= 1 && upper <= 31 && rd !== sp) this.emit(this.t.c_lui, rd, upper);
      else this.emit(this.t.lui, rd, upper);
    } else if (lowerPart(v) >= -32 && lowerPart(v) <= 31) {
      this.loadConst(rd, upperPart(v) << 12);
      this.emit(this.t.c_addi, rd, lowerPart(v));
    } else this.emit(this.t.li_imm32, rd, v);
  }

  /** Base register and offset that reach a home slot (hazard 7: beyond 512 slots). */
  protected slotBase(spOffset: number): { base: Reg; offset: number } {
    if (fits12(spOffset)) return { base: sp, offset: spOffset };
    this.emit(this.t.lui, t1, upperPart(spOffset));
    this.emit(this.t.c_add, t1, sp);
    return { base: t1, offset: lowerPart(spOffset) };
  }
}

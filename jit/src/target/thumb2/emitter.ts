import type { Features } from '../../features.js';
import type { Assembly, Label } from '../../expand/assembly.js';
import { isModifiedImmediate as isImmediate, thumb2Cost } from '../../core/target.js';
import type { TemplateSet } from '../../templates/index.js';
import { Emitter } from '../emitter.js';
import type { Reg } from '../registers.js';
import { thumb2Branches, type Thumb2Branches } from './branches.js';
import { thumb2Roles } from './roles.js';
import { thumb2Templates, type Thumb2Templates } from './templates.js';

export const r0 = 0;
export const r12 = 12;
export const sp = 13;
export const lr = 14;
export const pc = 15;

export function isLow(reg: Reg): boolean {
  return reg < 8;
}

/** Arm ARM A5.3.2. */
export function isModifiedImmediate(value: number): boolean {
  return isImmediate(value | 0);
}

/** Placing single templates, moves and constants; which register's flags are current. */
export abstract class Thumb2Emitter extends Emitter<Thumb2Templates> {
  readonly isa = 'thumb2';
  readonly roles = thumb2Roles;
  readonly indexed = true;
  readonly shiftedOperands = true;
  readonly multiplyAdd = true;
  readonly spreadsResults = true;
  readonly bitFields = true;
  readonly forwardTables = true;
  readonly scratch = r12;
  readonly saveCost = 0;
  protected flagsOf: Reg = -1;
  /** The code of the condition of which the flags tell until it is consumed; what is placed meanwhile leaves them alone. */
  protected heldCode: number | undefined;
  protected readonly branches: Thumb2Branches;

  constructor(
    templates: TemplateSet,
    assembly: Assembly,
    readonly features: Features,
  ) {
    const t = thumb2Templates(templates);
    super(assembly, t, lr, t.udf);
    this.branches = thumb2Branches(templates);
  }

  /** Records that `rd` was written; with `flags` its sign and zero flags are current afterwards. */
  protected wrote(rd: Reg, flags: boolean): void {
    if (flags && this.heldCode === undefined) this.flagsOf = rd;
    else if (this.flagsOf === rd) this.flagsOf = -1;
  }

  override bind(label: Label): void {
    this.flagsOf = -1;
    super.bind(label);
  }

  move(rd: Reg, rs: Reg): void {
    if (rd === rs) return;
    this.emit(this.t.mov_rr, rd, rs);
    this.wrote(rd, false);
  }

  constCost(value: number): number {
    return thumb2Cost(value | 0);
  }

  loadConst(rd: Reg, value: number): void {
    const v = value >>> 0;
    if (v <= 0xff && isLow(rd) && this.heldCode === undefined) {
      this.emit(this.t.mov_ri8_n, rd, v);
      this.wrote(rd, true);
      return;
    }
    if (isModifiedImmediate(v)) this.emit(this.t.mov_rimm, 0, rd, v);
    else if (isModifiedImmediate(~v)) this.emit(this.t.mov_rimm, 1, rd, ~v >>> 0);
    else if (v <= 0xffff) this.emit(this.t.movw, rd, v);
    else this.emit(this.t.mov_imm32, rd, v);
    this.wrote(rd, false);
  }
}

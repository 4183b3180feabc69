import { InternalError } from '@fireball/contracts';
import type { Label } from '../../expand/assembly.js';
import type { Cond, Condition, WordCondition } from '../conditions.js';
import type { Operand, Reg } from '../registers.js';
import type { ConditionalOp, JointChecks } from '../macro-assembler.js';
import { aluCodes, shiftCodes } from './arithmetic.js';
import { Thumb2Floats } from './floats.js';
import { isLow, isModifiedImmediate, r12 } from './emitter.js';

const compareCode = 13;
const compareNegativeCode = 8;
const testCode = 0;
export const condCodes = {
  eq: 0,
  ne: 1,
  ge_u: 2,
  lt_u: 3,
  gt_u: 8,
  le_u: 9,
  ge_s: 10,
  lt_s: 11,
  gt_s: 12,
  le_s: 13,
} as const satisfies Record<Cond, number>;
const condMinus = 4;
const condPlus = 5;

/** Comparisons and what consumes them, jumps and branch tables. */
export abstract class Thumb2Conditions extends Thumb2Floats {
  /** Sets flags; returns the condition code to use. */
  private compare(condition: Condition): number {
    if (condition.test === 'held') return this.takeHeld() ^ (condition.holds ? 0 : 1);
    if (this.heldCode !== undefined) throw new InternalError('a comparison while the flags tell of another one');
    if (condition.test === 'float') return this.compareFloats(condition);
    if (condition.test === 'pair') return condCodes[this.comparePair(condition.cond, condition.a, condition.b)];
    const { a, b, cond, test } = condition;
    if ('imm' in b && b.imm === 0 && test === 'compare') {
      if (this.flagsOf === a) {
        if (cond === 'eq' || cond === 'ne') return condCodes[cond];
        if (cond === 'lt_s') return condMinus;
        if (cond === 'ge_s') return condPlus;
      }
    }
    this.flagsOf = -1;
    if (test === 'test') {
      if ('imm' in b) this.emit(this.t.cmp_ri, testCode, a, b.imm >>> 0);
      else if (isLow(a) && isLow(b.reg)) this.emit(this.t.tst_rr_n, a, b.reg);
      else this.emit(this.t.cmp_rr, testCode, a, b.reg);
    } else if ('imm' in b) {
      const v = b.imm >>> 0;
      if (v <= 255 && isLow(a)) this.emit(this.t.cmp_ri8_n, a, v);
      else if (isModifiedImmediate(v)) this.emit(this.t.cmp_ri, compareCode, a, v);
      else this.emit(this.t.cmp_ri, compareNegativeCode, a, -b.imm >>> 0);
    } else if (!isLow(b.reg)) this.emit(this.t.cmp_hi_n, a, b.reg);
    else this.emit(isLow(a) ? this.t.cmp_rr_n : this.t.cmp_hi_low_n, a, b.reg);
    return condCodes[cond];
  }

  readonly holdCondition = (condition: WordCondition): void => {
    this.heldCode = this.compare(condition);
  };

  private takeHeld(): number {
    const code = this.heldCode;
    if (code === undefined) throw new InternalError('no condition is in the flags');
    this.heldCode = undefined;
    return code;
  }

  readonly jointChecks: JointChecks = {
    compare: (registers, limit) => {
      const [first, ...others] = registers;
      if (first === undefined) throw new InternalError('a comparison of no register');
      this.compare({ test: 'compare', cond: 'ge_u', a: first, b: { imm: limit } });
      for (const reg of others) this.emit(this.t.it_cmp_i, reg, limit >>> 0);
    },
    hold: () => {
      this.heldCode = condCodes.ge_u;
    },
    branch: (slow) => {
      this.branchOn(condCodes.ge_u, slow);
    },
    release: () => {
      this.heldCode = undefined;
    },
  };

  /** As `compare`, but may destroy rd: a test of the lowest bits is a 16-bit shift. */
  private compareInto(rd: Reg, condition: Condition): number {
    if (condition.test !== 'compare' && condition.test !== 'test') return this.compare(condition);
    const { a, b, cond, test } = condition;
    if (test === 'compare' || 'reg' in b || !isLow(rd) || !isLow(a)) return this.compare(condition);
    const bits = 32 - Math.clz32(b.imm);
    if (bits === 0 || bits === 32 || b.imm !== 2 ** bits - 1) return this.compare(condition);
    this.flagsOf = -1;
    this.emit(this.t.shift_rri_n, shiftCodes.shl, rd, a, 32 - bits);
    return condCodes[cond];
  }

  setIf(rd: Reg, condition: Condition): void {
    if (condition.test !== 'compare' && condition.test !== 'test') {
      this.setOnFlags(rd, this.compare(condition));
      return;
    }
    const { a, b, cond, test } = condition;
    const againstZero = test === 'compare' && 'imm' in b && b.imm === 0;
    if (againstZero && cond === 'eq') {
      this.emit(this.t.clz_rr, rd, a);
      this.aluImmediate('shr_u', rd, rd, 5);
      return;
    }
    if (againstZero && cond === 'lt_s') {
      this.aluImmediate('shr_u', rd, a, 31);
      return;
    }
    if (againstZero && cond === 'ne') {
      this.setUnlessZero(rd, a);
      return;
    }
    const isOperand = rd === a || ('reg' in b && b.reg === rd);
    const early = isLow(rd) && !isOperand && this.flagsOf !== a;
    if (early) this.emit(this.t.mov_ri8_n, rd, 0);
    const code = this.compare(condition);
    if (early) this.setUnder(code, rd);
    else this.setOnFlags(rd, code);
  }

  /** a - (a - 1) less the borrow of a - 1. */
  private setUnlessZero(rd: Reg, a: Reg): void {
    const less = rd === a ? r12 : rd;
    if (isLow(less) && isLow(a)) this.emit(this.t.addsub_rri3_n, 1, less, a, 1);
    else this.emit(this.t.alu_rri, aluCodes.sub, 1, less, a, 1);
    this.emit(this.t.alu_rrr, aluCodes.sbc, 0, rd, a, less);
    this.flagsOf = -1;
  }

  private setOnFlags(rd: Reg, code: number): void {
    // Flags are live: mov.w, not movs.
    this.emit(this.t.mov_rimm, 0, rd, 0);
    this.setUnder(code, rd);
  }

  private setUnder(code: number, rd: Reg): void {
    if (isLow(rd)) this.emit(this.t.it_mov_i_n, code, rd, 1);
    else this.emit(this.t.it_mov_i, code, rd, 1);
    this.wrote(rd, false);
  }

  readonly countsByFlags = true;

  fitsAluIf(_op: ConditionalOp, imm: number): boolean {
    return isModifiedImmediate(imm);
  }

  aluIf(op: ConditionalOp, rd: Reg, condition: Condition, b: Operand): void {
    const code = this.compare(condition);
    if ('reg' in b) {
      if (op === 'add' && isLow(rd) && isLow(b.reg)) this.emit(this.t.it_add_n, code, rd, b.reg);
      else this.emit(this.t.it_alu, code, aluCodes[op], rd, b.reg);
    } else if (op === 'add' && isLow(rd) && b.imm >>> 0 <= 255) this.emit(this.t.it_add_i_n, code, rd, b.imm);
    else this.emit(this.t.it_alu_i, code, aluCodes[op], rd, b.imm >>> 0);
    this.wrote(rd, false);
  }

  fitsChoose(imm: number): boolean {
    return isModifiedImmediate(imm);
  }

  choose(rd: Reg, condition: Condition, whenTrue: Operand, whenFalse: Operand): void {
    // Flags first: behind the comparison rd may overwrite its operands, with moves that keep flags.
    const isValue = [whenTrue, whenFalse].some((value) => 'reg' in value && value.reg === rd);
    const code = isValue ? this.compare(condition) : this.compareInto(rd, condition);
    if ('reg' in whenTrue && whenTrue.reg === rd) this.moveUnder(code ^ 1, rd, whenFalse);
    else {
      if ('reg' in whenFalse) this.move(rd, whenFalse.reg);
      else this.emit(this.t.mov_rimm, 0, rd, whenFalse.imm >>> 0);
      this.moveUnder(code, rd, whenTrue);
    }
    this.wrote(rd, false);
  }

  private moveUnder(code: number, rd: Reg, value: Operand): void {
    if ('reg' in value) this.emit(this.t.it_mov, code, rd, value.reg);
    else if (isLow(rd) && value.imm >>> 0 <= 255) this.emit(this.t.it_mov_i_n, code, rd, value.imm);
    else this.emit(this.t.it_mov_i, code, rd, value.imm >>> 0);
  }

  /** Branches if the condition holds of the current flags. */
  protected branchOn(code: number, target: Label): void {
    this.branchTo(target, this.branches.condition, code);
  }

  branchIf(condition: Condition, target: Label): void {
    if (condition.test !== 'compare' && condition.test !== 'test') {
      this.branchOn(this.compare(condition), target);
      return;
    }
    const { a, b, cond, test } = condition;
    const zeroTest = test === 'compare' && 'imm' in b && b.imm === 0 && (cond === 'eq' || cond === 'ne');
    if (zeroTest && isLow(a) && this.flagsOf !== a) {
      // Wider forms compare first, which changes the flags.
      this.flagsOf = -1;
      this.branchTo(target, this.branches.zero, condCodes[cond], a);
      return;
    }
    this.branchOn(this.compare(condition), target);
  }

  jump(target: Label): void {
    this.branchTo(target, this.branches.jump);
  }

  branchTable(index: Reg, labels: readonly Label[], otherwise: Label | undefined): void {
    if (otherwise !== undefined) this.branchBehindTable(index, labels.length, otherwise);
    this.emit(this.t.tbh, index);
    const table = this.assembly.newLabel();
    this.assembly.bind(table);
    for (const label of labels) this.assembly.tableEntry(this.t.table_entry, table, label, this.branches.jump, this.wasmOffset);
  }

  private branchBehindTable(index: Reg, count: number, otherwise: Label): void {
    if (isModifiedImmediate(count)) this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { imm: count } }, otherwise);
    else {
      this.loadConst(r12, count);
      this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { reg: r12 } }, otherwise);
    }
  }
}

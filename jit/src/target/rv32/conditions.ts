import { InternalError } from '@fireball/contracts';
import { fits12 } from '../../core/target.js';
import type { Label } from '../../expand/assembly.js';
import { inverse, registersOf, type Condition, type FloatCondition, type WordCondition } from '../conditions.js';
import type { ConditionalOp } from '../macro-assembler.js';
import type { Operand, Reg } from '../registers.js';
import { Rv32Floats } from './floats.js';
import { aluCodes, immediateCodes, isCompressed, shiftCodes, t1, t2, x0 } from './emitter.js';

const branchCodes = { eq: 0, ne: 1, lt_s: 4, ge_s: 5, lt_u: 6, ge_u: 7 } as const;

/** Comparisons and what consumes them, jumps and branch tables. */
export abstract class Rv32Conditions extends Rv32Floats {
  readonly holdCondition = undefined;
  readonly jointChecks = undefined;

  /** Reduces a condition to a branch of two registers. */
  private branchOperands(condition: WordCondition | FloatCondition): { code: number; a: Reg; b: Reg } {
    if (condition.test === 'float') {
      this.compareFloats(t1, condition);
      return { code: branchCodes[condition.holds ? 'ne' : 'eq'], a: t1, b: x0 };
    }
    const { test, cond, a, b } = condition;
    if (test === 'test') {
      this.alu('and', t1, a, b);
      return { code: branchCodes[cond === 'eq' ? 'eq' : 'ne'], a: t1, b: x0 };
    }
    let right: Reg;
    if ('reg' in b) right = b.reg;
    else if (b.imm === 0) right = x0;
    else {
      this.loadConst(t1, b.imm);
      right = t1;
    }
    switch (cond) {
      case 'gt_s':
        return { code: branchCodes.lt_s, a: right, b: a };
      case 'le_s':
        return { code: branchCodes.ge_s, a: right, b: a };
      case 'gt_u':
        return { code: branchCodes.lt_u, a: right, b: a };
      case 'le_u':
        return { code: branchCodes.ge_u, a: right, b: a };
      case 'eq':
      case 'ne':
      case 'lt_s':
      case 'ge_s':
      case 'lt_u':
      case 'ge_u':
        return { code: branchCodes[cond], a, b: right };
    }
  }

  setIf(rd: Reg, condition: Condition): void {
    if (condition.test === 'pair') {
      this.choose(rd, condition, { imm: 1 }, { imm: 0 });
      return;
    }
    if (condition.test === 'held') throw noFlags();
    if (condition.test === 'float') {
      this.setIfFloats(rd, condition);
      return;
    }
    const { test, a, b, cond } = condition;
    if (test === 'test') {
      this.alu('and', rd, a, b);
      this.setIf(rd, { test: 'compare', cond, a: rd, b: { imm: 0 } });
      return;
    }
    const imm = 'imm' in b ? b.imm | 0 : undefined;
    const right = 'reg' in b ? b.reg : x0;
    const lessThan = (signed: boolean, left: Reg, other: Reg): void => {
      this.emit(this.t.alu_rrr, signed ? aluCodes.slt : aluCodes.sltu, rd, left, other);
    };
    const invert = (): void => this.emit(this.t.alu_rri, immediateCodes.xor, rd, rd, 1);
    if (cond === 'eq' || cond === 'ne') {
      let difference = a;
      if (imm === undefined) {
        this.aluRegister('sub', rd, a, right);
        difference = rd;
      } else if (imm !== 0) {
        this.aluImmediate('add', rd, a, -imm | 0);
        difference = rd;
      }
      if (cond === 'eq') this.emit(this.t.alu_rri, immediateCodes.sltu, rd, difference, 1);
      else lessThan(false, x0, difference);
      return;
    }
    const signed = cond.endsWith('_s');
    switch (cond) {
      case 'lt_s':
      case 'lt_u':
      case 'ge_s':
      case 'ge_u':
        if (imm !== undefined && imm !== 0) this.emit(this.t.alu_rri, signed ? immediateCodes.slt : immediateCodes.sltu, rd, a, imm);
        else lessThan(signed, a, right);
        if (cond === 'ge_s' || cond === 'ge_u') invert();
        return;
      case 'gt_s':
      case 'gt_u':
      case 'le_s':
      case 'le_u': {
        let left = right;
        if (imm !== undefined && imm !== 0) {
          this.loadConst(t1, imm);
          left = t1;
        }
        lessThan(signed, left, a);
        if (cond === 'le_s' || cond === 'le_u') invert();
        return;
      }
      default:
        cond satisfies never;
    }
  }

  readonly countsByFlags = false;

  fitsAluIf(op: ConditionalOp, imm: number): boolean {
    return this.fitsImmediate(op, imm);
  }

  aluIf(op: ConditionalOp, rd: Reg, condition: Condition, b: Operand): void {
    const done = this.assembly.newLabel();
    this.branchIf(inverse(condition), done);
    this.alu(op, rd, rd, b);
    this.bind(done);
  }

  fitsChoose(imm: number): boolean {
    return fits12(imm | 0);
  }

  choose(rd: Reg, condition: Condition, whenTrue: Operand, whenFalse: Operand): void {
    if (condition.test === 'test') {
      // Behind the and, rd may overwrite its operands.
      this.alu('and', t1, condition.a, condition.b);
      this.choose(rd, { test: 'compare', cond: condition.cond, a: t1, b: { imm: 0 } }, whenTrue, whenFalse);
      return;
    }
    const isTrue = 'reg' in whenTrue && whenTrue.reg === rd;
    const isFalse = 'reg' in whenFalse && whenFalse.reg === rd;
    const done = this.assembly.newLabel();
    if (isTrue || isFalse) {
      this.branchIf(isTrue ? condition : inverse(condition), done);
      this.set(rd, isTrue ? whenFalse : whenTrue);
    } else if (registersOf(condition).includes(rd)) {
      // rd is read by the branch: write it behind.
      const otherwise = this.assembly.newLabel();
      this.branchIf(inverse(condition), otherwise);
      this.set(rd, whenTrue);
      this.jump(done);
      this.bind(otherwise);
      this.set(rd, whenFalse);
    } else {
      this.set(rd, whenTrue);
      this.branchIf(condition, done);
      this.set(rd, whenFalse);
    }
    this.bind(done);
  }

  private set(rd: Reg, value: Operand): void {
    if ('reg' in value) this.move(rd, value.reg);
    else this.loadConst(rd, value.imm);
  }

  branchIf(condition: Condition, target: Label): void {
    if (condition.test === 'held') throw noFlags();
    if (condition.test === 'pair') {
      this.branchPair(condition.cond, condition.a, condition.b, target);
      return;
    }
    const { code, a, b } = this.branchOperands(condition);
    const zero = b === x0 ? a : a === x0 ? b : x0;
    if (code <= 1 && (a === x0 || b === x0) && isCompressed(zero)) {
      this.branchTo(target, this.branches.zero, code, a, b, zero);
    } else this.branchTo(target, this.branches.compare, code, a, b);
  }

  jump(target: Label): void {
    this.branchTo(target, this.branches.jump, x0);
  }

  branchTable(index: Reg, labels: readonly Label[], otherwise: Label | undefined): void {
    if (otherwise !== undefined) {
      this.loadConst(t1, labels.length);
      this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { reg: t1 } }, otherwise);
    }
    // An array of 4-byte jumps: pc + 4 * index, past the 3 instructions that follow auipc.
    this.emit(this.t.shift_rri, shiftCodes.shl, t1, index, 2);
    this.emit(this.t.auipc, t2, 0);
    this.emit(this.t.c_add, t1, t2);
    this.emit(this.t.jalr, x0, t1, 10);
    for (const label of labels) {
      this.branchTo(label, this.branches.link, x0);
    }
  }
}

function noFlags(): InternalError {
  return new InternalError('there are no flags in which a condition could wait');
}

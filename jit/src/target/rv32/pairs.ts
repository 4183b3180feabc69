import { InternalError } from '@fireball/contracts';
import { fits12 } from '../../core/target.js';
import type { CompareCond, PairImmediate } from '../conditions.js';
import type { PairShift } from '../macro-assembler.js';
import { overlap, type LowWord, type Pair, type Reg } from '../registers.js';
import { Rv32Arithmetic } from './arithmetic.js';
import { aluCodes, immediateCodes, t1, t2 } from './emitter.js';

const branchLess = { lt_s: 4, lt_u: 6 } as const;

/** 64-bit arithmetic on register pairs, low word first. */
export abstract class Rv32Pairs extends Rv32Arithmetic {
  fitsPairImmediate(op: 'add' | 'sub' | 'compare', { lowImm, highImm }: PairImmediate): boolean {
    return op === 'add' && fits12(lowImm) && fits12(highImm);
  }

  /** rd = a +/- b. The low result must not be a high operand. */
  addPair(op: 'add' | 'sub', rd: Pair, a: Pair, b: Pair | PairImmediate): void {
    if ('lowImm' in b) {
      this.aluImmediate('add', rd.low, a.low, b.lowImm);
      // Carry: the sum is below the addend.
      this.emit(this.t.alu_rri, immediateCodes.sltu, t1, rd.low, b.lowImm);
      if (b.highImm !== 0) this.aluImmediate('add', rd.high, a.high, b.highImm);
      this.aluRegister('add', rd.high, b.highImm === 0 ? a.high : rd.high, t1);
      return;
    }
    if (op === 'add') {
      // Carry: the sum is below either addend. Keep one that the sum does not overwrite.
      const kept = rd.low === a.low ? b.low : a.low;
      if (kept === rd.low) {
        // a + a: the carry is the sign bit.
        this.aluImmediate('shr_u', t1, a.low, 31);
        this.aluRegister('add', rd.low, a.low, b.low);
      } else {
        this.aluRegister('add', rd.low, a.low, b.low);
        this.emit(this.t.alu_rrr, aluCodes.sltu, t1, rd.low, kept);
      }
    } else {
      this.emit(this.t.alu_rrr, aluCodes.sltu, t1, a.low, b.low);
      this.aluRegister('sub', rd.low, a.low, b.low);
    }
    this.aluRegister(op, rd.high, a.high, b.high);
    this.aluRegister(op, rd.high, rd.high, t1);
  }

  multiplyPair(rd: Pair, a: LowWord, b: Pair): void {
    if (overlap(rd, a) || overlap(rd, b)) {
      this.emit(this.t.alu_rrr, aluCodes.mul, t1, a.low, b.high);
      if (a.high !== undefined) {
        this.emit(this.t.alu_rrr, aluCodes.mul, t2, a.high, b.low);
        this.aluRegister('add', t1, t1, t2);
      }
      this.emit(this.t.alu_rrr, aluCodes.mulhu, t2, a.low, b.low);
      this.emit(this.t.alu_rrr, aluCodes.mul, rd.low, a.low, b.low);
      this.aluRegister('add', rd.high, t1, t2);
      return;
    }
    this.emit(this.t.alu_rrr, aluCodes.mulhu, rd.high, a.low, b.low);
    this.emit(this.t.alu_rrr, aluCodes.mul, t1, a.low, b.high);
    this.aluRegister('add', rd.high, rd.high, t1);
    if (a.high !== undefined) {
      this.emit(this.t.alu_rrr, aluCodes.mul, t1, a.high, b.low);
      this.aluRegister('add', rd.high, rd.high, t1);
    }
    this.emit(this.t.alu_rrr, aluCodes.mul, rd.low, a.low, b.low);
  }

  multiplyWords(signed: boolean, rd: Pair, a: Reg, b: Reg): void {
    const high = signed ? aluCodes.mulh : aluCodes.mulhu;
    if (rd.high !== a && rd.high !== b) {
      this.emit(this.t.alu_rrr, high, rd.high, a, b);
      this.emit(this.t.alu_rrr, aluCodes.mul, rd.low, a, b);
      return;
    }
    const spoils = rd.low === a || rd.low === b;
    this.emit(this.t.alu_rrr, aluCodes.mul, spoils ? t1 : rd.low, a, b);
    this.emit(this.t.alu_rrr, high, rd.high, a, b);
    if (spoils) this.move(rd.low, t1);
  }

  multiplyAddWords(_signed: boolean, _rd: Pair, _a: Reg, _b: Reg): void {
    throw new InternalError('RV32 has no multiply-add');
  }

  shiftPair(op: PairShift, rd: Pair, a: Pair, amount: Reg): void {
    const left = op === 'shl';
    const far = left ? a.high : a.low;
    const near = left ? a.low : a.high;
    const rdFar = left ? rd.high : rd.low;
    const rdNear = left ? rd.low : rd.high;
    const forth = left ? 'shl' : 'shr_u';
    const back = left ? 'shr_u' : 'shl';
    const across = this.assembly.newLabel();
    const done = this.assembly.newLabel();
    // Shifts count modulo 32: bit 5 of the amount decides.
    this.aluImmediate('and', t1, amount, 32);
    this.branchIf({ test: 'compare', cond: 'ne', a: t1, b: { imm: 0 } }, across);
    this.aluImmediate('xor', t1, amount, -1);
    this.aluImmediate(back, t2, near, 1);
    this.aluRegister(back, t2, t2, t1);
    this.aluRegister(forth, rdFar, far, amount);
    this.aluRegister('or', rdFar, rdFar, t2);
    this.aluRegister(op, rdNear, near, amount);
    this.jump(done);
    this.bind(across);
    this.aluRegister(op, rdFar, near, amount);
    if (op === 'shr_s') this.aluImmediate('shr_s', rdNear, near, 31);
    else this.loadConst(rdNear, 0);
    this.bind(done);
  }

  abstract branchIf(condition: { test: 'compare'; cond: 'ne'; a: Reg; b: { imm: number } }, target: number): void;
  abstract jump(target: number): void;

  /** Branches to `target` if a COND b as 64-bit numbers. */
  protected branchPair(cond: CompareCond, a: Pair, b: Pair | PairImmediate, target: number): void {
    if ('lowImm' in b) throw new InternalError('no branch compares with immediates');
    const swap = cond.startsWith('gt') || cond.startsWith('le');
    const [left, right] = swap ? [b, a] : [a, b];
    const less = branchLess[cond.endsWith('_s') ? 'lt_s' : 'lt_u'];
    const wantsLess = cond.startsWith('lt') || cond.startsWith('gt');
    const other = this.assembly.newLabel();
    const onLess = wantsLess ? target : other;
    const onGreater = wantsLess ? other : target;
    this.place(less, left.high, right.high, onLess);
    this.place(less, right.high, left.high, onGreater);
    this.place(wantsLess ? branchLess.lt_u : branchLess.lt_u + 1, left.low, right.low, target);
    this.bind(other);
  }

  /** A register branch in its two reaches; `code` is the branch's funct3. */
  private place(code: number, a: Reg, b: Reg, target: number): void {
    this.branchTo(target, this.branches.compare, code, a, b);
  }
}

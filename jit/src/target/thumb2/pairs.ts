import type { CompareCond, PairImmediate } from '../conditions.js';
import type { PairShift } from '../macro-assembler.js';
import { overlap, type LowWord, type Pair, type Reg } from '../registers.js';
import { aluCodes, shiftCodes, Thumb2Arithmetic } from './arithmetic.js';
import { isLow, isModifiedImmediate, r12 } from './emitter.js';

const longCodes = { smull: 0, smlal: 2, umlal: 3 } as const;

/** 64-bit arithmetic on register pairs, low word first. */
export abstract class Thumb2Pairs extends Thumb2Arithmetic {
  fitsPairImmediate(_op: 'add' | 'sub' | 'compare', { lowImm, highImm }: PairImmediate): boolean {
    return isModifiedImmediate(lowImm) && isModifiedImmediate(highImm);
  }

  /** rd = a +/- b. The low result must not be a high operand. */
  addPair(op: 'add' | 'sub', rd: Pair, a: Pair, b: Pair | PairImmediate): void {
    if ('lowImm' in b) {
      this.addPairImmediate(op, rd, a, b);
      return;
    }
    const [first, second] = op === 'add' ? [aluCodes.add, aluCodes.adc] : [aluCodes.sub, aluCodes.sbc];
    if (isLow(rd.low) && isLow(a.low) && isLow(b.low)) this.emit(this.t.addsub_rrr_n, op === 'add' ? 0 : 1, rd.low, a.low, b.low);
    else this.emit(this.t.alu_rrr, first, 1, rd.low, a.low, b.low);
    // The carry of the low words: nothing may come between.
    if (isLow(rd.high) && rd.high === a.high && isLow(b.high)) this.emit(this.t.alu_rr_n, op === 'add' ? 5 : 6, rd.high, b.high);
    else this.emit(this.t.alu_rrr, second, 1, rd.high, a.high, b.high);
    this.flagsOf = -1;
  }

  private addPairImmediate(op: 'add' | 'sub', rd: Pair, a: Pair, { lowImm, highImm }: PairImmediate): void {
    const low = lowImm >>> 0;
    const short = op === 'add' ? 0 : 1;
    if (rd.low === a.low && isLow(rd.low) && low <= 255) this.emit(this.t.addsub_ri8_n, short, rd.low, low);
    else if (isLow(rd.low) && isLow(a.low) && low <= 7) this.emit(this.t.addsub_rri3_n, short, rd.low, a.low, low);
    else this.emit(this.t.alu_rri, aluCodes[op], 1, rd.low, a.low, low);
    this.emit(this.t.alu_rri, op === 'add' ? aluCodes.adc : aluCodes.sbc, 0, rd.high, a.high, highImm >>> 0);
    this.flagsOf = -1;
  }

  multiplyPair(rd: Pair, a: LowWord, b: Pair): void {
    this.flagsOf = -1;
    if (overlap(rd, a) || overlap(rd, b)) {
      this.emit(this.t.mul_rrr, r12, a.low, b.high);
      if (a.high !== undefined) this.emit(this.t.mla_rrrr, 0, r12, a.high, b.low, r12);
      this.emit(this.t.umull, rd.low, rd.high, a.low, b.low);
      this.alu('add', rd.high, rd.high, { reg: r12 });
      return;
    }
    this.emit(this.t.umull, rd.low, rd.high, a.low, b.low);
    this.emit(this.t.mla_rrrr, 0, rd.high, a.low, b.high, rd.high);
    if (a.high !== undefined) this.emit(this.t.mla_rrrr, 0, rd.high, a.high, b.low, rd.high);
  }

  multiplyWords(signed: boolean, rd: Pair, a: Reg, b: Reg): void {
    this.flagsOf = -1;
    if (signed) this.emit(this.t.long_multiply, longCodes.smull, rd.low, rd.high, a, b);
    else this.emit(this.t.umull, rd.low, rd.high, a, b);
  }

  multiplyAddWords(signed: boolean, rd: Pair, a: Reg, b: Reg): void {
    this.flagsOf = -1;
    this.emit(this.t.long_multiply, longCodes[signed ? 'smlal' : 'umlal'], rd.low, rd.high, a, b);
  }

  shiftPair(op: PairShift, rd: Pair, a: Pair, amount: Reg): void {
    // Register shifts count with the low byte, and 32 and more give 0 (asr: the sign).
    this.emit(this.t.alu_rri, aluCodes.and, 0, amount, amount, 63);
    const left = op === 'shl';
    const far = left ? a.high : a.low;
    const near = left ? a.low : a.high;
    const rdFar = left ? rd.high : rd.low;
    const rdNear = left ? rd.low : rd.high;
    const forth = left ? shiftCodes.shl : shiftCodes.shr_u;
    const back = left ? shiftCodes.shr_u : shiftCodes.shl;
    this.emit(this.t.shift_rrr, forth, 0, rdFar, far, amount);
    this.emit(this.t.alu_rri, aluCodes.rsb, 0, r12, amount, 32);
    this.emit(this.t.shift_rrr, back, 0, r12, near, r12);
    this.emit(this.t.alu_rrr, aluCodes.or, 0, rdFar, rdFar, r12);
    if (op === 'shr_s') this.emit(this.t.pair_shr_s_tail, rdFar, amount, near);
    else {
      this.emit(this.t.alu_rri, aluCodes.sub, 0, r12, amount, 32);
      this.emit(this.t.shift_rrr, forth, 0, r12, near, r12);
      this.emit(this.t.alu_rrr, aluCodes.or, 0, rdFar, rdFar, r12);
    }
    this.emit(this.t.shift_rrr, op === 'shr_s' ? shiftCodes.shr_s : forth, 0, rdNear, near, amount);
    this.flagsOf = -1;
  }

  /** Flags of a - b as 64-bit numbers, for lt and ge; returns the condition to ask for. */
  protected comparePair(cond: CompareCond, a: Pair, b: Pair | PairImmediate): 'lt_s' | 'ge_s' | 'lt_u' | 'ge_u' {
    if ('lowImm' in b) {
      const low = b.lowImm >>> 0;
      if (isLow(a.low) && low <= 255) this.emit(this.t.cmp_ri8_n, a.low, low);
      else this.emit(this.t.cmp_ri, aluCodes.sub, a.low, low);
      this.emit(this.t.alu_rri, aluCodes.sbc, 1, r12, a.high, b.highImm >>> 0);
      this.flagsOf = -1;
      return cond as 'lt_s' | 'ge_s' | 'lt_u' | 'ge_u';
    }
    const swapped = { gt_s: 'lt_s', le_s: 'ge_s', gt_u: 'lt_u', le_u: 'ge_u' } as const;
    const swap = cond === 'gt_s' || cond === 'le_s' || cond === 'gt_u' || cond === 'le_u';
    const left = swap ? b : a;
    const right = swap ? a : b;
    if (isLow(left.low) && isLow(right.low)) this.emit(this.t.cmp_rr_n, left.low, right.low);
    else this.emit(this.t.cmp_rr, aluCodes.sub, left.low, right.low);
    this.emit(this.t.alu_rrr, aluCodes.sbc, 1, r12, left.high, right.high);
    this.flagsOf = -1;
    return swap ? swapped[cond] : cond;
  }
}

import type { FloatBinary, FloatRounding, FloatType } from '../../plan/floats.js';
import type { Template } from '../../templates/index.js';
import type { FloatCondition } from '../conditions.js';
import type { FloatReg, Reg } from '../registers.js';
import { immediateCodes, x0 } from './emitter.js';
import { Rv32Pairs } from './pairs.js';

const binaryCodes = { add: 0, sub: 1, mul: 2, div: 3 } as const;
const signCodes = { abs: 2, neg: 1 } as const;
const roundCodes = { nearest: 0, trunc: 1, floor: 2, ceil: 3 } as const satisfies Record<FloatRounding, number>;
const compareCodes = { le: 0, lt: 1, eq: 2 } as const;

/** F and D arithmetic. */
export abstract class Rv32Floats extends Rv32Pairs {
  private of(type: FloatType, single: Template, double: Template): Template {
    return type === 'f32' ? single : double;
  }

  floatBinary(op: FloatBinary, type: FloatType, fd: FloatReg, a: FloatReg, b: FloatReg): void {
    const { t } = this;
    if (op === 'min' || op === 'max') this.emit(this.of(type, t.f_minmax, t.d_minmax), op === 'max' ? 1 : 0, fd, a, b);
    else this.emit(this.of(type, t.f_rrr, t.d_rrr), binaryCodes[op], fd, a, b);
  }

  floatSqrt(type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.of(type, this.t.f_sqrt, this.t.d_sqrt), fd, a);
  }

  floatRound(op: FloatRounding, type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.of(type, this.t.f_round, this.t.d_round), roundCodes[op], fd, a);
  }

  floatSign(op: 'abs' | 'neg', type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.of(type, this.t.f_sign, this.t.d_sign), signCodes[op], fd, a, a);
  }

  floatFromInteger(type: FloatType, signed: boolean, fd: FloatReg, rs: Reg): void {
    this.emit(this.of(type, this.t.f_from_int, this.t.d_from_int), signed ? 0 : 1, fd, rs);
  }

  floatToInteger(type: FloatType, signed: boolean, exactNaN: boolean, rd: Reg, a: FloatReg): void {
    const { t } = this;
    const template = exactNaN ? this.of(type, t.f_to_int_sat, t.d_to_int_sat) : this.of(type, t.f_to_int, t.d_to_int);
    this.emit(template, signed ? 0 : 1, rd, a);
  }

  floatPrecision(type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(type === 'f32' ? this.t.d_demote : this.t.d_promote, fd, a);
  }

  moveToFloat(fd: FloatReg, rs: Reg): void {
    this.emit(this.t.fmv_to, fd, rs);
  }

  moveFromFloat(rd: Reg, fs: FloatReg): void {
    this.emit(this.t.fmv_from, rd, fs);
  }

  shortFloatConst(fd: FloatReg, bits: number): boolean {
    if (bits !== 0) return false;
    this.moveToFloat(fd, x0);
    return true;
  }

  fitsFloatSlot(): boolean {
    return true;
  }

  loadFloatSlot(type: FloatType, fd: FloatReg, spOffset: number): void {
    const { base, offset } = this.slotBase(spOffset);
    this.emit(this.of(type, this.t.flw, this.t.fld), fd, base, offset);
  }

  storeFloatSlot(type: FloatType, fs: FloatReg, spOffset: number): void {
    const { base, offset } = this.slotBase(spOffset);
    this.emit(this.of(type, this.t.fsw, this.t.fsd), fs, base, offset);
  }

  /** rd = 1 if `cond` holds, otherwise 0, whatever `holds` says. */
  protected compareFloats(rd: Reg, { type, cond, a, b }: FloatCondition): void {
    const template = this.of(type, this.t.f_cmp, this.t.d_cmp);
    if (cond === 'gt' || cond === 'ge') this.emit(template, compareCodes[cond === 'gt' ? 'lt' : 'le'], rd, b, a);
    else this.emit(template, compareCodes[cond], rd, a, b);
  }

  protected setIfFloats(rd: Reg, condition: FloatCondition): void {
    this.compareFloats(rd, condition);
    if (!condition.holds) this.emit(this.t.alu_rri, immediateCodes.xor, rd, rd, 1);
  }
}

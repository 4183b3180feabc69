import { InternalError } from '@fireball/contracts';
import type { FloatBinary, FloatRounding, FloatType } from '../../plan/floats.js';
import { derivedFunctions, notEncodable } from '../../templates/index.js';
import type { FloatCondition } from '../conditions.js';
import type { FloatReg, Reg } from '../registers.js';
import { Thumb2Pairs } from './pairs.js';

const binaryCodes = { mul: 0, add: 1, sub: 3, div: 4 } as const;
const unaryCodes = { abs: 1, neg: 2, sqrt: 3 } as const;
const roundCodes = { nearest: 1, ceil: 2, floor: 3, trunc: 4 } as const satisfies Record<FloatRounding, number>;
/** Conditions on the flags of VCMP that fail on NaN (Armv7-M ARM, table A7-1): eq, mi, ls, gt, ge. */
const floatCondCodes = { eq: 0, lt: 4, le: 9, gt: 12, ge: 10 } as const;
/** Never allocated. */
const s31: FloatReg = 31;

/** Single-precision arithmetic; no core here has double precision. */
export abstract class Thumb2Floats extends Thumb2Pairs {
  floatBinary(op: FloatBinary, _type: FloatType, fd: FloatReg, a: FloatReg, b: FloatReg): void {
    if (op !== 'min' && op !== 'max') {
      this.emit(this.t.vfp_rrr, binaryCodes[op], fd, a, b);
      return;
    }
    this.flagsOf = -1;
    if (this.features.has('fpv5')) this.emit(this.t.vfp_minmax, op === 'max' ? 0 : 1, fd, a, b);
    else this.emit(op === 'max' ? this.t.vfp_max : this.t.vfp_min, fd, a, b);
  }

  floatSqrt(_type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.t.vfp_rr, unaryCodes.sqrt, fd, a);
  }

  floatRound(op: FloatRounding, _type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.t.vfp_round, roundCodes[op], fd, a);
  }

  floatSign(op: 'abs' | 'neg', _type: FloatType, fd: FloatReg, a: FloatReg): void {
    this.emit(this.t.vfp_rr, unaryCodes[op], fd, a);
  }

  floatFromInteger(_type: FloatType, signed: boolean, fd: FloatReg, rs: Reg): void {
    this.moveToFloat(fd, rs);
    this.emit(this.t.vcvt_from_int, signed ? 1 : 0, fd, fd);
  }

  floatToInteger(_type: FloatType, signed: boolean, _exactNaN: boolean, rd: Reg, a: FloatReg): void {
    this.emit(this.t.vcvt_to_int, signed ? 1 : 0, s31, a);
    this.moveFromFloat(rd, s31);
  }

  floatPrecision(): void {
    throw new InternalError('no double precision here');
  }

  moveToFloat(fd: FloatReg, rs: Reg): void {
    this.emit(this.t.vmov_to, fd, rs);
  }

  moveFromFloat(rd: Reg, fs: FloatReg): void {
    this.emit(this.t.vmov_from, rd, fs);
    this.wrote(rd, false);
  }

  shortFloatConst(fd: FloatReg, bits: number): boolean {
    if (derivedFunctions.vfpImmediate.compute(bits >>> 0) === notEncodable) return false;
    this.emit(this.t.vmov_imm, fd, bits >>> 0);
    return true;
  }

  fitsFloatSlot(spOffset: number): boolean {
    return spOffset <= 1020;
  }

  loadFloatSlot(_type: FloatType, fd: FloatReg, spOffset: number): void {
    this.emit(this.t.vldst_sp, 1, fd, spOffset);
  }

  storeFloatSlot(_type: FloatType, fs: FloatReg, spOffset: number): void {
    this.emit(this.t.vldst_sp, 0, fs, spOffset);
  }

  /** Sets flags; returns the condition code to use. */
  protected compareFloats({ cond, holds, a, b }: FloatCondition): number {
    this.flagsOf = -1;
    this.emit(this.t.vfp_cmp, a, b);
    return floatCondCodes[cond] ^ (holds ? 0 : 1);
  }
}

import { InternalError } from '@fireball/contracts';
import { fitsThumb2 } from '../../core/target.js';
import { aluNumbers } from '../alu.js';
import type { AluOp, DivideOp, Shift, UnaryOp } from '../macro-assembler.js';
import type { Operand, Reg } from '../registers.js';
import { isLow, isModifiedImmediate, r12, Thumb2Emitter } from './emitter.js';

export const aluCodes = { and: 0, bic: 1, or: 2, orn: 3, xor: 4, add: 8, adc: 10, sbc: 11, sub: 13, rsb: 14 } as const;
export const shiftCodes = { shl: 0, shr_u: 1, shr_s: 2, rotr: 3 } as const satisfies Record<Shift, number>;
/** Of SXTH, SXTB, UXTH and UXTB, by width of the encoding. */
const extendCodes = {
  extend16_s: { narrow: 0, wide: 0 },
  extend8_s: { narrow: 1, wide: 4 },
  extend16_u: { narrow: 2, wide: 1 },
  extend8_u: { narrow: 3, wide: 5 },
} as const satisfies Record<Exclude<UnaryOp, 'clz' | 'ctz'>, { narrow: number; wide: number }>;
const twoAddress = { and: 0, xor: 1, shl: 2, shr_u: 3, shr_s: 4, or: 12 } as const;
/** Integer arithmetic on single words. */
export abstract class Thumb2Arithmetic extends Thumb2Emitter {
  fitsImmediate(op: AluOp | 'compare' | 'test', value: number): boolean {
    return fitsThumb2(aluNumbers[op], value | 0);
  }

  /** Whether operations set flags: 16-bit forms always do. */
  private get s(): 0 | 1 {
    return this.heldCode === undefined ? 1 : 0;
  }

  alu(op: AluOp, rd: Reg, a: Reg, b: Operand, isShort = false): void {
    if ('imm' in b) this.aluImmediate(op, rd, a, b.imm);
    else if (isShort && (op === 'shl' || op === 'shr_s' || op === 'shr_u')) this.shiftRegister(op, rd, a, b.reg);
    else this.aluRegister(op, rd, a, b.reg);
  }

  protected aluRegister(op: AluOp, rd: Reg, a: Reg, b: Reg): void {
    const { s } = this;
    const low = s === 1 && isLow(rd) && isLow(a) && isLow(b);
    switch (op) {
      case 'add':
        if (low) this.emit(this.t.addsub_rrr_n, 0, rd, a, b);
        else if (rd === a || rd === b) {
          this.emit(this.t.add_rr_n, rd, rd === a ? b : a);
          this.wrote(rd, false);
          return;
        } else this.emit(this.t.alu_rrr, aluCodes.add, s, rd, a, b);
        break;
      case 'sub':
        if (low) this.emit(this.t.addsub_rrr_n, 1, rd, a, b);
        else this.emit(this.t.alu_rrr, aluCodes.sub, s, rd, a, b);
        break;
      case 'and':
      case 'or':
      case 'xor':
        if (low && (rd === a || rd === b)) this.emit(this.t.alu_rr_n, twoAddress[op], rd, rd === a ? b : a);
        else this.emit(this.t.alu_rrr, aluCodes[op], s, rd, a, b);
        break;
      case 'mul':
        if (low && (rd === a || rd === b)) this.emit(this.t.mul_n, rd, rd === a ? b : a);
        else {
          this.emit(this.t.mul_rrr, rd, a, b);
          this.wrote(rd, false);
          return;
        }
        break;
      case 'shl':
      case 'shr_s':
      case 'shr_u':
        // The hardware shifts by the low byte; wasm counts modulo 32.
        this.emit(this.t.alu_rri, aluCodes.and, 0, r12, b, 31);
        this.shiftRegister(op, rd, a, r12);
        break;
      case 'rotr':
        this.emit(this.t.shift_rrr, shiftCodes.rotr, s, rd, a, b);
        break;
      default:
        op satisfies never;
    }
    this.wrote(rd, true);
  }

  /** By the low byte of `amount`. */
  private shiftRegister(op: 'shl' | 'shr_s' | 'shr_u', rd: Reg, a: Reg, amount: Reg): void {
    if (this.s === 1 && rd === a && isLow(rd) && isLow(amount)) this.emit(this.t.alu_rr_n, twoAddress[op], rd, amount);
    else this.emit(this.t.shift_rrr, shiftCodes[op], this.s, rd, a, amount);
    this.wrote(rd, true);
  }

  protected aluImmediate(op: AluOp, rd: Reg, a: Reg, imm: number): void {
    const v = imm >>> 0;
    const { s } = this;
    const low = isLow(rd) && isLow(a);
    switch (op) {
      case 'sub':
        this.aluImmediate('add', rd, a, -imm);
        return;
      case 'add':
        this.addImmediate(rd, a, imm);
        return;
      case 'and':
        if ((v === 0xff || v === 0xffff) && low) {
          this.emit(this.t.bits_rr_n, v === 0xff ? 3 : 2, rd, a);
          this.wrote(rd, false);
          return;
        }
        if (isModifiedImmediate(v)) this.emit(this.t.alu_rri, aluCodes.and, s, rd, a, v);
        else if (isModifiedImmediate(~v)) this.emit(this.t.alu_rri, aluCodes.bic, s, rd, a, ~v >>> 0);
        else if (v === 0xffff) {
          this.emit(this.t.bits_rr, 1, rd, a);
          this.wrote(rd, false);
          return;
        } else {
          this.extractField(rd, a, 0, 32 - Math.clz32(v));
          return;
        }
        break;
      case 'or':
        if (isModifiedImmediate(v)) this.emit(this.t.alu_rri, aluCodes.or, s, rd, a, v);
        else this.emit(this.t.alu_rri, aluCodes.orn, s, rd, a, ~v >>> 0);
        break;
      case 'xor':
        if (v !== 0xffff_ffff) this.emit(this.t.alu_rri, aluCodes.xor, s, rd, a, v);
        else if (low && s === 1) this.emit(this.t.alu_rr_n, 15, rd, a);
        else {
          this.emit(this.t.mvn_rr, rd, a);
          this.wrote(rd, false);
          return;
        }
        break;
      case 'shl':
      case 'shr_s':
      case 'shr_u':
      case 'rotr': {
        const amount = imm & 31;
        if (amount === 0) {
          this.move(rd, a);
          return;
        }
        if (low && s === 1 && op !== 'rotr') this.emit(this.t.shift_rri_n, shiftCodes[op], rd, a, amount);
        else this.emit(this.t.shift_rri, shiftCodes[op], s, rd, a, amount);
        break;
      }
      case 'mul':
        throw new InternalError('mul has no immediate form');
      default:
        op satisfies never;
    }
    this.wrote(rd, true);
  }

  private addImmediate(rd: Reg, a: Reg, imm: number): void {
    const { s } = this;
    const add = imm >>> 0;
    const subtract = -imm >>> 0;
    if (add === 0) {
      this.move(rd, a);
      return;
    }
    for (const [code, value] of [
      [0, add],
      [1, subtract],
    ] as const) {
      if (s === 1 && isLow(rd) && rd === a && value <= 255) {
        this.emit(this.t.addsub_ri8_n, code, rd, value);
        this.wrote(rd, true);
        return;
      }
      if (s === 1 && isLow(rd) && isLow(a) && value <= 7) {
        this.emit(this.t.addsub_rri3_n, code, rd, a, value);
        this.wrote(rd, true);
        return;
      }
    }
    for (const [code, value] of [
      [aluCodes.add, add],
      [aluCodes.sub, subtract],
    ] as const) {
      if (isModifiedImmediate(value)) {
        this.emit(this.t.alu_rri, code, s, rd, a, value);
        this.wrote(rd, true);
        return;
      }
    }
    this.emit(this.t.addsub_rri12, add <= 4095 ? 0 : 1, rd, a, add <= 4095 ? add : subtract);
    this.wrote(rd, false);
  }

  fitsReverse(imm: number): boolean {
    return isModifiedImmediate(imm);
  }

  reverseSubtract(rd: Reg, a: Reg, imm: number): void {
    if (imm === 0 && this.s === 1 && isLow(rd) && isLow(a)) this.emit(this.t.neg_rr_n, rd, a);
    else this.emit(this.t.alu_rri, aluCodes.rsb, this.s, rd, a, imm >>> 0);
    this.wrote(rd, true);
  }

  aluShifted(op: AluOp, rd: Reg, a: Reg, b: Reg, shift: Shift, amount: number): void {
    if (op !== 'add' && op !== 'sub' && op !== 'and' && op !== 'or' && op !== 'xor') {
      throw new InternalError(`${op} takes no shifted operand`);
    }
    this.emit(this.t.alu_rrsh, aluCodes[op], this.s, rd, a, b, shiftCodes[shift], amount);
    this.wrote(rd, true);
  }

  extractField(rd: Reg, a: Reg, lsb: number, bits: number): void {
    this.emit(this.t.ubfx_rr, rd, a, lsb, bits);
    this.wrote(rd, false);
  }

  multiplyAccumulate(op: 'add' | 'sub', rd: Reg, a: Reg, b: Reg, addend: Reg): void {
    this.emit(this.t.mla_rrrr, op === 'add' ? 0 : 1, rd, a, b, addend);
    this.wrote(rd, false);
  }

  unary(op: UnaryOp, rd: Reg, a: Reg): void {
    if (op === 'clz') this.emit(this.t.clz_rr, rd, a);
    else if (op === 'ctz') {
      this.emit(this.t.rbit_rr, rd, a);
      this.emit(this.t.clz_rr, rd, rd);
    } else if (isLow(rd) && isLow(a)) this.emit(this.t.bits_rr_n, extendCodes[op].narrow, rd, a);
    else this.emit(this.t.bits_rr, extendCodes[op].wide, rd, a);
    this.wrote(rd, false);
  }

  divide(op: DivideOp, rd: Reg, a: Reg, b: Reg): void {
    const code = op === 'div_s' || op === 'rem_s' ? 0 : 1;
    if (op === 'div_s' || op === 'div_u') this.emit(this.t.div_rrr, code, rd, a, b);
    else {
      // INT_MIN / -1 gives INT_MIN here, so the remainder comes out as 0, as wasm wants.
      this.emit(this.t.div_rrr, code, r12, a, b);
      this.emit(this.t.mla_rrrr, 1, rd, r12, b, a);
    }
    this.wrote(rd, false);
  }
}

/** Ones from bit 0 on. */

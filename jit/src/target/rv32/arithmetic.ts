import { InternalError } from '@fireball/contracts';
import { fitsRv32 } from '../../core/target.js';
import { aluNumbers } from '../alu.js';
import type { AluOp, DivideOp, Shift, UnaryOp } from '../macro-assembler.js';
import type { Operand, Reg } from '../registers.js';
import { aluCodes, compressedAlu, immediateCodes, isCompressed, Rv32Emitter, shiftCodes, t1, x0 } from './emitter.js';

/** Extensions by shifting up and back: the bits that are no part of the value, and the shift that brings it back. */
const extensions = {
  extend8_s: { unused: 24, back: 'shr_s' },
  extend16_s: { unused: 16, back: 'shr_s' },
  extend16_u: { unused: 16, back: 'shr_u' },
} as const satisfies Record<Exclude<UnaryOp, 'clz' | 'ctz' | 'extend8_u'>, { unused: number; back: Shift }>;

/** Integer arithmetic on single words. */
export abstract class Rv32Arithmetic extends Rv32Emitter {
  fitsImmediate(op: AluOp | 'compare' | 'test', value: number): boolean {
    return fitsRv32(aluNumbers[op], value | 0);
  }

  alu(op: AluOp, rd: Reg, a: Reg, b: Operand): void {
    if ('imm' in b) this.aluImmediate(op, rd, a, b.imm | 0);
    else this.aluRegister(op, rd, a, b.reg);
  }

  protected aluRegister(op: AluOp, rd: Reg, a: Reg, b: Reg): void {
    if (op === 'rotr') {
      // (a >> n) | (a << (-n & 31)); the hardware takes shift amounts modulo 32.
      this.emit(this.t.alu_rrr, aluCodes.sub, t1, x0, b);
      this.emit(this.t.alu_rrr, aluCodes.shl, t1, a, t1);
      this.emit(this.t.alu_rrr, aluCodes.shr_u, rd, a, b);
      this.aluRegister('or', rd, rd, t1);
      return;
    }
    if (op === 'add' && (rd === a || rd === b) && a !== x0 && b !== x0) {
      this.emit(this.t.c_add, rd, rd === a ? b : a);
      return;
    }
    if ((op === 'and' || op === 'or' || op === 'xor' || op === 'sub') && isCompressed(rd)) {
      if (rd === a && isCompressed(b)) {
        this.emit(this.t.c_alu, compressedAlu[op], rd, b);
        return;
      }
      if (rd === b && isCompressed(a) && op !== 'sub') {
        this.emit(this.t.c_alu, compressedAlu[op], rd, a);
        return;
      }
    }
    this.emit(this.t.alu_rrr, aluCodes[op], rd, a, b);
  }

  protected aluImmediate(op: AluOp, rd: Reg, a: Reg, v: number): void {
    switch (op) {
      case 'sub':
        this.aluImmediate('add', rd, a, -v | 0);
        return;
      case 'add':
        if (v === 0) this.move(rd, a);
        else if (rd === a && v >= -32 && v <= 31) this.emit(this.t.c_addi, rd, v);
        else this.emit(this.t.alu_rri, immediateCodes.add, rd, a, v);
        return;
      case 'and':
        if (rd === a && isCompressed(rd) && v >= -32 && v <= 31) this.emit(this.t.c_andi, rd, v);
        else this.emit(this.t.alu_rri, immediateCodes.and, rd, a, v);
        return;
      case 'or':
      case 'xor':
        this.emit(this.t.alu_rri, immediateCodes[op], rd, a, v);
        return;
      case 'shl':
      case 'shr_s':
      case 'shr_u': {
        const amount = v & 31;
        if (amount === 0) this.move(rd, a);
        else if (op === 'shl' && rd === a) this.emit(this.t.c_slli, rd, amount);
        else if (op !== 'shl' && rd === a && isCompressed(rd)) this.emit(this.t.c_shr, op === 'shr_u' ? 0 : 1, rd, amount);
        else this.emit(this.t.shift_rri, shiftCodes[op], rd, a, amount);
        return;
      }
      case 'rotr': {
        const amount = v & 31;
        if (amount === 0) {
          this.move(rd, a);
          return;
        }
        this.emit(this.t.shift_rri, shiftCodes.shl, t1, a, 32 - amount);
        this.aluImmediate('shr_u', rd, a, amount);
        this.aluRegister('or', rd, rd, t1);
        return;
      }
      case 'mul':
        throw new InternalError('mul has no immediate form');
      default:
        op satisfies never;
    }
  }

  fitsReverse(imm: number): boolean {
    return imm === 0;
  }

  reverseSubtract(rd: Reg, a: Reg, imm: number): void {
    if (imm !== 0) throw new InternalError('only negation has a reverse form');
    this.emit(this.t.alu_rrr, aluCodes.sub, rd, x0, a);
  }

  aluShifted(_op: AluOp, _rd: Reg, _a: Reg, _b: Reg, _shift: Shift, _amount: number): void {
    throw new InternalError('RV32 has no shifted operands');
  }

  multiplyAccumulate(): void {
    throw new InternalError('RV32 has no multiply-add');
  }

  extractField(): void {
    throw new InternalError('RV32 cuts fields out by two shifts');
  }

  unary(op: UnaryOp, rd: Reg, a: Reg): void {
    if (op === 'clz' || op === 'ctz') throw new InternalError(`RV32IMC has no ${op}`);
    if (op === 'extend8_u') this.aluImmediate('and', rd, a, 255);
    else {
      const { unused, back } = extensions[op];
      this.aluImmediate('shl', rd, a, unused);
      this.aluImmediate(back, rd, rd, unused);
    }
  }

  divide(op: DivideOp, rd: Reg, a: Reg, b: Reg): void {
    this.emit(this.t.alu_rrr, aluCodes[op], rd, a, b);
  }
}

import { InternalError } from '@fireball/contracts';
import { Assembly, type BranchForm, type Label } from '../../expand/assembly.js';
import { derivedFunctions, notEncodable, type TemplateSet } from '../../templates/index.js';
import type {
  AluOp,
  Cond,
  Condition,
  DivideOp,
  Frame,
  LoadOp,
  Machine,
  MemoryAddress,
  Operand,
  Reg,
  Shift,
  StoreOp,
  TrapKind,
  UnaryOp,
} from '../machine.js';
import { trapKinds } from '../machine.js';
import { thumb2Roles } from './roles.js';
import { thumb2Templates, type Thumb2Templates } from './templates.js';

const r12 = 12;
const sp = 13;
const lr = 14;
const pc = 15;

const aluCodes = { and: 0, bic: 1, or: 2, orn: 3, xor: 4, add: 8, adc: 10, sbc: 11, sub: 13, rsb: 14 } as const;
const shiftCodes = { shl: 0, shr_u: 1, shr_s: 2, rotr: 3 } as const satisfies Record<Shift, number>;
const twoAddress = { and: 0, xor: 1, or: 12 } as const;
const compareCode = 13;
const compareNegativeCode = 8;
const testCode = 0;
const condCodes = {
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

const memoryCodes = {
  store8: 0,
  load8_u: 1,
  store16: 2,
  load16_u: 3,
  store: 4,
  load: 5,
  load8_s: 9,
  load16_s: 11,
} as const satisfies Record<LoadOp | StoreOp, number>;
const narrowMemoryCodes = {
  store: 0,
  store16: 1,
  store8: 2,
  load8_s: 3,
  load: 4,
  load16_u: 5,
  load8_u: 6,
  load16_s: 7,
} as const satisfies Record<LoadOp | StoreOp, number>;

function isLow(reg: Reg): boolean {
  return reg < 8;
}

/** Arm ARM A5.3.2. */
export function isModifiedImmediate(value: number): boolean {
  return derivedFunctions.t32ModifiedImmediate.compute(value >>> 0) !== notEncodable;
}

/**
 * Thumb-2 (Armv7-M). 16-bit forms are taken where registers and flags allow. `flagsOf` remembers
 * the register whose sign and zero flags are current, so that a comparison with 0 costs nothing.
 */
export class Thumb2Machine implements Machine {
  readonly isa = 'thumb2';
  readonly roles = thumb2Roles;
  readonly indexed = true;
  readonly shiftedOperands = true;
  readonly multiplyAdd = true;
  readonly forwardTables = true;
  readonly scratch = r12;
  readonly saveCost = 0;
  readonly limitCost = 0.6;
  wasmOffset = 0;
  linkUsed = false;
  private readonly t: Thumb2Templates;
  private flagsOf: Reg = -1;

  constructor(
    templates: TemplateSet,
    readonly assembly: Assembly,
  ) {
    this.t = thumb2Templates(templates);
  }

  private emit(template: Thumb2Templates[keyof Thumb2Templates], ...values: number[]): void {
    this.assembly.emit(template, values, this.wasmOffset);
  }

  /** Records that `rd` was written; with `flags` its sign and zero flags are current afterwards. */
  private wrote(rd: Reg, flags: boolean): void {
    if (flags) this.flagsOf = rd;
    else if (this.flagsOf === rd) this.flagsOf = -1;
  }

  bind(label: Label): void {
    this.flagsOf = -1;
    this.assembly.bind(label);
  }

  returnSite(): void {
    this.assembly.returnSite(this.t.udf, this.wasmOffset);
  }

  move(rd: Reg, rs: Reg): void {
    if (rd === rs) return;
    this.emit(this.t.mov_rr, rd, rs);
    this.wrote(rd, false);
  }

  constCost(value: number): number {
    const v = value >>> 0;
    return v <= 0xffff || isModifiedImmediate(v) || isModifiedImmediate(~v) ? 1 : 2;
  }

  loadConst(rd: Reg, value: number): void {
    const v = value >>> 0;
    if (v <= 0xff && isLow(rd)) {
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

  fitsImmediate(op: AluOp | 'compare' | 'test', value: number): boolean {
    const v = value >>> 0;
    switch (op) {
      case 'add':
      case 'sub':
        return v <= 4095 || -value >>> 0 <= 4095 || isModifiedImmediate(v) || isModifiedImmediate(-value);
      case 'and':
        return v === 0xffff || isModifiedImmediate(v) || isModifiedImmediate(~v);
      case 'or':
        return isModifiedImmediate(v) || isModifiedImmediate(~v);
      case 'xor':
        return v === 0xffff_ffff || isModifiedImmediate(v);
      case 'compare':
        return isModifiedImmediate(v) || isModifiedImmediate(-value);
      case 'test':
        return isModifiedImmediate(v);
      case 'shl':
      case 'shr_s':
      case 'shr_u':
      case 'rotr':
        return true;
      case 'mul':
        return false;
    }
  }

  alu(op: AluOp, rd: Reg, a: Reg, b: Operand): void {
    if ('imm' in b) this.aluImmediate(op, rd, a, b.imm);
    else this.aluRegister(op, rd, a, b.reg);
  }

  private aluRegister(op: AluOp, rd: Reg, a: Reg, b: Reg): void {
    const low = isLow(rd) && isLow(a) && isLow(b);
    switch (op) {
      case 'add':
        if (low) this.emit(this.t.addsub_rrr_n, 0, rd, a, b);
        else if (rd === a || rd === b) {
          this.emit(this.t.add_rr_n, rd, rd === a ? b : a);
          this.wrote(rd, false);
          return;
        } else this.emit(this.t.alu_rrr, aluCodes.add, 1, rd, a, b);
        break;
      case 'sub':
        if (low) this.emit(this.t.addsub_rrr_n, 1, rd, a, b);
        else this.emit(this.t.alu_rrr, aluCodes.sub, 1, rd, a, b);
        break;
      case 'and':
      case 'or':
      case 'xor':
        if (low && (rd === a || rd === b)) this.emit(this.t.alu_rr_n, twoAddress[op], rd, rd === a ? b : a);
        else this.emit(this.t.alu_rrr, aluCodes[op], 1, rd, a, b);
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
        this.emit(this.t.shift_rrr, shiftCodes[op], 1, rd, a, r12);
        break;
      case 'rotr':
        this.emit(this.t.shift_rrr, shiftCodes.rotr, 1, rd, a, b);
        break;
    }
    this.wrote(rd, true);
  }

  private aluImmediate(op: AluOp, rd: Reg, a: Reg, imm: number): void {
    const v = imm >>> 0;
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
        if (isModifiedImmediate(v)) this.emit(this.t.alu_rri, aluCodes.and, 1, rd, a, v);
        else if (isModifiedImmediate(~v)) this.emit(this.t.alu_rri, aluCodes.bic, 1, rd, a, ~v >>> 0);
        else {
          this.emit(this.t.bits_rr, 1, rd, a);
          this.wrote(rd, false);
          return;
        }
        break;
      case 'or':
        if (isModifiedImmediate(v)) this.emit(this.t.alu_rri, aluCodes.or, 1, rd, a, v);
        else this.emit(this.t.alu_rri, aluCodes.orn, 1, rd, a, ~v >>> 0);
        break;
      case 'xor':
        if (v !== 0xffff_ffff) this.emit(this.t.alu_rri, aluCodes.xor, 1, rd, a, v);
        else if (low) this.emit(this.t.alu_rr_n, 15, rd, a);
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
        if (low && op !== 'rotr') this.emit(this.t.shift_rri_n, shiftCodes[op], rd, a, amount);
        else this.emit(this.t.shift_rri, shiftCodes[op], 1, rd, a, amount);
        break;
      }
      case 'mul':
        throw new InternalError('mul has no immediate form');
    }
    this.wrote(rd, true);
  }

  private addImmediate(rd: Reg, a: Reg, imm: number): void {
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
      if (isLow(rd) && rd === a && value <= 255) {
        this.emit(this.t.addsub_ri8_n, code, rd, value);
        this.wrote(rd, true);
        return;
      }
      if (isLow(rd) && isLow(a) && value <= 7) {
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
        this.emit(this.t.alu_rri, code, 1, rd, a, value);
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
    if (imm === 0 && isLow(rd) && isLow(a)) this.emit(this.t.neg_rr_n, rd, a);
    else this.emit(this.t.alu_rri, aluCodes.rsb, 1, rd, a, imm >>> 0);
    this.wrote(rd, true);
  }

  aluShifted(op: AluOp, rd: Reg, a: Reg, b: Reg, shift: Shift, amount: number): void {
    if (op !== 'add' && op !== 'sub' && op !== 'and' && op !== 'or' && op !== 'xor') {
      throw new InternalError(`${op} takes no shifted operand`);
    }
    this.emit(this.t.alu_rrsh, aluCodes[op], 1, rd, a, b, shiftCodes[shift], amount);
    this.wrote(rd, true);
  }

  multiplyAccumulate(rd: Reg, a: Reg, b: Reg, addend: Reg): void {
    this.emit(this.t.mla_rrrr, 0, rd, a, b, addend);
    this.wrote(rd, false);
  }

  unary(op: UnaryOp, rd: Reg, a: Reg): void {
    const low = isLow(rd) && isLow(a);
    switch (op) {
      case 'clz':
        this.emit(this.t.clz_rr, rd, a);
        break;
      case 'ctz':
        this.emit(this.t.rbit_rr, rd, a);
        this.emit(this.t.clz_rr, rd, rd);
        break;
      case 'extend16_s':
        if (low) this.emit(this.t.bits_rr_n, 0, rd, a);
        else this.emit(this.t.bits_rr, 0, rd, a);
        break;
      case 'extend8_s':
        if (low) this.emit(this.t.bits_rr_n, 1, rd, a);
        else this.emit(this.t.bits_rr, 4, rd, a);
        break;
      case 'extend16_u':
        if (low) this.emit(this.t.bits_rr_n, 2, rd, a);
        else this.emit(this.t.bits_rr, 1, rd, a);
        break;
      case 'extend8_u':
        if (low) this.emit(this.t.bits_rr_n, 3, rd, a);
        else this.emit(this.t.bits_rr, 5, rd, a);
        break;
    }
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

  /** Sets flags; returns the condition code to use. */
  private compare(condition: Condition): number {
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

  /** As `compare`, but may destroy rd: a test of the lowest bits is a 16-bit shift. */
  private compareInto(rd: Reg, condition: Condition): number {
    const { a, b, cond, test } = condition;
    if (test === 'compare' || 'reg' in b || !isLow(rd) || !isLow(a)) return this.compare(condition);
    const bits = 32 - Math.clz32(b.imm);
    if (bits === 0 || bits === 32 || b.imm !== 2 ** bits - 1) return this.compare(condition);
    this.flagsOf = -1;
    this.emit(this.t.shift_rri_n, shiftCodes.shl, rd, a, 32 - bits);
    return condCodes[cond];
  }

  setIf(rd: Reg, condition: Condition): void {
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
    const isOperand = rd === a || ('reg' in b && b.reg === rd);
    const early = isLow(rd) && !isOperand && this.flagsOf !== a;
    if (early) this.emit(this.t.mov_ri8_n, rd, 0);
    const code = this.compare(condition);
    // Behind the comparison flags are live: mov.w, not movs.
    if (!early) this.emit(this.t.mov_rimm, 0, rd, 0);
    if (isLow(rd)) this.emit(this.t.it_mov_i_n, code, rd, 1);
    else this.emit(this.t.it_mov_i, code, rd, 1);
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

  private branchForms(code: number): BranchForm[] {
    return [
      { template: this.t.bcond_n, values: [code, 0], relative: 1 },
      { template: this.t.bcond_w, values: [code, 0], relative: 1 },
      { template: this.t.bcond_far, values: [code ^ 1, 0], relative: 1 },
    ];
  }

  branchIf(condition: Condition, target: Label): void {
    const { a, b, cond, test } = condition;
    const zeroTest = test === 'compare' && 'imm' in b && b.imm === 0 && (cond === 'eq' || cond === 'ne');
    if (zeroTest && isLow(a) && this.flagsOf !== a) {
      // CBZ reaches only forwards; the wider forms compare first.
      const code = condCodes[cond];
      this.flagsOf = -1;
      this.assembly.branch(
        [
          { template: this.t.cbz, values: [cond === 'eq' ? 0 : 1, a, 0], relative: 2 },
          { template: this.t.cmp0_bcond_n, values: [a, code, 0], relative: 2 },
          { template: this.t.cmp0_bcond_w, values: [a, code, 0], relative: 2 },
          { template: this.t.cmp0_bcond_far, values: [a, code ^ 1, 0], relative: 2 },
        ],
        { label: target },
        this.wasmOffset,
      );
      return;
    }
    this.assembly.branch(this.branchForms(this.compare(condition)), { label: target }, this.wasmOffset);
  }

  jump(target: Label): void {
    this.assembly.branch(
      [
        { template: this.t.b_n, values: [0], relative: 0 },
        { template: this.t.b_w, values: [0], relative: 0 },
      ],
      { label: target },
      this.wasmOffset,
    );
  }

  branchTable(index: Reg, labels: readonly Label[], otherwise: Label): void {
    const count = labels.length;
    if (isModifiedImmediate(count)) this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { imm: count } }, otherwise);
    else {
      this.loadConst(r12, count);
      this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { reg: r12 } }, otherwise);
    }
    this.emit(this.t.tbh, index);
    const table = this.assembly.newLabel();
    this.assembly.bind(table);
    for (const label of labels) this.assembly.tableEntry(this.t.table_entry, 0, table, label, this.wasmOffset);
  }

  fitsOffset(_op: LoadOp | StoreOp, offset: number): boolean {
    return offset >= 0 && offset <= 4095;
  }

  private access(op: LoadOp | StoreOp, rt: Reg, address: MemoryAddress): void {
    const { base } = address;
    if ('index' in address) {
      const { index, shift } = address;
      if (shift === 0 && isLow(rt) && isLow(base) && isLow(index)) this.emit(this.t.ldst_rr_n, narrowMemoryCodes[op], rt, base, index);
      else this.emit(this.t.ldst_rr, memoryCodes[op], rt, base, index, shift);
      return;
    }
    const { offset } = address;
    if (isLow(rt) && isLow(base)) {
      if ((op === 'load' || op === 'store') && offset <= 124 && offset % 4 === 0) {
        this.emit(this.t.ldst_word_n, op === 'load' ? 1 : 0, rt, base, offset);
        return;
      }
      if ((op === 'load8_u' || op === 'store8') && offset <= 31) {
        this.emit(this.t.ldst_byte_n, op === 'load8_u' ? 1 : 0, rt, base, offset);
        return;
      }
      if ((op === 'load16_u' || op === 'store16') && offset <= 62 && offset % 2 === 0) {
        this.emit(this.t.ldst_half_n, op === 'load16_u' ? 1 : 0, rt, base, offset);
        return;
      }
    }
    this.emit(this.t.ldst_ri12, memoryCodes[op], rt, base, offset);
  }

  load(op: LoadOp, rd: Reg, address: MemoryAddress): void {
    this.access(op, rd, address);
    this.wrote(rd, false);
  }

  store(op: StoreOp, rs: Reg, address: MemoryAddress): void {
    this.access(op, rs, address);
  }

  private slot(op: 'load' | 'store', rt: Reg, spOffset: number): void {
    if (spOffset > 4095) {
      // rt itself can hold the offset of a load; a store needs the scratch register.
      const at = op === 'load' ? rt : rt === r12 ? lr : r12;
      if (at === lr) this.linkUsed = true;
      this.loadConst(at, spOffset);
      this.emit(this.t.ldst_sp_r, op === 'load' ? 1 : 0, rt, at);
    } else if (isLow(rt) && spOffset <= 1020) this.emit(this.t.ldst_sp_n, op === 'load' ? 1 : 0, rt, spOffset);
    else this.emit(this.t.ldst_ri12, memoryCodes[op], rt, sp, spOffset);
  }

  loadSlot(rd: Reg, spOffset: number): void {
    this.slot('load', rd, spOffset);
    this.wrote(rd, false);
  }

  storeSlot(rs: Reg, spOffset: number): void {
    this.slot('store', rs, spOffset);
  }

  splitAddress(address: number): { anchor: number; offset: number } {
    const anchor = (address & ~0xfff) >>> 0;
    return isModifiedImmediate(anchor) ? { anchor, offset: address - anchor } : { anchor: address, offset: 0 };
  }

  boundsCheck(a: Reg, limit: Operand, slow: Label): void {
    this.branchIf({ test: 'compare', cond: 'ge_u', a, b: limit }, slow);
  }

  immediateLimit(limit: number): number {
    if (limit <= 0) return 0;
    // Keep the eight leading bits: the largest such value is always encodable.
    const shift = Math.max(0, 24 - Math.clz32(limit));
    return ((limit >>> shift) << shift) >>> 0;
  }

  exactBoundsCheck(a: Reg, extent: number, routine: number): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.loadConst(r12, extent);
    this.assembly.branch(
      [{ template: this.t.bl, values: [0], relative: 0 }],
      { address: routine + boundsEntryOffset(a) },
      this.wasmOffset,
    );
  }

  boundsThunk(a: Reg, extent: number, routine: number): void {
    this.loadConst(r12, extent);
    this.assembly.branch(
      [{ template: this.t.b_w, values: [0], relative: 0 }],
      { address: routine + boundsEntryOffset(a) },
      this.wasmOffset,
    );
  }

  callThunk(target: Label): void {
    this.callLabel(target);
  }

  callLabel(target: Label): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.assembly.branch([{ template: this.t.bl, values: [0], relative: 0 }], { label: target }, this.wasmOffset);
  }

  callSlot(base: Reg, offset: number, via: Reg): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.load('load', via, { base, offset });
    this.emit(this.t.blx_r, via);
  }

  trap(kind: TrapKind): void {
    this.emit(this.t.udf, trapKinds.indexOf(kind));
  }

  adjustStack(bytes: number): void {
    const size = Math.abs(bytes);
    const down = bytes < 0;
    if (size === 0) return;
    if (size <= 508) this.emit(this.t.sp_adjust_n, down ? 1 : 0, size);
    else if (size <= 4092) this.emit(this.t.sp_adjust_w, down ? 1 : 0, size);
    else {
      this.loadConst(r12, size);
      this.emit(this.t.sp_adjust_r, down ? aluCodes.sub : aluCodes.add, r12);
    }
  }

  stackCheck(frameBytes: number, limit: number, overflow: Label): void {
    if (frameBytes === 0 && isModifiedImmediate(limit)) {
      this.emit(this.t.cmp_sp_i, limit);
      this.assembly.branch(this.branchForms(condCodes.lt_u), { label: overflow }, this.wasmOffset);
      return;
    }
    // Large frames: sp - frameBytes may wrap, so the borrow counts as overflow too (hazard 7).
    this.loadConst(r12, frameBytes + limit);
    this.emit(this.t.sub_from_sp, r12, r12);
    this.assembly.branch(this.branchForms(condCodes.lt_u), { label: overflow }, this.wasmOffset);
  }

  private savedRegisters(frame: Frame): Reg[] {
    const list = [...frame.saved];
    if (frame.savesLink) list.push(lr);
    // Keep sp a multiple of 8 with a register that nobody needs.
    if (list.length % 2 === 1) {
      const padding = [4, 5, 6, 7, 8, 9, 10, 11].find((reg) => !list.includes(reg));
      if (padding === undefined) list.push(r12);
      else list.push(padding);
    }
    return list;
  }

  frameBytes(frame: Frame): number {
    return frame.slotBytes + 4 * this.savedRegisters(frame).length;
  }

  prologue(frame: Frame): void {
    const list = this.savedRegisters(frame);
    const mask = list.reduce((bits, reg) => bits | (1 << reg), 0);
    if (list.length > 0) {
      const narrow = list.every((reg) => isLow(reg) || reg === lr);
      if (narrow) this.emit(this.t.push_n, mask);
      else this.emit(this.t.push_w, mask);
    }
    this.adjustStack(-frame.slotBytes);
  }

  epilogue(frame: Frame): void {
    this.adjustStack(frame.slotBytes);
    const list = this.savedRegisters(frame);
    const direct = frame.savesLink && frame.stackArgumentBytes === 0;
    const mask = list.reduce((bits, reg) => bits | (1 << (reg === lr && direct ? pc : reg)), 0);
    if (list.length > 0) {
      const narrow = list.every((reg) => isLow(reg) || (reg === lr && direct));
      if (narrow) this.emit(this.t.pop_n, mask);
      else this.emit(this.t.pop_w, mask);
    }
    if (direct) return;
    this.adjustStack(frame.stackArgumentBytes);
    this.emit(this.t.bx_r, lr);
  }
}

/** Byte offset of register `reg`'s entry in the memory's bounds routine (6 bytes each; jit/templates/thumb2/rom.S). */
export function boundsEntryOffset(reg: Reg): number {
  return reg * 6;
}

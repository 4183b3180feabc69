import { InternalError } from '@fireball/contracts';
import type { Assembly, BranchForm, Label } from '../../expand/assembly.js';
import type { TemplateSet } from '../../templates/index.js';
import type {
  AluOp,
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
import { inverse } from '../machine.js';
import { rv32Roles } from './roles.js';
import { rv32Templates, type Rv32Templates } from './templates.js';

const x0 = 0;
const ra = 1;
const sp = 2;
/** Link register of runtime routines. */
const t0 = 5;
const t1 = 6;
const t2 = 7;

const aluCodes = {
  add: 0,
  shl: 1,
  slt: 2,
  sltu: 3,
  xor: 4,
  shr_u: 5,
  or: 6,
  and: 7,
  sub: 8,
  shr_s: 13,
  mul: 16,
  div_s: 20,
  div_u: 21,
  rem_s: 22,
  rem_u: 23,
} as const;
const immediateCodes = { add: 0, slt: 2, sltu: 3, xor: 4, or: 6, and: 7 } as const;
const shiftCodes = { shl: 0, shr_u: 1, shr_s: 3 } as const;
const compressedAlu = { sub: 0, xor: 1, or: 2, and: 3 } as const;
const loadCodes = { load8_s: 0, load16_s: 1, load: 2, load8_u: 4, load16_u: 5 } as const satisfies Record<LoadOp, number>;
const storeCodes = { store8: 0, store16: 1, store: 2 } as const satisfies Record<StoreOp, number>;
const branchCodes = { eq: 0, ne: 1, lt_s: 4, ge_s: 5, lt_u: 6, ge_u: 7 } as const;

function isCompressed(reg: Reg): boolean {
  return reg >= 8 && reg <= 15;
}

function fits12(value: number): boolean {
  return value >= -2048 && value <= 2047;
}

function upperPart(value: number): number {
  return ((value + 0x800) >>> 12) & 0xfffff;
}

function lowerPart(value: number): number {
  return (value << 20) >> 20;
}

/** RV32IMC. 16-bit forms are taken where the registers allow. */
export class Rv32Machine implements Machine {
  readonly isa = 'rv32';
  readonly roles = rv32Roles;
  readonly indexed = false;
  readonly shiftedOperands = false;
  readonly multiplyAdd = false;
  readonly forwardTables = false;
  readonly scratch = t2;
  readonly saveCost = 2;
  readonly limitCost = 1;
  wasmOffset = 0;
  linkUsed = false;
  private readonly t: Rv32Templates;

  constructor(
    templates: TemplateSet,
    readonly assembly: Assembly,
  ) {
    this.t = rv32Templates(templates);
  }

  private emit(template: Rv32Templates[keyof Rv32Templates], ...values: number[]): void {
    this.assembly.emit(template, values, this.wasmOffset);
  }

  bind(label: Label): void {
    this.assembly.bind(label);
  }

  returnSite(): void {
    this.assembly.returnSite(this.t.ebreak, this.wasmOffset);
  }

  move(rd: Reg, rs: Reg): void {
    if (rd === rs) return;
    if (rs === x0) this.emit(this.t.c_li, rd, 0);
    else this.emit(this.t.c_mv, rd, rs);
  }

  constCost(value: number): number {
    const v = value | 0;
    return v === 0 ? 0 : fits12(v) || (v & 0xfff) === 0 ? 1 : 2;
  }

  loadConst(rd: Reg, value: number): void {
    const v = value | 0;
    const upper = v >>> 12;
    if (v >= -32 && v <= 31) this.emit(this.t.c_li, rd, v);
    else if (fits12(v)) this.emit(this.t.alu_rri, immediateCodes.add, rd, x0, v);
    else if ((v & 0xfff) === 0) {
      if (upper >= 1 && upper <= 31 && rd !== sp) this.emit(this.t.c_lui, rd, upper);
      else this.emit(this.t.lui, rd, upper);
    } else if (lowerPart(v) >= -32 && lowerPart(v) <= 31) {
      this.loadConst(rd, upperPart(v) << 12);
      this.emit(this.t.c_addi, rd, lowerPart(v));
    } else this.emit(this.t.li_imm32, rd, v);
  }

  fitsImmediate(op: AluOp | 'compare' | 'test', value: number): boolean {
    const v = value | 0;
    switch (op) {
      case 'add':
      case 'and':
      case 'or':
      case 'xor':
      case 'test':
        return fits12(v);
      case 'sub':
        return fits12(-v);
      case 'compare':
        return v === 0;
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
    if ('imm' in b) this.aluImmediate(op, rd, a, b.imm | 0);
    else this.aluRegister(op, rd, a, b.reg);
  }

  private aluRegister(op: AluOp, rd: Reg, a: Reg, b: Reg): void {
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

  private aluImmediate(op: AluOp, rd: Reg, a: Reg, v: number): void {
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

  multiplyAccumulate(_rd: Reg, _a: Reg, _b: Reg, _addend: Reg): void {
    throw new InternalError('RV32 has no multiply-add');
  }

  unary(op: UnaryOp, rd: Reg, a: Reg): void {
    switch (op) {
      case 'extend8_u':
        this.aluImmediate('and', rd, a, 255);
        return;
      case 'extend8_s':
        this.aluImmediate('shl', rd, a, 24);
        this.aluImmediate('shr_s', rd, rd, 24);
        return;
      case 'extend16_s':
        this.aluImmediate('shl', rd, a, 16);
        this.aluImmediate('shr_s', rd, rd, 16);
        return;
      case 'extend16_u':
        this.aluImmediate('shl', rd, a, 16);
        this.aluImmediate('shr_u', rd, rd, 16);
        return;
      case 'clz':
      case 'ctz':
        throw new InternalError(`RV32IMC has no ${op}`);
    }
  }

  divide(op: DivideOp, rd: Reg, a: Reg, b: Reg): void {
    this.emit(this.t.alu_rrr, aluCodes[op], rd, a, b);
  }

  /** Reduces a condition to a branch of two registers. */
  private branchOperands(condition: Condition): { code: number; a: Reg; b: Reg } {
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
      default:
        return { code: branchCodes[cond], a, b: right };
    }
  }

  setIf(rd: Reg, condition: Condition): void {
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
    }
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
    } else if (condition.a === rd || ('reg' in condition.b && condition.b.reg === rd)) {
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
    const { code, a, b } = this.branchOperands(condition);
    const forms: BranchForm[] = [];
    const zero = b === x0 ? a : a === x0 ? b : x0;
    if (code <= 1 && (a === x0 || b === x0) && isCompressed(zero)) {
      forms.push({ template: this.t.c_bz, values: [code, zero, 0], relative: 2 });
    }
    forms.push(
      { template: this.t.b_rr, values: [code, a, b, 0], relative: 3 },
      { template: this.t.b_rr_far, values: [code ^ 1, a, b, 0], relative: 3 },
    );
    this.assembly.branch(forms, { label: target }, this.wasmOffset);
  }

  jump(target: Label): void {
    this.assembly.branch(
      [
        { template: this.t.c_j, values: [0], relative: 0 },
        { template: this.t.jal, values: [x0, 0], relative: 1 },
      ],
      { label: target },
      this.wasmOffset,
    );
  }

  branchTable(index: Reg, labels: readonly Label[], otherwise: Label): void {
    // An array of 4-byte jumps: pc + 4 * index, past the 3 instructions that follow auipc.
    this.loadConst(t1, labels.length);
    this.branchIf({ test: 'compare', cond: 'ge_u', a: index, b: { reg: t1 } }, otherwise);
    this.emit(this.t.shift_rri, shiftCodes.shl, t1, index, 2);
    this.emit(this.t.auipc, t2, 0);
    this.emit(this.t.c_add, t1, t2);
    this.emit(this.t.jalr, x0, t1, 10);
    for (const label of labels) {
      this.assembly.branch([{ template: this.t.jal, values: [x0, 0], relative: 1 }], { label }, this.wasmOffset);
    }
  }

  fitsOffset(_op: LoadOp | StoreOp, offset: number): boolean {
    return fits12(offset);
  }

  load(op: LoadOp, rd: Reg, address: MemoryAddress): void {
    if ('index' in address) throw new InternalError('RV32 has no indexed addressing');
    const { base, offset } = address;
    if (op === 'load' && base === sp && offset >= 0 && offset <= 252 && offset % 4 === 0) this.emit(this.t.c_lwsp, rd, offset);
    else if (op === 'load' && isCompressed(rd) && isCompressed(base) && offset >= 0 && offset <= 124 && offset % 4 === 0) {
      this.emit(this.t.c_ldst, 0, rd, base, offset);
    } else this.emit(this.t.load, loadCodes[op], rd, base, offset);
  }

  store(op: StoreOp, rs: Reg, address: MemoryAddress): void {
    if ('index' in address) throw new InternalError('RV32 has no indexed addressing');
    const { base, offset } = address;
    if (op === 'store' && base === sp && offset >= 0 && offset <= 252 && offset % 4 === 0) this.emit(this.t.c_swsp, rs, offset);
    else if (op === 'store' && isCompressed(rs) && isCompressed(base) && offset >= 0 && offset <= 124 && offset % 4 === 0) {
      this.emit(this.t.c_ldst, 1, rs, base, offset);
    } else this.emit(this.t.store, storeCodes[op], rs, base, offset);
  }

  /** Base register and offset that reach a home slot (hazard 7: beyond 512 slots). */
  private slotBase(spOffset: number): { base: Reg; offset: number } {
    if (fits12(spOffset)) return { base: sp, offset: spOffset };
    this.emit(this.t.lui, t1, upperPart(spOffset));
    this.emit(this.t.c_add, t1, sp);
    return { base: t1, offset: lowerPart(spOffset) };
  }

  loadSlot(rd: Reg, spOffset: number): void {
    this.load('load', rd, this.slotBase(spOffset));
  }

  storeSlot(rs: Reg, spOffset: number): void {
    this.store('store', rs, this.slotBase(spOffset));
  }

  splitAddress(address: number): { anchor: number; offset: number } {
    return { anchor: (upperPart(address) << 12) >>> 0, offset: lowerPart(address) };
  }

  boundsCheck(a: Reg, limit: Operand, slow: Label): void {
    this.branchIf({ test: 'compare', cond: 'ge_u', a, b: limit }, slow);
  }

  immediateLimit(limit: number): number {
    return limit <= 0 ? 0 : (limit & ~0xfff) >>> 0;
  }

  exactBoundsCheck(a: Reg, extent: number, routine: number): void {
    this.loadConst(t1, extent);
    this.assembly.branch(
      [{ template: this.t.jal, values: [t0, 0], relative: 1 }],
      { address: routine + boundsEntryOffset(a) },
      this.wasmOffset,
    );
  }

  boundsThunk(a: Reg, extent: number, routine: number): void {
    this.loadConst(t1, extent);
    this.assembly.branch(
      [{ template: this.t.jal, values: [x0, 0], relative: 1 }],
      { address: routine + boundsEntryOffset(a) },
      this.wasmOffset,
    );
  }

  callThunk(target: Label): void {
    this.assembly.branch([{ template: this.t.jal, values: [t0, 0], relative: 1 }], { label: target }, this.wasmOffset);
  }

  callLabel(target: Label): void {
    this.linkUsed = true;
    this.assembly.branch([{ template: this.t.jal, values: [ra, 0], relative: 1 }], { label: target }, this.wasmOffset);
  }

  callSlot(base: Reg, offset: number, via: Reg): void {
    this.linkUsed = true;
    this.load('load', via, { base, offset });
    this.emit(this.t.c_jalr, via);
  }

  trap(_kind: TrapKind): void {
    this.emit(this.t.ebreak);
  }

  adjustStack(bytes: number): void {
    if (bytes === 0) return;
    if (bytes >= -32 && bytes <= 31) this.emit(this.t.c_addi, sp, bytes);
    else if (bytes % 16 === 0 && bytes >= -512 && bytes <= 496) this.emit(this.t.c_addi16sp, bytes);
    else if (fits12(bytes)) this.emit(this.t.alu_rri, immediateCodes.add, sp, sp, bytes);
    else {
      this.loadConst(t1, bytes);
      this.emit(this.t.c_add, sp, t1);
    }
  }

  stackCheck(frameBytes: number, limit: number, overflow: Label): void {
    this.loadConst(t1, frameBytes + limit);
    this.branchIf({ test: 'compare', cond: 'lt_u', a: sp, b: { reg: t1 } }, overflow);
  }

  frameBytes(frame: Frame): number {
    const words = frame.saved.length + (frame.savesLink ? 1 : 0);
    return (frame.slotBytes + 4 * words + 15) & ~15;
  }

  /** Saved registers live at the top of the frame; frames beyond 2 KiB move sp twice so that offsets stay short. */
  private savedSlots(frame: Frame): { list: Reg[]; first: number; below: number } {
    const list = [...(frame.savesLink ? [ra] : []), ...frame.saved];
    const total = this.frameBytes(frame);
    const upper = total <= 2032 ? total : (4 * list.length + 15) & ~15;
    return { list, first: upper - 4, below: total - upper };
  }

  prologue(frame: Frame): void {
    const { list, first, below } = this.savedSlots(frame);
    this.adjustStack(-(this.frameBytes(frame) - below));
    list.forEach((reg, index) => this.storeSlot(reg, first - 4 * index));
    this.adjustStack(-below);
  }

  epilogue(frame: Frame): void {
    const { list, first, below } = this.savedSlots(frame);
    this.adjustStack(below);
    list.forEach((reg, index) => this.loadSlot(reg, first - 4 * index));
    this.adjustStack(this.frameBytes(frame) - below + frame.stackArgumentBytes);
    this.emit(this.t.c_jr, ra);
  }
}

/** Byte offset of register `reg`'s entry in the memory's bounds routine (jit/templates/rv32/rom.S): 4 bytes for each of x8..x31. */
export function boundsEntryOffset(reg: Reg): number {
  return (reg - 8) * 4;
}

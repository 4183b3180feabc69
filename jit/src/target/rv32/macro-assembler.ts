import { InternalError } from '@fireball/contracts';
import { fits12, rv32Anchor, rv32Limit } from '../../core/target.js';
import type { Label, SiteRole } from '../../expand/assembly.js';
import type { Frame, SavedRegister } from '../frame.js';
import type { BaseAddress, LoadOp, MacroAssembler, MemoryAddress, SplitAccess, StoreOp } from '../macro-assembler.js';
import type { Operand, Reg } from '../registers.js';
import type { CodeTrapKind } from '../trap-kinds.js';
import { Rv32Conditions } from './conditions.js';
import { aluCodes, immediateCodes, isCompressed, lowerPart, ra, shiftCodes, sp, t0, t1, t2, x0 } from './emitter.js';

const loadCodes = { load8_s: 0, load16_s: 1, load: 2, load8_u: 4, load16_u: 5 } as const satisfies Record<LoadOp, number>;
const storeCodes = { store8: 0, store16: 1, store: 2 } as const satisfies Record<StoreOp, number>;

/** RV32IMC. 16-bit forms are taken where the registers allow. */
export class Rv32MacroAssembler extends Rv32Conditions implements MacroAssembler {
  readonly split: SplitAccess = {
    branchIfMisaligned: (width, { base, offset }, target) => {
      let address = base;
      if (offset % width !== 0) {
        this.emit(this.t.alu_rri, immediateCodes.add, t2, base, offset);
        address = t2;
      }
      this.emit(this.t.alu_rri, immediateCodes.and, t2, address, width - 1);
      this.branchIf({ test: 'compare', cond: 'ne', a: t2, b: { reg: x0 } }, target);
    },
    load: (op, rd, { base, offset }) => {
      const bytes = op === 'load' ? 4 : 2;
      this.emitAs('access', this.t.load, loadCodes.load8_u, t1, base, offset);
      for (let byte = 1; byte < bytes; byte++) {
        const code = op === 'load16_s' ? loadCodes.load8_s : loadCodes.load8_u;
        this.emitAs('access', this.t.load, code, t2, base, offset + byte);
        this.emit(this.t.c_slli, t2, 8 * byte);
        this.emit(this.t.alu_rrr, aluCodes.or, byte === bytes - 1 ? rd : t1, t1, t2);
      }
    },
    store: (op, rs, { base, offset }) => {
      this.emitAs('access', this.t.store, storeCodes.store8, rs, base, offset);
      for (let byte = 1; byte < (op === 'store' ? 4 : 2); byte++) {
        this.emit(this.t.shift_rri, shiftCodes.shr_u, t1, rs, 8 * byte);
        this.emitAs('access', this.t.store, storeCodes.store8, t1, base, offset + byte);
      }
    },
  };

  fitsOffset(_op: LoadOp | StoreOp, offset: number): boolean {
    return fits12(offset);
  }

  load(op: LoadOp, rd: Reg, address: MemoryAddress): void {
    if ('index' in address) throw new InternalError('RV32 has no indexed addressing');
    this.loadAs('access', op, rd, address);
  }

  private loadAs(role: SiteRole | undefined, op: LoadOp, rd: Reg, { base, offset }: BaseAddress): void {
    if (op === 'load' && base === sp && offset >= 0 && offset <= 252 && offset % 4 === 0) this.emitAs(role, this.t.c_lwsp, rd, offset);
    else if (op === 'load' && isCompressed(rd) && isCompressed(base) && offset >= 0 && offset <= 124 && offset % 4 === 0) {
      this.emitAs(role, this.t.c_ldst, 0, rd, base, offset);
    } else this.emitAs(role, this.t.load, loadCodes[op], rd, base, offset);
  }

  store(op: StoreOp, rs: Reg, address: MemoryAddress): void {
    if ('index' in address) throw new InternalError('RV32 has no indexed addressing');
    this.storeAs('access', op, rs, address);
  }

  private storeAs(role: SiteRole | undefined, op: StoreOp, rs: Reg, { base, offset }: BaseAddress): void {
    if (op === 'store' && base === sp && offset >= 0 && offset <= 252 && offset % 4 === 0) this.emitAs(role, this.t.c_swsp, rs, offset);
    else if (op === 'store' && isCompressed(rs) && isCompressed(base) && offset >= 0 && offset <= 124 && offset % 4 === 0) {
      this.emitAs(role, this.t.c_ldst, 1, rs, base, offset);
    } else this.emitAs(role, this.t.store, storeCodes[op], rs, base, offset);
  }

  loadSlot(rd: Reg, spOffset: number): void {
    this.loadAs(undefined, 'load', rd, this.slotBase(spOffset));
  }

  storeSlot(rs: Reg, spOffset: number): void {
    this.storeAs(undefined, 'store', rs, this.slotBase(spOffset));
  }

  slotAddress(rd: Reg, spOffset: number): void {
    if (fits12(spOffset)) {
      this.emit(this.t.alu_rri, immediateCodes.add, rd, sp, spOffset);
      return;
    }
    this.loadConst(rd, spOffset);
    this.emit(this.t.c_add, rd, sp);
  }

  splitAddress(address: number): { anchor: number; offset: number } {
    return { anchor: rv32Anchor(address | 0) >>> 0, offset: lowerPart(address) };
  }

  boundsCheck(a: Reg, limit: Operand, slow: Label): void {
    this.branchIf({ test: 'compare', cond: 'ge_u', a, b: limit }, slow);
  }

  immediateLimit(limit: number): number {
    return limit <= 0 ? 0 : rv32Limit(limit | 0) >>> 0;
  }

  exactBoundsCheck(a: Reg, extent: number, routine: number): void {
    this.loadConst(t1, extent);
    this.leaveTo(routine + boundsEntryOffset(a), this.branches.link, t0);
  }

  boundsThunk(a: Reg, extent: number, routine: number): void {
    this.loadConst(t1, extent);
    this.leaveTo(routine + boundsEntryOffset(a), this.branches.link, x0);
  }

  callThunk(target: Label): void {
    this.branchTo(target, this.branches.link, t0);
  }

  callLabel(target: Label): void {
    this.linkUsed = true;
    this.branchTo(target, this.branches.link, ra);
  }

  callFunction(callee: number): void {
    this.linkUsed = true;
    this.leaveToCallee(callee, this.branches.link, ra);
  }

  jumpFunction(callee: number): void {
    this.leaveToCallee(callee, this.branches.link, x0);
  }

  callSlot(base: Reg, offset: number, via: Reg): void {
    this.linkUsed = true;
    this.load('load', via, { base, offset });
    this.emit(this.t.c_jalr, via);
  }

  callRoutine(address: number): void {
    this.linkUsed = true;
    this.leaveTo(address, this.branches.link, ra);
  }

  callFarRoutine(address: number): void {
    this.linkUsed = true;
    this.loadConst(t1, address);
    this.emit(this.t.c_jalr, t1);
  }

  callService(address: number): number {
    this.leaveTo(address, this.branches.link, t0);
    return 0;
  }

  trap(_kind: CodeTrapKind): void {
    this.emitAs('trap', this.t.ebreak);
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

  adjustStackKeeping(bytes: number): void {
    for (let rest = bytes; rest > 0; rest -= 2032) this.adjustStack(Math.min(rest, 2032));
  }

  systemCall(): void {
    this.emit(this.t.ecall);
  }

  jumpRegister(reg: Reg): void {
    this.emit(this.t.c_jr, reg);
  }

  restoreSaved(frame: Frame, below: number): void {
    for (const { register, offset } of this.savedPlaces(frame)) this.loadSlot(register, below + offset);
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

  savedPlaces(frame: Frame): SavedRegister[] {
    const { list, first, below } = this.savedSlots(frame);
    return list.map((register, index) => ({ register, offset: below + first - 4 * index }));
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

/** Byte offset of register `reg`'s entry in the memory's bounds routine (jit/templates/rv32/runtime.S): 4 bytes for each of x8..x31. */
function boundsEntryOffset(reg: Reg): number {
  return (reg - 8) * 4;
}

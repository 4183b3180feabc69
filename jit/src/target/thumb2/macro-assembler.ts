import { thumb2Anchor, thumb2Limit } from '../../core/target.js';
import type { Label } from '../../expand/assembly.js';
import type { Frame, SavedRegister } from '../frame.js';
import type { LoadOp, MacroAssembler, MemoryAddress, StoreOp } from '../macro-assembler.js';
import type { Operand, Reg } from '../registers.js';
import { type CodeTrapKind, trapKinds } from '../trap-kinds.js';
import { condCodes, Thumb2Conditions } from './conditions.js';
import { aluCodes } from './arithmetic.js';
import { isLow, isModifiedImmediate, lr, pc, r0, r12, sp } from './emitter.js';

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

/**
 * Thumb-2 (Armv7-M). 16-bit forms are taken where registers and flags allow. `flagsOf` remembers
 * the register whose sign and zero flags are current, so that a comparison with 0 costs nothing.
 */
export class Thumb2MacroAssembler extends Thumb2Conditions implements MacroAssembler {
  /** Armv7-M carries out misaligned single accesses (ARM, A3.2.1). */
  readonly split = undefined;

  fitsOffset(_op: LoadOp | StoreOp, offset: number): boolean {
    return offset >= 0 && offset <= 4095;
  }

  private access(op: LoadOp | StoreOp, rt: Reg, address: MemoryAddress): void {
    const { base } = address;
    if ('index' in address) {
      const { index, shift } = address;
      if (shift === 0 && isLow(rt) && isLow(base) && isLow(index)) this.emitAs('access', this.t.ldst_rr_n, narrowMemoryCodes[op], rt, base, index);
      else this.emitAs('access', this.t.ldst_rr, memoryCodes[op], rt, base, index, shift);
      return;
    }
    const { offset } = address;
    if (isLow(rt) && isLow(base)) {
      if ((op === 'load' || op === 'store') && offset <= 124 && offset % 4 === 0) {
        this.emitAs('access', this.t.ldst_word_n, op === 'load' ? 1 : 0, rt, base, offset);
        return;
      }
      if ((op === 'load8_u' || op === 'store8') && offset <= 31) {
        this.emitAs('access', this.t.ldst_byte_n, op === 'load8_u' ? 1 : 0, rt, base, offset);
        return;
      }
      if ((op === 'load16_u' || op === 'store16') && offset <= 62 && offset % 2 === 0) {
        this.emitAs('access', this.t.ldst_half_n, op === 'load16_u' ? 1 : 0, rt, base, offset);
        return;
      }
    }
    this.emitAs('access', this.t.ldst_ri12, memoryCodes[op], rt, base, offset);
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
      if (op === 'store' && rt === r12) this.storeScratchFar(spOffset);
      // rt itself can hold the offset of a load; a store needs the scratch register.
      else this.farSlot(op, rt, spOffset, op === 'load' ? rt : r12);
    } else if (isLow(rt) && spOffset <= 1020) this.emit(this.t.ldst_sp_n, op === 'load' ? 1 : 0, rt, spOffset);
    else this.emit(this.t.ldst_ri12, memoryCodes[op], rt, sp, spOffset);
  }

  private farSlot(op: 'load' | 'store', rt: Reg, spOffset: number, at: Reg): void {
    this.loadConst(at, spOffset);
    this.emit(this.t.ldst_sp_r, op === 'load' ? 1 : 0, rt, at);
  }

  /** The offset needs a register while the scratch register is taken: r0 makes room, and waits below the frame. */
  private storeScratchFar(spOffset: number): void {
    const bytes = 8;
    this.adjustStack(-bytes);
    this.storeSlot(r0, 0);
    this.farSlot('store', r12, spOffset + bytes, r0);
    this.loadSlot(r0, 0);
    this.adjustStack(bytes);
  }

  loadSlot(rd: Reg, spOffset: number): void {
    this.slot('load', rd, spOffset);
    this.wrote(rd, false);
  }

  storeSlot(rs: Reg, spOffset: number): void {
    this.slot('store', rs, spOffset);
  }

  slotAddress(rd: Reg, spOffset: number): void {
    this.loadConst(rd, -spOffset);
    this.emit(this.t.sub_from_sp, rd, rd);
    this.flagsOf = -1;
  }

  splitAddress(address: number): { anchor: number; offset: number } {
    const anchor = thumb2Anchor(address | 0) >>> 0;
    return { anchor, offset: (address >>> 0) - anchor };
  }

  boundsCheck(a: Reg, limit: Operand, slow: Label): void {
    this.branchIf({ test: 'compare', cond: 'ge_u', a, b: limit }, slow);
  }

  immediateLimit(limit: number): number {
    return limit <= 0 ? 0 : thumb2Limit(limit | 0) >>> 0;
  }

  exactBoundsCheck(a: Reg, extent: number, routine: number): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.loadConst(r12, extent);
    this.leaveTo(routine + boundsEntryOffset(a), this.branches.call);
  }

  override boundsCallSite(call: () => void): void {
    this.linkUsed = true;
    super.boundsCallSite(call);
  }

  boundsThunk(a: Reg, extent: number, routine: number): void {
    this.loadConst(r12, extent);
    this.leaveTo(routine + boundsEntryOffset(a), this.branches.farJump);
  }

  callThunk(target: Label): void {
    this.callLabel(target);
  }

  callLabel(target: Label): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.branchTo(target, this.branches.call);
  }

  callFunction(callee: number): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.leaveToCallee(callee, this.branches.call);
  }

  jumpFunction(callee: number): void {
    this.leaveToCallee(callee, this.branches.farJump);
  }

  callSlot(base: Reg, offset: number, via: Reg): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.load('load', via, { base, offset });
    this.emit(this.t.blx_r, via);
  }

  callRoutine(address: number): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.leaveTo(address, this.branches.call);
  }

  callFarRoutine(address: number): void {
    this.flagsOf = -1;
    this.linkUsed = true;
    this.loadConst(r12, address | 1);
    this.emit(this.t.blx_r, r12);
  }

  callService(address: number): number {
    this.flagsOf = -1;
    // A register that goes along keeps sp a multiple of 8.
    const kept = (1 << r12) | (1 << lr);
    if (!this.linkUsed) this.emit(this.t.push_w, kept);
    this.leaveTo(address, this.branches.call);
    if (this.linkUsed) return 0;
    this.emit(this.t.pop_w, kept);
    return 8;
  }

  trap(kind: CodeTrapKind): void {
    this.emitAs('trap', this.t.udf, trapKinds.indexOf(kind));
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
      this.branchOn(condCodes.lt_u, overflow);
      return;
    }
    // Large frames: sp - frameBytes may wrap, so the borrow counts as overflow too (hazard 7).
    this.loadConst(r12, frameBytes + limit);
    this.emit(this.t.sub_from_sp, r12, r12);
    this.branchOn(condCodes.lt_u, overflow);
  }

  adjustStackKeeping(bytes: number): void {
    for (let rest = bytes; rest > 0; rest -= 4088) this.adjustStack(Math.min(rest, 4088));
  }

  systemCall(): void {
    this.emit(this.t.svc, 0);
  }

  jumpRegister(reg: Reg): void {
    this.emit(this.t.bx_r, reg);
  }

  restoreSaved(frame: Frame, below: number): void {
    for (const { register, offset } of this.savedPlaces(frame)) this.loadSlot(register, below + offset);
  }

  savedPlaces(frame: Frame): SavedRegister[] {
    return this.savedRegisters(frame)
      .sort((a, b) => a - b)
      .map((register, index) => ({ register, offset: frame.slotBytes + 4 * index }))
      .filter(({ register }) => register !== r12);
  }

  private savedRegisters(frame: Frame): Reg[] {
    const list = [...frame.saved];
    if (frame.savesLink) list.push(lr);
    // Keep sp a multiple of 8 with a register that nobody needs; the link register spares the return.
    if (list.length % 2 === 1) list.push([lr, 4, 5, 6, 7, 8, 9, 10, 11].find((reg) => !list.includes(reg)) ?? r12);
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
    const direct = list.includes(lr) && frame.stackArgumentBytes === 0;
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
function boundsEntryOffset(reg: Reg): number {
  return reg * 6;
}

import type { Isa } from '@fireball/contracts';
import type { Assembly, Label } from '../expand/assembly.js';
import type { Features } from '../features.js';
import type { FloatBinary, FloatRounding, FloatType } from '../plan/floats.js';
import type { Condition, PairImmediate, WordCondition } from './conditions.js';
import type { Frame, SavedRegister } from './frame.js';
import type { FloatReg, LowWord, Operand, Pair, Reg, RegisterRoles } from './registers.js';
import type { CodeTrapKind } from './trap-kinds.js';

/** Two-operand integer operations; operands and results are 32-bit words. */
export type AluOp = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'shl' | 'shr_s' | 'shr_u' | 'rotr' | 'mul';
/** Those that 0 as the second operand turns into nothing. */
export type ConditionalOp = 'add' | 'sub' | 'or' | 'xor';
export type UnaryOp = 'clz' | 'ctz' | 'extend8_s' | 'extend16_s' | 'extend8_u' | 'extend16_u';
export type DivideOp = 'div_s' | 'div_u' | 'rem_s' | 'rem_u';
export type Shift = 'shl' | 'shr_s' | 'shr_u' | 'rotr';
export type PairShift = 'shl' | 'shr_s' | 'shr_u';

/** Width and extension of a memory access. */
export type LoadOp = 'load' | 'load8_u' | 'load8_s' | 'load16_u' | 'load16_s';
export type StoreOp = 'store' | 'store8' | 'store16';

export interface BaseAddress {
  readonly base: Reg;
  readonly offset: number;
}

/** `index` forms (base + (index << shift), shift 0..3) exist only where `MacroAssembler.indexed` is set. */
export type MemoryAddress = BaseAddress | { readonly base: Reg; readonly index: Reg; readonly shift: number };

/**
 * What a macro assembler does with floating-point registers; called only for what `floatOperation` says that the core has.
 * Results are as wasm's deterministic profile wants them.
 */
interface FloatMacroAssembler {
  /** For min and max fd must be neither operand. */
  floatBinary(op: FloatBinary, type: FloatType, fd: FloatReg, a: FloatReg, b: FloatReg): void;
  floatSqrt(type: FloatType, fd: FloatReg, a: FloatReg): void;
  /** fd must not be a. */
  floatRound(op: FloatRounding, type: FloatType, fd: FloatReg, a: FloatReg): void;
  /** abs and neg: the sign bit alone. */
  floatSign(op: 'abs' | 'neg', type: FloatType, fd: FloatReg, a: FloatReg): void;
  floatFromInteger(type: FloatType, signed: boolean, fd: FloatReg, rs: Reg): void;
  /** Saturates; without `exactNaN` the result for NaN is of no interest. */
  floatToInteger(type: FloatType, signed: boolean, exactNaN: boolean, rd: Reg, a: FloatReg): void;
  /** fd = a, of the other type, as `type`. */
  floatPrecision(type: FloatType, fd: FloatReg, a: FloatReg): void;
  /** fd = the single with the bits in rs. */
  moveToFloat(fd: FloatReg, rs: Reg): void;
  /** rd = low 32 bits of fs. */
  moveFromFloat(rd: Reg, fs: FloatReg): void;
  /** fd = the single with these bits, where that is one instruction: tells whether it was. */
  shortFloatConst(fd: FloatReg, bits: number): boolean;
  /** Do `loadFloatSlot` and `storeFloatSlot` reach the slot? */
  fitsFloatSlot(spOffset: number): boolean;
  loadFloatSlot(type: FloatType, fd: FloatReg, spOffset: number): void;
  storeFloatSlot(type: FloatType, fs: FloatReg, spOffset: number): void;
}

/** Accesses byte by byte, for cores that trap on misaligned ones. They use no register but scratch ones. */
export interface SplitAccess {
  /** Branches where base + offset is no multiple of `width`. */
  branchIfMisaligned(width: number, address: BaseAddress, target: Label): void;
  load(op: LoadOp, rd: Reg, address: BaseAddress): void;
  store(op: StoreOp, rs: Reg, address: BaseAddress): void;
}

/** One comparison of several registers, in the flags until it is released: single words can be computed, loaded and stored meanwhile. */
export interface JointChecks {
  /** Compares every register with a limit that `immediateLimit` has given. */
  compare(registers: readonly Reg[], limit: number): void;
  /** From here on, what is placed leaves the flags alone. */
  hold(): void;
  /** Branches to `slow` unless all were below the limit. */
  branch(slow: Label): void;
  release(): void;
}

/**
 * A macro assembler: each method places one or a few templates. Nothing here knows WebAssembly's
 * control flow or stack; nothing outside knows encodings. A method never writes a register other
 * than its destination and the target's private scratch registers.
 */
export interface MacroAssembler extends FloatMacroAssembler {
  readonly isa: Isa;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly roles: RegisterRoles;
  /** Register + register addressing exists. */
  readonly indexed: boolean;
  /** The second operand of an ALU operation can be shifted by a constant. */
  readonly shiftedOperands: boolean;
  readonly multiplyAdd: boolean;
  /** A result is mostly as short in another register than an operand's: that may keep what it has. */
  readonly spreadsResults: boolean;
  /** Branch tables hold forward distances only. */
  readonly forwardTables: boolean;
  /** Scratch register that the selector may use between two calls of this interface. */
  readonly scratch: Reg;
  /** Instructions that saving and restoring one callee-saved register costs. */
  readonly saveCost: number;
  readonly assembly: Assembly;
  /** wasm offset that placed templates are attributed to. */
  wasmOffset: number;

  /** Undefined where every core carries out misaligned accesses of one word. */
  readonly split: SplitAccess | undefined;

  /** The function wrote its link register. */
  readonly linkUsed: boolean;

  bind(label: Label): void;
  /** The function is left here: by its epilogue, or by what `leave` places once the frame is known. */
  returnSite(leave?: (frame: Frame) => void): void;
  /** Places the code of a site (`Assembly.finish`). */
  placeSite(site: number, frame: Frame): void;
  /** The link register, as one more register for a moment; it will be saved. */
  useLink(): Reg;
  /** Restores what the prologue saved, link register included; the frame begins `below` bytes above sp. */
  restoreSaved(frame: Frame, below: number): void;
  /** Moves sp up without touching any other register. */
  adjustStackKeeping(bytes: number): void;
  jumpRegister(reg: Reg): void;
  /** SVC or ECALL; the scratch register tells which service. */
  systemCall(): void;
  move(rd: Reg, rs: Reg): void;
  loadConst(rd: Reg, value: number): void;
  /** Instructions to load the constant. */
  constCost(value: number): number;
  fitsImmediate(op: AluOp | 'compare' | 'test', value: number): boolean;
  /** `isShort`: the amount of a shift is known to be below 32. */
  alu(op: AluOp, rd: Reg, a: Reg, b: Operand, isShort?: boolean): void;
  /** rd = b - a for an immediate b that `fitsReverse` accepts. */
  reverseSubtract(rd: Reg, a: Reg, imm: number): void;
  fitsReverse(imm: number): boolean;
  aluShifted(op: AluOp, rd: Reg, a: Reg, b: Reg, shift: Shift, amount: number): void;
  /** rd = addend +/- a * b. */
  multiplyAccumulate(op: 'add' | 'sub', rd: Reg, a: Reg, b: Reg, addend: Reg): void;
  /** Fields of a word are cut out by one instruction. */
  readonly bitFields: boolean;
  /** rd = `bits` bits of a from bit `lsb`; only where `bitFields` is set. */
  extractField(rd: Reg, a: Reg, lsb: number, bits: number): void;
  /** rd = a +/- b on pairs. rd.low must not be a.high or b.high. */
  addPair(op: 'add' | 'sub', rd: Pair, a: Pair, b: Pair | PairImmediate): void;
  /** Comparisons: lt and ge only. */
  fitsPairImmediate(op: 'add' | 'sub' | 'compare', imm: PairImmediate): boolean;
  /** rd = a * b on pairs; without a high word, a is below 2^32. */
  multiplyPair(rd: Pair, a: LowWord, b: Pair): void;
  /** rd = a * b, the whole product of two words. */
  multiplyWords(signed: boolean, rd: Pair, a: Reg, b: Reg): void;
  /** rd = rd + a * b, the same added; only where `multiplyAdd` is set. */
  multiplyAddWords(signed: boolean, rd: Pair, a: Reg, b: Reg): void;
  /**
   * rd = a shifted by amount modulo 64. The word into which bits come from the other one, high for shl and low for the others, must be
   * neither that other word of `a` nor `amount`, which may be overwritten.
   */
  shiftPair(op: PairShift, rd: Pair, a: Pair, amount: Reg): void;
  unary(op: UnaryOp, rd: Reg, a: Reg): void;
  /** Plain division; the caller has branched away division by zero and overflow. */
  divide(op: DivideOp, rd: Reg, a: Reg, b: Reg): void;
  setIf(rd: Reg, condition: Condition): void;
  /** rd = condition ? whenTrue : whenFalse; rd may be any of the registers involved. */
  choose(rd: Reg, condition: Condition, whenTrue: Operand, whenFalse: Operand): void;
  /** rd = condition ? rd OP b : rd. */
  aluIf(op: ConditionalOp, rd: Reg, condition: Condition, b: Operand): void;
  /** Can `aluIf` take the constant as an immediate? */
  fitsAluIf(op: ConditionalOp, imm: number): boolean;
  /** Adding a condition to a number is shorter by `aluIf` than by making it a number, too. */
  readonly countsByFlags: boolean;
  /** Can `choose` take the constant as an immediate? */
  fitsChoose(imm: number): boolean;
  branchIf(condition: Condition, target: Label): void;
  /** Where flags can wait for their branch: until somebody consumes the condition `held`, operations on single words leave them alone, and no other condition may be asked for. */
  readonly holdCondition: ((condition: WordCondition) => void) | undefined;
  jump(target: Label): void;
  /** Jump to labels[index], or to `otherwise` where index >= labels.length (unsigned), which cannot be where it is undefined. Labels must lie ahead. */
  branchTable(index: Reg, labels: readonly Label[], otherwise: Label | undefined): void;
  fitsOffset(op: LoadOp | StoreOp, offset: number): boolean;
  load(op: LoadOp, rd: Reg, address: MemoryAddress): void;
  store(op: StoreOp, rs: Reg, address: MemoryAddress): void;
  loadSlot(rd: Reg, spOffset: number): void;
  storeSlot(rs: Reg, spOffset: number): void;
  /** rd = sp + spOffset. */
  slotAddress(rd: Reg, spOffset: number): void;
  /** Splits an absolute address into a loadable anchor and an offset that every access form reaches. */
  splitAddress(address: number): { anchor: number; offset: number };
  /** Branches to `slow` unless a < limit (unsigned). */
  boundsCheck(a: Reg, limit: Operand, slow: Label): void;
  /** Where flags tell of several registers at once. */
  readonly jointChecks: JointChecks | undefined;
  /** The largest limit <= `limit` that `boundsCheck` takes as an immediate; 0 where none. */
  immediateLimit(limit: number): number;
  /** Calls the memory's exact check for register a: traps unless a + extent is at most the current size. */
  exactBoundsCheck(a: Reg, extent: number, routine: number): void;
  /** Here `call` will place a call of the memory's routine, or of a thunk: which one is known when all checks are. */
  boundsCallSite(call: () => void): void;
  /** Code that several slow checks share: `extent` and the jump to the routine; reached by `callThunk`. */
  boundsThunk(a: Reg, extent: number, routine: number): void;
  /** Calls a thunk of this function with the routines' link register. */
  callThunk(target: Label): void;
  callLabel(target: Label): void;
  /** Calls another function of the module, wherever it will lie. */
  callFunction(callee: number): void;
  /** Goes on in a function of the module, wherever it will lie, in place of this one. */
  jumpFunction(callee: number): void;
  /** Calls through the slot at [base + offset]; `via` may be written. */
  callSlot(base: Reg, offset: number, via: Reg): void;
  /** Calls a runtime routine at a fixed address. */
  callRoutine(address: number): void;
  /** As `callRoutine`, wherever the routine lies. */
  callFarRoutine(address: number): void;
  /**
   * Calls the yield service, which preserves everything but scratch registers and flags. Returns the bytes that it needs of the
   * stack for a link register that the prologue may not save.
   */
  callService(address: number): number;
  trap(kind: CodeTrapKind): void;
  /** Moves sp by `bytes`. */
  adjustStack(bytes: number): void;
  stackCheck(frameBytes: number, limit: number, overflow: Label): void;
  prologue(frame: Frame): void;
  epilogue(frame: Frame): void;
  /** Bytes between the slot area and the first stack argument. */
  frameBytes(frame: Frame): number;
  /** Where the prologue put callee-saved registers and the link. */
  savedPlaces(frame: Frame): SavedRegister[];
}

import type { Isa } from '@fireball/contracts';
import type { Assembly, Label } from '../expand/assembly.js';
import type { Features } from '../features.js';
import type { FloatBinary, FloatCond, FloatRounding, FloatType } from '../plan/floats.js';

/** A general register by its architectural number. */
export type Reg = number;
export const noReg: Reg = -1;
/** A floating-point register: s0-s31 (singles), f0-f31. */
export type FloatReg = number;

/** Two-operand integer operations of a machine; operands and results are 32-bit words. */
export type AluOp = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'shl' | 'shr_s' | 'shr_u' | 'rotr' | 'mul';
export type UnaryOp = 'clz' | 'ctz' | 'extend8_s' | 'extend16_s' | 'extend8_u' | 'extend16_u';
export type DivideOp = 'div_s' | 'div_u' | 'rem_s' | 'rem_u';
export type Shift = 'shl' | 'shr_s' | 'shr_u' | 'rotr';

/** Conditions in WebAssembly's own terms. */
export type Cond = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';

export type Operand = { readonly reg: Reg } | { readonly imm: number };

/** A 64-bit value in two registers. */
export interface Pair {
  readonly low: Reg;
  readonly high: Reg;
}

/** Have they a register in common? */
export function overlap(a: Pair, b: Pair): boolean {
  return a.low === b.low || a.low === b.high || a.high === b.low || a.high === b.high;
}

/** Order conditions; equality of pairs is a test of one word. */
export type CompareCond = Exclude<Cond, 'eq' | 'ne'>;
export type PairShift = 'shl' | 'shr_s' | 'shr_u';

/** `compare`: a COND b. `test`: (a AND b) COND 0, where COND is eq or ne. */
export interface WordCondition {
  readonly test: 'compare' | 'test';
  readonly cond: Cond;
  readonly a: Reg;
  readonly b: Operand;
}

/** Two words that an instruction contains. */
export interface PairImmediate {
  readonly lowImm: number;
  readonly highImm: number;
}

/** a COND b as 64-bit numbers. */
interface PairCondition {
  readonly test: 'pair';
  readonly cond: CompareCond;
  readonly a: Pair;
  /** An immediate only where `fitsPairImmediate` says so. */
  readonly b: Pair | PairImmediate;
}

/** a COND b as floats, or with `holds` false that it fails; on NaN every condition fails. */
export interface FloatCondition {
  readonly test: 'float';
  readonly type: FloatType;
  readonly cond: FloatCond;
  readonly holds: boolean;
  readonly a: FloatReg;
  readonly b: FloatReg;
}

export type Condition = WordCondition | PairCondition | FloatCondition;

const inverseOf = {
  eq: 'ne',
  ne: 'eq',
  lt_s: 'ge_s',
  ge_s: 'lt_s',
  gt_s: 'le_s',
  le_s: 'gt_s',
  lt_u: 'ge_u',
  ge_u: 'lt_u',
  gt_u: 'le_u',
  le_u: 'gt_u',
} as const satisfies Record<Cond, Cond>;

/** The condition that holds for (b, a) exactly when `cond` holds for (a, b). */
export const swappedOf = {
  eq: 'eq',
  ne: 'ne',
  lt_s: 'gt_s',
  gt_s: 'lt_s',
  le_s: 'ge_s',
  ge_s: 'le_s',
  lt_u: 'gt_u',
  gt_u: 'lt_u',
  le_u: 'ge_u',
  ge_u: 'le_u',
} as const satisfies Record<Cond, Cond>;

export function inverse(condition: Condition): Condition {
  if (condition.test === 'float') return { ...condition, holds: !condition.holds };
  if (condition.test === 'pair') return { ...condition, cond: inverseOf[condition.cond] };
  return { ...condition, cond: inverseOf[condition.cond] };
}

/** General registers that the condition reads. */
export function registersOf(condition: Condition): readonly Reg[] {
  if (condition.test === 'float') return [];
  if (condition.test === 'pair') {
    const { a, b } = condition;
    return 'low' in b ? [a.low, a.high, b.low, b.high] : [a.low, a.high];
  }
  return 'reg' in condition.b ? [condition.a, condition.b.reg] : [condition.a];
}

/** Width and extension of a memory access. */
export type LoadOp = 'load' | 'load8_u' | 'load8_s' | 'load16_u' | 'load16_s';
export type StoreOp = 'store' | 'store8' | 'store16';

export interface BaseAddress {
  readonly base: Reg;
  readonly offset: number;
}

/** `index` forms (base + (index << shift), shift 0..3) exist only where `Machine.indexed` is set. */
export type MemoryAddress =
  | BaseAddress
  | { readonly base: Reg; readonly index: Reg; readonly shift: number };

/** Reasons for which generated code traps; the order is the number in the trap instruction. */
export const trapKinds = [
  'unreachable',
  'integer divide by zero',
  'integer overflow',
  'out of bounds memory access',
  'call stack exhausted',
  'invalid conversion to integer',
  'undefined element',
  'uninitialized element',
  'indirect call type mismatch',
  'out of bounds table access',
] as const;
/** Kinds of traps that compiled code raises, by its stubs. */
export type TrapKind = (typeof trapKinds)[number];

/** The roles of registers (ABI.md, "Registers"). */
export interface RegisterRoles {
  /** Argument and result registers, in order; also temporaries. */
  readonly args: readonly Reg[];
  /** Caller-saved temporaries in order of preference (includes `args`). */
  readonly temps: readonly Reg[];
  /** Callee-saved registers, cheapest encodings first. */
  readonly saved: readonly Reg[];
  /** Caller-saved registers that hold locals and constants of leaf functions. */
  readonly leafExtra: readonly Reg[];
  /** The same for locals of other functions that are dead at every call. */
  readonly callExtra: readonly Reg[];
  readonly zero: Reg;
  /** Floating-point registers, all of them temporaries; without those that the machine keeps to itself. */
  readonly floats: readonly FloatReg[];
}

export interface Frame {
  /** Callee-saved registers in use. */
  readonly saved: readonly Reg[];
  /** Bytes of the slot area, at sp. */
  readonly slotBytes: number;
  /** The function writes the link register. */
  readonly savesLink: boolean;
  /** Bytes of stack arguments that the callee pops. */
  readonly stackArgumentBytes: number;
}

/** A register's value at entry, as the frame keeps it. */
export interface SavedRegister {
  readonly register: Reg;
  /** Bytes above sp. */
  readonly offset: number;
}

/**
 * What a machine does with floating-point registers; called only for what `floatOperation` says that the core has.
 * Results are as wasm's deterministic profile wants them.
 */
interface FloatMachine {
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

/**
 * A macro assembler: each method places one or a few templates. Nothing here knows WebAssembly's
 * control flow or stack; nothing outside knows encodings. A method never writes a register other
 * than its destination and the machine's private scratch registers.
 */
export interface Machine extends FloatMachine {
  readonly isa: Isa;
  /** What the core has beyond the base of its instruction set. */
  readonly features: Features;
  readonly roles: RegisterRoles;
  /** Register + register addressing exists. */
  readonly indexed: boolean;
  /** The second operand of an ALU operation can be shifted by a constant. */
  readonly shiftedOperands: boolean;
  readonly multiplyAdd: boolean;
  /** Branch tables hold forward distances only. */
  readonly forwardTables: boolean;
  /** Scratch register that the selector may use between two calls of this interface. */
  readonly scratch: Reg;
  /** Instructions that saving and restoring one callee-saved register costs. */
  readonly saveCost: number;
  /** What a bounds check in a loop loses, in instructions, where its limit is in no register. */
  readonly limitCost: number;
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
  alu(op: AluOp, rd: Reg, a: Reg, b: Operand): void;
  /** rd = b - a for an immediate b that `fitsReverse` accepts. */
  reverseSubtract(rd: Reg, a: Reg, imm: number): void;
  fitsReverse(imm: number): boolean;
  aluShifted(op: AluOp, rd: Reg, a: Reg, b: Reg, shift: Shift, amount: number): void;
  multiplyAccumulate(rd: Reg, a: Reg, b: Reg, addend: Reg): void;
  /** rd = a +/- b on pairs. rd.low must not be a.high or b.high. */
  addPair(op: 'add' | 'sub', rd: Pair, a: Pair, b: Pair | PairImmediate): void;
  /** Comparisons: lt and ge only. */
  fitsPairImmediate(op: 'add' | 'sub' | 'compare', imm: PairImmediate): boolean;
  /** rd = a * b on pairs. */
  multiplyPair(rd: Pair, a: Pair, b: Pair): void;
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
  /** Can `choose` take the constant as an immediate? */
  fitsChoose(imm: number): boolean;
  branchIf(condition: Condition, target: Label): void;
  jump(target: Label): void;
  /** Jump to labels[index], or to `otherwise` where index >= labels.length (unsigned). Labels must lie ahead. */
  branchTable(index: Reg, labels: readonly Label[], otherwise: Label): void;
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
  /** The largest limit <= `limit` that `boundsCheck` takes as an immediate; 0 where none. */
  immediateLimit(limit: number): number;
  /** Calls the memory's exact check for register a: traps unless a + extent is at most the current size. */
  exactBoundsCheck(a: Reg, extent: number, routine: number): void;
  /** Code that several slow checks share: `extent` and the jump to the routine; reached by `callThunk`. */
  boundsThunk(a: Reg, extent: number, routine: number): void;
  /** Calls a thunk of this function with the routines' link register. */
  callThunk(target: Label): void;
  callLabel(target: Label): void;
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
  trap(kind: TrapKind): void;
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

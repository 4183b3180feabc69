import { signBit, type FloatOperation, type FloatType, type SignOperation } from '../plan/floats.js';
import { selectAlu } from './arithmetic.js';
import { consume } from './compare.js';
import { deferOutOfLine, destination, trapLabel, type Context } from './context.js';
import type { HeldFloat } from './float-file.js';
import type { FloatReg, Reg } from '../target/registers.js';
import { floatOf, type Entry } from './operands.js';
import { composed, constant, owned, reading, wordOperation } from './pairs.js';
import type { FunctionState } from './state.js';
import type { Held } from './temporaries.js';

/** An instruction that the core's floating-point unit carries out. */
export function selectFloat(context: Context, operation: FloatOperation): void {
  const { masm, state } = context;
  const { type } = operation;
  switch (operation.kind) {
    case 'binary': {
      const b = popFloat(context, type);
      const a = popFloat(context, type);
      result(context, type, operation.op === 'min' || operation.op === 'max', [a, b], (fd) => masm.floatBinary(operation.op, type, fd, a.float, b.float));
      return;
    }
    case 'sqrt': {
      const a = popFloat(context, type);
      result(context, type, false, [a], (fd) => masm.floatSqrt(type, fd, a.float));
      return;
    }
    case 'round': {
      const a = popFloat(context, type);
      result(context, type, true, [a], (fd) => masm.floatRound(operation.op, type, fd, a.float));
      return;
    }
    case 'compare': {
      const b = popFloat(context, type);
      const a = popFloat(context, type);
      const { cond, holds } = operation;
      consume(context, { condition: { test: 'float', type, cond, holds, a: a.float, b: b.float }, held: [a, b] });
      return;
    }
    case 'convert': {
      const held = state.hold(state.pop());
      result(context, type, false, [held], (fd) => masm.floatFromInteger(type, operation.signed, fd, held.reg));
      return;
    }
    case 'truncate':
      if (operation.saturating) toInteger(context, type, operation.signed, true, popFloat(context, type));
      else truncate(context, type, operation.signed);
      return;
    case 'precision': {
      const a = popFloat(context, type === 'f32' ? 'f64' : 'f32');
      result(context, type, false, [a], (fd) => masm.floatPrecision(type, fd, a.float));
      return;
    }
    default:
      operation satisfies never;
  }
}

/** Computes into a register, one of the operands' where `apart` allows it, and pushes the result. */
function result(context: Context, type: FloatType, apart: boolean, operands: readonly (Held | HeldFloat)[], compute: (fd: FloatReg) => void): void {
  const { state } = context;
  const release = (): void => operands.forEach((held) => state.release(held));
  if (!apart) release();
  const fd = state.allocateFloat();
  if (apart) release();
  compute(fd);
  pushFloat(state, type, fd);
}

/** The entries take over the caller's share of the register. */
function pushFloat(state: FunctionState, type: FloatType, float: FloatReg): void {
  if (type === 'f32') {
    state.stack.push({ kind: 'float', float, part: 'single', high: false });
    return;
  }
  state.floats.share(float);
  state.stack.push({ kind: 'float', float, part: 'low', high: false }, { kind: 'float', float, part: 'high', high: true });
}

// --- operands -------------------------------------------------------------------------------

function popFloat(context: Context, type: FloatType): HeldFloat {
  const { state } = context;
  const top = state.pop();
  return type === 'f32' ? holdSingle(state, top) : holdDouble(state, state.pop(), top);
}

function holdSingle(state: FunctionState, entry: Entry): HeldFloat {
  const { masm, floats } = state;
  const inPlace = floatOf(undefined, entry);
  if (inPlace !== undefined) return { float: inPlace };
  if (entry.kind === 'home' && masm.fitsFloatSlot(entry.spOffset + state.spShift)) return loaded(state, 'f32', entry.spOffset);
  const isConst = entry.kind === 'const';
  const word = wordOf(entry);
  const content = isConst ? (`f32 ${entry.value}` as const) : word === undefined ? undefined : (`local ${word}` as const);
  const known = content === undefined ? undefined : shared(state, floats.find(content));
  if (known !== undefined) return known;
  const held = singleFromCore(state, entry, word);
  if (content !== undefined) floats.remember(held.float, content);
  return held;
}

function singleFromCore(state: FunctionState, entry: Entry, word: number | undefined): HeldFloat {
  const { masm } = state;
  if (word !== undefined && state.isHomeLocal({ word })) {
    const spOffset = state.localHome(word);
    if (masm.fitsFloatSlot(spOffset + state.spShift)) return loaded(state, 'f32', spOffset);
  }
  const float = state.allocateFloat();
  if (entry.kind === 'const' && masm.shortFloatConst(float, entry.value)) return { float };
  const held = state.hold(entry);
  masm.moveToFloat(float, held.reg);
  state.release(held);
  return { float };
}

function shared(state: FunctionState, float: FloatReg | undefined): HeldFloat | undefined {
  if (float === undefined) return undefined;
  state.floats.share(float);
  return { float };
}

function loaded(state: FunctionState, type: FloatType, spOffset: number): HeldFloat {
  const float = state.allocateFloat();
  state.masm.loadFloatSlot(type, float, spOffset + state.spShift);
  return { float };
}

/** Word of a local that a pure entry reads. */
function wordOf(entry: Entry): number | undefined {
  return entry.kind === 'sum' && entry.c === 0 && 'word' in entry.source ? entry.source.word : undefined;
}

function holdDouble(state: FunctionState, low: Entry, high: Entry): HeldFloat {
  const { floats } = state;
  const inPlace = floatOf(low, high);
  if (inPlace !== undefined) {
    floats.drop(inPlace);
    return { float: inPlace };
  }
  if (low.kind === 'home' && high.kind === 'home' && high.spOffset === low.spOffset + 4 && low.spOffset % 8 === 0) return loaded(state, 'f64', low.spOffset);
  if (low.kind === 'const' && high.kind === 'const') return doubleConst(state, low.value, high.value);
  const word = wordOf(low);
  if (word === undefined || wordOf(high) !== word + 1 || !state.isLowWord(word)) return doubleFromCore(state, low, high);
  const content = `local ${word}` as const;
  const known = shared(state, floats.find(content));
  if (known !== undefined) return known;
  const isHome = state.isHomeLocal({ word }) && state.isHomeLocal({ word: word + 1 });
  const held = isHome ? loaded(state, 'f64', state.localHome(word)) : doubleFromCore(state, low, high);
  floats.remember(held.float, content);
  return held;
}

/** There is no move between a register pair and a double: it goes through the frame. */
function doubleFromCore(state: FunctionState, low: Entry, high: Entry): HeldFloat {
  const { masm } = state;
  const words = [state.hold(low), state.hold(high)] as const;
  const spOffset = state.exchangeSlot();
  masm.storeSlot(words[0].reg, spOffset + state.spShift);
  masm.storeSlot(words[1].reg, spOffset + 4 + state.spShift);
  for (const held of words) state.release(held);
  return loaded(state, 'f64', spOffset);
}

const bits = new DataView(new ArrayBuffer(8));

/** The bits of the single that equals the double; undefined where none does. */
function asSingle(low: number, high: number): number | undefined {
  bits.setInt32(0, high);
  bits.setInt32(4, low);
  const value = bits.getFloat64(0);
  if (Number.isNaN(value) || Math.fround(value) !== value) return undefined;
  bits.setFloat32(0, value);
  return bits.getInt32(0);
}

function doubleConst(state: FunctionState, low: number, high: number): HeldFloat {
  const { masm, floats } = state;
  const content = `f64 ${low} ${high}` as const;
  const known = shared(state, floats.find(content));
  if (known !== undefined) return known;
  const single = asSingle(low, high);
  let held: HeldFloat;
  if (single === undefined) held = doubleFromCore(state, constant(low), constant(high));
  else {
    held = singleFromCore(state, constant(single), undefined);
    masm.floatPrecision('f64', held.float, held.float);
  }
  floats.remember(held.float, content);
  return held;
}

// --- conversions to integers ----------------------------------------------------------------

function toInteger(context: Context, type: FloatType, signed: boolean, exactNaN: boolean, held: HeldFloat): void {
  const to = destination(context, [held]);
  context.masm.floatToInteger(type, signed, exactNaN, to.reg, held.float);
  to.finish();
}

/** Bits 63-32 of a double or 31-0 of a single: sign and exponent of 1, 2^31 and 2^32, all with zero mantissas. */
const powers = {
  f32: { one: 0x3f80_0000, two31: 0x4f00_0000, two32: 0x4f80_0000 },
  f64: { one: 0x3ff0_0000, two31: 0x41e0_0000, two32: 0x41f0_0000 },
} as const;
/** Low words of doubles from -2^31 to the last number above -2^31 - 1. */
const belowNextInteger = 0x20_0000;

/** The conversions that trap. Ranges are checked on the bits; what is large, negative or NaN is sorted out off the hot path. */
function truncate(context: Context, type: FloatType, signed: boolean): void {
  const { masm, state } = context;
  const { held, top } = withTopWord(context, type);
  const { one, two31, two32 } = powers[type];
  const slow = masm.assembly.newLabel();
  const fine = masm.assembly.newLabel();
  const scratch = masm.scratch;
  const twice = (): void => masm.alu('shl', scratch, top.reg, { imm: 1 });
  if (signed) {
    twice();
    masm.branchIf({ test: 'compare', cond: 'ge_u', a: scratch, b: { imm: (2 * two31) | 0 } }, slow);
  } else masm.branchIf({ test: 'compare', cond: 'ge_u', a: top.reg, b: { imm: two32 } }, slow);
  masm.bind(fine);
  deferOutOfLine(context, () => {
    masm.bind(slow);
    if (signed) acceptLeast(context, type, top.reg, held.float, two31 | signBit | 0, fine);
    else {
      // Negative numbers above -1 give 0.
      twice();
      masm.branchIf({ test: 'compare', cond: 'lt_u', a: scratch, b: { imm: (2 * one) | 0 } }, fine);
    }
    masm.branchIf({ test: 'float', type, cond: 'eq', holds: false, a: held.float, b: held.float }, trapLabel(context, 'invalid conversion to integer'));
    masm.jump(trapLabel(context, 'integer overflow'));
  });
  state.release(top);
  toInteger(context, type, signed, false, held);
}

/** -2^31, and of doubles what rounds to it, has an exponent of its own. */
function acceptLeast(context: Context, type: FloatType, top: Reg, float: FloatReg, least: number, fine: number): void {
  const { masm } = context;
  if (type === 'f32') {
    masm.branchIf({ test: 'compare', cond: 'eq', a: top, b: { imm: least } }, fine);
    return;
  }
  const other = masm.assembly.newLabel();
  masm.branchIf({ test: 'compare', cond: 'ne', a: top, b: { imm: least } }, other);
  masm.moveFromFloat(masm.scratch, float);
  masm.branchIf({ test: 'compare', cond: 'lt_u', a: masm.scratch, b: { imm: belowNextInteger } }, fine);
  masm.bind(other);
}

/** The topmost value in a floating-point register, and its word of sign and exponent in a general one. */
function withTopWord(context: Context, type: FloatType): { held: HeldFloat; top: Held } {
  const { masm, state } = context;
  const entry = state.stack.at(-1);
  if (type === 'f32' && entry !== undefined && entry.kind !== 'float') {
    const top = state.hold(state.pop());
    const float = state.allocateFloat();
    masm.moveToFloat(float, top.reg);
    return { held: { float }, top };
  }
  const held = popFloat(context, type);
  const reg = state.allocate();
  state.compute({ kind: 'float', float: held.float, part: type === 'f32' ? 'single' : 'high', high: false }, reg);
  return { held, top: { reg, owned: true } };
}

// --- signs ----------------------------------------------------------------------------------

/** abs, neg and copysign: the sign bit of the (upper) word, in a general register unless the value is in another. */
export function selectSign(context: Context, { type, op }: SignOperation): void {
  const { state, masm } = context;
  if (op === 'copysign') {
    copySign(context, type);
    return;
  }
  if (floatOf(type === 'f32' ? undefined : state.stack.at(-2), state.stack.at(-1)) !== undefined) {
    const held = popFloat(context, type);
    result(context, type, false, [held], (fd) => masm.floatSign(op, type, fd, held.float));
    return;
  }
  onTopWord(context, type, () => {
    if (op === 'neg') {
      state.stack.push(constant(signBit));
      return 'xor';
    }
    if (masm.fitsImmediate('and', ~signBit)) {
      state.stack.push(constant(~signBit));
      return 'and';
    }
    state.stack.push(constant(1));
    composed(context, () => selectAlu(context, 'shl'));
    state.stack.push(constant(1));
    return 'shr_u';
  });
}

/** a ^ ((a ^ b) & sign) */
function copySign(context: Context, type: FloatType): void {
  const { state } = context;
  const b = state.pop();
  if (type === 'f64') state.releaseEntry(state.pop());
  const a = state.hold(state.pop());
  const difference = wordOperation(context, 'xor', reading(a.reg), b);
  const sign = wordOperation(context, 'and', owned(difference), constant(signBit));
  state.stack.push(reading(a.reg));
  onTopWord(context, type, () => {
    state.stack.push(owned(sign));
    return 'xor';
  });
  state.release(a);
}

/** Ends an operation on the topmost word, whose last step `begin` names; of a double that word is the upper one. */
function onTopWord(context: Context, type: FloatType, begin: () => 'xor' | 'and' | 'shr_u'): void {
  const { state } = context;
  if (type === 'f32') {
    selectAlu(context, begin());
    return;
  }
  composed(context, () => selectAlu(context, begin()));
  state.stack.push({ ...state.pop(), high: true });
}

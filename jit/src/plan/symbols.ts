import type { Cond } from '../target/conditions.js';
import type { AluOp } from '../target/macro-assembler.js';

export const u32Max = 0xffff_ffff;

/** What is known of one word of the operand stack; `high` marks the upper word of a pair. */
export type Symbol = (
  | { readonly kind: 'const'; readonly value: number }
  /** local word + c (wrapping), as long as the local's version is current; the word was between `min` and `max` when it was read. */
  | LocalSymbol
  /** A computed value of at most `max`, plus c (wrapping). `test`: 1 where that is so, 0 where it is not. */
  | { readonly kind: 'value'; readonly max: number; readonly c: number; readonly test?: Test | undefined }
) & { readonly high?: true };

export interface LocalSymbol {
  readonly kind: 'local';
  readonly word: number;
  readonly version: number;
  readonly min: number;
  readonly max: number;
  readonly c: number;
}

/** A comparison of a local with a constant (unsigned). */
export interface Test {
  readonly local: LocalSymbol;
  readonly cond: Cond;
  readonly value: number;
}

export const unknown = { kind: 'value', max: u32Max, c: 0 } as const satisfies Symbol;
export const unknownHigh: Symbol = { ...unknown, high: true };

/** An operand that may come from another frame: its bound was proved by code that did not run in this one. */
export function withoutBound(symbol: Symbol): Symbol {
  if (symbol.kind === 'const') return symbol;
  if (symbol.kind === 'local') return { ...symbol, min: 0, max: u32Max };
  return symbol.high ? unknownHigh : unknown;
}

/** From min..max to the same with `c` more, where all of it wraps, or none; everything otherwise. */
export function rangeBehind(min: number, max: number, c: number): { readonly min: number; readonly max: number } {
  const [low, high] = [min + (c >>> 0), max + (c >>> 0)];
  if (high <= u32Max) return { min: low, max: high };
  return low > u32Max ? { min: low - 2 ** 32, max: high - 2 ** 32 } : { min: 0, max: u32Max };
}

/** The numbers that it may be. */
export function rangeOf(symbol: Symbol): { readonly min: number; readonly max: number } {
  if (symbol.kind === 'const') return { min: symbol.value >>> 0, max: symbol.value >>> 0 };
  return symbol.c === 0 && symbol.kind === 'local' ? symbol : rangeBehind(symbol.kind === 'local' ? symbol.min : 0, symbol.max, symbol.c);
}

/** The greatest number that it may be. */
export function bound(symbol: Symbol): number {
  return symbol.kind !== 'const' && symbol.c === 0 ? symbol.max : rangeOf(symbol).max;
}

/** Greatest value that has no bit above those of `value`. */
export function smear(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits === 32 ? u32Max : 2 ** bits - 1;
}

export function resultBound(op: AluOp, a: Symbol, b: Symbol): number {
  const left = bound(a);
  const right = bound(b);
  const amount = b.kind === 'const' ? b.value & 31 : undefined;
  switch (op) {
    case 'and':
      return Math.min(left, right);
    case 'or':
    case 'xor':
      return smear(Math.max(left, right));
    case 'shr_u':
      return amount === undefined ? left : left >>> amount;
    case 'shl':
      return amount !== undefined && left * 2 ** amount <= u32Max ? left * 2 ** amount : u32Max;
    case 'add':
      return Math.min(left + right, u32Max) === left + right ? left + right : u32Max;
    case 'mul':
      return left * right <= u32Max ? left * right : u32Max;
    case 'sub':
    case 'shr_s':
    case 'rotr':
      return u32Max;
  }
}

export function commutes(op: AluOp): boolean {
  return op === 'add' || op === 'mul' || op === 'and' || op === 'or' || op === 'xor';
}

export function isPowerOfTwo(value: number): boolean {
  const v = value >>> 0;
  return v !== 0 && (v & (v - 1)) === 0;
}

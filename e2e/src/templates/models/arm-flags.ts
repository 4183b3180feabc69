/** Arm data processing with its flags: results by wasm's operations, flags by the architecture's rules. */
import { operationOf } from '@fireball/wasm';
import type { Execution } from '../model.js';
import type { Flags } from '../state.js';

export type Binary = (a: number, b: number) => number;

/** A wasm operation of two i32. */
export function i32(name: Parameters<typeof operationOf>[0]): Binary {
  const operation = operationOf(name);
  return (a, b) => Number(operation(a, b));
}

export const add = i32('i32.add');
export const sub = i32('i32.sub');
const and = i32('i32.and');
const or = i32('i32.or');
const xor = i32('i32.xor');
const shl = i32('i32.shl');
const shrU = i32('i32.shr_u');
const shrS = i32('i32.shr_s');
const rotr = i32('i32.rotr');
const ltU = i32('i32.lt_u');
const geU = i32('i32.ge_u');
const ltS = i32('i32.lt_s');
const not = (x: number): number => xor(x, -1);
const bit = (value: number, index: number): number => (value >>> index) & 1;

interface Result {
  readonly value: number;
  readonly flags: Flags;
}

const signs = (value: number): Pick<Flags, 'n' | 'z'> => ({ n: bit(value, 31), z: value === 0 ? 1 : 0 });

function logical(value: number, carry: number, old: Flags): Result {
  return { value, flags: { ...signs(value), c: carry, v: old.v } };
}

/** Carry: the sum wrapped. Overflow: the operands' sign is not the result's. */
export function adding(a: number, b: number): Result {
  const value = add(a, b);
  return { value, flags: { ...signs(value), c: ltU(value, a), v: bit(and(xor(a, value), xor(b, value)), 31) } };
}

/** Carry: a >= b unsigned. Less than, signed: n != v. */
export function subtracting(a: number, b: number): Result {
  const value = sub(a, b);
  const { n, z } = signs(value);
  return { value, flags: { n, z, c: geU(a, b), v: n ^ ltS(a, b) } };
}

/** 33-bit sum of a, b and the carry flag. */
function addingCarry(a: number, b: number, carry: number): Result {
  const value = add(add(a, b), carry);
  const wide = (a >>> 0) + (b >>> 0) + carry;
  return { value, flags: { ...signs(value), c: wide > 0xffff_ffff ? 1 : 0, v: bit(and(xor(a, value), xor(b, value)), 31) } };
}

/**
 * One data-processing operation (Armv7-M ARM, A7.7).
 * @param carry of the operand's shift or expansion; the C flag of logical operations
 */
export function dataProcessing(op: string, a: number, b: number, carry: number, old: Flags): Result {
  switch (op) {
    case 'and':
    case 'tst':
      return logical(and(a, b), carry, old);
    case 'bic':
      return logical(and(a, not(b)), carry, old);
    case 'orr':
      return logical(or(a, b), carry, old);
    case 'orn':
      return logical(or(a, not(b)), carry, old);
    case 'eor':
    case 'teq':
      return logical(xor(a, b), carry, old);
    case 'mvn':
      return logical(not(b), carry, old);
    case 'add':
    case 'addw':
    case 'cmn':
      return adding(a, b);
    case 'sub':
    case 'subw':
    case 'cmp':
      return subtracting(a, b);
    case 'rsb':
      return subtracting(b, a);
    case 'adc':
      return addingCarry(a, b, old.c);
    case 'sbc':
      return addingCarry(a, not(b), old.c);
    default:
      throw new RangeError(`no model of ${op}`);
  }
}

/**
 * A shift as the hardware does it: the amount is 0..255, not modulo 32 as wasm's.
 * From 32 on shifts give zeros or signs; only rotations wrap. Amount 0 keeps the carry.
 */
export function shift(kind: string, value: number, amount: number, carry: number): { value: number; carry: number } {
  if (amount === 0) return { value, carry };
  const inside = amount < 32;
  switch (kind) {
    case 'lsl':
      return { value: inside ? shl(value, amount) : 0, carry: amount <= 32 ? bit(value, 32 - amount) & (amount === 32 ? value : 1) : 0 };
    case 'lsr':
      return { value: inside ? shrU(value, amount) : 0, carry: amount <= 32 ? bit(value, amount - 1) : 0 };
    case 'asr':
      return { value: shrS(value, Math.min(amount, 31)), carry: bit(value, Math.min(amount, 32) - 1) };
    case 'ror': {
      const rotated = rotr(value, amount);
      return { value: rotated, carry: bit(rotated, 31) };
    }
    default:
      throw new RangeError(`no shift ${kind}`);
  }
}

/** The carry that a modified immediate leaves (A5.3.2): its top bit where it is a rotation, else the old one. */
export function immediateCarry(value: number, carry: number): number {
  const v = value >>> 0;
  const half = v & 0xffff;
  const plain = v <= 0xff || (v === Math.imul(half, 0x1_0001) >>> 0 && ((half & 0xff) === 0 || half < 0x100 || half >> 8 === (half & 0xff)));
  return plain ? carry : bit(v, 31);
}

const conditions: Readonly<Record<string, (flags: Flags) => boolean>> = {
  eq: ({ z }) => z === 1,
  ne: ({ z }) => z === 0,
  hs: ({ c }) => c === 1,
  lo: ({ c }) => c === 0,
  mi: ({ n }) => n === 1,
  pl: ({ n }) => n === 0,
  hi: ({ c, z }) => c === 1 && z === 0,
  ls: ({ c, z }) => c === 0 || z === 1,
  ge: ({ n, v }) => n === v,
  lt: ({ n, v }) => n !== v,
  gt: ({ n, v, z }) => z === 0 && n === v,
  le: ({ n, v, z }) => z === 1 || n !== v,
};

export function holds(condition: string, flags: Flags): boolean {
  const test = conditions[condition];
  if (test === undefined) throw new RangeError(`no condition ${condition}`);
  return test(flags);
}

/** Performs `op`; the flags change only where `setFlags` says so. */
export function process(x: Execution, target: string, op: string, a: number, b: number, carry: number, setFlags: boolean): void {
  const { value, flags } = dataProcessing(op, a, b, carry, x.flags);
  if (setFlags) x.flags = flags;
  x.write(target, value);
}

import { UsageError } from '@fireball/contracts';
import type { Value } from './interp/structure.js';
import { f32FromBits, f32ToBits, f64FromBits, f64ToBits } from './semantics/bits.js';
import type { ValueType } from './types.js';

/** A value at the API of any engine: numbers as in `Value`; references are whatever the engine has for them, null is null. */
export type AnyValue = Extract<Value, { type: 'i32' | 'i64' | 'f32' | 'f64' }> | { readonly type: 'funcref' | 'externref'; readonly value: unknown };

/** Is it a NaN, of any sign and payload? */
export function isNaNValue(value: AnyValue): boolean {
  if (value.type === 'f32') return Number.isNaN(f32FromBits(value.value));
  if (value.type === 'f64') return Number.isNaN(f64FromBits(value.value));
  return false;
}

/** Equal bits; of references only whether they are null. `nanByClass`: any NaN equals any NaN. */
export function sameValue(a: AnyValue, b: AnyValue, nanByClass: boolean): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'funcref' || a.type === 'externref') return (a.value === null) === (b.value === null);
  return a.value === b.value || (nanByClass && isNaNValue(a) && isNaNValue(b));
}

/** A value as the JSON contract wants it: a decimal string, and for floats the raw bits in hexadecimal. */
export function valueDocument(value: AnyValue): { type: ValueType; value: string; bits?: string } {
  switch (value.type) {
    case 'i32':
    case 'i64':
      return { type: value.type, value: String(value.value) };
    case 'f32':
      return { type: 'f32', value: decimalF32(f32FromBits(value.value)), bits: hex(value.value, 8) };
    case 'f64':
      return { type: 'f64', value: decimal(f64FromBits(value.value)), bits: hex(value.value, 16) };
    case 'funcref':
    case 'externref':
      return { type: value.type, value: value.value === null ? 'null' : 'ref' };
  }
}

/** A value for people, e.g. `i32 -1 (0xffffffff)`. */
export function formatValue(value: AnyValue): string {
  const { type, value: text, bits } = valueDocument(value);
  if (bits !== undefined) return `${type} ${text} (0x${bits})`;
  if (type === 'i32') return `i32 ${text} (0x${hex((value.value as number) >>> 0, 8)})`;
  if (type === 'i64') return `i64 ${text} (0x${hex(BigInt.asUintN(64, value.value as bigint), 16)})`;
  return `${type} ${text}`;
}

function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
function decimal(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return String(value);
}
/** The shortest decimal that reads back as the same single. */
function decimalF32(value: number): string {
  if (value === 0) return decimal(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return decimal(text);
  }
  return decimal(value);
}

/** Reads an argument of the command line: decimal or 0x integers; floats also `inf`, `nan`, `bits:0x7fc00000`. */
export function parseValue(type: ValueType, text: string): Value {
  switch (type) {
    case 'i32':
      return { type, value: Number(BigInt.asIntN(32, parseInteger(text, 32n))) };
    case 'i64':
      return { type, value: BigInt.asIntN(64, parseInteger(text, 64n)) };
    case 'f32':
      return { type, value: text.startsWith('bits:') ? Number(parseInteger(text.slice(5), 32n)) : f32ToBits(parseFloating(text)) };
    case 'f64':
      return { type, value: text.startsWith('bits:') ? parseInteger(text.slice(5), 64n) : f64ToBits(parseFloating(text)) };
    case 'funcref':
    case 'externref':
      if (text === 'null') return { type, value: null };
      throw new UsageError(`'${text}' is not a ${type}; only null can be passed`);
  }
}

function parseInteger(text: string, width: bigint): bigint {
  const match = /^([+-]?)(0x[0-9a-f]+|[0-9]+)$/i.exec(text.replaceAll('_', ''));
  if (match === null) throw new UsageError(`'${text}' is not an integer`);
  const magnitude = BigInt(match[2]!);
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (value >= 1n << width || value < -(1n << (width - 1n))) {
    throw new UsageError(`'${text}' does not fit in ${width} bits`);
  }
  return value;
}

function parseFloating(text: string): number {
  const special = new Map([
    ['inf', Infinity],
    ['+inf', Infinity],
    ['-inf', -Infinity],
    ['nan', NaN],
  ]).get(text.toLowerCase());
  if (special !== undefined) return special;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`'${text}' is not a number`);
  return value;
}

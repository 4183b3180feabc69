import { UnsupportedError } from '@fireball/contracts';
import type { Value } from '@fireball/wasm';
import type { ScriptValue } from './script.js';

/** An argument of a script. */
export function argumentOf({ type, value = '0' }: ScriptValue): Value {
  switch (type) {
    case 'i32':
      return { type, value: Number(BigInt.asIntN(32, BigInt(value))) };
    case 'i64':
      return { type, value: BigInt.asIntN(64, BigInt(value)) };
    case 'f32':
      return { type, value: Number(value) };
    case 'f64':
      return { type, value: BigInt(value) };
    case 'externref':
      // Any value of the host will do as long as it comes back as the same.
      return { type, value: value === 'null' ? null : Number(value) };
    case 'funcref':
      if (value === 'null') return { type, value: null };
      throw new UnsupportedError('functions as arguments in scripts');
    default:
      throw new UnsupportedError(`values of type ${type}`);
  }
}

/** Does a result fit what the script expects? */
export function matches(expected: ScriptValue, actual: Value): boolean {
  if (expected.type !== actual.type) return false;
  if (expected.value === undefined) return actual.value !== null;
  if (expected.value.startsWith('nan:')) return isNaNOf(expected.value, actual);
  if (actual.type === 'funcref') return actual.value === argumentOf(expected).value;
  return Object.is(argumentOf(expected).value, actual.value);
}

/** Bits of the canonical NaN without its sign; its mantissa has only the highest bit, the quiet bit, set. */
const canonical = { f32: 0x7fc0_0000n, f64: 0x7ff8_0000_0000_0000n } as const;
const withoutSign = { f32: 0x7fff_ffffn, f64: 0x7fff_ffff_ffff_ffffn } as const;

/** The two NaN patterns (core spec 4.3.3): canonical of either sign, or any with the quiet bit set. */
function isNaNOf(pattern: string, actual: Value): boolean {
  if (actual.type !== 'f32' && actual.type !== 'f64') return false;
  const bits = BigInt(actual.value) & withoutSign[actual.type];
  if (pattern === 'nan:canonical') return bits === canonical[actual.type];
  if (pattern === 'nan:arithmetic') return (bits & canonical[actual.type]) === canonical[actual.type];
  throw new UnsupportedError(`the result pattern ${pattern}`);
}

export function formatExpected({ type, value }: ScriptValue): string {
  return `${type} ${value ?? 'not null'}`;
}

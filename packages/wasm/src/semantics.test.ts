import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { opcodes, type Opcode, type OpName } from './opcodes.js';
import { canonicalNaN32, canonicalNaN64 } from './semantics/bits.js';
import { isNumericOp, operationOf, type RawValue } from './semantics.js';
import { buildModule, op } from './testing/module-builder.js';
import { v8 } from './testing/v8.js';
import { Trap } from './trap.js';
import type { ValueType } from './types.js';

const carrier: Partial<Record<ValueType, { type: ValueType; into: OpName; out: OpName }>> = {
  f32: { type: 'i32', into: 'f32.reinterpret_i32', out: 'i32.reinterpret_f32' },
  f64: { type: 'i64', into: 'f64.reinterpret_i64', out: 'i64.reinterpret_f64' },
};

/** The operation as V8 does it, on raw bits: floats pass as integers, so that no NaN is touched on the way. */
function v8Operation(row: Opcode): (...operands: RawValue[]) => RawValue {
  const { params, results } = row.signature ?? { params: [], results: [] };
  const carried = (type: ValueType): ValueType => carrier[type]?.type ?? type;
  const body = [
    ...params.flatMap((type, index) => {
      const reinterpret = carrier[type]?.into;
      return [...op('local.get', index), ...(reinterpret === undefined ? [] : op(reinterpret))];
    }),
    ...op(row.name),
    ...results.flatMap((type) => {
      const reinterpret = carrier[type]?.out;
      return reinterpret === undefined ? [] : op(reinterpret);
    }),
  ];
  const bytes = buildModule({
    functions: [{ params: params.map(carried), results: results.map(carried), body, export: 'f' }],
  });
  const instance = new v8.Instance(new v8.Module(bytes));
  const run = instance.exports['f'] as (...operands: RawValue[]) => RawValue;
  const [result] = results;
  return (...operands) => {
    const raw = run(...operands.map((value) => (typeof value === 'bigint' ? BigInt.asIntN(64, value) : value | 0)));
    if (result === 'f32') return Number(raw) >>> 0;
    return result === 'f64' ? BigInt.asUintN(64, BigInt(raw)) : raw;
  };
}

const i32Edges = [0, 1, -1, 2, 31, 32, 33, 0x7fff_ffff, -0x8000_0000, -0x7fff_ffff, 0x80, 0xff, 0x8000, 0xffff];
const i64Edges = [
  ...i32Edges.map(BigInt),
  ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, 2n ** 53n + 1n, 2n ** 54n + 3n, 63n, 64n, -64n],
  // Halfway cases that going through a double rounds the wrong way.
  ...[0x7fff_ff40_0000_0001n, 0x0040_0000_4000_0001n, 0x4000_0020_0000_0001n, 0x7fff_ffbf_ffff_ffffn],
];
const f32Edges = [
  ...[0x0000_0000, 0x8000_0000, 0x0000_0001, 0x8000_0001, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0xbf80_0000],
  ...[0x3f00_0000, 0xbf00_0000, 0x3fc0_0000, 0x4020_0000, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000],
  ...[0x7fa0_0001, 0xffc0_1234, 0x4f00_0000, 0xcf00_0000, 0x4f80_0000, 0x5f00_0000, 0xdf00_0000, 0x5f80_0000],
  ...[0x4eff_ffff, 0xcf00_0001, 0x4b00_0001, 0x4aff_ffff, 0x3eff_ffff],
];
const f64Edges = [
  ...[0n, 2n ** 63n, 1n, 0x8000_0000_0000_0001n, 0x3ff0_0000_0000_0000n, 0xbff0_0000_0000_0000n],
  ...[0x3fe0_0000_0000_0000n, 0xbfe0_0000_0000_0000n, 0x3ff8_0000_0000_0000n, 0x4004_0000_0000_0000n],
  ...[0x7fef_ffff_ffff_ffffn, 0x7ff0_0000_0000_0000n, 0xfff0_0000_0000_0000n, 0x7ff8_0000_0000_0000n],
  ...[0x7ff4_0000_0000_0001n, 0xfff8_0000_0000_1234n, 0x41df_ffff_ffc0_0000n, 0x41e0_0000_0000_0000n],
  ...[0xc1e0_0000_0000_0000n, 0xc1e0_0000_0010_0000n, 0xc1e0_0000_0020_0000n, 0x41ef_ffff_ffe0_0000n],
  ...[0x41f0_0000_0000_0000n, 0x43e0_0000_0000_0000n, 0xc3e0_0000_0000_0000n, 0x43f0_0000_0000_0000n],
  ...[0x43df_ffff_ffff_ffffn, 0x36a0_0000_0000_0001n, 0x47ef_ffff_f000_0000n, 0x3fdf_ffff_ffff_ffffn],
];

const arbitraries: Partial<Record<ValueType, fc.Arbitrary<RawValue>>> = {
  i32: fc.oneof(fc.constantFrom(...i32Edges), fc.integer()),
  i64: fc.oneof(fc.constantFrom(...i64Edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt)),
  f32: fc.oneof(
    fc.constantFrom(...f32Edges),
    fc.integer().map((x) => x >>> 0),
  ),
  f64: fc.oneof(fc.constantFrom(...f64Edges), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
};

const isNaN32 = (x: number) => (x & 0x7fff_ffff) > 0x7f80_0000;
const isNaN64 = (x: bigint) => (x & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
const bitwise = /abs|neg|copysign|reinterpret/;

/** NaNs are compared by class: V8 may return any payload, ours must be canonical. */
function sameResult(row: Opcode, ours: RawValue, theirs: RawValue): void {
  const [type] = row.signature?.results ?? [];
  const isArithmetic = !bitwise.test(row.name);
  if (type === 'f32' && isArithmetic && isNaN32(Number(theirs))) expect(ours).toBe(canonicalNaN32);
  else if (type === 'f64' && isArithmetic && isNaN64(BigInt(theirs))) expect(ours).toBe(canonicalNaN64);
  else expect(ours).toBe(theirs);
}

const trapOfV8: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, 'integer divide by zero'],
  [/divide result unrepresentable/, 'integer overflow'],
  [/float unrepresentable in integer range/, 'conversion'],
];

function outcome(run: () => RawValue): { value: RawValue } | { trap: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof Trap) return { trap: error.kind };
    const message = error instanceof Error ? error.message : String(error);
    return { trap: trapOfV8.find(([pattern]) => pattern.test(message))?.[1] ?? message };
  }
}

describe.each(opcodes.filter(({ name }) => isNumericOp(name)).map((row) => [row.name, row] as const))('%s', (name, row) => {
  it('computes what V8 computes', () => {
    if (!isNumericOp(name)) throw new Error(`${name} is not numeric`);
    const ours = operationOf(name);
    const theirs = v8Operation(row);
    const params = row.signature?.params ?? [];
    const operands = fc.tuple(...params.map((type) => arbitraries[type] ?? fc.constant(0)));
    fc.assert(
      fc.property(operands, (values) => {
        const mine = outcome(() => ours(...values));
        const other = outcome(() => theirs(...values));
        if ('value' in mine && 'value' in other) {
          sameResult(row, mine.value, other.value);
        } else {
          // V8 has one message for both conversion traps.
          const expected = 'trap' in other && other.trap === 'conversion' ? row.traps : [('trap' in other && other.trap) || ''];
          expect(expected).toContain('trap' in mine ? mine.trap : 'no trap');
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('rounding and NaNs', () => {
  it.each([
    [0x7fff_ff40_0000_0001n, 0x5eff_ffff],
    [0x0040_0000_4000_0001n, 0x5a80_0001],
    [-0x0040_0000_4000_0001n, 0xda80_0001],
  ])('f32.convert_i64_s(%s) rounds once', (value, bits) => {
    expect(operationOf('f32.convert_i64_s')(value)).toBe(bits);
  });

  it('gives canonical positive NaNs from arithmetic, and keeps payloads in bit moves', () => {
    expect(operationOf('f32.add')(0xffc0_1234, 0x3f80_0000)).toBe(canonicalNaN32);
    expect(operationOf('f64.promote_f32')(0xffa0_0001)).toBe(canonicalNaN64);
    expect(operationOf('f32.neg')(0x7fa0_0001)).toBe(0xffa0_0001);
    expect(operationOf('f64.copysign')(0x7ff4_0000_0000_0001n, 2n ** 63n)).toBe(0xfff4_0000_0000_0001n);
  });

  it.each([
    ['i32.trunc_f32_s', 0x7fc0_0000, 'invalid conversion to integer'],
    ['i32.trunc_f32_s', 0x7f80_0000, 'integer overflow'],
    ['i32.trunc_f32_u', 0xbf80_0000, 'integer overflow'],
  ] as const)('%s(%i) traps: %s', (name, bits, kind) => {
    expect(() => operationOf(name)(bits)).toThrow(expect.objectContaining({ kind }));
  });
});

import { describe, expect, it } from '@jest/globals';
import { opcodeByName, opcodeOfByte, opcodeOfPrefixFc, opcodes, touchesMemory } from './opcodes.js';
import { isNumericOp } from './semantics.js';
import { buildModule, op } from './testing/module-builder.js';
import { v8 } from './testing/v8.js';
import type { ValueType } from './types.js';

/** Core spec 5.4.7, in the order of the encodings 0x45 .. 0xc4. */
const numericInOrder = [
  ...integers('i32', ['eqz', 'eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u']),
  ...integers('i64', ['eqz', 'eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u']),
  ...integers('f32', ['eq', 'ne', 'lt', 'gt', 'le', 'ge']),
  ...integers('f64', ['eq', 'ne', 'lt', 'gt', 'le', 'ge']),
  ...['i32', 'i64'].flatMap((type) =>
    integers(type, [
      ...['clz', 'ctz', 'popcnt', 'add', 'sub', 'mul', 'div_s', 'div_u', 'rem_s', 'rem_u', 'and', 'or'],
      ...['xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr'],
    ]),
  ),
  ...['f32', 'f64'].flatMap((type) =>
    integers(type, [...['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt', 'add', 'sub', 'mul', 'div', 'min'], ...['max', 'copysign']]),
  ),
  ...integers('i32', ['wrap_i64', 'trunc_f32_s', 'trunc_f32_u', 'trunc_f64_s', 'trunc_f64_u']),
  ...integers('i64', ['extend_i32_s', 'extend_i32_u', 'trunc_f32_s', 'trunc_f32_u', 'trunc_f64_s', 'trunc_f64_u']),
  ...integers('f32', ['convert_i32_s', 'convert_i32_u', 'convert_i64_s', 'convert_i64_u', 'demote_f64']),
  ...integers('f64', ['convert_i32_s', 'convert_i32_u', 'convert_i64_s', 'convert_i64_u', 'promote_f32']),
  'i32.reinterpret_f32',
  'i64.reinterpret_f64',
  'f32.reinterpret_i32',
  'f64.reinterpret_i64',
  'i32.extend8_s',
  'i32.extend16_s',
  'i64.extend8_s',
  'i64.extend16_s',
  'i64.extend32_s',
];

function integers(type: string, names: readonly string[]): string[] {
  return names.map((name) => `${type}.${name}`);
}

describe('opcode table', () => {
  it('has the numeric instructions at the encodings of the spec', () => {
    const inTable = Array.from({ length: 0xc5 - 0x45 }, (_, index) => opcodeOfByte(0x45 + index)?.name);
    expect(inTable).toEqual(numericInOrder);
  });

  it('has unique names, encodings and dense ids', () => {
    expect(new Set(opcodes.map(({ name }) => name)).size).toBe(opcodes.length);
    expect(new Set(opcodes.map(({ code }) => code)).size).toBe(opcodes.length);
    expect(opcodes.map(({ id }) => id)).toEqual(opcodes.map((_, index) => index));
  });

  it('finds every row by name and by code', () => {
    for (const row of opcodes) {
      expect(opcodeByName(row.name)).toBe(row);
      expect(row.code < 0x100 ? opcodeOfByte(row.code) : opcodeOfPrefixFc(row.code & 0xff)).toBe(row);
    }
    expect(opcodeOfByte(0xff)).toBeUndefined();
    expect(opcodeOfPrefixFc(0x12)).toBeUndefined();
  });

  it('knows what touches memory', () => {
    const names = opcodes.filter(touchesMemory).map(({ name }) => name);
    expect(names).toHaveLength(23 + 5);
    expect(names).toEqual(expect.arrayContaining(['memory.grow', 'memory.init', 'memory.copy', 'i64.store32']));
  });
});

const pure = opcodes.filter(({ name }) => isNumericOp(name));
const otherType: Record<ValueType, ValueType> = {
  i32: 'i64',
  i64: 'i32',
  f32: 'f64',
  f64: 'f32',
  funcref: 'i32',
  externref: 'i32',
};

describe.each(pure.map((row) => [row.name, row] as const))('%s', (name, row) => {
  const { params, results } = row.signature ?? { params: [], results: [] };
  const moduleWith = (given: readonly ValueType[], left: readonly ValueType[]) =>
    buildModule({
      functions: [{ params: given, results: left, body: [...given.flatMap((_, i) => op('local.get', i)), ...op(name)] }],
    });

  it('has the encoding and signature that V8 knows', () => {
    expect(v8.validate(moduleWith(params, results))).toBe(true);
    params.forEach((type, index) => {
      const wrong = params.map((param, i) => (i === index ? otherType[type] : param));
      expect(v8.validate(moduleWith(wrong, results))).toBe(false);
    });
    const wrongResults = results.map((type) => otherType[type]);
    expect(v8.validate(moduleWith(params, wrongResults))).toBe(false);
  });
});

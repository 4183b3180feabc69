import { describe, expect, it } from '@jest/globals';
import type { Value } from '@fireball/wasm';
import type { ScriptValue } from './script.js';
import { argumentOf, matches } from './values.js';

describe('argumentOf', () => {
  it.each<{ given: ScriptValue; value: Value }>([
    { given: { type: 'i32', value: '4294967295' }, value: { type: 'i32', value: -1 } },
    { given: { type: 'i64', value: '18446744073709551615' }, value: { type: 'i64', value: -1n } },
    { given: { type: 'f32', value: '2141192192' }, value: { type: 'f32', value: 0x7fa0_0000 } },
    { given: { type: 'f64', value: '9218868437227405313' }, value: { type: 'f64', value: 0x7ff0_0000_0000_0001n } },
    { given: { type: 'externref', value: '0' }, value: { type: 'externref', value: 0 } },
    { given: { type: 'externref', value: 'null' }, value: { type: 'externref', value: null } },
    { given: { type: 'funcref', value: 'null' }, value: { type: 'funcref', value: null } },
  ])('$given.type $given.value', ({ given, value }) => {
    expect(argumentOf(given)).toEqual(value);
  });

  it.each([
    [{ type: 'v128', value: '0' }, 'values of type v128'],
    [{ type: 'funcref', value: '1' }, 'functions as arguments'],
  ])('%j is refused by name', (given, says) => {
    expect(() => argumentOf(given)).toThrow(says);
  });
});

describe('matches', () => {
  const f32 = (value: number): Value => ({ type: 'f32', value });
  const f64 = (value: bigint): Value => ({ type: 'f64', value });

  it.each<{ expected: ScriptValue; actual: Value; fits: boolean }>([
    { expected: { type: 'i32', value: '4294967295' }, actual: { type: 'i32', value: -1 }, fits: true },
    { expected: { type: 'i32', value: '1' }, actual: { type: 'i32', value: 2 }, fits: false },
    { expected: { type: 'i32', value: '1' }, actual: { type: 'i64', value: 1n }, fits: false },
    { expected: { type: 'f32', value: '2147483648' }, actual: f32(0), fits: false },
    { expected: { type: 'f32', value: 'nan:canonical' }, actual: f32(0x7fc0_0000), fits: true },
    { expected: { type: 'f32', value: 'nan:canonical' }, actual: f32(0xffc0_0000), fits: true },
    { expected: { type: 'f32', value: 'nan:canonical' }, actual: f32(0x7fc0_0001), fits: false },
    { expected: { type: 'f32', value: 'nan:canonical' }, actual: f32(0x7f80_0000), fits: false },
    { expected: { type: 'f32', value: 'nan:arithmetic' }, actual: f32(0xffc0_0001), fits: true },
    { expected: { type: 'f32', value: 'nan:arithmetic' }, actual: f32(0x7fa0_0000), fits: false },
    { expected: { type: 'f32', value: 'nan:arithmetic' }, actual: f32(0x3f80_0000), fits: false },
    { expected: { type: 'f64', value: 'nan:canonical' }, actual: f64(0xfff8_0000_0000_0000n), fits: true },
    { expected: { type: 'f64', value: 'nan:canonical' }, actual: f64(0x7ff8_0000_0000_0001n), fits: false },
    { expected: { type: 'f64', value: 'nan:arithmetic' }, actual: f64(0x7ff8_0000_0000_0001n), fits: true },
    { expected: { type: 'f64', value: 'nan:arithmetic' }, actual: f64(0x7ff4_0000_0000_0000n), fits: false },
    { expected: { type: 'externref', value: '3' }, actual: { type: 'externref', value: 3 }, fits: true },
    { expected: { type: 'externref', value: '3' }, actual: { type: 'externref', value: 4 }, fits: false },
    { expected: { type: 'externref', value: '0' }, actual: { type: 'externref', value: null }, fits: false },
    { expected: { type: 'externref' }, actual: { type: 'externref', value: 0 }, fits: true },
    { expected: { type: 'externref' }, actual: { type: 'externref', value: null }, fits: false },
    { expected: { type: 'funcref', value: 'null' }, actual: { type: 'funcref', value: null }, fits: true },
    { expected: { type: 'funcref' }, actual: { type: 'funcref', value: null }, fits: false },
  ])('$expected.type $expected.value, $actual.value: $fits', ({ expected, actual, fits }) => {
    expect(matches(expected, actual)).toBe(fits);
  });
});

/** Reduced cases of random testing, each with what was wrong. Values are literal: they hold for every engine. */
import { describe, expect, it } from '@jest/globals';
import type { VsocInstance } from '@fireball/vsoc';
import { moduleOfText, targets, withNative } from './testing/native.js';

interface Regression {
  /** What the compiler did wrong. */
  readonly name: string;
  readonly wat: string;
  /** Argument lists of the export `f` (numbers are i32, bigints i64), with its first result's value or the trap. */
  readonly calls: readonly (readonly [args: readonly (number | bigint)[], expected: number | bigint | string])[];
}

function call(instance: VsocInstance, args: readonly (number | bigint)[]): unknown {
  const { trap, results } = instance.invoke(
    'f',
    args.map((value) => (typeof value === 'bigint' ? { type: 'i64', value } : { type: 'i32', value })),
  );
  return trap === null ? results[0]?.value : trap.kind;
}

const regressions: readonly Regression[] = [
  {
    name: 'a constant has the link register, and the call that would save it is in code that is not reached',
    wat: `
      (func (export "f") (param i32 i32 i32 i64 i64 i32 i32 i32) (result i32) (local i32 i32 i32)
        (local.set 9 (i32.and (i32.add (local.get 9) (i32.const 1)) (i32.const 32752)))
        (local.set 10 (i32.and (local.get 2) (i32.const 32752)))
        (block
          (block (br_table 1 (i32.const 0)))
          (local.set 3 (i64.trunc_sat_f32_u (f32.const 0))))
        (local.get 7))`,
    calls: [[[42, -5, -3169, 7n, 4194305n, 51958, 1467972748, -31105], -31105]],
  },
  {
    name: 'a parallel move with a pending product needs more than one scratch register',
    wat: `
      (func $g (param i32 i32 i32 i32) (result i32 i32 i32 i32)
        (local.get 0) (local.get 1) (local.get 2) (local.get 3))
      (func (export "f") (param i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
        (call $g
          (i32.and (i32.const 12) (i32.const 10))
          (i32.add (local.get 0) (local.get 7))
          (i32.mul (i32.gt_s (i32.const 9) (i32.const 0)) (i32.const 5))
          (i32.const 3))
        (local.set 11) (drop) (local.set 10) (local.set 4)
        (i32.add (i32.mul (local.get 4) (i32.const 100)) (i32.add (local.get 10) (local.get 11))))`,
    calls: [[[40, 2], 843]],
  },
  {
    name: 'a zeroed local whose home is named only in code that is not reached makes the frame larger',
    wat: `
      (global i32 (i32.const 7)) (global i32 (i32.const -10945))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (local i32 i32 i32 i32 i32)
        (local.set 5 (global.get 1))
        (drop
          (block (result i32)
            (local.set 8 (block (result i32) (br_table 1 (i32.const 0) (local.get 8))))
            (drop (local.get 2))
            (local.set 6 (local.get 7))
            (local.set 4 (i32.const 0))
            (global.get 0)))
        (local.get 0))`,
    calls: [[[1382681562, -11, 43488, 1], 1382681562]],
  },
  {
    name: 'a second result arrives in a register that belongs to a local',
    wat: `
      (func $g (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
      (func (export "f") (param i32 i32 i32 i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32)
        (call $g (i32.const 30) (i32.const 12)) (local.set 5) (drop) (local.get 5))`,
    calls: [[[1, 2, 3, 4, 5], 30]],
  },
  {
    name: 'both factors of a pending product are loaded into one register',
    wat: `
      (global i32 (i32.const 32980))
      (func (export "f") (param i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32)
        (local.set 8 (i32.const 1))
        (local.set 3 (br_if 0 (i32.and (i32.mul (local.get 8) (i32.const 0)) (i32.const 1)) (i32.eqz (i32.const 0))))
        (loop
          (local.set 2 (i32.le_s (local.get 7) (i32.const -65535)))
          (local.set 2 (i32.ge_s (i32.or (local.get 5) (i32.const 0))
            (i32.le_u (i32.xor (global.get 0) (i32.const -2)) (i32.rotl (i32.const 0) (i32.const 0)))))
          (if (local.get 3) (then))
          (br_if 0 (local.get 9)))
        (i32.const 0) (i32.const 0) (local.set 4 (i32.const 0)) (drop) (drop) (i32.const 0))`,
    calls: [[[764, 4096], 0]],
  },
  {
    name: 'an address local is read again by its access, behind a call that overwrote its register',
    wat: `
      (memory 1)
      (func $g (param i32 i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
        (i32.store8 (local.get 13) (local.get 0))
        (i32.store (i32.const 0) (local.get 6))
        (local.get 12))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
        (local.set 13 (i32.const 12))
        (local.get 13)
        (local.set 1 (call $g (i32.const 0) (i32.const 0) (i32.const 0)))
        (i32.add (local.get 0) (local.get 1))
        (i32.store)
        (i32.load (i32.const 12)))`,
    calls: [[[77, 1, 2, 3], 77]],
  },
  {
    name: 'a rotation by an amount of constant low and computed high word keeps a register',
    wat: `
      (memory 1) (data (i32.const 8) "\\01\\02\\03\\04\\05\\06\\07\\08")
      (func (export "f") (param i64 i64 i32) (result i32) (local i32 i32 i32 i32 f64 i64 i64 i32 i32 i32 i32 i32 i32 i32)
        (local.set 8 (i64.rotl (i64.load (i32.const 8)) (i64.shl (i64.extend8_s (i64.load (i32.const 8))) (i64.const 32))))
        (local.set 7 (f64.ceil (f64.const 0.5)))
        (i32.add (i32.wrap_i64 (local.get 8)) (i32.trunc_f64_s (local.get 7))))`,
    calls: [[[0n, 0n, 0], 0x04030202]],
  },
  {
    name: 'a tail call moves its stack arguments to the far end of a large frame by way of the link register',
    wat: `
      (func $f (export "f") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (local ${'i32 '.repeat(1200)})
        ${Array.from({ length: 24 }, (_, index) => `(local.set ${1100 + index} (i32.add (local.get ${index % 7}) (i32.const ${index})))`).join(' ')}
        (if (i32.eqz (local.get 0))
          (then (return (i32.add (i32.mul (local.get 4) (i32.const 10000)) (i32.add (i32.mul (local.get 5) (i32.const 100)) (local.get 6))))))
        (return_call $f (i32.sub (local.get 0) (i32.const 1)) (local.get 1101) (local.get 1102) (local.get 1103)
          (local.get 1111) (local.get 1119) (i32.sub (local.get 1120) (local.get 1103))))`,
    calls: [
      [[0, 1, 2, 3, 4, 5, 6], 40506],
      [[1, 10, 20, 30, 40, 50, 60], 516947],
      [[3, 10, 20, 30, 40, 50, 60], 740712],
    ],
  },
  {
    name: 'a product that waits in a far slot during a parallel move overwrites the callee in the link register',
    wat: `
      (type $t (func (param i32 i32 i32 i32) (result i32)))
      (table funcref (elem $g))
      (func $g (type $t)
        (i32.add (i32.mul (local.get 0) (i32.const 1000)) (i32.add (i32.mul (local.get 1) (i32.const 100))
          (i32.add (i32.mul (local.get 2) (i32.const 10)) (local.get 3)))))
      (func (export "f") (param i32 i32 i32 i32) (result i32) (local ${'i32 '.repeat(508)})
        (i32.add
          (call_indirect (type $t) (i32.const 5) (i32.mul (i32.xor (local.get 0) (local.get 3)) (local.get 3))
            (i32.const 6) (local.get 1) (local.get 2))
          (i32.or (local.get 0) (i32.or (local.get 2) (local.get 3)))))`,
    calls: [[[1, 2, 0, 4], 7067]],
  },
  {
    name: 'locals named only where hardly any branch leads count as not named: neither stored nor zeroed at entry',
    wat: `
      (func (export "f") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (local i32)
        (block ${'(br_if 0 (local.get 0)) '.repeat(1100)}
          (local.set 9 (i32.add (i32.mul (local.get 1) (i32.const 10)) (i32.add (local.get 8) (local.get 10))))
          (local.set 10 (i32.const 1000)))
        (local.get 9))`,
    calls: [
      [[0, 4, 0, 0, 0, 0, 0, 0, 2, 7], 42],
      [[0, 5, 0, 0, 0, 0, 0, 0, 3, 7], 53],
    ],
  },
];

describe.each(targets)('regressions on %s', (isa) => {
  it.each(regressions)('$name', ({ wat, calls }) => {
    withNative(isa, moduleOfText(`(module ${wat})`), (instance) => {
      expect(calls.map(([args]) => call(instance, args))).toEqual(calls.map(([, expected]) => expected));
    });
  });
});

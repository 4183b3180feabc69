import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeepVerifier } from '@fireball/jit';
import { createVsoc } from './index.js';
import { targets, withInstance } from './testing/module.js';

/** Loops with a leaf that has no check of its own, recursion, and recursion by tail calls. */
const text = `(module (memory 1)
  (func $leaf (param i32) (result i32) (i32.mul (i32.load (i32.and (local.get 0) (i32.const 0xfc))) (i32.const 7)))
  (func (export "loop") (param i32) (result i32) (local i32 i64)
    (loop (local.set 1 (i32.add (local.get 1) (call $leaf (local.get 0)))) (i32.store (i32.const 8) (local.get 1))
      (local.set 2 (i64.add (local.get 2) (i64.const 3)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.add (local.get 1) (i32.wrap_i64 (local.get 2))))
  (func (export "leafLoop") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 5)) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))
  (func $down (export "recursion") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (local.get 0) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func $tail (export "tailCalls") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (return_call $tail (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 6)))))`;
const names = ['loop', 'leafLoop', 'recursion', 'tailCalls'];
const args = [{ type: 'i32', value: 60 }] as const;

class Stop extends Error {}

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('safepoints on %s', (isa) => {
  it.each(names)('yield in %s without changing its result, and are proved', (name) => {
    const expected = withInstance({ isa }, text, (instance) => instance.invoke(name, args).results);
    let yields = 0;
    const results = withInstance({ isa, verifier, safepoints: { timeSlice: 7, onYield: () => yields++ } }, text, (instance) => instance.invoke(name, args).results);
    expect(results).toEqual(expected);
    expect(yields).toBeGreaterThan(10);
  });

  it.each(names)('stop %s within as many instructions as its module has, whenever they are asked to', (name) => {
    const bound = withInstance({ isa, safepoints: {} }, text, ({ codeBytes }) => codeBytes / 2);
    for (const after of [1, 6, 23, 180]) {
      const stop = (): unknown =>
        withInstance({ isa, fuel: after + bound, safepoints: { timeSlice: after, onYield: () => { throw new Stop(); } } }, text, (instance) => instance.invoke(name, args).trap);
      expect(stop).toThrow(Stop);
    }
  }, 60_000);

  it('leave functions that neither loop nor call as they are', () => {
    const leaf = '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))';
    const sizeOf = (safepoints?: object): number => withInstance({ isa, ...(safepoints === undefined ? {} : { safepoints }) }, leaf, (instance) => instance.codeBytes);
    expect(sizeOf({})).toBe(sizeOf());
  });

  it('are asked for in vain where the code has none', () => {
    const vsoc = createVsoc({ isa });
    expect(() => vsoc.requestYield()).toThrow('without safepoints');
    vsoc.close();
  });
});

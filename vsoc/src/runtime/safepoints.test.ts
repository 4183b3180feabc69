import { beforeAll, describe, expect, it } from '@jest/globals';
import { DeepVerifier } from '@fireball/jit';
import { createVsoc, type Tier, type VsocFunction } from '../index.js';
import { moduleOfText, targets, withInstance } from '../testing/module.js';

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

const tiers = ['compiled', 'interpreter', 'mixed'] as const satisfies readonly Tier[];
/** Low enough for calls and loops to become native while they yield. */
const mixed = { callThreshold: 5, loopThreshold: 9, costPerByte: 1 };

describe.each(targets)('safepoints on %s', (isa) => {
  describe.each(tiers)('%s', (tier) => {
    it.each(names)('yield in %s without changing its result, and are proved', (name) => {
      const expected = withInstance({ isa }, text, (instance) => instance.invoke(name, args).results);
      let yields = 0;
      const options = { isa, tier, mixed, verifier, safepoints: { timeSlice: 7, onYield: () => yields++ } };
      expect(withInstance(options, text, (instance) => instance.invoke(name, args).results)).toEqual(expected);
      expect(yields).toBeGreaterThan(10);
    });

    it.each(names)('%s pauses at safepoints and goes on, with the same end', (name) => {
      const whole = withInstance({ isa, tier, mixed, safepoints: {} }, text, (instance) => instance.invoke(name, args).results);
      const vsoc = createVsoc({ isa, tier, mixed, safepoints: {} });
      try {
        const callee = vsoc.instantiate(moduleOfText(text)).exports.get(name) as VsocFunction;
        const call = vsoc.callStepwise(callee, args);
        let pauses = 0;
        let ended = call.runToSafepoint();
        for (; ended === undefined; ended = call.runToSafepoint()) pauses++;
        expect(ended.results).toEqual(whole);
        expect(pauses).toBeGreaterThan(50);
        expect(vsoc.safepoints.yields).toBe(pauses);
      } finally {
        vsoc.close();
      }
    });

    it.each(names)(
      'stop %s within a bound, whenever they are asked to',
      (name) => {
        // Compiled: every instruction of the module once. Interpreted: every byte of it, each with the longest handler.
        const native = withInstance({ isa, safepoints: {} }, text, ({ codeBytes }) => codeBytes / 2);
        const interpreted = 60 * moduleOfText(text).functions.reduce((sum, { code }) => sum + code.end - code.start, 0);
        const bound = tier === 'compiled' ? native : native + interpreted;
        for (const after of [1, 6, 23, 180]) {
          const safepoints = {
            timeSlice: after,
            onYield: () => {
              throw new Stop();
            },
          };
          expect(() => withInstance({ isa, tier, mixed, fuel: after + bound, safepoints }, text, (instance) => instance.invoke(name, args).trap)).toThrow(Stop);
        }
      },
      60_000,
    );
  });

  it('leave functions that neither loop nor call as they are', () => {
    const leaf = '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))';
    const sizeOf = (safepoints?: object): number =>
      withInstance({ isa, ...(safepoints === undefined ? {} : { safepoints }) }, leaf, (instance) => instance.codeBytes);
    expect(sizeOf({})).toBe(sizeOf());
  });

  it('are asked for in vain where the code has none', () => {
    const vsoc = createVsoc({ isa });
    expect(() => vsoc.safepoints.request()).toThrow('without safepoints');
    vsoc.close();
  });
});

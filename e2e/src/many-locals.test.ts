/** Functions with as many locals as validation allows (50,000; hazard 7): all zero at entry, whatever the stack held, in little code. */
import { DeepVerifier } from '@fireball/jit';
import { instantiate, Store } from '@fireball/wasm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { moduleOfText, targets, withNative } from './testing/native.js';

const count = 50_000;
const types = ['i32', 'i64', 'f64'] as const;
/** Every so manieth local is named: the others stand in the gaps. */
const named = 7;

const list = (first: number, step: number, each: (local: number) => string): string =>
  Array.from({ length: Math.floor((count - 1 - first) / step) + 1 }, (_, index) => each(first + index * step)).join(' ');

function asI64(local: number): string {
  const get = `(local.get ${local})`;
  return { i32: `(i64.extend_i32_u ${get})`, i64: get, f64: `(i64.reinterpret_f64 ${get})` }[types[(local - 1) % 3]!];
}

function constantOf(local: number): string {
  const type = types[(local - 1) % 3]!;
  return `(${type}.const ${type === 'f64' ? `${local}.5` : local})`;
}

/** Sums locals, writes non-zero numbers to them, and sums some of these: the next call finds them on the stack. */
const text = `(module
  (func (export "f") (param i64) (result i64) (local ${list(1, 1, (local) => types[(local - 1) % 3]!)})
    (local.set 14 (i64.const 1000))
    ${list(1, named, (local) => `(local.set 0 (i64.add (i64.mul (local.get 0) (i64.const 3)) ${asI64(local)}))`)}
    ${list(4, 5 * named, (local) => `(local.set ${local} ${constantOf(local)})`)}
    ${list(4, 5 * named, (local) => `(local.set 0 (i64.add (i64.mul (local.get 0) (i64.const 3)) ${asI64(local)}))`)}
    (i64.add (local.get 0) (local.get 14)))
  (func $deeper (export "deeper") (param i32) (result i32) (local ${'i32 '.repeat(5000)})
    (local.set 5000 (i32.add (local.get 5000) (local.get 0)))
    ${Array.from({ length: 900 }, (_, index) => `(local.get ${index + 1})`).join(' ')} ${'i32.add '.repeat(899)}
    (if (result i32) (local.get 0) (then (call $deeper (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7)))
    (i32.add (local.get 5000)) i32.add))`;
const module = moduleOfText(text);
const reference = instantiate(new Store(), module, () => undefined);
const deepest = 3;

describe.each(targets)('50,000 locals on %s', (isa) => {
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  it('are zero at every entry, and deep verification proves it', () => {
    withNative(
      isa,
      module,
      (instance) => {
        for (const value of [0n, 5n, -1n]) {
          const expected = reference.invoke('f', [{ type: 'i64', value }]);
          const { results, trap, statistics } = instance.invoke('f', [{ type: 'i64', value }]);
          expect({ results, trap }).toEqual({ results: 'results' in expected && expected.results, trap: null });
          expect(statistics.nativeInstructions).toBeGreaterThan(4 * count);
        }
        const expected = reference.invoke('deeper', [{ type: 'i32', value: deepest }]);
        expect(instance.invoke('deeper', [{ type: 'i32', value: deepest }]).results).toEqual('results' in expected && expected.results);
      },
      { stackBytes: 0x8_0000, verifier },
    );
  });

  it.each([0x4000, 0x1_0000, 0x6_0000])('exhaust a stack of %i bytes', (stackBytes) => {
    withNative(
      isa,
      module,
      (instance) => {
        expect(instance.invoke('f', [{ type: 'i64', value: 1n }]).trap?.kind).toBe('call stack exhausted');
        // Two frames of 40,000 bytes are too much for the middle one, one for the smallest.
        expect(instance.invoke('deeper', [{ type: 'i32', value: 20 }]).trap?.kind).toBe('call stack exhausted');
        expect(instance.invoke('deeper', [{ type: 'i32', value: 0 }]).trap?.kind).toBe(stackBytes < 0x1_0000 ? 'call stack exhausted' : undefined);
      },
      { stackBytes },
    );
  });

  it('take no more code than their uses', () => {
    withNative(
      isa,
      module,
      ({ code }) => {
        const [first] = code;
        const zeroing = first!.sites.filter(({ wasmOffset }) => wasmOffset === first!.sites[0]!.wasmOffset);
        expect(zeroing.reduce((bytes, { size }) => bytes + size, 0)).toBeLessThan(200);
      },
      { stackBytes: 0x8_0000 },
    );
  });
});

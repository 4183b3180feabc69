/** Code beyond the reach of a direct call: routines in ROM, the exact bounds check and the host are called all the same, and traps are named. */
import { DeepVerifier } from '@fireball/jit';
import { createVsoc, type VsocInstance, type VsocOptions } from '@fireball/vsoc';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { moduleOfText, targets } from './testing/native.js';
import { nativeOutcomes, referenceOutcomes, type NamedCall } from './testing/outcomes.js';

const filler = Array.from(
  { length: 40 },
  (_, index) => `(drop (i64.div_u (i64.const ${index + 1000}) (i64.extend_i32_u (i32.or (local.get 0) (i32.const 1)))))`,
).join(' ');
const module = moduleOfText(`(module (memory 1 9) (global $count (mut i32) (i32.const 0))
  (table funcref (elem $divide))
  ${Array.from({ length: 60 }, () => `(func (param i32) ${filler})`).join(' ')}
  (func $divide (export "divide") (param i32 i32) (result i32)
    (i32.wrap_i64 (i64.div_s (i64.extend_i32_s (local.get 0)) (i64.extend_i32_s (local.get 1)))))
  (func (export "sum") (param i32 i32) (result i32)
    (i32.trunc_f64_s (f64.mul (f64.convert_i32_s (local.get 0)) (f64.convert_i32_s (local.get 1)))))
  (func (export "load") (param i32 i32) (result i32) (i32.add (i32.load offset=8 (local.get 0)) (i32.load (i32.add (local.get 1) (local.get 1)))))
  (func (export "store") (param i32 i32) (result i32) (i32.store (local.get 0) (local.get 1)) (i32.load (local.get 0)))
  (func (export "grow") (param i32 i32) (result i32) (i32.add (memory.grow (local.get 0)) (memory.size)))
  (func (export "copy") (param i32 i32) (result i32) (memory.copy (local.get 0) (i32.const 4) (local.get 1)) (i32.load8_u (local.get 0)))
  (func $fib (export "fib") (param i32 i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)) (local.get 1)) (call $fib (i32.sub (local.get 0) (i32.const 2)) (local.get 1))))))
  (func (export "indirect") (param i32 i32) (result i32) (call_indirect (param i32 i32) (result i32) (local.get 0) (local.get 1) (i32.const 0))))`);

const calls: readonly NamedCall[] = [
  ['divide', -100, 7],
  ['divide', 1, 0],
  ['sum', 12, 13],
  ['sum', 0x7fffffff, 0x7fffffff],
  ['store', 65532, 77],
  ['store', 65533, 77],
  ['load', 65524, 16],
  ['load', 65525, 16],
  ['load', 16, 32767],
  ['grow', 2, 0],
  ['store', 65533, 78],
  ['load', 65525, 16],
  ['grow', 7, 0],
  ['copy', 100, 200],
  ['copy', 196608, 1],
  ['fib', 10, 0],
  ['indirect', 50, 0],
  ['indirect', 50, 5],
];

/** Where code memory begins to be far, with room for the module's first functions in front. */
const reach = { thumb2: 0x100_0000, rv32: 0x10_0000 } as const;

describe.each(targets)('far code on %s', (isa) => {
  let verifier: DeepVerifier;
  beforeAll(async () => {
    verifier = await DeepVerifier.open();
  });

  function withCodeAt<T>(address: number, use: (instance: VsocInstance) => T, options: Partial<VsocOptions> = {}): T {
    const vsoc = createVsoc({ isa, ...options });
    try {
      vsoc.codeMemory.reserve(address - vsoc.codeMemory.base);
      return use(vsoc.instantiate(module));
    } finally {
      vsoc.close();
    }
  }

  const expectAsInReference = (instance: VsocInstance): void => expect(nativeOutcomes(instance, calls)).toEqual(referenceOutcomes(module, calls));

  it.each([
    ['near', 0x2_0000],
    ['across the border', reach[isa] - 0x4000],
    ['behind it', reach[isa] + 0x1000],
    ['very far', 0x280_0000],
  ])('computes the same %s', (_place, address) => {
    withCodeAt(address, expectAsInReference, { verifier });
  });

  it('has its bounds check within reach where there is a gap far in front of it', () => {
    const vsoc = createVsoc({ isa });
    try {
      const gap = vsoc.codeMemory.reserve(0x800);
      vsoc.codeMemory.reserve(reach[isa] + 0x1000);
      gap.abandon();
      expectAsInReference(vsoc.instantiate(module));
    } finally {
      vsoc.close();
    }
  });

  it('is watched like any code', () => {
    withCodeAt(reach[isa] + 0x1000, expectAsInReference, { sandbox: {} });
  });

  it('is refused with safepoints', () => {
    expect(() => withCodeAt(reach[isa] + 0x1000, () => undefined, { safepoints: {} })).toThrow(/safepoints in more than/);
  });

  it('is as long as any other as far as the border', () => {
    const bytesAt = (address: number): number => withCodeAt(address, (instance) => instance.codeBytes);
    expect(bytesAt(0x8_0000)).toBe(bytesAt(0x2_0000));
    expect(bytesAt(reach[isa] + 0x1000)).toBeGreaterThan(bytesAt(0x2_0000));
  });
});

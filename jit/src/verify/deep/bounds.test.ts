import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { both, either, extentOf, shifted, smear, u32Max, widened, type Bound } from './bounds.js';

const word = fc.oneof(fc.integer({ min: 0, max: u32Max }), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, u32Max), fc.nat(0x2_0000));
/** Memory sizes at run time: the verifier knows the least of them. */
const size = fc.integer({ min: 0, max: 0x2_0000 });

interface Known {
  readonly number: number;
  readonly bound: Bound;
}

/** A number and a bound that is true of it where the memory has `bytes` bytes. */
function known(bytes: number): fc.Arbitrary<Known> {
  return fc.tuple(word, word, word, fc.nat(0x2_0000)).map(([number, a, b, extent]) => ({
    number,
    bound: { lo: Math.min(number, a), hi: Math.max(number, b), extent: number + extent <= bytes ? extent : 0 },
  }));
}

function holds(number: number, { lo, hi, extent }: Bound, bytes: number): boolean {
  return lo <= number && number <= hi && (extent === 0 || number + extent <= bytes);
}

describe('bounds stay true', () => {
  it('of a sum that wraps', () => {
    fc.assert(
      fc.property(
        size.chain((bytes) => fc.tuple(fc.constant(bytes), known(bytes), word)),
        ([bytes, { number, bound }, distance]) => {
          expect(holds((number + distance) % 2 ** 32, shifted(bound, distance), bytes)).toBe(true);
        },
      ),
    );
  });

  it('of one of two numbers, whatever the memory has grown to', () => {
    fc.assert(
      fc.property(
        size.chain((bytes) => fc.tuple(fc.constant(bytes), fc.nat(bytes), known(bytes), known(bytes))),
        ([bytes, minBytes, a, b]) => {
          const joined = either(a.bound, b.bound, minBytes);
          expect(holds(a.number, joined, bytes)).toBe(true);
          expect(holds(b.number, joined, bytes)).toBe(true);
          expect(holds(a.number, { ...a.bound, extent: extentOf(a.bound, minBytes) }, bytes)).toBe(true);
        },
      ),
    );
  });

  it('where paths meet without end, and there is an end of changes', () => {
    fc.assert(
      fc.property(
        size.chain((bytes) => fc.tuple(fc.constant(bytes), fc.nat(bytes), fc.array(known(bytes), { minLength: 2, maxLength: 40 }))),
        ([bytes, minBytes, [first, ...others]]) => {
          let bound = first!.bound;
          let changes = 0;
          for (const other of others) {
            const next = widened(bound, either(bound, other.bound, minBytes));
            if (next.lo !== bound.lo || next.hi !== bound.hi || next.extent < bound.extent) changes++;
            bound = next;
          }
          for (const { number } of [first!, ...others]) expect(holds(number, bound, bytes)).toBe(true);
          // Each limit is given up once; an extent may first take the place of an upper limit.
          expect(changes).toBeLessThanOrEqual(3);
        },
      ),
    );
  });

  it('a limit that held is kept where another changes', () => {
    expect(widened({ lo: 4, hi: 100, extent: 0 }, { lo: 4, hi: 116, extent: 0, below: undefined })).toEqual({ lo: 4, hi: u32Max, extent: 0 });
  });

  it('where two hold', () => {
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 4, maxLength: 4 }), (number, [a = 0, b = 0, c = 0, d = 0]) => {
        const first = { lo: Math.min(a, number), hi: Math.max(b, number), extent: 0 };
        const second = { lo: Math.min(c, number), hi: Math.max(d, number), extent: 0 };
        expect(holds(number, both(first, second), 0)).toBe(true);
      }),
    );
  });

  it('of bits: no result of or and xor exceeds the smeared operands', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect((a | b) >>> 0).toBeLessThanOrEqual(smear(Math.max(a, b)));
        expect((a ^ b) >>> 0).toBeLessThanOrEqual(smear(Math.max(a, b)));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StackWords } from './stack-words.js';
import { constant, same, type Value } from './values.js';

/** Offsets -4 * words .. -4: few enough that steps meet. */
const words = 24;
const offset = fc.integer({ min: -words, max: -1 }).map((word) => 4 * word);
const value = fc.option(fc.constantFrom<Value>(constant(0), constant(7), { symbol: 1, add: 0 }, { symbol: 2, add: 4 }), { nil: undefined });

type Step =
  | { readonly kind: 'set'; readonly at: number; readonly value: Value | undefined }
  | { readonly kind: 'fill'; readonly begin: number; readonly end: number; readonly value: number }
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'forget'; readonly symbol: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: offset, value }),
  fc
    .tuple(offset, offset, fc.constantFrom(0, 7))
    .map(([a, b, filled]) => ({ kind: 'fill' as const, begin: Math.min(a, b), end: Math.max(a, b) + 4, value: filled })),
  fc.record({ kind: fc.constant('drop' as const), at: offset }),
  fc.record({ kind: fc.constant('forget' as const), symbol: fc.constantFrom(1, 2) }),
);

type Plain = Map<number, Value>;

/** The same with an entry for every word. */
function apply(plain: Plain, next: Step): void {
  if (next.kind === 'set') {
    if (next.value === undefined) plain.delete(next.at);
    else plain.set(next.at, next.value);
  } else if (next.kind === 'fill') {
    for (let at = next.begin; at < next.end; at += 4) plain.set(at, constant(next.value));
  } else if (next.kind === 'drop') {
    for (const at of plain.keys()) if (at < next.at) plain.delete(at);
  } else {
    for (const [at, held] of plain) if (held.symbol === next.symbol) plain.delete(at);
  }
}

function run(slots: StackWords, steps: readonly Step[]): void {
  for (const next of steps) {
    if (next.kind === 'set') slots.set(next.at, next.value);
    else if (next.kind === 'fill') slots.fill(next.begin, next.end, next.value);
    else if (next.kind === 'drop') slots.dropBelow(next.at);
    else slots.forget(next.symbol);
  }
}

const contents = (get: (at: number) => Value | undefined): (Value | undefined)[] => Array.from({ length: words }, (_, word) => get(-4 * (word + 1)));

describe('stack words', () => {
  it('hold what a plain table would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const slots = StackWords.empty();
        const plain: Plain = new Map();
        run(slots, steps);
        for (const next of steps) apply(plain, next);
        expect(contents((at) => slots.get(at))).toEqual(contents((at) => plain.get(at)));
      }),
    );
  });

  it('hold behind a meeting what both paths brought, and tell of every change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), fc.array(step, { maxLength: 10 }), fc.array(step, { maxLength: 10 }), (common, left, right) => {
        const here = StackWords.empty();
        run(here, common);
        const there = here.clone();
        run(here, left);
        run(there, right);
        const before = contents((at) => here.get(at));
        const brought = contents((at) => there.get(at));
        let changed = false;
        const shrank = here.join(there, (_at, a, b) => {
          if (same(a, b)) return a;
          changed = true;
          return undefined;
        });
        const both = before.map((a, index) => (same(a, brought[index]) ? a : undefined));
        expect(contents((at) => here.get(at))).toEqual(both);
        if (before.some((a, index) => !same(a, both[index]))) expect(shrank || changed).toBe(true);
        expect(contents((at) => there.get(at))).toEqual(brought);
      }),
    );
  });
});

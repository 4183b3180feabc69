import { expect, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { target } from '../core/layout/function.js';
import { usedField } from '@fireball/wasm';
import { boundTo, segments } from '../core/layout/masm.js';
import { placedLast } from '../core/layout/placed.js';
import { ebreak } from '../core/layout/rv32-templates.js';
import { beginAssembly, bindLabel, newLabel } from '../core/masm/assembly.js';
import { moveBehind } from '../core/masm/moving.js';
import { emit1, recordAt, recordStride } from '../core/masm/records.js';
import { noFeatures } from '../features.js';
import { loadTemplates } from '../templates/index.js';
import { portableCore } from '../testing/portable-core.js';
import { wordsIn } from './core.js';
import { writeTemplates } from './masm.js';
import { targetNumbers } from './roles.js';

/** Placed templates from `begin` to `end` (exclusive). */
interface PlacedRange {
  readonly begin: number;
  readonly end: number;
}

/** Ranges within [begin, end), disjoint or nested, no two with one beginning. */
function ranges(begin: number, end: number): fc.Arbitrary<PlacedRange[]> {
  if (end - begin < 2) return fc.constant([]);
  return fc.tuple(fc.integer({ min: begin, max: end }), fc.integer({ min: begin, max: end }), fc.boolean()).chain(([a, b, isThere]) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    if (!isThere || from === to) return fc.constant([]);
    return fc.tuple(ranges(from + 1, to), ranges(to, end)).map(([inner, after]) => [{ begin: from, end: to }, ...inner, ...after]);
  });
}

/** Begins a function. */
function begin(): void {
  portableCore.reset();
  writeTemplates(portableCore, loadTemplates('rv32'), noFeatures);
  wordsIn(portableCore)[target >> 2] = targetNumbers.rv32;
  beginAssembly(0);
}

/** Places a template of which one knows by an operand that it does not take which one it is. */
function placeNumbered(index: number): void {
  emit1(ebreak, index);
}

function move(moved: readonly PlacedRange[]): void {
  const at = portableCore.allocate(8 * moved.length);
  wordsIn(portableCore).set(
    moved.flatMap(({ begin: from, end }) => [from, end]),
    at >> 2,
  );
  moveBehind(at, moved.length);
}

/** Indices of records in the order of the code. */
function indicesNow(): number[] {
  const words = wordsIn(portableCore);
  const bounds = [...words.subarray(words[segments >> 2]! >> 2, words[(segments + usedField) >> 2]! >> 2)].map((bytes) => bytes / recordStride);
  return bounds.flatMap((first, at) => (at % 2 === 1 ? [] : Array.from({ length: bounds[at + 1]! - first }, (_, index) => first + index)));
}

/** The numbers of the templates, in their order. */
function orderNow(): number[] {
  const words = wordsIn(portableCore);
  return indicesNow().map((index) => words[(recordAt(index) >> 2) + placedLast]!);
}

/** What a label is bound to. */
function boundToNow(label: number): number {
  const words = wordsIn(portableCore);
  return words[(words[boundTo >> 2]! >> 2) + label]!;
}

const size = 40;

describe('moveBehind', () => {
  it('keeps every template, moves each range without those inside it, and labels with what they are bound to', () => {
    fc.assert(
      fc.property(ranges(0, size), (moved) => {
        begin();
        const labels = Array.from({ length: size + 1 }, (_, index) => {
          const label = newLabel();
          bindLabel(label);
          if (index < size) placeNumbered(index);
          return label;
        });
        const free = newLabel();
        move(moved);
        const order = orderNow();
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
        const indices = indicesNow();
        labels.forEach((label, index) => expect(order[indices.indexOf(boundToNow(label))]).toBe(index < size ? index : undefined));
        expect(boundToNow(free)).toBe(-1);
        // What is in the same innermost range stays together, in its order.
        const homeOf = (index: number): number => moved.reduce((best, { begin, end }) => (begin <= index && index < end && begin > best ? begin : best), -1);
        const homes = order.map(homeOf);
        expect(homes.filter((home, index) => home !== homes[index - 1])).toEqual([...new Set(homes)]);
        for (const home of new Set(homes)) {
          const own = order.filter((_, index) => homes[index] === home);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
        if (homes.includes(-1)) expect(homes[0]).toBe(-1);
      }),
      { numRuns: 500 },
    );
  });

  it('takes functions of any size', () => {
    begin();
    const count = 300_000;
    for (let index = 0; index < count; index++) placeNumbered(index);
    move([{ begin: 0, end: 1 }]);
    const order = orderNow();
    expect([order.length, order[0], order.at(-1)]).toEqual([count, 1, 0]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newAssembly } from '../target/create.js';
import { loadTemplates } from '../templates/index.js';
import type { PlacedRange } from './assembly.js';
import { placedTemplates } from './placed.js';

const set = loadTemplates('rv32');
const template = set.require('ebreak');

/** Ranges within [begin, end), disjoint or nested, no two with one beginning. */
function ranges(begin: number, end: number): fc.Arbitrary<PlacedRange[]> {
  if (end - begin < 2) return fc.constant([]);
  return fc.tuple(fc.integer({ min: begin, max: end }), fc.integer({ min: begin, max: end }), fc.boolean()).chain(([a, b, isThere]) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    if (!isThere || from === to) return fc.constant([]);
    return fc.tuple(ranges(from + 1, to), ranges(to, end)).map(([inner, after]) => [{ begin: from, end: to }, ...inner, ...after]);
  });
}

const size = 40;

describe('moveBehind', () => {
  it('keeps every template, moves each range without those inside it, and labels with what they are bound to', () => {
    fc.assert(
      fc.property(ranges(0, size), (moved) => {
        const assembly = newAssembly(set);
        const labels = Array.from({ length: size + 1 }, (_, index) => {
          const label = assembly.newLabel();
          assembly.bind(label);
          if (index < size) assembly.emit(template, index);
          return label;
        });
        const free = assembly.newLabel();
        assembly.moveBehind(moved);
        const order = placedTemplates(assembly).map(({ wasmOffset }) => wasmOffset);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
        labels.forEach((label, index) => expect(order[assembly.labels[label] ?? -1]).toBe(index < size ? index : undefined));
        expect(assembly.labels[free]).toBe(-1);
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
    const assembly = newAssembly(set);
    const count = 300_000;
    for (let index = 0; index < count; index++) assembly.emit(template, index);
    assembly.moveBehind([{ begin: 0, end: 1 }]);
    const placed = placedTemplates(assembly);
    expect([placed.length, placed[0]?.wasmOffset, placed.at(-1)?.wasmOffset]).toEqual([count, 1, 0]);
  });
});

describe('values', () => {
  const thumb2 = loadTemplates('thumb2');
  const constant = thumb2.require('mov_imm32');

  it.each([0, -1, 0x7fff_ffff, -0x8000_0000, 0x8000_0000, 0xffff_ffff])('%d comes back as it was', (value) => {
    const assembly = newAssembly(thumb2);
    assembly.emit(constant, 0, 3, value);
    expect(placedTemplates(assembly)[0]?.values).toEqual([3, value]);
  });

  it.each([2 ** 32, -(2 ** 31) - 1, 0.5, NaN])('%d is refused', (value) => {
    expect(() => newAssembly(thumb2).emit(constant, 0, 3, value)).toThrow(`${value} is no value of a template`);
  });

  it('too few and too many are refused', () => {
    expect(() => newAssembly(thumb2).emit(constant, 0, 3)).toThrow('template mov_imm32 takes 2 operands, not 1');
    expect(() => newAssembly(thumb2).emit(constant, 0, 3, 4, 5)).toThrow('template mov_imm32 takes 2 operands, not 3');
  });
});

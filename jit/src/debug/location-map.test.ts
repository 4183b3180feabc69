import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Isa, LocationMap } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { compileFunction } from '../compile.js';
import { loadTemplates } from '../templates/index.js';
import { codeAddress, entries, testEnvironment } from '../testing/environment.js';
import { goldenCases, goldens } from '../testing/golden.js';
import { functionSource } from '../source.js';
import { moduleOfText, sourceOfText } from '../testing/module.js';

const targets: readonly Isa[] = ['thumb2', 'rv32'];
const firstArgument = { thumb2: 0, rv32: 10 } as const;

function mapOf(isa: Isa, text: string): LocationMap {
  const compiled = compileFunction(sourceOfText(text), loadTemplates(isa), testEnvironment(), { locations: true });
  const { locations } = compiled.linkAt(codeAddress, entries);
  if (locations === undefined) throw new RangeError('no locations');
  return locations;
}

describe.each(targets)('recording locations on %s', (isa) => {
  const templates = loadTemplates(isa);

  it.each(goldenCases())('%s: the code stays as it is, every boundary lies in it', (name) => {
    const module = moduleOfText(readFileSync(join(goldens, 'wat', `${name}.wat`), 'utf8'));
    for (const entry of module.functions) {
      const source = functionSource(module, entry);
      const [plain, recorded] = [{}, { locations: true }].map((options) =>
        compileFunction(source, templates, testEnvironment(), options).linkAt(codeAddress, entries),
      );
      expect(recorded?.bytes).toEqual(plain?.bytes);
      expect(recorded?.sites).toEqual(plain?.sites);
      expect(plain?.locations).toBeUndefined();
      for (const site of plain?.sites ?? []) for (const offset of [site.offset, site.offset + site.size - 1]) expect(recorded?.siteAt(offset)).toEqual(site);
      expect(plain?.siteAt(-1)).toBeUndefined();
      const starts = new Set(recorded?.sites.map(({ offset }) => offset));
      const { boundaries = [] } = recorded?.locations ?? {};
      expect(boundaries.filter(({ codeOffset }) => !starts.has(codeOffset))).toEqual([]);
      expect(boundaries[0]?.wasmOffset).toBe(entry.code.start);
    }
  });

  it('tells of which locals the upper word is not read', () => {
    const { extended, locals } = mapOf(
      isa,
      `(module (func (param i64 i32) (local i64 i64 i64) (drop (i64.mul (local.get 0) (i64.add (local.get 2) (i64.add (local.get 3) (local.get 4)))))
        (local.set 2 (i64.extend_i32_s (local.get 1)))
        (local.set 3 (i64.const 5)) (local.set 3 (i64.extend_i32_u (local.get 1)))
        (local.set 4 (i64.extend_i32_u (local.get 1))) (local.set 4 (i64.shl (local.get 0) (i64.const 1)))))`,
    );
    expect([...extended]).toEqual([
      [2, 'signed'],
      [3, 'unsigned'],
    ]);
    expect(locals.map((places) => places?.length)).toEqual([2, 1, 2, 2, 2]);
  });

  it('operands stay pending until something needs them', () => {
    const place = { kind: 'register', register: firstArgument[isa] };
    const { boundaries, locals } = mapOf(
      isa,
      `(module (func (param i32) (result i32)
        local.get 0  i32.const 7  i32.add  i32.const 100  local.get 0  i32.const 2  i32.shl  i32.add  i32.add))`,
    );
    expect(locals).toEqual([[place]]);
    const deepest = boundaries.map(({ operands }) => operands);
    expect(deepest[0]).toEqual([]);
    expect(deepest[2]).toEqual([[place], [{ kind: 'constant', value: 7 }]]);
    expect(deepest[3]).toEqual([[{ kind: 'sum', of: place, constant: 7 }]]);
    expect(deepest.find((operands) => operands.length === 3)?.slice(0, 2)).toEqual([
      [{ kind: 'sum', of: place, constant: 7 }],
      [{ kind: 'constant', value: 100 }],
    ]);
  });

  it('a local that is written before it is read is not live in front of that', () => {
    const { boundaries } = mapOf(isa, '(module (func (param i32) (result i32) i32.const 5  local.set 0  nop  local.get 0))');
    expect(boundaries.map((boundary) => boundary.isLive(0))).toEqual([false, false, true, true, false]);
  });

  it('instructions that become one have one boundary', () => {
    const { boundaries } = mapOf(
      isa,
      '(module (func (param i32 i32) (result i32) (if (i32.lt_s (local.get 0) (local.get 1)) (then (local.set 0 (local.get 1)))) local.get 0))',
    );
    // local.get, local.get, i32.lt_s with if, local.get, local.set, end, local.get, end.
    expect(boundaries).toHaveLength(8);
  });

  it('wide values have two words, and saved registers places in the frame', () => {
    const { locals, saved, frameBytes } = mapOf(isa, '(module (func $f (param i64) (result i64) (drop (call $f (local.get 0))) local.get 0))');
    expect(locals[0]).toHaveLength(2);
    const kept = saved.map(({ register }) => register);
    expect(locals[0]?.every((place) => place.kind === 'slot' || kept.includes(place.register))).toBe(true);
    expect(saved.every(({ offset }) => offset >= 0 && offset + 4 <= frameBytes && offset % 4 === 0)).toBe(true);
    expect(new Set(saved.map(({ offset }) => offset)).size).toBe(saved.length);
  });
});

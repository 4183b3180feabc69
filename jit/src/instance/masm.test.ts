import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InternalError, type Isa } from '@fireball/contracts';
import { usedField } from '@fireball/wasm';
import * as arithmetic from '../core/layout/arithmetic.js';
import * as functionLayout from '../core/layout/function.js';
import * as machine from '../core/layout/machine.js';
import * as layout from '../core/layout/masm.js';
import { accessRole, entryRole, trapRole } from '../core/layout/placed.js';
import * as rv32Layout from '../core/layout/rv32-templates.js';
import * as thumb2Layout from '../core/layout/thumb2-templates.js';
import { siteRoles, type Assembly } from '../expand/assembly.js';
import { cores } from '../features.js';
import { rv32Branches } from '../target/rv32/branches.js';
import { thumb2Branches } from '../target/thumb2/branches.js';
import { loadTemplates, TemplateSet } from '../templates/index.js';
import { targets } from '../testing/macro-assemblers.js';
import { masmCores } from '../testing/masm/cores.js';
import { joinBoth, placeBoth, type Step } from '../testing/masm/both.js';
import { placeEdges, placeFlags } from '../testing/masm/edges.js';
import { refusals } from '../testing/masm/refusals.js';
import { rows, type RowName } from '../testing/masm/rows.js';
import { MasmRun } from '../testing/masm/run.js';
import { placedBy, refusalOf, takeAssembly } from './masm.js';
import { placerOf } from './placer.js';

const names = Object.keys(rows) as RowName[];
const methods = Object.entries(rows).flatMap(([name, row]) => (row === null ? [] : [[name, row] as const]));
/** What depends on flags, or leaves them behind. */
const flagNames = [
  'alu',
  'loadConst',
  'move',
  'branchIf',
  'branchIfWords',
  'setIf',
  'choose',
  'bind',
  'bindLabel',
  'holdCondition',
] as const satisfies readonly RowName[];

const steps = (mostSteps: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.record({ name: fc.oneof(fc.constantFrom(...names), fc.constantFrom(...flagNames)), seed: fc.nat() }), { minLength: 1, maxLength: mostSteps });

/** With templates in another order, and a larger one. */
const otherSets = Object.fromEntries(
  targets.map((isa) => {
    const { json } = loadTemplates(isa);
    const larger = { thumb2: { name: 'mov_rr', nop: '00bf' }, rv32: { name: 'c_mv', nop: '0100' } }[isa];
    const templates = json.templates.map((template) =>
      template.template_id === larger.name ? { ...template, bytes: template.bytes + larger.nop, size: template.size + 2 } : template,
    );
    return [isa, new TemplateSet({ ...json, templates: templates.reverse() })];
  }),
) as Readonly<Record<Isa, TemplateSet>>;

describe.each(targets)('the core places for %s what the macro assembler does', (isa) => {
  const variants = Object.entries(cores[isa]);

  it.each(variants)('%s, the sources as they are', (_, features) => {
    fc.assert(
      fc.property(steps(60), fc.nat(), (list, ending) => {
        placeBoth(new MasmRun(isa, features, masmCores.sources), list, ending);
      }),
      { numRuns: 100 },
    );
  });

  it('as WebAssembly', () => {
    fc.assert(
      fc.property(steps(60), fc.nat(), fc.constantFrom(...variants), (list, ending, [, features]) => {
        placeBoth(new MasmRun(isa, features, masmCores.WebAssembly), list, ending);
      }),
      { numRuns: 30 },
    );
  });

  it('every method, many times', () => {
    for (const name of names)
      for (const [, features] of variants)
        placeBoth(
          new MasmRun(isa, features, masmCores.sources),
          Array.from({ length: 60 }, (_, seed) => ({ name, seed: seed + 1 })),
          7,
          false,
        );
  });

  it.each(variants)('%s, at the edges of forms, and with flags that are forgotten', (_, features) => {
    const run = new MasmRun(isa, features, masmCores.sources);
    placeEdges(run);
    placeFlags(run, methods);
    placeBoth(run, [], 7, false);
  });

  it('of other sets of templates', () => {
    fc.assert(
      fc.property(steps(20), fc.nat(), fc.constantFrom(...variants), (list, ending, [, features]) => {
        const run = new MasmRun(isa, features, masmCores.WebAssembly, otherSets[isa]);
        run.isWhole = true;
        placeBoth(run, list, ending, false);
        joinBoth(run);
      }),
      { numRuns: 20 },
    );
  });

  it.each(['sources', 'WebAssembly'] as const)('and lays out, links and verifies it where it is: %s', (form) => {
    let whole = 0;
    fc.assert(
      fc.property(steps(40), fc.nat(), fc.constantFrom(...variants), (list, ending, [, features]) => {
        const run = new MasmRun(isa, features, masmCores[form]);
        run.isWhole = true;
        placeBoth(run, list, ending, false);
        if (typeof joinBoth(run) === 'number') whole++;
      }),
      { numRuns: 40 },
    );
    expect(whole).toBeGreaterThan(20);
  });

  it.each(refusals.filter(({ isas }) => isas.includes(isa)))('refuses $what', ({ place }) => {
    const run = new MasmRun(isa, new Set(), masmCores.sources);
    run.label();
    const [old, now] = place(run);
    expect(old).toThrow(InternalError);
    expect(refusalOf(run.core.memory, 0)).toBeUndefined();
    now();
    expect(refusalOf(run.core.memory, 0)?.message).toMatch('the target has no form of what selection asks for');
    const count = run.core.placedCount();
    run.core.jump(0);
    expect(run.core.placedCount()).toBe(count);
    expect(() => placerOf(run.core).layOutPlaced(run.set, 0)).toThrow(InternalError);
  });

  it('refuses what is bound twice, and what never is', () => {
    const { core, set } = new MasmRun(isa, new Set(), masmCores.sources);
    core.newLabel();
    core.bind(core.newLabel());
    core.bind(1);
    expect(refusalOf(core.memory, 0)).toEqual(new InternalError('label 1 bound twice'));
    core.beginAssembly(0);
    core.jump(core.newLabel());
    expect(() => placerOf(core).layOutPlaced(set, 0)).toThrow(new InternalError('label 0 was never bound'));
  });

  it('begins a function without what the one before has left', () => {
    const run = new MasmRun(isa, new Set(), masmCores.sources);
    const { core } = run;
    const place = (): Assembly => {
      core.beginAssembly(0);
      core.branchIfWords(machine.compareTest, arithmetic.ltS, 8, machine.immediate, 0, core.newLabel());
      return takeAssembly(core.memory, run.set);
    };
    const first = place();
    core.alu(arithmetic.sub, 8, 8, machine.immediate, 1, false);
    expect(place()).toEqual(first);
    if (core.holdsConditions()) core.holdJointly();
    expect(place()).toEqual(first);
  });

  it('refuses a function of too much code', () => {
    const run = new MasmRun(isa, new Set(), masmCores.sources);
    run.core.beginAssembly(77);
    for (let count = 0; count <= layout.mostCodeBytes / 2; count++) run.core.trap(0);
    expect(refusalOf(run.core.memory, 0)?.message).toBe('offset 0x4d, code section: not supported: a function of more than 1048576 bytes of code');
    run.core.beginAssembly(0);
    run.core.trap(0);
    expect([refusalOf(run.core.memory, 0), run.core.placedCount()]).toEqual([undefined, 1]);
  });
});

const numbersOf: Readonly<Record<Isa, Readonly<Record<string, number>>>> = { thumb2: thumb2Layout, rv32: rv32Layout };
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

it.each(targets)('numbers of templates and of kinds of branches of %s are those in the lists', (isa) => {
  const set = loadTemplates(isa);
  const templates = placedBy(set).map(([name], index) => [camelCase(name), index]);
  const kinds = Object.entries(isa === 'thumb2' ? thumb2Branches(set) : rv32Branches(set)).map(([name, { number }]) => [`${name}Kind`, number]);
  expect({ ...numbersOf[isa] }).toEqual(Object.fromEntries([...templates, ...kinds]));
  expect(templates.length).toBeLessThanOrEqual(layout.mostTemplates);
  expect(kinds.length).toBeLessThanOrEqual(layout.mostKinds);
  expect(functionLayout[isa]).toBe(targets.indexOf(isa));
});

it('roles have the numbers that the core knows', () => {
  expect([trapRole, entryRole, accessRole].map((role) => siteRoles[role - 1])).toEqual(['trap', 'table entry', 'access']);
  expect(usedField).toBe(4);
});

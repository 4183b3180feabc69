import { afterAll, describe, expect, it } from '@jest/globals';
import { cores, loadTemplates } from '@fireball/jit';
import { TemplateBench } from './bench.js';
import { models } from './models/index.js';
import type { ModelTable } from './model.js';

const set = loadTemplates('rv32');
const table: ModelTable = models.rv32;

it('every rv32 template has a model and every model a template', () => {
  expect(Object.keys(table).sort()).toEqual(set.templates.map(({ name }) => name).sort());
});

// Cores with floats decode all other instructions as the plain ones do.
describe.each(Object.entries(cores.rv32).map(([cpu, features]) => [cpu, features.size > 0] as const))('templates alone on %s', (cpu, hasFloats) => {
  const bench = new TemplateBench('rv32', cpu, set);
  afterAll(() => bench.close());

  it.each(Object.entries(table).filter(([name]) => set.require(name).json.requires.length > 0 === hasFloats && bench.has(set.require(name))))(
    '%s',
    (name, model) => {
      const { failure, runs } = bench.check(set.require(name), model, { runs: 8000 });
      expect(failure).toBeUndefined();
      expect(runs).toBeGreaterThan(3);
    },
  );
});

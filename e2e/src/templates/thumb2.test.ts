import { afterAll, describe, expect, it } from '@jest/globals';
import { cores, loadTemplates } from '@fireball/jit';
import { TemplateBench } from './bench.js';
import { models } from './models/index.js';
import type { ModelTable } from './model.js';

const set = loadTemplates('thumb2');
const table: ModelTable = models.thumb2;

it('every thumb2 template has a model and every model a template', () => {
  expect(Object.keys(table).sort()).toEqual(set.templates.map(({ name }) => name).sort());
});

// The default core is tried at length; the others decode the same instructions.
describe.each(Object.keys(cores.thumb2).map((cpu) => [cpu, cpu === 'cortex-m4' ? 6000 : 3000] as const))('templates alone on %s', (cpu, least) => {
  const bench = new TemplateBench('thumb2', cpu, set);
  afterAll(() => bench.close());

  it.each(Object.entries(table).filter(([name]) => bench.has(set.require(name))))('%s', (name, model) => {
    const { failure, runs } = bench.check(set.require(name), model, { runs: least });
    expect(failure).toBeUndefined();
    expect(runs).toBeGreaterThan(3);
  });
});

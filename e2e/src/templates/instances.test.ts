import { describe, expect, it } from '@jest/globals';
import { allValues, isLegal, loadTemplates, patch, seededRandom } from '@fireball/jit';
import { isRegister, partitions, planInstances } from './instances.js';
import type { ModelTable } from './model.js';
import { models } from './models/index.js';

it.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 5],
  [4, 15],
])('%i operands share registers in %i ways', (count, ways) => {
  const found = partitions(Array.from({ length: count }, (_, index) => index));
  expect(found).toHaveLength(ways);
  expect(new Set(found.map((classes) => JSON.stringify(classes))).size).toBe(ways);
});

describe.each(['thumb2', 'rv32'] as const)('the instances of %s', (isa) => {
  const set = loadTemplates(isa);
  const table: ModelTable = models[isa];

  it.each(set.templates.map(({ name }) => name))('%s: legal, every enum value, every register, every aliasing', (name) => {
    const template = set.require(name);
    const model = table[name];
    if (model === undefined) throw new RangeError(`no model of ${name}`);
    const instances = planInstances(template, model, seededRandom('instances'));
    const out = new Uint8Array(template.size);
    for (const values of instances) expect(() => patch(out, 0, template, values)).not.toThrow();

    for (const operand of template.operands) {
      const used = new Set(instances.map((values) => values[operand.index] ?? 0));
      if (operand.values !== undefined) expect([...used].sort()).toEqual(Object.values(operand.values).sort());
      if (isRegister(operand)) expect([...used].sort()).toEqual((allValues(operand, 64) ?? []).sort());
      if (operand.kind === 'imm' && model.samples?.[operand.name] === undefined)
        expect([...used]).toEqual(expect.arrayContaining([operand.min, operand.max].filter((value) => isLegal(operand, value))));
    }

    const registers = template.operands.filter(isRegister);
    const sameBank = (a: (typeof registers)[number], b: (typeof registers)[number]): boolean => a.kind === b.kind;
    const shape = (values: readonly number[]): string =>
      registers
        .map(({ index }) =>
          registers.findIndex(
            (other) =>
              sameBank(
                other,
                registers.find((each) => each.index === index)!,
              ) && values[other.index] === values[index],
          ),
        )
        .join();
    const shapes = new Set(instances.map(shape));
    for (const a of registers)
      for (const b of registers.slice(a === registers[0] ? 1 : registers.indexOf(a) + 1)) {
        if (!sameBank(a, b)) continue;
        const common = (allValues(a, 64) ?? []).some((register) => isLegal(b, register));
        const apart = template.json.distinct.some((pair) => pair.includes(a.name) && pair.includes(b.name));
        const together = instances.some((values) => values[a.index] === values[b.index]);
        expect(together).toBe(common && !apart);
      }
    // A register file wide enough lets all operands differ, too.
    if (registers.length > 0) expect(shapes.has(registers.map((_, index) => index).join())).toBe(true);
  });
});

/** What templates declare to read, write and destroy, against what they do on an emulated CPU. */
import { loadTemplates, TemplateSet, type TemplateJson, type TemplateSetJson } from '@fireball/jit';
import { checkContracts } from '@fireball/vsoc';
import { describe, expect, it } from '@jest/globals';

const lists = ['inputs', 'outputs', 'clobbers'] as const;
const told = { inputs: 'no declared input', outputs: 'neither an output nor a clobber', clobbers: 'neither an output nor a clobber' } as const;

/** The set with one template alone, changed. */
function only(json: TemplateSetJson, name: string, change: (template: TemplateJson) => Partial<TemplateJson>): TemplateSet {
  return new TemplateSet({
    ...json,
    templates: json.templates.filter(({ template_id }) => template_id === name).map((template) => ({ ...template, ...change(template) })),
  });
}

/**
 * Inputs that no run can tell: what a conditional move keeps, and what only other alternatives of the opcode read. They are
 * declared because a selector must not take them for free.
 */
const unseen: Readonly<Record<string, readonly string[]>> = {
  thumb2: ['it_mov inputs rd', 'it_mov_i inputs rd', 'it_mov_i_n inputs rd'],
  rv32: [],
};

describe.each(['thumb2', 'rv32'] as const)('contracts of the templates of %s', (isa) => {
  const set = loadTemplates(isa);

  it('are what the templates do', () => {
    const { problems, warnings, runs } = checkContracts(set);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(runs).toBeGreaterThan(20 * set.templates.length);
  });

  it('miss every declaration that is deleted', () => {
    // One set of all mutants, so that one CPU runs them all.
    const mutants = set.json.templates.flatMap((template) =>
      lists.flatMap((list) =>
        template[list].map((name) => ({
          name,
          list,
          template: { ...template, template_id: `${template.template_id} ${list} ${name}`, [list]: template[list].filter((each) => each !== name) },
        })),
      ),
    );
    const { problems } = checkContracts(new TemplateSet({ ...set.json, templates: mutants.map(({ template }) => template) }));
    const silent = mutants.filter(({ name, list, template }) => {
      const isTold = (problem: string): boolean =>
        problem.startsWith(`${template.template_id}: `) && problem.includes(told[list]) && new RegExp(`(reads|changes) .*\\b${name}\\b`).test(problem);
      return !problems.some(isTold);
    });
    expect(silent.map(({ template }) => template.template_id)).toEqual(unseen[isa]);
  });
});

describe('a contract that says too much or nothing at all', () => {
  const { json } = loadTemplates('thumb2');

  it('an output that never changes is a problem: what reads it would read something old', () => {
    expect(checkContracts(only(json, 'add_rr_n', ({ outputs }) => ({ outputs: [...outputs, 'flags'] }))).problems).toEqual([
      'add_rr_n: declares the output flags, but never changes it; take it out of //@ outputs',
    ]);
  });

  it('a clobber that never changes is a warning: it costs a register, and harms nobody', () => {
    expect(checkContracts(only(json, 'add_rr_n', () => ({ clobbers: ['r12'] })))).toMatchObject({
      problems: [],
      warnings: ['add_rr_n: declares the clobber r12, but never changes it'],
    });
  });

  it('a name of nothing is a problem', () => {
    expect(checkContracts(only(json, 'mul_n', () => ({ clobbers: ['flgas'] }))).problems).toEqual([
      'mul_n: clobbers: flgas is no register operand, no register, not flags and not memory',
      'mul_n: changes flags, which is neither an output nor a clobber; add it to //@ outputs if that is a result, otherwise to //@ clobbers',
    ]);
  });
});

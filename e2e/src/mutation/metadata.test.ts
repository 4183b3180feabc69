import { describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { loadTemplates, type OperandJson, type TemplateJson } from '@fireball/jit';
import { failureAlone, isas, refusedStatically, templateOf, withTemplate } from './mutants.js';

/** Operands whose range has a neighbour outside: not enums, not whole words. */
function hasRange({ kind }: OperandJson): boolean {
  return kind !== 'enum' && kind !== 'imm32' && kind !== 'addr32' && kind !== 'reglist';
}

/** The same operand with about twice the range. */
function widened(isa: Isa, operand: OperandJson): OperandJson {
  if (operand.kind !== 'reg') return { ...operand, max: 2 * operand.max + (operand.step ?? 1) };
  return { ...operand, max: isa === 'thumb2' && operand.max <= 7 ? 14 : 31 };
}

/** Truncation does what the operation does with large values anyway: shift amounts modulo 32, upper halves modulo 2^32. */
const harmless = ['shift_rri amount', 'c_slli amount', 'c_shr amount', 'lui imm', 'auipc imm'];

function withOperand(template: TemplateJson, name: string, change: (operand: OperandJson) => OperandJson): TemplateJson {
  return { ...template, operands: template.operands.map((operand) => (operand.name === name ? change(operand) : operand)) };
}

describe.each(isas)('faulty metadata of %s', (isa) => {
  const set = loadTemplates(isa);
  const { json } = set;

  it('the set itself passes the static checks', () => {
    expect(refusedStatically(json)).toBe(false);
  });

  const points = json.templates.flatMap((template) => template.patch_points.map((_, index) => [template.template_id, index] as const));
  it.each(points)('%s: patch point %i skipped', (name, index) => {
    const mutant = withTemplate(json, name, (template) => ({
      ...template,
      patch_points: template.patch_points.filter((_, at) => at !== index),
    }));
    // What the static checks let pass runs with a hole that is never filled.
    expect(refusedStatically(mutant) || failureAlone(isa, templateOf(mutant, name)) !== undefined).toBe(true);
  });

  const ranges = json.templates.flatMap((template) =>
    template.operands
      .filter((operand) => hasRange(operand) && (operand.kind !== 'reg' || operand.max < 31))
      .filter(({ name }) => template.patch_points.every((point) => point.derive === undefined || (point.operand !== name && point.with !== name)))
      .map((operand) => [template.template_id, operand.name, operand] as const),
  );
  it.each(ranges)('%s: %s takes values beyond its field', (name, operand) => {
    const mutant = withTemplate(json, name, (template) => withOperand(template, operand, (old) => widened(isa, old)));
    expect(refusedStatically(mutant)).toBe(true);
  });

  /** Without those the model says nothing: registers that no core has, distances that the table's model gives itself. */
  const modelled = ranges.filter(([name, , { kind, max }]) => name !== 'table_entry' && (kind !== 'reg' || max === (isa === 'thumb2' ? 7 : 15)));
  it.each(modelled)('%s: %s truncated, without the static checks', (name, operand) => {
    const mutant = withTemplate(json, name, (template) => withOperand(template, operand, (old) => widened(isa, old)));
    expect(failureAlone(isa, templateOf(mutant, name)) === undefined).toBe(isa === 'rv32' && harmless.includes(`${name} ${operand}`));
  });
});

describe('excluded values that are let in', () => {
  it.each([
    ['thumb2', 'shift_rri_n', 'amount', 'LSR #0 encodes 32'],
    ['thumb2', 'alu_rrsh', 'amount', 'LSR #0 encodes 32'],
    ['rv32', 'c_addi16sp', 'bytes', '0 is reserved'],
    ['rv32', 'c_lui', 'imm', '0 is reserved'],
  ] as const)('%s %s %s: %s', (isa, name, operand, _why) => {
    const mutant = withTemplate(loadTemplates(isa).json, name, (template) =>
      withOperand(template, operand, ({ excluded: _excluded, ...rest }) => ({ ...rest, min: Math.min(0, rest.min) })),
    );
    expect(failureAlone(isa, templateOf(mutant, name))).toBeDefined();
  });
});

import type { PrintedField } from '@fireball/contracts';
import type { TemplateSet } from '../templates/index.js';

const armRegisterNames = [...Array.from({ length: 13 }, (_, number) => `r${number}`), 'sp', 'lr', 'pc'];

/**
 * A hole's value as listings show it: where an operand chooses among words of assembly its word, e.g. `add`; a list of registers by
 * their names, `{r4, r5, lr}`; otherwise the number.
 */
export function formatHole(templates: TemplateSet, template: string, operand: string, value: number): number | string {
  const declared = templates.require(template).json.operands.find(({ name }) => name === operand);
  if (declared?.kind === 'reglist') return `{${armRegisterNames.filter((_, number) => ((value >> number) & 1) === 1).join(', ')}}`;
  const values = declared?.values ?? {};
  return Object.keys(values).find((word) => values[word] === value) ?? value;
}

/** The bits that the holes of a template fill where it is placed. */
export function fieldsOfHoles(templates: TemplateSet, template: string, address: number): PrintedField[] {
  const { operands, fields } = templates.require(template);
  return fields.map((field) => ({
    operands: [field.operand, field.with].filter((operand) => operand >= 0).map((operand) => operands[operand]!.name),
    address: address + field.offset,
    bits: field.footprint >>> 0,
  }));
}

/** Does a set of the user's offer what the selector counts on? It passes operands by position and chooses templates by name. */
import type { OperandJson, TemplateJson, TemplateSetJson } from './schema.js';
import { problem } from './shape.js';

/**
 * Compares templates that both sets have. Further templates are allowed; missing ones are named where they are needed.
 * @throws InvalidInputError naming template and field
 */
export function checkInterface(set: TemplateSetJson, builtIn: TemplateSetJson): void {
  const wanted = new Map(builtIn.templates.map((template) => [template.template_id, template]));
  for (const template of set.templates) {
    const model = wanted.get(template.template_id);
    if (model !== undefined) checkTemplate(template, model);
  }
}

function checkTemplate(template: TemplateJson, model: TemplateJson): void {
  const where = `template ${template.template_id}`;
  if (template.version !== model.version) throw problem(`${where}, version`, `${template.version}, but this build knows version ${model.version}`);
  // Code for another core may hold instructions that the cores it is chosen for lack.
  if (template.cpu !== model.cpu) throw problem(`${where}, cpu`, `${template.cpu}, but it must run where code for ${model.cpu} does`);
  const missing = template.requires.find((word) => !model.requires.includes(word));
  if (missing !== undefined) throw problem(`${where}, requires`, `${missing}, but it is chosen for cores without`);
  const names = (operands: readonly OperandJson[]): string => operands.map(({ name }) => name).join(', ') || 'none';
  if (names(template.operands) !== names(model.operands)) {
    throw problem(`${where}, operands`, `${names(template.operands)}, but these are passed: ${names(model.operands)}`);
  }
  template.operands.forEach((operand, index) => checkOperand(operand, model.operands[index]!, `${where}, operand ${operand.name}`));
}

function checkOperand(operand: OperandJson, model: OperandJson, where: string): void {
  if (operand.kind !== model.kind) throw problem(where, `${operand.kind}, but ${model.kind} is passed`);
  if (operand.min > model.min || operand.max < model.max) {
    throw problem(where, `${operand.min}..${operand.max}, but ${model.min}..${model.max} may be passed`);
  }
  const name = Object.keys(model.values ?? {}).find((key) => operand.values?.[key] === undefined);
  if (name !== undefined) throw problem(where, `has no value ${name}, which may be passed`);
}

/** One template by itself; those of functions are filled by the core at once (expand/expand.ts). */
import { InternalError } from '@fireball/contracts';
import { notEncodable } from '../templates/derive.js';
import { describeDomain, isLegal } from '../templates/domain.js';
import type { Field, Operand } from '../templates/field.js';
import type { Template } from '../templates/template.js';
import { takeFiller } from '../instance/placer.js';
import { PatchError } from './errors.js';

/**
 * Writes one instance of `template` to `out` at byte `at`.
 * @param values one integer per operand, in the template's operand order
 * @throws PatchError if a value is outside its operand's domain; `out` is unchanged then
 */
export function patch(out: Uint8Array, at: number, template: Template, values: ArrayLike<number>): void {
  const fits = at >= 0 && at + template.size <= out.length;
  const isWhole = values.length === template.operands.length && Array.from(values).every((value) => (value | 0) === value || value >>> 0 === value);
  const unsigned = Array.from(values).reduce((bits, value, index) => (value > 0x7fff_ffff ? bits | (1 << index) : bits), 0);
  const instance = fits && isWhole ? takeFiller().fill(template, values, unsigned) : undefined;
  if (instance === undefined) throw refusal(template, values, fits);
  out.set(instance, at);
}

/**
 * Why a template cannot be filled with these values.
 * @param fits is there room for it?
 */
export function refusal(template: Template, values: ArrayLike<number>, fits = true): InternalError {
  const { name, operands, distinct, fields } = template;
  if (values.length !== operands.length) return new InternalError(`template ${name} takes ${operands.length} operands, not ${values.length}`);
  const illegal = operands.find((operand) => !isLegal(operand, values[operand.index] as number));
  if (illegal !== undefined) return new PatchError(name, illegal.name, values[illegal.index], describeDomain(illegal));
  for (let pair = 0; pair < distinct.length; pair += 2) {
    const a = operands[distinct[pair] as number] as Operand;
    const b = operands[distinct[pair + 1] as number] as Operand;
    if (values[a.index] === values[b.index]) return new PatchError(name, a.name, values[a.index], `another register than ${b.name}`);
  }
  if (!fits) return new InternalError(`template ${name} does not fit into the code`);
  const field = fields.find((each) => each.compute !== null && fieldValue(each, values) === notEncodable);
  if (field === undefined) return new InternalError(`template ${name} cannot be filled with ${Array.from(values).join()}`);
  const operand = operands[field.operand] as Operand;
  return new PatchError(name, operand.name, values[operand.index], `${describeDomain(operand)}, where ${String(field.point.derive)} can encode it`);
}

/** The value whose bits go into the field; `notEncodable` where there is none. */
export function fieldValue(field: Field, values: ArrayLike<number>): number {
  const value = values[field.operand] as number;
  if (field.compute === null) return value - field.bias;
  return field.compute(value, field.with < 0 ? 0 : (values[field.with] as number));
}

/**
 * The patcher: copies a template and fills its holes. It knows no instruction set; everything it
 * needs is in the template. This is the compile hot path: it allocates nothing.
 */
import { InternalError } from '@fireball/contracts';
import { bitCount, describeDomain } from '../templates/domain.js';
import { notEncodable } from '../templates/derive.js';
import type { Field, Operand, Template } from '../templates/template.js';
import { PatchError } from './errors.js';

/**
 * Writes one instance of `template` to `out` at byte `at`.
 * @param values one integer per operand, in the template's operand order
 * @throws PatchError if a value is outside its operand's domain; `out` is unchanged then
 */
export function patch(out: Uint8Array, at: number, template: Template, values: ArrayLike<number>): void {
  const { bytes, fields } = template;
  checkValues(template, values);
  if (at < 0 || at + bytes.length > out.length) throw new InternalError(`template ${template.name} at ${at} does not fit into ${out.length} bytes`);
  // Derived values may not exist: find that out before anything is written.
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as Field;
    if (field.compute !== null && fieldValue(field, values) === notEncodable) throw notDerivable(template, field, values);
  }
  for (let index = 0; index < bytes.length; index++) out[at + index] = bytes[index] as number;
  // Patch points stand in the order of their instructions: gather each instruction's bits, write once.
  for (let index = 0; index < fields.length;) {
    const { offset, unit } = fields[index] as Field;
    let word = 0;
    for (let field = fields[index]; field !== undefined && field.offset === offset; field = fields[++index]) word ^= scatter(field, fieldValue(field, values));
    const start = at + offset;
    out[start] = (out[start] as number) ^ word;
    out[start + 1] = (out[start + 1] as number) ^ (word >> 8);
    if (unit === 4) {
      out[start + 2] = (out[start + 2] as number) ^ (word >> 16);
      out[start + 3] = (out[start + 3] as number) ^ (word >> 24);
    }
  }
}

/** The value whose bits go into the field; `notEncodable` where there is none. */
export function fieldValue(field: Field, values: ArrayLike<number>): number {
  const value = values[field.operand] as number;
  if (field.compute === null) return value - field.bias;
  return field.compute(value, field.with < 0 ? 0 : (values[field.with] as number));
}

/** The bits of the instruction word that `value` flips. */
function scatter(field: Field, value: number): number {
  const { masks, run } = field;
  const bits = value >> field.shift;
  if (run >= 0) {
    const mask = masks.length === 32 ? -1 : (1 << masks.length) - 1;
    return (bits & mask) << run;
  }
  let word = 0;
  for (let bit = 0; bit < masks.length; bit++) if ((bits >> bit) & 1) word ^= masks[bit] as number;
  return word;
}

function checkValues(template: Template, values: ArrayLike<number>): void {
  const { operands, distinct } = template;
  if (values.length !== operands.length) throw new InternalError(`template ${template.name} takes ${operands.length} operands, not ${values.length}`);
  for (let index = 0; index < operands.length; index++) {
    const operand = operands[index] as Operand;
    const value = values[index] as number;
    if (operand.legal === null ? !inRange(operand, value) : operand.legal[value] !== 1)
      throw new PatchError(template.name, operand.name, value, describeDomain(operand));
  }
  for (let pair = 0; pair < distinct.length; pair += 2) {
    const a = distinct[pair] as number;
    const b = distinct[pair + 1] as number;
    if (values[a] === values[b])
      throw new PatchError(template.name, (operands[a] as Operand).name, values[a], `another register than ${(operands[b] as Operand).name}`);
  }
}

/** `isLegal` of domain.ts for operands without a table, without calls into arrays of names. */
function inRange(operand: Operand, value: number): boolean {
  if (!(value >= operand.min && value <= operand.max) || !Number.isInteger(value)) return false;
  if (operand.step !== undefined && value % operand.step !== 0) return false;
  const { excluded } = operand;
  if (operand.kind === 'reglist') {
    if ((value & ~operand.max) !== 0 || bitCount(value) < (operand.least ?? 1)) return false;
    if (excluded !== undefined) for (const mask of excluded) if ((value & mask) === mask) return false;
    return true;
  }
  return excluded === undefined || !excluded.includes(value);
}

function notDerivable(template: Template, field: Field, values: ArrayLike<number>): PatchError {
  const operand = template.operands[field.operand];
  return new PatchError(
    template.name,
    field.point.operand,
    values[field.operand],
    `${operand === undefined ? '' : describeDomain(operand)}, where ${field.point.derive ?? 'the field'} can encode it`,
  );
}

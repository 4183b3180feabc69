/** The self-test behind `fireball templates check`: patches every template and reads it back. */
import { FireballError } from '@fireball/contracts';
import { derivedFunction, notEncodable } from '../templates/derive.js';
import { describeDomain, isLegal, randomValue, seededRandom } from '../templates/domain.js';
import type { Template, TemplateSet } from '../templates/template.js';
import { fieldValue, patch } from './patch.js';
import { readFields } from './read.js';

/** What patching and reading back of random instances found. */
export interface TemplateCheck {
  readonly templates: number;
  /** Instances patched and read back. */
  readonly instances: number;
  /** One line each, naming the template; empty if all is well. */
  readonly problems: readonly string[];
}

const instancesPerTemplate = 64;
const attemptsPerInstance = 50;

/**
 * Random legal operand values: the scatter must be invertible and change nothing else.
 * Values just outside a domain must be refused. (That the bytes are what the assembler gives was
 * proved when the set was built.)
 */
export function checkTemplates(set: TemplateSet): TemplateCheck {
  let instances = 0;
  const problems: string[] = [];
  for (const template of set.templates) {
    const random = seededRandom(template.name);
    for (let count = 0; count < instancesPerTemplate; count++) {
      const values = randomValues(template, random);
      if (values === undefined) {
        problems.push(`${template.name}: no legal operand values found`);
        break;
      }
      instances++;
      const problem = checkInstance(template, values);
      if (problem !== undefined) {
        problems.push(`${template.name}: ${problem} (values ${values.join(', ')})`);
        break;
      }
    }
    problems.push(...acceptedOutsiders(template, random).map((problem) => `${template.name}: ${problem}`));
  }
  return { templates: set.templates.length, instances, problems };
}

/**
 * Random values that `patch` takes.
 * @returns undefined if none were found
 */
export function randomValues(template: Template, random: () => number): number[] | undefined {
  for (let attempt = 0; attempt < attemptsPerInstance; attempt++) {
    const values = template.operands.map((operand) => {
      const samples = template.fields
        .filter(({ operand: index, point }) => index === operand.index && point.derive !== undefined)
        .map(({ point }) => (point.derive === undefined ? undefined : derivedFunction(point.derive).samples))
        .find((sample) => sample !== undefined);
      const sampled = samples?.(random);
      return sampled !== undefined && isLegal(operand, sampled) ? sampled : randomValue(operand, random);
    });
    const encodable = template.fields.every((field) => fieldValue(field, values) !== notEncodable);
    let apart = true;
    for (let pair = 0; pair < template.distinct.length; pair += 2) apart &&= values[template.distinct[pair] ?? 0] !== values[template.distinct[pair + 1] ?? 0];
    if (encodable && apart) return values;
  }
  return undefined;
}

function checkInstance(template: Template, values: readonly number[]): string | undefined {
  const guard = 4;
  const out = new Uint8Array(template.size + 2 * guard).fill(0xa5);
  patch(out, guard, template, values);
  if (out.subarray(0, guard).some((byte) => byte !== 0xa5) || out.subarray(-guard).some((byte) => byte !== 0xa5)) return 'wrote outside its bytes';
  const fields = readFields(out, guard, template);
  if (fields === undefined) return 'an instance that does not read back';
  for (const [index, field] of template.fields.entries()) {
    const expected = (fieldValue(field, values) >> field.shift) & field.reach;
    // Masks that depend on each other (enums with few values) may read back as another sum of bits.
    if (expected !== fields[index] && combine(field.masks, expected) !== combine(field.masks, fields[index] ?? 0))
      return `patch point ${index} reads back as ${fields[index]}, not ${expected}`;
  }
  return undefined;
}

function combine(masks: Int32Array, bits: number): number {
  return masks.reduce((word, mask, bit) => ((bits >> bit) & 1 ? word ^ mask : word), 0);
}

/** Values next to the domain that `patch` takes although it must not. */
function acceptedOutsiders(template: Template, random: () => number): string[] {
  const values = randomValues(template, random);
  if (values === undefined) return [];
  const out = new Uint8Array(template.size);
  return template.operands.flatMap((operand) => {
    const outsiders = [operand.min - 1, operand.max + 1, operand.min + 0.5, NaN, ...(operand.excluded ?? [])];
    if (operand.step !== undefined) outsiders.push(operand.min + 1);
    return outsiders
      .filter((value) => !isLegal(operand, value))
      .flatMap((value) => {
        const changed = values.map((old, index) => (index === operand.index ? value : old));
        try {
          patch(out, 0, template, changed);
        } catch (error) {
          if (error instanceof FireballError) return [];
          throw error;
        }
        return [`${operand.name} takes ${value}, outside ${describeDomain(operand)}`];
      });
  });
}

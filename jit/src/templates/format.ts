/** Template sets for people: rows for a table, and one template in full. */
import { describeDomain } from './domain.js';
import type { PatchPointJson, TemplateJson } from './schema.js';
import type { TemplateSet } from './template.js';

/** What the list says of a template. */
export interface TemplateRow {
  /** Number in the packed form and in debug maps. */
  readonly id: number;
  readonly name: string;
  readonly version: number;
  /** Code bytes. */
  readonly size: number;
  readonly patchPoints: number;
  readonly cpu: string;
  readonly doc: string;
}

/** The rows of `fireball templates list`. */
export function listTemplates(set: TemplateSet): TemplateRow[] {
  return set.templates.map(({ id, name, version, size, fields, json }) => ({
    id,
    name,
    version,
    size,
    patchPoints: fields.length,
    cpu: json.cpu,
    doc: json.doc,
  }));
}

/**
 * One template as text: operands with their constraints, patch points, a sample instance.
 * @throws InvalidInputError if the set has no such template
 */
export function showTemplate(set: TemplateSet, name: string): string {
  const { id, json } = set.require(name);
  const lines = [
    `${json.template_id} version ${json.version} (#${id}, ${json.arch}, ${json.cpu})`,
    `  ${json.doc}`,
    `  ${json.size} bytes, aligned to ${json.alignment}: ${json.bytes}`,
    ...section(
      'operands',
      json.operands.map((operand) => `${operand.name}: ${operand.kind} ${describeDomain(operand)}`),
    ),
    ...section(
      'patch points',
      json.patch_points.map((point) => describePoint(point)),
    ),
    ...section('contract', describeContract(json)),
    ...section('sample', json.listing),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function describePoint({ offset, type, operand, map, shift, derive, with: second, bias }: PatchPointJson): string {
  const source = derive === undefined ? operand : `${derive}(${[operand, second].filter(Boolean).join(', ')})`;
  const notes = [shift === undefined ? '' : `, from bit ${shift}`, bias === undefined ? '' : `, minus ${bias}`];
  return `+${offset} ${type} ${source}${notes.join('')} -> ${map}`;
}

function describeContract(json: TemplateJson): string[] {
  const list = (title: string, names: readonly string[]): string[] => (names.length === 0 ? [] : [`${title} ${names.join(', ')}`]);
  return [
    ...list('reads', json.inputs),
    ...list('writes', json.outputs),
    ...list('clobbers', json.clobbers),
    ...list(
      'different registers:',
      json.distinct.map((pair) => pair.join(' and ')),
    ),
    ...list('requires', json.requires),
  ];
}

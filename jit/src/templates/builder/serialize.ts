/** Text of a template set: stable order, a few lines per template, so that differences read well. */
import type { TemplateJson, TemplateSetJson } from '../schema.js';

/** The text of a set's file: one line for each template, so that a change shows as a change of lines. */
export function serializeTemplateSet(set: TemplateSetJson): string {
  const { maps, templates, ...header } = set;
  const lines = ['{'];
  for (const [key, value] of Object.entries(header)) lines.push(`  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  lines.push('  "maps": {');
  lines.push(commaLines(Object.entries(maps).map(([name, map]) => `    ${JSON.stringify(name)}: ${JSON.stringify(map)}`)));
  lines.push('  },', '  "templates": [');
  lines.push(commaLines(templates.map(serializeTemplate)), '  ]', '}', '');
  return lines.join('\n');
}

function serializeTemplate(template: TemplateJson): string {
  const { template_id, doc, bytes, operands, patch_points, listing, ...facts } = template;
  const field = (key: string, value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const rest = Object.entries(facts).map(([key, value]) => field(key, value));
  return [
    `    { ${field('template_id', template_id)}, ${rest.join(', ')},`,
    `      ${field('doc', doc)},`,
    `      ${field('bytes', bytes)},`,
    `      "operands": [${block(operands)}],`,
    `      "patch_points": [${block(patch_points)}],`,
    `      "listing": [${block(listing)}] }`,
  ].join('\n');
}

function block(items: readonly unknown[]): string {
  if (items.length === 0) return '';
  return `\n        ${items.map((item) => JSON.stringify(item)).join(',\n        ')}`;
}

function commaLines(lines: readonly string[]): string {
  return lines.join(',\n');
}

/**
 * A template set as C, for a device that carries it compiled in: straight-line code for each template, made of the metadata that the host's
 * patcher has in tables (jit/src/instance/template-tables.ts). Those that differ in bytes of code alone share it.
 */
import { InternalError, type Isa } from '@fireball/contracts';
import {
  derivedFunctions,
  loadTemplates,
  packedBranches,
  packTemplates,
  partsOf,
  unpackTemplates,
  type DerivedName,
  type PackedField,
  type Template,
} from '@fireball/jit';
import { folderOf } from './folders.js';

/** Where it goes. */
export const compiledTemplatesFile = (isa: Isa): string => `${folderOf('expander')}compiled/generated/templates-${isa}.inc`;

/** Results of derived functions with no bits beyond their field's. */
const exact: Readonly<Record<DerivedName, boolean>> = {
  hi20: true,
  lo12: false,
  neg32: false,
  minus1: true,
  msb: true,
  t32ModifiedImmediate: true,
  upDown: true,
  vfpImmediate: true,
  field: true,
};

const mostOperands = 7;
const mostHalves = 31;
const mostShapes = 255;

/** The text that expander/compiled/compiled.h includes. */
export function compiledTemplates(isa: Isa): string {
  const set = loadTemplates(isa);
  const packed = unpackTemplates(packTemplates(set).bytes);
  const shapes: string[] = [];
  const firsts: number[] = [];
  const facts: number[] = [];
  set.templates.forEach((template, id) => {
    const { bytes, operands, fields } = packed.templates[id]!;
    const body = shapeOf(template, bytes, fields);
    if (!shapes.includes(body)) shapes.push(body);
    const halves = bytes.length / 2;
    if (operands > mostOperands || halves > mostHalves || shapes.length > mostShapes)
      throw new InternalError(`template ${template.name} does not fit into the tables of the expander`);
    firsts.push(wordAt(bytes, 0));
    facts.push((shapes.indexOf(body) << 8) | (operands << 5) | halves);
  });
  const branches = packedBranches(set);
  const places = placesOf(branches, packed.templates);
  return [
    '/* Written by pnpm rom:build; the builder is vsoc/tools/compiled-templates.ts. */',
    `#define TEMPLATE_COUNT ${facts.length}`,
    `#define BRANCH_KINDS ${places.length}`,
    '',
    '/* Their first 4 bytes, where every field is 0. */',
    `static const uint32_t template_firsts[] = {${list(firsts.map(hex))}};`,
    '/* Number of the shape (8 bits), of operands (3) and of half-words (5). */',
    `static const uint16_t template_facts[] = {${list(facts.map(hex))}};`,
    '/* jit/STREAM.md, "Branch forms". */',
    `static const uint8_t packed_branches[] = {${list([...branches].map(String))}};`,
    `static const uint8_t branch_places[] = {${list(places.map(String))}};`,
    '',
    '/* Writes an instance; false where a derived value does not exist. */',
    'static inline __attribute__((always_inline)) bool fill(uint32_t id, const uint32_t *v, uint16_t *out) {',
    '  uint32_t facts = template_facts[id];',
    '  uint32_t word = template_firsts[id];',
    '  switch (facts >> 8) {',
    ...shapes.map((body, shape) => `    case ${shape}:\n${body}      break;`),
    '  }',
    '  out[0] = (uint16_t)word;',
    '  if ((facts & 31) != 1) out[1] = (uint16_t)(word >> 16);',
    '  return true;',
    '}',
    '',
  ].join('\n');
}

/** Where each kind of branch begins in the packed branch forms. */
function placesOf(branches: Uint8Array, templates: readonly { readonly operands: number }[]): number[] {
  const places: number[] = [];
  for (let at = 1; at < branches.length;) {
    places.push(at++);
    for (let isLast = false; !isLast;) {
      const id = branches[at]! | (branches[at + 1]! << 8);
      isLast = (branches[at + 2]! & 0x80) !== 0;
      at += 4 + templates[id]!.operands;
    }
  }
  return places;
}

/** Statements that fill the holes: `word` gets the first 4 bytes, the others go to their places. */
function shapeOf(template: Template, bytes: Uint8Array, fields: readonly PackedField[]): string {
  const statements: string[] = [];
  const words = Array.from({ length: Math.ceil(bytes.length / 4) }, (): string[] => []);
  fields.forEach((field, position) => {
    const value = valueOf(field, position);
    if (field.derive !== undefined) statements.push(`int32_t d${position} = ${call(field)};`);
    if (field.derive !== undefined && field.derive !== 'lo12') statements.push(`if (d${position} == NOT_ENCODABLE) return false;`);
    const bits = bitsOf(template, field);
    for (const { from, count, to } of field.runs)
      for (const part of partsOf(8 * field.offset + to, count))
        words[part.word]?.push(term(value, bits, from + part.from, part.count, part.to, 8 * Math.min(4, bytes.length - 4 * part.word)));
  });
  words.forEach((terms, word) => {
    const change = terms.join(' ^ ');
    if (word === 0) {
      if (terms.length > 0) statements.push(`word ^= ${change};`);
      return;
    }
    const all = [hex(wordAt(bytes, 4 * word)), ...terms].join(' ^ ');
    statements.push(
      `{ uint32_t next = ${all}; out[${2 * word}] = (uint16_t)next;${4 * word + 2 < bytes.length ? ` out[${2 * word + 1}] = (uint16_t)(next >> 16);` : ''} }`,
    );
  });
  return `      {\n${statements.map((line) => `        ${line}\n`).join('')}      }\n`;
}

function valueOf({ operand, derive, bias }: PackedField, position: number): string {
  if (derive !== undefined) return `(uint32_t)d${position}`;
  return bias === 0 ? `v[${operand}]` : `(v[${operand}] - ${bias})`;
}

function call({ derive, operand, with: second }: PackedField): string {
  return `derive_${String(derive)}(v[${operand}]${second < 0 ? '' : `, v[${second}]`})`;
}

/** Bits that legal values have; 32 where they may be negative. */
function bitsOf(template: Template, { operand, derive, bias }: PackedField): number {
  if (derive !== undefined) return exact[derive] ? derivedFunctions[derive].bits : 32;
  const { min, max } = template.operands[operand]!;
  return min - bias < 0 || max > 0x7fff_ffff ? 32 : 32 - Math.clz32(max - bias);
}

/** Bits of a value, moved to their place; masked unless what lies above is 0, or leaves the word. */
function term(value: string, bits: number, from: number, count: number, to: number, wordBits: number): string {
  const down = from === 0 ? value : `(${value} >> ${from})`;
  const masked = from + count >= bits || to + count >= wordBits ? down : `(${down} & ${hex(2 ** count - 1)})`;
  return to === 0 ? masked : `(${masked} << ${to})`;
}

function wordAt(bytes: Uint8Array, offset: number): number {
  let word = 0;
  for (let byte = 0; byte < Math.min(4, bytes.length - offset); byte++) word |= bytes[offset + byte]! << (8 * byte);
  return word >>> 0;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function list(items: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < items.length; at += 12) lines.push(`  ${items.slice(at, at + 12).join(', ')},`);
  return `\n${lines.join('\n')}\n`;
}

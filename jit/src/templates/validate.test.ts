import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FireballError, UnsupportedError } from '@fireball/contracts';
import fc from 'fast-check';
import { checkTemplates } from '../patch/index.js';
import { TemplateSet } from './template.js';
import { validateTemplateSet } from './validate.js';

const generated = new URL('../../templates/generated/', import.meta.url);

type Json = Record<string, unknown>;

/** A small set that is right: one template with an enum, a scaled offset and a derived operand. */
function sample(): Json & { templates: Json[]; maps: Record<string, Json> } {
  return {
    schema: 1,
    arch: 'riscv-rv32',
    inputs_hash: '0'.repeat(64),
    assembler: 'none',
    maps: {
      low: { unit: 2, masks: ['1', '2'] },
      high: { unit: 4, masks: ['1000', '2000', '4000', '8000'] },
    },
    templates: [
      {
        template_id: 'one',
        arch: 'riscv-rv32',
        version: 1,
        cpu: 'rv32imc',
        size: 6,
        alignment: 2,
        doc: 'A sample.',
        bytes: '000000000000',
        operands: [
          { name: 'op', kind: 'enum', min: 0, max: 3, values: { a: 0, b: 1, c: 3 } },
          { name: 'offset', kind: 'imm', min: 0, max: 60, step: 4, excluded: [8] },
        ],
        patch_points: [
          { offset: 0, type: 'enum', operand: 'op', map: 'low' },
          { offset: 2, type: 'imm8', operand: 'offset', map: 'high', shift: 2 },
        ],
        inputs: [],
        outputs: [],
        clobbers: [],
        distinct: [['op', 'offset']],
        requires: [],
        listing: [],
      },
    ],
  };
}

/** The sample with one value changed; the path is written `templates.0.size`. */
function changed(path: string, value: unknown): Json {
  const json = sample();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Json>((node, key) => node[key] as Json, json);
  parent[last] = value;
  return json;
}

describe('validateTemplateSet', () => {
  it('takes a right set and keeps all of it', () => {
    expect(validateTemplateSet(sample())).toEqual(sample());
  });

  const point = 'templates.0.patch_points';
  it.each([
    ['schema', 0, /template set, schema: 0 is no integer/],
    ['arch', 'x86', /template set, arch: "x86" is none of/],
    ['inputs_hash', 'abc', /inputs_hash: a SHA-256/],
    ['extra', 1, /template set, extra: unknown field/],
    ['maps.low.unit', 3, /map low, unit: 2 or 4/],
    ['maps.low.masks', [], /map low, masks: 1 to 32/],
    ['maps.low.masks', ['10000'], /10000 is no mask of 2 bytes/],
    ['maps.low.masks', ['x'], /x is no mask/],
    ['templates.0', null, /template 0: an object expected/],
    ['templates.0.template_id', 'No', /template_id: lower-case/],
    ['templates.0.arch', 'arm-thumb2', /template one, arch: differs/],
    ['templates.0.version', 0, /template one, version: 0 is no integer/],
    ['templates.0.size', 8, /template one, bytes: 6 bytes, size says 8/],
    ['templates.0.size', 5, /template one, size: a multiple of 2/],
    ['templates.0.alignment', 3, /alignment: 2 or 4/],
    ['templates.0.bytes', 'zz', /bytes: hexadecimal/],
    ['templates.0.colour', 'red', /template one, colour: unknown field/],
    ['templates.0.operands.0.kind', 'word', /template one, operand 0, kind: "word" is none of/],
    ['templates.0.operands.0.values', { a: 9 }, /values\.a: 9 is no integer in 0\.\.3/],
    ['templates.0.operands.0.values', undefined, /values: belongs to enum/],
    ['templates.0.operands.0.max', -1, /operand 0, max: -1 is no integer/],
    ['templates.0.operands.1.name', 'op', /operands: op is declared twice/],
    [
      'templates.0.operands',
      Array.from({ length: 33 }, (_, index) => ({ name: `o${index}`, kind: 'imm', min: 0, max: 1 })),
      /template one, operands: 33 of them/,
    ],
    ['templates.0.requires', Array.from({ length: 32 }, (_, index) => `f${index}`), /template set: 32 words in requires/],
    ['templates.0.operands.1.excluded', [0.5], /operand 1, excluded: 0.5 is no integer/],
    ['templates.0.operands.1.max', 0, /the map takes more than the 1 bits of offset/],
    ['templates.0.operands.1.max', 64, /patch_points: bit 6 of offset is in none/],
    ['templates.0.operands.1.min', -4, /patch_points: bit 6 of offset is in none/],
    ['templates.0.operands.1.step', 2, /patch_points: bit 1 of offset is in none/],
    ['maps.low.masks', ['1', '0'], /patch_points: values of op give the same code/],
    ['templates.0.operands.1.least', 1, /least: belongs to reglist/],
    [`${point}.0.operand`, 'x', /patch point 0, operand: no operand x/],
    [`${point}.0.map`, 'toString', /patch point 0, map: no map toString/],
    [`${point}.0.type`, 'imm7', /patch point 0, type/],
    [`${point}.0.offset`, 1, /patch point 0: offset 1 is not an instruction/],
    [`${point}.1.offset`, 4, /patch point 1: offset 4 is not an instruction of the 6 bytes/],
    [`${point}.1.shift`, 3, /patch point 1: the map takes more than the 6 bits/],
    [`${point}.1.derive`, 'twice', /patch point 1, derive: "twice" is none of/],
    [`${point}.1.derive`, 'msb', /with: belongs to two-operand/],
    [`${point}.1.with`, 'op', /with: belongs to two-operand/],
    ['templates.0.distinct', [['op', 'x']], /distinct: pairs of operand names/],
    ['templates.0.inputs', [1], /inputs: strings expected/],
  ])('%s = %j is refused', (path, value, message) => {
    expect(() => validateTemplateSet(changed(path, value))).toThrow(message);
  });

  it('names the version that it cannot read', () => {
    expect(() => validateTemplateSet(changed('schema', 2))).toThrow(UnsupportedError);
    expect(() => validateTemplateSet(changed('schema', 2))).toThrow(/template schema version 2 .*reads version 1/);
  });

  it('refuses two templates of one name, unused operands and bits filled twice', () => {
    const twice = sample();
    twice.templates.push(...sample().templates);
    expect(() => validateTemplateSet(twice)).toThrow(/template one: defined twice/);
    const unused = changed(point, [sample().templates[0]?.['patch_points']].flat().slice(0, 1));
    expect(() => validateTemplateSet(unused)).toThrow(/operand offset is in none/);
    expect(() => validateTemplateSet(withSharedBits())).toThrow(/patch point 1: fills bits of byte 1 a second time/);
  });
});

function withSharedBits(): Json {
  const json = changed('templates.0.patch_points.1.offset', 0);
  (json['maps'] as Record<string, Json>)['low'] = { unit: 2, masks: ['1000', '1'] };
  return json;
}

describe.each(['thumb2', 'rv32'])('the built-in %s set', (isa) => {
  const text = readFileSync(new URL(`${isa}.json`, generated), 'utf8');

  it('is valid', () => {
    expect(() => validateTemplateSet(JSON.parse(text))).not.toThrow();
  });

  it('damaged anywhere is refused with a typed error, or is harmless', () => {
    const json = JSON.parse(text) as { templates: Json[] };
    const paths = leafPaths({ ...json, templates: json.templates.slice(0, 12) });
    const value = fc.oneof(fc.integer({ min: -3, max: 70 }), fc.constantFrom<unknown>(null, true, '', 'op', [], {}, 2 ** 31, -1, NaN, 'ff', ['1'], 1e9));
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, replacement) => {
        const damaged = JSON.parse(text) as { templates: Json[] };
        damaged.templates = damaged.templates.slice(0, 12);
        const parent = path.slice(0, -1).reduce<Json>((node, key) => node[key] as Json, damaged as unknown as Json);
        parent[path.at(-1) ?? ''] = replacement;
        try {
          // A set that passes can be patched: never outside its bytes (checkTemplates has guards).
          const { problems } = checkTemplates(new TemplateSet(validateTemplateSet(damaged)));
          expect(problems.filter((problem) => problem.includes('outside its bytes'))).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(FireballError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function leafPaths(node: unknown, path: readonly string[] = []): string[][] {
  if (typeof node !== 'object' || node === null) return [[...path]];
  return Object.entries(node).flatMap(([key, child]) => leafPaths(child, [...path, key]));
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InternalError } from '@fireball/contracts';
import { Assembly } from '../expand/assembly.js';
import { layOut } from '../expand/expand.js';
import { newAssembly } from '../target/create.js';
import type { Features } from '../features.js';
import { isLegal, loadTemplates, seededRandom, TemplateSet, type OperandJson, type Template, type TemplateSetJson } from '../templates/index.js';
import { verifyStructure, VerifyError } from '../verify/structural.js';
import { checkTemplates, patch, PatchError, randomValues, readFields } from './index.js';

const isas = ['thumb2', 'rv32'] as const;

/** Whether code is the instance of a template with these values, for the structural verifier. */
function instanceTest(assembly: Assembly, template: Template, values: readonly number[]): (code: Uint8Array) => boolean {
  assembly.emit(template, 0, ...values);
  layOut(assembly);
  return (code) => {
    try {
      verifyStructure(assembly, code, [], new Set(template.requires) as Features);
      return true;
    } catch (error) {
      if (error instanceof VerifyError) return false;
      throw error;
    }
  };
}

describe.each(isas)('every %s template', (isa) => {
  const set = loadTemplates(isa);

  it('patches, reads back, and refuses what lies outside its domains', () => {
    expect(checkTemplates(set)).toMatchObject({ templates: set.templates.length, problems: [] });
  });

  it('changes nothing outside its fields', () => {
    fc.assert(
      fc.property(fc.constantFrom(...set.templates), fc.integer(), (template, seed) => {
        const values = randomValues(template, seededRandom(String(seed)));
        if (values === undefined) throw new Error(`no values for ${template.name}`);
        const out = new Uint8Array(template.size);
        patch(out, 0, template, values);
        const free = new Uint8Array(template.size).fill(0xff);
        for (const field of template.fields)
          for (let byte = 0; byte < field.unit; byte++) free[field.offset + byte] = (free[field.offset + byte] ?? 0) & ~(field.footprint >> (8 * byte));
        free.forEach((mask, index) => {
          expect((out[index] ?? 0) & mask).toBe((template.bytes[index] ?? 0) & mask);
        });
      }),
    );
  });

  it('is told from every instance with another bit', () => {
    const random = seededRandom('bits');
    for (const template of set.templates) {
      const values = randomValues(template, random) ?? [];
      const out = new Uint8Array(template.size + 2).fill(0xff);
      patch(out, 2, template, values);
      const isInstance = instanceTest(newAssembly(set), template, values);
      const isThere = (): boolean => isInstance(out.subarray(2));
      const accepted: number[] = [];
      for (let bit = 0; bit < 8 * template.size; bit++) {
        const at = 2 + (bit >> 3);
        out[at] = (out[at] ?? 0) ^ (1 << (bit & 7));
        if (isThere()) accepted.push(bit);
        out[at] ^= 1 << (bit & 7);
      }
      expect({ template: template.name, right: isThere(), accepted }).toEqual({ template: template.name, right: true, accepted: [] });
    }
  });

  it('refuses every illegal value, names it, and leaves the output alone', () => {
    const withOperands = set.templates.filter(({ operands }) => operands.length > 0);
    fc.assert(
      fc.property(
        fc.constantFrom(...withOperands),
        fc.nat(),
        fc.oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, 2 ** 32)),
        (template, pick, value) => {
          const values = randomValues(template, seededRandom(template.name)) ?? [];
          const operand = template.operands[pick % template.operands.length];
          if (operand === undefined) throw new Error('no operand');
          fc.pre(!isLegal(operand, value));
          values[operand.index] = value;
          const out = new Uint8Array(template.size).fill(0x5a);
          let error: unknown;
          try {
            patch(out, 0, template, values);
          } catch (caught) {
            error = caught;
          }
          expect(error).toBeInstanceOf(PatchError);
          expect(error).toMatchObject({ template: template.name, operand: operand.name, value });
          expect(out.every((byte) => byte === 0x5a)).toBe(true);
        },
      ),
    );
  });
});

/** Fields that no real template has together: scattered, shifted, biased, derived from two operands. */
const sample: TemplateSetJson = {
  schema: 1,
  arch: 'arm-thumb2',
  inputs_hash: '0'.repeat(64),
  assembler: 'none',
  maps: {
    run: { unit: 2, masks: ['10', '20', '40', '80'] },
    scattered: { unit: 4, masks: ['80000000', '1', '30'] },
    five: { unit: 4, masks: ['100', '200', '400', '800', '1000'] },
  },
  templates: [
    {
      template_id: 'mixed',
      arch: 'arm-thumb2',
      version: 1,
      cpu: 'cortex-m3',
      size: 6,
      alignment: 2,
      doc: 'A sample.',
      bytes: '0f0000000040',
      operands: [
        { name: 'distance', kind: 'rel_cond', min: -4, max: 10, step: 2 },
        { name: 'code', kind: 'imm', min: 0, max: 7, excluded: [5] },
        { name: 'width', kind: 'imm', min: 1, max: 32 },
        { name: 'lsb', kind: 'imm', min: 0, max: 31 },
      ],
      patch_points: [
        { offset: 0, type: 'rel_cond', operand: 'distance', map: 'run', shift: 1, bias: 4 },
        { offset: 2, type: 'imm8', operand: 'code', map: 'scattered' },
        { offset: 2, type: 'imm8', operand: 'width', map: 'five', derive: 'msb', with: 'lsb' },
      ],
      inputs: [],
      outputs: [],
      clobbers: [],
      distinct: [['width', 'lsb']],
      requires: [],
      listing: [],
    },
  ],
};

describe('patch', () => {
  const set = new TemplateSet(sample);
  const template = set.require('mixed');
  const instance = (...values: number[]): string => {
    const out = new Uint8Array(6);
    patch(out, 0, template, values);
    return Buffer.from(out).toString('hex');
  };

  it.each([
    // (distance - 4) / 2 in bits 4..7 of the first halfword; the rest in the word after it.
    [[4, 0, 1, 0], '0f0000000040'],
    [[10, 0, 1, 0], '3f0000000040'],
    [[-4, 0, 1, 0], 'cf0000000040'],
    // Bit 0 -> 31, bit 1 -> 0, bit 2 -> 4 and 5.
    [[4, 1, 1, 0], '0f00000000c0'],
    [[4, 2, 1, 0], '0f0001000040'],
    [[4, 4, 1, 0], '0f0030000040'],
    [[4, 7, 1, 0], '0f00310000c0'],
    // lsb + width - 1 in bits 8..12.
    [[4, 0, 8, 4], '0f00000b0040'],
    [[4, 0, 32, 0], '0f00001f0040'],
  ])('%j gives %s', (values, bytes) => {
    expect(instance(...values)).toBe(bytes);
  });

  it.each([
    ['range', [12, 0, 1, 0], 'distance', 12],
    ['step', [5, 0, 1, 0], 'distance', 5],
    ['exclusion', [4, 5, 1, 0], 'code', 5],
    ['derived value', [4, 0, 30, 4], 'width', 30],
    ['aliasing', [4, 0, 3, 3], 'width', 3],
  ])('refuses by %s', (_, values, operand, value) => {
    expect(() => instance(...values)).toThrow(expect.objectContaining({ template: 'mixed', operand, value }));
  });

  it('refuses every value where none is legal', () => {
    const [mixed] = sample.templates;
    for (const [min, max] of [
      [1, 0],
      [100, 99],
    ] as const) {
      const operands = mixed!.operands.map((operand) => (operand.name === 'code' ? { ...operand, min, max } : operand));
      const none = new TemplateSet({ ...sample, templates: [{ ...mixed!, operands }] }).require('mixed');
      for (const value of [-1, 0, 1, 99, 100])
        expect(() => patch(new Uint8Array(6), 0, none, [4, value, 1, 0])).toThrow(expect.objectContaining({ operand: 'code', value }));
    }
  });

  it('fills holes of more operands than placed templates have', () => {
    const bits = Array.from({ length: 12 }, (_, bit) => bit);
    const [mixed] = sample.templates;
    const wide: TemplateSetJson = {
      ...sample,
      maps: Object.fromEntries(bits.map((bit) => [`b${bit}`, { unit: 2, masks: [(1 << bit).toString(16)] }])),
      templates: [
        {
          ...mixed!,
          size: 2,
          bytes: '0000',
          operands: bits.map((bit) => ({ name: `o${bit}`, kind: 'imm', min: 0, max: 1 })),
          patch_points: bits.map((bit) => ({ offset: 0, type: 'imm8', operand: `o${bit}`, map: `b${bit}` })),
          distinct: [],
        },
      ],
    };
    const out = new Uint8Array(2);
    patch(
      out,
      0,
      new TemplateSet(wide).require('mixed'),
      bits.map((bit) => (0xa53 >> bit) & 1),
    );
    expect([...out]).toEqual([0x53, 0x0a]);
  });

  it('takes what its operands may be, and nothing else', () => {
    const whole = { min: -(2 ** 31), max: 2 ** 32 - 1 };
    const domains: readonly Omit<OperandJson, 'name'>[] = [
      { kind: 'imm32', ...whole },
      { kind: 'imm', ...whole, step: 3 },
      { kind: 'imm', ...whole, step: 6, excluded: [6, 12, 2 ** 32 - 4] },
      { kind: 'imm', min: 2 ** 31 - 2, max: 2 ** 31 + 2, excluded: [2 ** 31 - 1, 2 ** 31] },
      { kind: 'imm', min: -8, max: 31, step: 4, excluded: [0] },
      { kind: 'enum', min: 0, max: 40, values: { a: 0, b: 40, c: 50 } },
      { kind: 'enum', ...whole, values: { a: -1, b: 2 ** 31, c: 2 ** 32 - 2 } },
      { kind: 'reglist', min: 0, max: 0x8000_00ff, excluded: [0b1100], least: 2 },
    ];
    const [mixed] = sample.templates;
    for (const domain of domains) {
      const operand = { name: 'code', ...domain };
      const one = new TemplateSet({ ...sample, templates: [{ ...mixed!, operands: mixed!.operands.map((each) => (each.name === 'code' ? operand : each)) }] });
      const near = [0, 3, 6, 12, 31, 40, 50, 0b1101, 2 ** 31, 2 ** 32, -(2 ** 31), -1].flatMap((value) => [-3, -2, -1, 0, 1, 2, 3].map((by) => value + by));
      const values = near.filter((value) => value >= whole.min && value <= whole.max);
      const taken = values.filter((value) => {
        try {
          patch(new Uint8Array(6), 0, one.require('mixed'), [4, value, 1, 0]);
          return true;
        } catch (error) {
          if (error instanceof PatchError) return false;
          throw error;
        }
      });
      expect(taken).toEqual(values.filter((value) => isLegal(operand, value)));
      expect(taken.length).toBeGreaterThan(0);
    }
  });

  it('refuses too few values, and places outside the output', () => {
    expect(() => instance(4, 0, 1)).toThrow(InternalError);
    const small = new Uint8Array(8);
    for (const at of [-1, 3]) expect(() => patch(small, at, template, [4, 0, 1, 0])).toThrow(/does not fit/);
    expect(small.every((byte) => byte === 0)).toBe(true);
  });

  it('checks instances, and finds other values in them', () => {
    const out = new Uint8Array(6);
    const values = [10, 3, 8, 4];
    patch(out, 0, template, values);
    const [mixed] = sample.templates;
    expect(() => instanceTest(new Assembly(set, []), template, values)).toThrow('template mixed cannot be placed: only its last operand may be no byte');
    const forwards = new TemplateSet({
      ...sample,
      templates: [{ ...mixed!, operands: mixed!.operands.map((operand) => ({ ...operand, min: Math.max(operand.min, 0) })) }],
    });
    const placed = forwards.require('mixed');
    expect(instanceTest(new Assembly(forwards, []), placed, values)(out)).toBe(true);
    for (const others of [
      [8, 3, 8, 4],
      [10, 2, 8, 4],
      [10, 3, 9, 4],
      [10, 3, 8, 5],
    ])
      expect(instanceTest(new Assembly(forwards, []), placed, others)(out)).toBe(false);
  });

  it('readFields tells foreign bytes from instances', () => {
    const out = new Uint8Array(6);
    patch(out, 0, template, [10, 3, 8, 4]);
    expect(readFields(out, 0, template)).toEqual([3, 3, 11]);
    out[0] = (out[0] ?? 0) ^ 1;
    expect(readFields(out, 0, template)).toBeUndefined();
    out[0] ^= 1;
    out[2] = (out[2] ?? 0) ^ 0x10;
    expect(readFields(out, 0, template)).toBeUndefined();
    expect(readFields(out, 1, template)).toBeUndefined();
  });
});

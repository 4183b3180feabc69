import { describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import fc from 'fast-check';
import { loadTemplates } from './load.js';
import { runsOf } from './field.js';
import { packTemplates, unpackTemplates } from './pack.js';

describe.each(['thumb2', 'rv32'] as const)('the packed %s set', (isa) => {
  const set = loadTemplates(isa);
  const { bytes, offsets, sizes } = packTemplates(set);
  const unpacked = unpackTemplates(bytes);

  it('holds the code and every patch field', () => {
    expect(unpacked.isa).toBe(isa);
    expect(unpacked.templates).toEqual(
      set.templates.map((template) => ({
        bytes: template.bytes,
        alignment: template.alignment,
        operands: template.operands.length,
        fields: template.fields.map(({ offset, unit, operand, with: second, bias, shift, masks, point }) => ({
          offset,
          unit,
          operand,
          with: second,
          derive: point.derive,
          bias,
          runs: runsOf({ shift, masks }),
        })),
      })),
    );
  });

  it('says where each template is and what the bytes are spent on', () => {
    expect(sizes.header + sizes.maps + sizes.templates).toBe(bytes.length);
    set.templates.forEach(({ size, operands, fields }, id) => {
      const at = offsets[id] ?? 0;
      expect([...bytes.subarray(at, at + 3)]).toEqual([size / 2, operands.length, fields.length]);
    });
  });

  it('spends about 1.5 bytes on a patch point, besides code and 3-byte headers', () => {
    const points = set.templates.reduce((sum, { fields }) => sum + fields.length, 0);
    const spent = sizes.templates - sizes.code - 3 * set.templates.length;
    expect(spent / points).toBeLessThanOrEqual(1.75);
  });

  it('is refused with a byte offset when damaged, or still a set', () => {
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(bytes.length), (changes, length) => {
        const damaged = Uint8Array.from(bytes.subarray(0, length));
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        try {
          unpackTemplates(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(FireballError);
          expect(error).toHaveProperty('facts.offset');
        }
      }),
    );
  });
});

it('runs flip the bits that the masks flip', () => {
  const masks = fc.array(fc.integer(), { minLength: 1, maxLength: 16 }).map((list) => Int32Array.from(list));
  fc.assert(
    fc.property(masks, fc.nat(16), fc.integer(), (flips, shift, value) => {
      const expected = flips.reduce((word, mask, bit) => ((value >> (shift + bit)) & 1 ? word ^ mask : word), 0);
      const word = runsOf({ shift, masks: flips }).reduce((bits, { from, count, to }) => bits ^ (((value >>> from) & (2 ** count - 1)) << to), 0);
      expect(word).toBe(expected);
    }),
  );
});

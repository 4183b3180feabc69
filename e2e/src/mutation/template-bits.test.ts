import { describe, expect, it } from '@jest/globals';
import { loadTemplates, Template } from '@fireball/jit';
import { failureAlone, flipBit, instancesOf, isas } from './mutants.js';

/**
 * Bits, as byte.bit, whose inversion the emulated CPU does not show, and why. The builder's drift check
 * (`pnpm templates:build --check`) finds these too: it compares every byte.
 */
const twiceEncoded = ['0.0', '0.1', '0.2', '0.3'];
const equivalents: Readonly<Record<string, readonly string[]>> = {
  // Rm stands in the instruction twice; a core may do anything where the two differ, this one reads the second.
  clz_rr: twiceEncoded,
  rbit_rr: twiceEncoded,
  // CMP rn, #0 becomes SUBS rn, #0, which is the same.
  cmp0_bcond_n: ['1.4'],
  cmp0_bcond_w: ['1.4'],
  cmp0_bcond_far: ['1.4'],
  // BLTU lands in its own second half, which with the next instruction reads as BEQ x4, x8.
  bounds_check: ['15.1'],
};

describe.each(isas)('a flipped bit in a template of %s', (isa) => {
  const set = loadTemplates(isa);

  it.each(set.templates.map(({ name }) => name))('%s', (name) => {
    const template = set.require(name);
    const instances = instancesOf(isa, template);
    expect(failureAlone(isa, template, instances)).toBeUndefined();
    const undetected: string[] = [];
    for (let bit = 0; bit < 8 * template.size; bit++) {
      const mutant = new Template(template.id, flipBit(template.json, bit), set.json.maps);
      if (failureAlone(isa, mutant, instances) === undefined) undetected.push(`${bit >> 3}.${bit & 7}`);
    }
    const expected = isa === 'thumb2' && name === 'bounds_check' ? [] : (equivalents[name] ?? []);
    expect(undetected).toEqual(expected);
  });
});

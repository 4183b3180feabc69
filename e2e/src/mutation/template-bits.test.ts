import { describe, expect, it } from '@jest/globals';
import { loadTemplates, Template } from '@fireball/jit';
import { failureAlone, flipBit, instancesOf, isas } from './mutants.js';

/**
 * Bits, as byte.bit, whose inversion the emulated CPU does not show, and why. The builder's drift check
 * (`pnpm templates:build --check`) finds these too: it compares every byte.
 */
const twiceEncoded = ['0.0', '0.1', '0.2', '0.3'];
const minmaxBits = ['5.5', '9.5', '20.4', '21.4', '21.5', '21.6', '23.3', '23.4'];
const equivalents: Readonly<Record<string, readonly string[]>> = {
  // Rm stands in the instruction twice; a core may do anything where the two differ, this one reads the second.
  clz_rr: twiceEncoded,
  rbit_rr: twiceEncoded,
  // CMP rn, #0 becomes SUBS rn, #0, which is the same.
  cmp0_bcond_n: ['1.4'],
  cmp0_bcond_w: ['1.4'],
  cmp0_bcond_far: ['1.4'],
  // VCMPE is VCMP but for exceptions, which nobody takes.
  vfp_cmp: ['2.7'],
  // VCMPE; whatever computes with a NaN makes one.
  vfp_minmax: ['6.7', '14.4', '14.5', '16.6'],
  // The same; 0 rotated; IT before the end of an IT block, which this core lets begin anew.
  vfp_min: ['6.7', '21.4', '21.5', '22.0', '22.1', '22.2', '30.4', '30.5', '32.6'],
  // The same; equal numbers other than zeros may be either, so that CMN may add more than 1.
  vfp_max: ['6.7', '20.1', '20.2', '20.3', '20.4', '20.5', '20.6', '20.7', '21.4', '22.0', '22.1', '22.2', '30.4', '30.5', '32.6'],
  // AND of pc, which this core reads as 0; r8, which happens to hold the same modes.
  fpu_start: ['0.6', '7.7'],
  // No square root lies half-way between two numbers.
  f_sqrt: ['1.6'],
  d_sqrt: ['1.6'],
  // FLE of a number and itself is FEQ; whatever computes with a NaN makes one.
  f_minmax: minmaxBits,
  d_minmax: minmaxBits,
  // FLT.D of singles without boxes, as the emulator makes them; FMIN and FMAX, FSGNJ and FSGNJX of one operand; an exact difference.
  f_round: ['15.1', '17.4', '25.5', '33.4', '33.5', '33.6'],
  d_round: ['9.4', '9.5', '9.6', '21.4', '29.5', '37.4', '37.5', '37.6'],
  // FLE for FEQ.
  f_to_int_sat: ['5.5'],
  d_to_int_sat: ['5.5'],
  // Exact, whatever the rounding.
  d_from_int: ['1.4', '1.5', '1.6'],
  d_promote: ['1.4', '1.5', '1.6'],
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

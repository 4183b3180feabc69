import { describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { loadTemplates, TemplateSet, type FieldMapJson, type TemplateJson } from '@fireball/jit';
import type { VsocOptions } from '@fireball/vsoc';
import type { ValidatedModule } from '@fireball/wasm';
import { isas, withTemplate } from './mutants.js';
import { load, native, reference, type Call } from './pipeline.js';

/**
 * (memory 1) (func (export "load") (param i32) (result i32) local.get 0, i32.load), whose only branch is the bounds
 * check. With an exported table, code of others may call in and grow the memory: the check is exact only in a routine, which a branch goes around.
 */
function moduleOf(growing: boolean): ValidatedModule {
  const load32 = [0x04, 0x6c, 0x6f, 0x61, 0x64, 0x00, 0x00];
  const table = [0x01, 0x74, 0x01, 0x00];
  return load(
    Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
      ...[0x03, 0x02, 0x01, 0x00],
      ...(growing ? [0x04, 0x04, 0x01, 0x70, 0x00, 0x00] : []),
      ...[0x05, 0x03, 0x01, 0x00, 0x01],
      ...(growing ? [0x07, 0x0c, 0x02, ...load32, ...table] : [0x07, 0x08, 0x01, ...load32]),
      ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x0b],
    ),
  );
}
const fixed = moduleOf(false);
const growing = moduleOf(true);
const inBounds: Call[] = [0, 1, 0xfefc, 0xff00, 0xfffc].map((address) => ({ name: 'load', args: [address] }));
const outOfBounds: Call[] = [0xfffd, 0x1_0000, -1, -4, -0x8000_0000].map((address) => ({ name: 'load', args: [address] }));

const trap = 'trap: out of bounds memory access';

/** Conditional branches that a check may be made of, and an instruction that does nothing. */
const branches = { thumb2: ['bcond_n', 'bcond_w'], rv32: ['b_rr'] } as const satisfies Record<Isa, readonly string[]>;
const nop = { thumb2: '00bf', rv32: '13000000' } as const satisfies Record<Isa, string>;

/** The set with other bytes for `names`, in which only the operands of `kept` are patched: nothing but running the code can notice. */
function replaced(isa: Isa, names: readonly string[], bytes: (template: TemplateJson) => string, kept?: string): TemplateSet {
  const { json } = loadTemplates(isa);
  const maps: Record<string, FieldMapJson> = { ...json.maps, nothing: { unit: 2, masks: ['0'] } };
  const change = (template: TemplateJson): TemplateJson => ({
    ...template,
    bytes: bytes(template),
    patch_points: template.patch_points.map((point) => (point.operand === kept ? point : { ...point, map: 'nothing' })),
  });
  return new TemplateSet(names.reduce((set, name) => withTemplate(set, name, change), { ...json, maps }));
}

/** A check that branches to its trap, and never does. */
function neverTaken(isa: Isa): TemplateSet {
  return replaced(isa, branches[isa], ({ size }) => nop[isa].repeat((2 * size) / nop[isa].length));
}

/** A check that branches around the call of the exact one, and always does: B, and BEQ of two registers that are x0. */
function alwaysTaken(isa: Isa): TemplateSet {
  const always = { thumb2: '00e0', rv32: '63000000' } as const;
  return replaced(isa, branches[isa].slice(0, 1), () => always[isa], 'target');
}

/** The set whose exact check returns instead of trapping. */
function neverTraps(isa: Isa): TemplateSet {
  const { json } = loadTemplates(isa);
  const back = { thumb2: '7047', rv32: '8282' } as const;
  return new TemplateSet(withTemplate(json, 'bounds_check', (template) => ({ ...template, bytes: template.bytes.slice(0, -4) + back[isa] })));
}

/** Each call on a fresh instance: a crash ends it. */
function outcomes(module: ValidatedModule, calls: readonly Call[], options: VsocOptions): string[] {
  return calls.flatMap((call) => native(module, [call], options));
}

describe.each(isas)('bounds checks on %s', (isa) => {
  describe.each([
    ['fixed', fixed, neverTaken],
    ['growing', growing, alwaysTaken],
  ])('a memory of %s size', (_, module, skipped) => {
    it('agrees with the reference', () => {
      expect(outcomes(module, [...inBounds, ...outOfBounds], { isa })).toEqual(reference(module, [...inBounds, ...outOfBounds]));
      expect(reference(module, outOfBounds)).toEqual(outOfBounds.map(() => trap));
    });

    it('a skipped check leaves good accesses alone and is noticed at bad ones', () => {
      const options = { isa, templates: skipped(isa) };
      expect(outcomes(module, inBounds, options)).toEqual(reference(module, inBounds));
      expect(outcomes(module, outOfBounds, options)).not.toContain(trap);
    });
  });

  it('an exact check that always returns is noticed', () => {
    const options = { isa, templates: neverTraps(isa) };
    expect(outcomes(growing, inBounds, options)).toEqual(reference(growing, inBounds));
    expect(outcomes(growing, outOfBounds, options)).not.toContain(trap);
  });
});

/** Native code, the interpreter in ROM and both together beside the reference interpreter: equal where it is right, and where it is not, found. */
import { describe, expect, it } from '@jest/globals';
import { caseOfSeed, parseFeatures } from '@fireball/differential';
import { assembleText, debuggedEngineNames, decodeInput, importPolicy } from '@fireball/engines';
import { loadTemplates } from '@fireball/jit';
import { withFolder } from '@fireball/testkit';
import { compareTraces, formatComparison } from './compare.js';

const options = { fuel: 200_000, maxPages: 32, hot: [3, 6] as const, compileCost: 10 };

it('random modules on all engines that are followed', () => {
  const features = parseFeatures('full');
  let compared = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const { bytes, calls } = caseOfSeed('own', seed, features)!;
    const loaded = decodeInput(`seed ${seed}`, bytes);
    const [call] = calls;
    if (call === undefined) continue;
    const imports = importPolicy('seeded', 1);
    const result = compareTraces({ loaded, entry: call.function, args: call.args, options: { ...options, imports } }, debuggedEngineNames, undefined);
    expect({ seed, difference: result.difference }).toEqual({ seed, difference: null });
    compared += Object.values(result.compared).reduce((sum, count) => sum + count);
  }
  expect(compared).toBeGreaterThan(500);
});

const text = `(module (memory 1) (global $g (mut i64) (i64.const 0))
  (func $mix (param i32 i32) (result i32) (local i64)
    (local.set 2 (i64.mul (i64.extend_i32_u (local.get 0)) (i64.extend_i32_u (local.get 1))))
    (global.set $g (local.get 2))
    (i32.store offset=8 (i32.const 0) (i32.mul (local.get 0) (local.get 1)))
    (i32.wrap_i64 (i64.shr_u (local.get 2) (i64.const 32))))
  (func (export "run") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (call $mix (local.get 0) (i32.const 0x90000001))))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "trap") (param i32) (result i32) (i32.load offset=65534 (i32.div_u (local.get 0) (local.get 0)))))`;

describe.each([
  { what: 'an unsigned product that is signed', template: 'umull', from: 'a0fb0000', to: '80fb0000', finds: /i64\.mul +\[5 2415919105\]/ },
  { what: 'words that are bytes', template: 'ldst_word_n', from: '0060', to: '0070', finds: /global 0: expected 12079595525, thumb2 has 0/ },
  {
    what: 'a product that is a union',
    template: 'mul_rrr',
    from: '00fb00f0',
    to: '40ea0000',
    finds: /i32\.store.*\n=> .*\n +memory 0 at 0xb: expected 0xd0, thumb2 has 0x90/,
  },
])('a planted bug: $what', ({ template, from, to, finds }) => {
  it.each(['thumb2', 'vsoc-thumb2'])('is found on %s', async (engine) => {
    const set = JSON.parse(JSON.stringify(loadTemplates('thumb2').json)) as { templates: { template_id: string; bytes: string }[] };
    const planted = set.templates.find(({ template_id }) => template_id === template);
    expect(planted?.bytes).toBe(from);
    planted!.bytes = to;
    const loaded = decodeInput('mix.wat', await assembleText('mix.wat', text));
    await withFolder({ 'thumb2.json': JSON.stringify(set) }, (templates) => {
      const early = { ...options, hot: [1, 1] as const, templates };
      const result = compareTraces({ loaded, entry: 'run', args: [{ type: 'i32', value: 5 }], options: early }, [engine], undefined);
      expect(result.difference?.engine).toBe(engine);
      // In mixed mode code comes in the middle of the call, and the first difference may be another.
      if (engine === 'thumb2') expect(formatComparison(result)).toMatch(finds);
    });
  });
});

it.each([
  [0, 'integer divide by zero'],
  [3, 'out of bounds memory access'],
])('a trap ends both (%i)', async (value, trap) => {
  const loaded = decodeInput('mix.wat', await assembleText('mix.wat', text));
  const result = compareTraces({ loaded, entry: 'trap', args: [{ type: 'i32', value }], options }, debuggedEngineNames, undefined);
  expect(result.difference).toBeNull();
  expect(result.end).toContain(trap);
});

import type { Isa } from '@fireball/contracts';
import { explain, explainOn, formatExplanation, type Explanation } from '@fireball/differential';
import { assembleText, decodeInput, engineNamed, engines, type LoadedModule } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { targets } from '../testing/native.js';
import { planter, type Holes } from './planted.js';
import { rows, text, type Row } from './rows.js';

const limits = { fuel: 1_000_000, maxPages: 16 };
let loaded: LoadedModule;
beforeAll(async () => {
  loaded = decodeInput('planted.wat', await assembleText('planted.wat', text));
});

const indexOf = (name: string): number => loaded.module.exports.find((entry) => entry.name === name)?.index ?? -1;
const i32 = (value: number): Value => ({ type: 'i32', value });

function divergence(explanation: Explanation): Explanation & { kind: 'divergence' } {
  if (explanation.kind !== 'divergence') throw new RangeError(explanation.reason);
  return explanation;
}

async function explained(isa: Isa, row: Row) {
  const index = indexOf(row.function);
  const { verifier, planted } = planter(isa, row.inside ?? index, row.plant[isa]);
  const explanation = await explain(loaded, isa, [{ index, args: row.args.map(i32) }], limits, { verifier });
  return { explanation: divergence(explanation), planted: planted() };
}

describe.each(targets)('planted faults on %s', (isa) => {
  it.each(rows)('$fault: named', async (row) => {
    const { explanation, planted } = await explained(isa, row);
    const [first] = explanation.differences;
    expect({
      function: explanation.instruction.function.index,
      instruction: explanation.instruction.text,
      inPrologue: explanation.inPrologue,
      kind: first?.kind,
      what: first?.what.includes(row.what ?? ''),
    }).toEqual({
      function: row.inside ?? indexOf(row.function),
      instruction: row.instruction,
      inPrologue: row.inPrologue ?? false,
      kind: row.kind,
      what: true,
    });
    expect(explanation.sites.map(({ template, address, wasmOffset }) => ({ template, address, wasmOffset }))).toContainEqual(planted);
    expect(first?.expected).not.toBe(first?.actual);
    const lines = formatExplanation(explanation, isa).join('\n');
    for (const part of [row.instruction, planted.template, first?.what ?? '', planted.address.toString(16).padStart(8, '0')]) expect(lines).toContain(part);
  });
});

const asking = `(module (import "env" "f" (func $f (param i32 i32) (result i32)))
  (func (export "ask") (param i32) (result i32) (i32.add (call $f (local.get 0) (i32.const 5)) (i32.const 1))))`;
/** The second argument becomes 6. */
const wrongArgument = {
  thumb2: { template: /^mov_ri8_n$/, change: (holes: Holes) => ({ ...holes, imm: 6 }) },
  rv32: { template: /^c_li$/, change: (holes: Holes) => ({ ...holes, imm: 6 }) },
} as const;

it.each(targets)('a wrong argument of a function of the host is named on %s', async (isa) => {
  const { verifier } = planter(isa, 1, wrongArgument[isa]);
  const module = decodeInput('asking.wat', await assembleText('asking.wat', asking));
  const imports = { others: 'seeded', seed: 1 } as const;
  const calls = [{ index: 1, args: [i32(9)] }];
  expect(await explain(module, isa, calls, { ...limits, imports })).toMatchObject({ kind: 'none', reason: 'no difference at any instruction' });
  const explanation = divergence(await explain(module, isa, calls, { ...limits, imports }, { verifier }));
  expect(explanation.group.map(({ text: instruction }) => instruction)).toContain('call 0');
  expect(explanation.differences[0]).toMatchObject({
    kind: 'host call',
    expected: expect.stringContaining('env.f(i32 9 (0x00000009), i32 5 (0x00000005))'),
    actual: expect.stringContaining('env.f(i32 9 (0x00000009), i32 6 (0x00000006))'),
  });
});

const f64 = (value: bigint): Value => ({ type: 'f64', value });
const one = 0x3ff0000000000000n;
/** Cores on which f64 arithmetic is a routine. */
const withoutFpu = { thumb2: { cpu: 'cortex-m3' }, rv32: { cpu: 'rv32imc' } } as const;
/** Returns at once, whatever the operands are. */
const returns = { thumb2: [0x70, 0x47], rv32: [0x82, 0x82] } as const;

describe('an engine that cannot be followed', () => {
  const faultless = (engine: string): Promise<Explanation> => explainOn(engineNamed(engine), loaded, [{ index: indexOf('immediate'), args: [i32(1)] }], limits);

  it.each(engines.filter(({ native, mixedMode }) => !native && mixedMode !== true).map(({ name }) => name))(
    '%s is said to run no native code',
    async (engine) => {
      expect(formatExplanation(await faultless(engine), engine)).toEqual([
        `  no explanation: only native code of the JIT can be followed by instructions, and ${engine} runs none`,
      ]);
    },
  );

  it.each(targets)('vsoc-%s is said to differ from native code alone', async (isa) => {
    expect(await faultless(`vsoc-${isa}`)).toMatchObject({
      kind: 'none',
      reason: expect.stringMatching(
        new RegExp(`^vsoc-${isa} changes .*: ${isa} makes the same calls, and there is no difference at any instruction. The fault may`),
      ) as unknown,
    });
  });
});

const floating = `(module
  (func (export "f32") (param f32 f32) (result f32) (f32.mul (f32.add (local.get 0) (local.get 1)) (f32.sub (local.get 0) (local.get 1))))
  (func (export "f64") (param f64 f64) (result f64) (f64.mul (f64.add (local.get 0) (local.get 1)) (f64.sub (local.get 0) (local.get 1)))))`;

describe('operands in floating-point registers are compared: the instruction itself is named, not the one that moves its result', () => {
  it.each([
    { isa: 'thumb2', cpu: 'cortex-m4', type: 'f32', bits: 0x4040_0000n, template: /^vfp_rrr$/, source: 'sm', place: /^s\d+$/ },
    { isa: 'rv32', cpu: 'rv32imfdc', type: 'f32', bits: 0x4040_0000n, template: /^f_rrr$/, source: 'fs2', place: /^f\d+$/ },
    // Wrong in the upper word alone.
    { isa: 'rv32', cpu: 'rv32imfdc', type: 'f64', bits: 0x4008_0000_0000_0000n, template: /^d_rrr$/, source: 'fs2', place: /^f(\d+), f\1 \(upper word\)$/ },
  ] as const)('$type on $cpu', async ({ isa, cpu, type, bits, template, source, place }) => {
    const module = decodeInput('floating.wat', await assembleText('floating.wat', floating));
    const index = module.module.exports.find(({ name }) => name === type)!.index;
    const { verifier } = planter(isa, index, { template, change: (holes) => ({ ...holes, [source]: Number(holes[source === 'sm' ? 'sn' : 'fs1']) }) });
    const calls = [
      {
        index,
        args:
          type === 'f32'
            ? [
                { type, value: Number(bits) },
                { type, value: 0x3f80_0000 },
              ]
            : [
                { type, value: bits },
                { type, value: one },
              ],
      },
    ];
    expect(await explain(module, isa, calls, { ...limits, cpu })).toMatchObject({ kind: 'none', reason: 'no difference at any instruction' });
    const explanation = divergence(await explain(module, isa, calls, { ...limits, cpu }, { verifier }));
    expect(explanation.instruction.text).toBe(`${type}.add`);
    expect(explanation.differences).toMatchObject([{ kind: 'operand', what: 'operand 0 of 1', place: expect.stringMatching(place) as unknown }]);
  });
});

describe.each(targets)('beside planted faults on %s', (isa) => {
  it('a faulty ROM routine is named, and the template that calls it', async () => {
    const index = indexOf('double');
    const faults = {
      damageRom: ({ code, base, entries }: { code: Uint8Array; base: number; entries: ReadonlyMap<string, number> }) => {
        code.set(returns[isa], (entries.get('f64.add') ?? 0) - base);
      },
    };
    const explanation = divergence(await explain(loaded, isa, [{ index, args: [f64(one), f64(one)] }], { ...limits, ...withoutFpu[isa] }, { faults }));
    expect(explanation.instruction.text).toBe('f64.add');
    expect(explanation.routines.map(({ name }) => name)).toEqual(['f64.add']);
    const target = explanation.routines[0]?.address ?? 0;
    expect(explanation.sites.some(({ holes, address }) => address + Number(holes['target']) === target)).toBe(true);
  });

  it('code without a fault has no difference', async () => {
    for (const row of rows) {
      const explanation = await explain(loaded, isa, [{ index: indexOf(row.function), args: row.args.map(i32) }], limits);
      expect({ row: row.function, explanation }).toEqual({ row: row.function, explanation: { kind: 'none', reason: 'no difference at any instruction' } });
    }
  });

  it('what an earlier call left behind is looked for in that call', async () => {
    const index = indexOf('global');
    const row = rows.find((candidate) => candidate.function === 'global') as Row;
    const { verifier } = planter(isa, index, row.plant[isa]);
    const calls = [
      { index, args: [i32(9)] },
      { index: indexOf('immediate'), args: [i32(1)] },
    ];
    const explanation = divergence(await explain(loaded, isa, calls, limits, { verifier }));
    expect(explanation).toMatchObject({ call: { function: 'global' }, instruction: { text: 'global.set 0' } });
  });
});

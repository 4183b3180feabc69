/** What the location map says is where locals and operands are, at every boundary between instructions: native code and reference in lockstep. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { caseOfSeed, explain, formatExplanation, parseFeatures, type Explanation } from '@fireball/differential';
import { decodeInput, loadModule, type LoadedModule } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { expect, it } from '@jest/globals';
import { root } from './testing/fireball.js';

const kernels = join(root, 'packages', 'kernels', 'data', 'wasm');

/** LOCKSTEP_MODULES takes more, LOCKSTEP_SEED others. */
const modules = Number.parseInt(process.env['LOCKSTEP_MODULES'] ?? '12', 10);
const seed = Number.parseInt(process.env['LOCKSTEP_SEED'] ?? '1', 10);
/** Cores by where operands may lie: general registers alone, singles in floating-point registers, doubles too. */
const cores = [
  { isa: 'thumb2', cpu: 'cortex-m3', compiler: 'optimizing' },
  { isa: 'thumb2', cpu: 'cortex-m4', compiler: 'optimizing' },
  { isa: 'thumb2', cpu: 'cortex-m4', compiler: 'baseline' },
  { isa: 'rv32', cpu: 'rv32imc', compiler: 'optimizing' },
  { isa: 'rv32', cpu: 'rv32imfdc', compiler: 'optimizing' },
  { isa: 'rv32', cpu: 'rv32imfdc', compiler: 'baseline' },
] as const;

type Core = (typeof cores)[number];
const equal = 'no difference at any instruction';

type Reason = Extract<Explanation, { kind: 'none' }>['reason'];

/** Why nothing more was found; fails where something was. */
async function followed(loaded: LoadedModule, { isa, cpu, compiler }: Core, index: number, args: readonly Value[], fuel: number): Promise<Reason> {
  const explanation = await explain(loaded, isa, [{ index, args }], { fuel, maxPages: 32, cpu, compiler });
  if (explanation.kind === 'none') return explanation.reason;
  throw new Error(`${loaded.file}, ${explanation.call.function}: ${formatExplanation(explanation, isa).join('\n')}`);
}

it.each(cores)(
  'random modules on $cpu, $compiler',
  async (core) => {
    const features = parseFeatures('full');
    let equals = 0;
    for (let at = seed; at < seed + modules; at++) {
      const { bytes, calls } = caseOfSeed('own', at, features)!;
      const loaded = decodeInput(`seed ${at}`, bytes);
      for (const call of calls.slice(0, 4)) {
        const { index } = loaded.module.exports.find(({ name }) => name === call.function)!;
        if ((await followed(loaded, core, index, call.args, 20_000)) === equal) equals++;
      }
    }
    // Some are out of fuel or stack, or trap as they start.
    expect(equals).toBeGreaterThan(modules);
  },
  60_000 + modules * 10_000,
);

it.each(cores)(
  'kernels on $cpu, $compiler',
  async (core) => {
    for (const name of readdirSync(kernels)) {
      const loaded = await loadModule(join(kernels, name));
      const { index } = loaded.module.exports.find((entry) => entry.name === 'run')!;
      expect({ name, reason: await followed(loaded, core, index, [], 15_000) }).toMatchObject({
        name,
        reason: expect.stringMatching(/no difference|fuel/),
      });
    }
  },
  300_000,
);

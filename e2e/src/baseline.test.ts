/** What the baseline compiler makes, by everything that judges code: the corpus, the kernels, the official suite, and deep verification. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { assembleText, nativeEngines } from '@fireball/engines';
import { corpus } from '../corpus/index.js';
import { runRow } from '../corpus/run.js';
import { describeWithSuite, fireball, root, suite } from './testing/fireball.js';

const kernels = join(root, 'packages', 'kernels', 'data');
const files = ['wasm', join('wide', 'wasm')].flatMap((folder) => readdirSync(join(kernels, folder)).map((name) => join(kernels, folder, name)));

const assembled = new Map<string, Promise<Uint8Array>>();

/** Each module is assembled once for all engines. */
function assemble(wat: string): Promise<Uint8Array> {
  const bytes = assembled.get(wat) ?? assembleText('row.wat', wat);
  assembled.set(wat, bytes);
  return bytes;
}

describe.each(nativeEngines)('baseline code on $name', (engine) => {
  describe.each(corpus)('corpus: $name', ({ rows }) => {
    it.each(rows)('$name', async (row) => {
      expect(await runRow(row, engine, assemble, { compiler: 'baseline' })).toEqual([]);
    });
  });
});

it('runs all kernels as the reference does, and deep verification accepts it', () => {
  const { status, stdout } = fireball(['diff', ...files, '--compiler', 'baseline', '--verify', 'deep', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ modules: files.length, calls: files.length, mismatches: 0, inconclusive: 0, fallbacks: 0, failures: [] });
  expect(status).toBe(0);
}, 120_000);

it.each(['vsoc-thumb2', 'vsoc-rv32'])(
  'takes the place of interpreted code on %s, in the middle of loops, compiled on the device',
  (engine) => {
    const { status, stdout } = fireball(['diff', ...files, '--engines', engine, '--compiler', 'baseline', '--hot', '8,16', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ calls: files.length, mismatches: 0, inconclusive: 0, failures: [] });
    expect(status).toBe(0);
    const coremark = fireball([
      'run',
      files.find((file) => file.includes('coremark'))!,
      '--engine',
      engine,
      '--compiler',
      'baseline',
      '--invoke',
      'run',
      '--json',
    ]);
    const { stats } = JSON.parse(coremark.stdout) as {
      readonly stats: { readonly nativeInstructions: number; readonly tier: Readonly<Record<string, number>> };
    };
    expect(stats.nativeInstructions).toBeGreaterThan(500_000);
    expect(stats.tier['compilations']).toBeGreaterThan(5);
    expect(stats.tier['replacements']).toBeGreaterThan(0);
  },
  240_000,
);

describeWithSuite('the official suite', () => {
  it.each([
    { engine: 'thumb2', options: [] },
    { engine: 'rv32', options: ['--misaligned', 'split', '--sandbox'] },
    { engine: 'thumb2', options: ['--cpu', 'cortex-m33', '--safepoints'] },
    { engine: 'rv32', options: ['--cpu', 'rv32imfdc', '--safepoints'] },
  ])(
    'passes on $engine with baseline code $options',
    ({ engine, options }) => {
      const { status, stdout } = fireball(['spec', suite, '--engines', `interp,${engine}`, '--compiler', 'baseline', ...options, '--json']);
      const { engines, failures } = JSON.parse(stdout) as { readonly engines: Readonly<Record<string, object>>; readonly failures: readonly object[] };
      expect(failures).toEqual([]);
      expect(engines[engine]).toEqual(engines['interp']);
      expect(status).toBe(0);
    },
    120_000,
  );
});

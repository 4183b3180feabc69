import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fireball, root } from './testing/fireball.js';

type Baselines = Record<string, { checksum: string }>;

const kernels = join(root, 'packages', 'kernels', 'data');
const baselines = JSON.parse(readFileSync(join(kernels, 'baselines.json'), 'utf8')) as Baselines;
const wide = JSON.parse(readFileSync(join(kernels, 'wide', 'baselines.json'), 'utf8')) as Baselines;

const names = Object.keys(baselines);
const wasm = (name: string): string => join(kernels, 'wasm', `${name}.wasm`);

describe('the kernels', () => {
  it('agree on all engines, with every function compiled and code executed', () => {
    const { status, stdout } = fireball(['diff', ...names.map(wasm), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      modules: names.length,
      calls: names.length,
      mismatches: 0,
      inconclusive: 0,
      fallbacks: 0,
      engines: ['interp', 'v8', 'thumb2', 'rv32'],
      failures: [],
    });
    expect(status).toBe(0);
  }, 60_000);

  // Their checksums on both targets are checked by `bench kernels --check`.
  it('of the wide set agree as well, and deep verification accepts their code', () => {
    const files = Object.keys(wide).map((name) => join(kernels, 'wide', 'wasm', `${name}.wasm`));
    const { status, stdout } = fireball(['diff', ...files, '--verify', 'deep', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ modules: files.length, calls: files.length, mismatches: 0, inconclusive: 0, fallbacks: 0, failures: [] });
    expect(status).toBe(0);
  }, 60_000);

  it.each(['vsoc-interp-thumb2', 'vsoc-interp-rv32'])(
    'agree on %s, interpreted in ROM and nothing compiled',
    (engine) => {
      const { status, stdout } = fireball(['diff', ...names.map(wasm), '--engines', engine, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ calls: names.length, mismatches: 0, inconclusive: 0, fallbacks: 0, engines: ['interp', engine] });
      expect(status).toBe(0);
    },
    60_000,
  );

  it.each(['vsoc-thumb2', 'vsoc-rv32'])(
    'agree on %s, whatever goes wrong on the way to native code',
    (engine) => {
      const failures = [
        'compile-abort:2',
        'missing-template',
        'bad-patch',
        'crc:2',
        'queue-full:2',
        'cache-full',
        'verify-fail',
        'stale-icache:2',
        'no-memory,worker-fault:2',
      ];
      for (const inject of [[], ...failures.map((kind) => ['--inject', kind])]) {
        const { status, stdout } = fireball(['diff', ...names.map(wasm), '--engines', engine, ...inject, '--json']);
        expect(JSON.parse(stdout)).toMatchObject({ calls: names.length, mismatches: 0, inconclusive: 0, engines: ['interp', engine] });
        expect(status).toBe(0);
      }
    },
    240_000,
  );

  it.each(names.flatMap((name) => ['thumb2', 'rv32'].map((engine) => ({ name, engine }))))(
    '$name on $engine returns its checksum and says what it cost',
    ({ name, engine }) => {
      const { stdout } = fireball(['run', wasm(name), '--engine', engine, '--json']);
      const { results, trap, stats } = JSON.parse(stdout) as { results: { value: string }[]; trap: null; stats: Record<string, number> };
      expect((Number(results[0]?.value) >>> 0).toString(16).padStart(8, '0')).toBe(baselines[name]?.checksum);
      expect(trap).toBeNull();
      expect(stats['nativeInstructions']).toBeGreaterThan(0);
      expect(stats['instructions']).toBeGreaterThanOrEqual(stats['nativeInstructions']!);
      expect(stats['codeBytes']).toBeGreaterThan(0);
      expect(stats['templateBytes']).toBeGreaterThan(0);
      expect(stats['fallbacks']).toBe(0);
    },
    30_000,
  );
});

describe('without libunicorn', () => {
  // Node refuses to load any native addon, as the dynamic linker does where the library is missing.
  const noAddons = ['--no-addons'];

  it.each([['run', '--engine', 'thumb2'], ['diff'], ['demo']])('%s: one line with what to type, and exit status 69', (command, ...options) => {
    const { status, stdout, stderr } = fireball([command, ...(command === 'demo' ? [] : [wasm('fib')]), ...options], noAddons);
    expect(stderr).toMatch(/^fireball: libunicorn is missing: .*libunicorn-dev.*\n$/);
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
  });

  it('the reference interpreter works', () => {
    expect(fireball(['run', wasm('fib')], noAddons)).toMatchObject({ status: 0, stderr: '' });
  });
});

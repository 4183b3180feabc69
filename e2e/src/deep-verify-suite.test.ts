import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeWithSuite, fireball, root, suite } from './testing/fireball.js';

describeWithSuite('--verify deep on the official test suite', () => {
  it('accepts every function of every module, on the smallest core of each target', () => {
    const { status, stdout } = fireball(['spec', suite, '--engines', 'thumb2,rv32', '--cpu', 'cortex-m3,rv32imc', '--verify', 'deep', '--json']);
    const { engines, failures } = JSON.parse(stdout) as { engines: Record<string, { failed: number; passed: number }>; failures: unknown[] };
    expect(failures).toEqual([]);
    for (const engine of ['thumb2', 'rv32']) expect(engines[engine]?.passed).toBeGreaterThan(20_000);
    expect(status).toBe(0);
  }, 240_000);
});

describe('--verify', () => {
  const kernel = join(root, 'packages/kernels/data/wasm/crc32.wasm');

  it('deep changes no result', () => {
    const run = (level: string): string => fireball(['run', kernel, '--engine', 'thumb2', '--verify', level, '--json']).stdout;
    expect(run('deep')).toBe(run('structural'));
  });

  it('refuses other levels', () => {
    expect(fireball(['run', kernel, '--verify', 'none']).status).toBe(2);
  });
});

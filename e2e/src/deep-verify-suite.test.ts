import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** A part of the official test suite; it is not part of this repository. */
const suite = process.env['WASM_TESTSUITE'] ?? join(root, '..', 'shared', 'wasm-testsuite');
const withSuite = existsSync(suite) ? describe : describe.skip;

function fireball(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'packages/cli/dist/main.js'), ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
}

withSuite(`--verify deep on the official test suite (${existsSync(suite) ? suite : 'skipped: not found; WASM_TESTSUITE may name its folder'})`, () => {
  it('accepts every function of every module, on the smallest core of each target', () => {
    const { status, stdout } = fireball('spec', suite, '--engines', 'thumb2,rv32', '--cpu', 'cortex-m3,rv32imc', '--verify', 'deep', '--json');
    const { engines, failures } = JSON.parse(stdout) as { engines: Record<string, { failed: number; passed: number }>; failures: unknown[] };
    expect(failures).toEqual([]);
    for (const engine of ['thumb2', 'rv32']) expect(engines[engine]?.passed).toBeGreaterThan(20_000);
    expect(status).toBe(0);
  }, 240_000);
});

describe('--verify', () => {
  const kernel = join(root, 'e2e/kernels/wasm/crc32.wasm');

  it('deep changes no result', () => {
    const run = (level: string): string => fireball('run', kernel, '--engine', 'thumb2', '--verify', level, '--json').stdout;
    expect(run('deep')).toBe(run('structural'));
  });

  it('refuses other levels', () => {
    expect(fireball('run', kernel, '--verify', 'none').status).toBe(2);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

const kernel = join(repositoryRoot, 'packages/kernels/data/wasm/qsort.wasm');

describe('--workers', () => {
  it.each(['thumb2', 'rv32'])('changes what is compiled when, and no result, on %s', (isa) => {
    // On the program's own core the first function is made before a second one is asked for.
    const run = ['run', kernel, '--engine', `vsoc-${isa}`, '--worker-core', 'own', '--json'];
    const [one, two] = ['1', '2'].map((workers) => documentOf(runCli([...run, '--workers', workers])));
    expect(two?.['results']).toEqual(one?.['results']);
    expect(two?.['stats']).not.toEqual(one?.['stats']);
  });

  it.each(['0', '3', 'many'])('refuses %s', (workers) => {
    expect(runCli(['run', kernel, '--workers', workers])).toMatchObject({ status: 2, stderr: `fireball: --workers is 1 or 2, not '${workers}'\n` });
  });
});

describe('--code-memory', () => {
  const manyFunctions = `(module ${'(func)'.repeat(150)} (func (export "run") (result i32) (i32.const 7)))`;

  it.each(['thumb2', 'rv32'])('is a limit on %s, and named where it is too little', async (isa) => {
    await withFolder({ 'many.wat': manyFunctions }, (folder) => {
      const run = (size: string): ReturnType<typeof runCli> => runCli(['run', join(folder, 'many.wat'), '--engine', isa, '--code-memory', size]);
      expect(run('8K').status).toBe(0);
      const refused = run('4K');
      expect(refused.status).toBe(65);
      expect(refused.stderr).toMatch(/code memory of 4096 bytes is full: .*--code-memory/);
    });
  });

  it.each(['0', '5000', '4G', 'much'])('refuses %s', (size) => {
    const { status, stderr } = runCli(['run', kernel, '--code-memory', size]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--code-memory.*multiple of 4096/);
  });
});

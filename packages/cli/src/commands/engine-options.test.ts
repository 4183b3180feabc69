import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentOf, runCli } from '@fireball/testkit';
import { repositoryRoot } from '../paths.js';

const kernel = join(repositoryRoot, 'e2e/kernels/wasm/qsort.wasm');

describe('--workers', () => {
  it.each(['thumb2', 'rv32'])('changes what is compiled when, and no result, on %s', (isa) => {
    const [one, two] = ['1', '2'].map((workers) => documentOf(runCli(['run', kernel, '--engine', `vsoc-${isa}`, '--workers', workers, '--json'])));
    expect(two?.['results']).toEqual(one?.['results']);
    expect(two?.['stats']).not.toEqual(one?.['stats']);
  });

  it.each(['0', '3', 'many'])('refuses %s', (workers) => {
    expect(runCli(['run', kernel, '--workers', workers])).toMatchObject({ status: 2, stderr: `fireball: --workers is 1 or 2, not '${workers}'\n` });
  });
});

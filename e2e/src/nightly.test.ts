import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const script = fileURLToPath(new URL('../../.ci/nightly', import.meta.url));

it.each([
  { args: ['--minutes', 'x'], problem: "--minutes: 'x' is no number of 0.1 or more" },
  { args: ['--minutes', '0.05'], problem: "--minutes: '0.05' is no number of 0.1 or more" },
  { args: ['--seed', '-1'], problem: "--seed: '-1' is no whole number" },
  { args: ['--only', 'rom,moon'], problem: "--only: there is no part 'moon'" },
  { args: ['--only', ''], problem: '--only names no part' },
  { args: ['--only'], problem: '--only needs a value' },
  { args: ['--fast', '1'], problem: 'unknown option --fast' },
])('nightly refuses $args', ({ args, problem }) => {
  const { status, stdout, stderr } = spawnSync(script, args, { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^nightly: .*\nusage: /);
  expect(stderr).toContain(`nightly: ${problem}\n`);
});

it('nightly explains itself', () => {
  const { status, stdout } = spawnSync(script, ['--help'], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('of fuzz,lockstep,positions,attack,mutation,rom,properties,modules,memory,misuse,hostile,firmware,images,gdb,dap (default: all)');
});

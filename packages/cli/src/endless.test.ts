/** Code that does not end, and comparisons that say nothing. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import { loadTemplates } from '@fireball/jit';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

const mean = `(module (func $mean (export "run") (param i32 i32) (result i32)
  (i32.shr_s (i32.mul (i32.sub (local.get 1) (local.get 0)) (i32.add (local.get 0) (i32.const 7))) (i32.const 1))))`;

/** The template of a subtraction, and an instruction that branches to itself: `b.n .`, `c.j .`. */
const looping = { thumb2: { template: 'addsub_rrr_n', branch: 'fee7' }, rv32: { template: 'alu_rrr', branch: '01a0' } } as const;
const isas: readonly Isa[] = ['thumb2', 'rv32'];

/** The built-in set with a branch to itself in front of one template. */
function loopingSet(isa: Isa): string {
  const { template, branch } = looping[isa];
  const set = JSON.parse(JSON.stringify(loadTemplates(isa).json)) as {
    templates: { template_id: string; size: number; bytes: string; patch_points: { offset: number }[] }[];
  };
  const found = set.templates.find(({ template_id }) => template_id === template)!;
  found.bytes = branch + found.bytes;
  found.size += branch.length / 2;
  for (const point of found.patch_points) point.offset += branch.length / 2;
  return JSON.stringify(set);
}

const sets = Object.fromEntries(isas.map((isa) => [`${isa}.json`, loopingSet(isa)]));

describe.each(isas)('a template of %s that branches to itself', (isa) => {
  const endless = { actual: expect.stringMatching(/^does not end within [0-9,]+ instructions, where the reference took 10 wasm instructions$/) as unknown };

  it('is a mismatch, explained by instruction and template', () =>
    withFolder({ 'mean.wat': mean, ...sets }, (folder) => {
      const run = runCli(['diff', join(folder, 'mean.wat'), '--engines', isa, '--templates', folder, '--explain', '--calls', '4', '--json']);
      expect(run).toMatchObject({ status: 1, stderr: '' });
      expect(documentOf(run)).toMatchObject({ calls: 4, mismatches: 4, inconclusive: 0 });
      const [first] = documentOf(run)['failures'] as object[];
      expect(first).toMatchObject({
        ...endless,
        explanation: { kind: 'divergence', instruction: { text: 'i32.sub' }, sites: [{ template: looping[isa].template }] },
      });
    }));

  it('is a mismatch in mixed mode, explained by what native code alone does', () =>
    withFolder({ 'mean.wat': mean, ...sets }, (folder) => {
      const mixed = ['--hot', '0,0', '--compile-cost', '0', '--calls', '8'];
      const run = runCli(['diff', join(folder, 'mean.wat'), '--engines', `vsoc-${isa}`, '--templates', folder, ...mixed, '--explain', '--json']);
      expect(run).toMatchObject({ status: 1, stderr: '' });
      expect(documentOf(run)).toMatchObject({
        calls: 8,
        inconclusive: 0,
        failures: expect.arrayContaining([expect.objectContaining({ engine: `vsoc-${isa}`, ...endless })]) as unknown,
      });
      const [first] = documentOf(run)['failures'] as object[];
      expect(first).toMatchObject({
        explanation: { kind: 'divergence', engine: isa, instruction: { text: 'i32.sub' }, sites: [{ template: looping[isa].template }] },
      });
    }));

  it('is found and reduced by fuzz', () =>
    withFolder(sets, (folder) => {
      const run = runCli([
        'fuzz',
        '--runs',
        '1',
        '--seed',
        '40',
        '--jobs',
        '1',
        '--engines',
        isa,
        '--templates',
        folder,
        '--corpus',
        join(folder, 'corpus'),
        '--json',
      ]);
      expect(run).toMatchObject({ status: 1 });
      const failures = documentOf(run)['failures'] as { kind: string; actual: string }[];
      expect(failures.filter(({ kind, actual }) => kind === 'mismatch' && actual.startsWith('does not end within')).length).toBeGreaterThan(0);
    }));

  it('is a failure of a script', () =>
    withFolder({ ...sets, 'mean.wast': `${mean}\n(assert_return (invoke "run" (i32.const 3) (i32.const 11)) (i32.const 40))\n` }, (folder) => {
      const run = runCli(['spec', join(folder, 'mean.wast'), '--engines', isa, '--templates', folder]);
      expect(run).toMatchObject({ status: 1 });
      expect(run.stdout).toMatch(/expected i32 40, got does not end within [0-9,]+ instructions, where the reference took 10 wasm instructions/);
    }));
});

describe('a call that does not end', () => {
  const endless = '(module (func (export "run") (loop (br 0))))';

  // V8 gets at least 10 s.
  it.each(['interp', 'thumb2', 'rv32', 'vsoc-interp-thumb2', 'vsoc-rv32', 'v8'])(
    'by itself on %s',
    (engine) =>
      withFolder({ 'endless.wat': endless }, (folder) => {
        expect(runCli(['run', join(folder, 'endless.wat'), '--engine', engine, '--fuel', '1000'])).toMatchObject({
          status: 1,
          stdout: expect.stringContaining('trap: out of fuel') as unknown,
        });
      }),
    60_000,
  );
});

describe('calls that say nothing', () => {
  const half = `(module (func (export "endless") (loop (br 0))) (func $deep (export "deep") (call $deep))
    (func (export "one") (result i32) (i32.const 1)) (func (export "two") (result i32) (i32.const 2)))`;

  it.each([
    { allowed: [], status: 1 },
    { allowed: ['--max-inconclusive', '49.9'], status: 1 },
    { allowed: ['--max-inconclusive', '50'], status: 0 },
  ])('are a failure of diff beyond a share: $allowed', ({ allowed, status }) =>
    withFolder({ 'half.wat': half }, (folder) => {
      const run = runCli(['diff', join(folder, 'half.wat'), '--fuel', '100000', ...allowed]);
      expect(run).toMatchObject({ status, stderr: '' });
      expect(run.stdout).toContain('0 mismatches, 2 inconclusive');
      expect(run.stdout.includes('2 of 4 calls are inconclusive (50 %')).toBe(status === 1);
    }),
  );

  it('are a failure of fuzz beyond a share', () =>
    withFolder({}, (folder) => {
      const fuzz = (allowed: string) =>
        runCli(['fuzz', '--runs', '20', '--jobs', '1', '--engines', 'v8', '--fuel', '10', '--corpus', join(folder, 'corpus'), '--max-inconclusive', allowed]);
      expect(fuzz('5')).toMatchObject({
        status: 1,
        stdout: expect.stringMatching(/of 20 cases are inconclusive \([0-9]+ %, at most 5 % are allowed/) as unknown,
      });
      expect(fuzz('100')).toMatchObject({ status: 0, stdout: expect.not.stringContaining('--max-inconclusive') as unknown });
    }));

  it.each(['-1', '101', 'many', ''])('are not allowed by a share of %j', (share) =>
    withFolder({ 'half.wat': half }, (folder) => {
      expect(runCli(['diff', join(folder, 'half.wat'), `--max-inconclusive=${share}`])).toMatchObject({ status: 2 });
    }),
  );
});

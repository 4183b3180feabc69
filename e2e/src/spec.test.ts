import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeWithSuite, fireball, root, suite, type FireballRun } from './testing/fireball.js';

interface SpecDocument {
  readonly engines: Readonly<Record<string, Readonly<Record<'passed' | 'failed' | 'skipped' | 'known', number>>>>;
  readonly failures: readonly { readonly file: string; readonly line: number; readonly engine: string; readonly message: string }[];
}

const spec = (...args: readonly string[]): FireballRun => fireball(['spec', ...args]);

describeWithSuite('the official test suite', () => {
  it('passes on the reference interpreter and on V8', () => {
    const { status, stdout, stderr } = spec(suite, '--engines', 'interp,v8', '--json');
    const { engines, failures } = JSON.parse(stdout) as SpecDocument;
    expect(failures).toEqual([]);
    expect(Object.keys(engines)).toEqual(['interp', 'v8']);
    for (const { passed, failed, known } of Object.values(engines)) {
      expect({ failed, known }).toEqual({ failed: 0, known: 0 });
      expect(passed).toBeGreaterThan(20_000);
    }
    expect(engines['interp']).toEqual(engines['v8']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each(['thumb2', 'rv32', 'vsoc-interp-thumb2', 'vsoc-interp-rv32'])(
    'passes on %s',
    (engine) => {
      const { status, stdout } = spec(suite, '--engines', `interp,${engine}`, '--json');
      const { engines, failures } = JSON.parse(stdout) as SpecDocument;
      expect(failures).toEqual([]);
      expect(engines[engine]).toEqual(engines['interp']);
      expect(status).toBe(0);
    },
    120_000,
  );

  it.each(['vsoc-thumb2', 'vsoc-rv32'])(
    'passes on %s, where functions become native, are evicted and replaced meanwhile',
    (engine) => {
      const { stdout } = spec(suite, '--engines', `interp,${engine}`, '--hot', '0,0', '--budget', '3072', '--json');
      const { engines, failures } = JSON.parse(stdout) as SpecDocument & {
        engines: Record<string, { tier?: Record<'compilations' | 'replacements' | 'evictions', number> }>;
      };
      expect(failures).toEqual([]);
      const { tier, ...counts } = engines[engine] ?? {};
      expect(counts).toEqual(engines['interp']);
      for (const count of [tier?.compilations, tier?.replacements, tier?.evictions]) expect(count).toBeGreaterThan(0);
    },
    240_000,
  );

  it('takes one folder or one script, and counts the same whatever the number of processes', () => {
    const engines = [[join(suite, 'address')], [join(suite, 'address'), '--jobs', '1'], [join(suite, 'address', 'address.json')]].map(
      (args) => (JSON.parse(spec(...args, '--engines', 'interp', '--json').stdout) as SpecDocument).engines,
    );
    expect(engines[0]!['interp']!.passed).toBeGreaterThan(0);
    expect(engines[1]).toEqual(engines[0]);
    expect(engines[2]).toEqual(engines[0]);
  }, 30_000);
});

describe('./fireball spec', () => {
  it.each([
    { args: ['no-such-folder'], status: 65, says: 'no-such-folder: cannot be read: no such file' },
    { args: [join(root, 'e2e', 'src')], status: 65, says: 'no .wast or .json file in this folder' },
    { args: [join(root, 'package.json')], status: 65, says: 'this is no output of wast2json' },
    { args: [root, '--engines', 'v9'], status: 2, says: "unknown engine 'v9'" },
    { args: [root, '--jobs', '0'], status: 2, says: 'at least 1' },
  ])('$args: exit status $status', ({ args, status, says }) => {
    const result = spec(...args);
    expect(result.stderr).toContain(says);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result).toMatchObject({ status, stdout: '' });
  });
});

/** Code whose branches are laid out by a profile does the same as any other, whatever the profile says. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runScript } from '@fireball/differential';
import { assembleText, engines, type Engine, type EngineOptions } from '@fireball/engines';
import type { BranchProfile } from '@fireball/jit';
import { corpus } from '../corpus/index.js';
import { runRow } from '../corpus/run.js';
import { describeWithSuite, suite } from './testing/fireball.js';

/** Each makes other regions cold. */
const profiles: readonly [string, BranchProfile][] = [
  ['every condition holds', () => ({ total: 1, isTrue: 1 })],
  ['no condition holds', () => ({ total: 1, isTrue: 0 })],
];
/** Some conditions hold, some do not. */
const mixture: BranchProfile = (offset) => ({ total: 1, isTrue: Math.imul(offset, 0x9e37_79b1) >>> 31 });

const natives = engines.filter(({ native }) => native);

function laidOut(engine: Engine, branches: BranchProfile): Engine {
  return { ...engine, createLinker: (options: EngineOptions) => engine.createLinker({ ...options, branches, verify: 'deep' }) };
}

describe.each(natives)('branch layout on $name', (engine) => {
  describe.each(profiles)('%s', (_name, branches) => {
    it.each(corpus)(
      'the corpus, deeply verified and watched: $name',
      async ({ rows }) => {
        const other = laidOut(engine, branches);
        for (const row of rows) {
          expect({ row: row.name, problems: await runRow(row, other, (wat) => assembleText('row.wat', wat)) }).toEqual({ row: row.name, problems: [] });
        }
      },
      120_000,
    );
  });
});

describeWithSuite('branch layout in the official test suite', () => {
  it.each(natives.map((engine) => laidOut(engine, mixture)))(
    '$name',
    async (engine) => {
      let passed = 0;
      for (const name of readdirSync(suite, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))) {
        const result = await runScript(join(suite, name), engine, { fuel: 1_000_000_000, maxPages: 1024 });
        expect({ name, failures: result.failures }).toEqual({ name, failures: [] });
        passed += result.passed;
      }
      expect(passed).toBeGreaterThan(20_000);
    },
    240_000,
  );
});

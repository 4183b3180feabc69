import { diffModule, emptyTotals } from '@fireball/differential';
import { decodeInput, engines } from '@fireball/engines';
import { describe, expect, it } from '@jest/globals';
import { fetchModules } from './modules/fetch.js';
import { publishedModules } from './modules/published.js';

/** A long run asks for all modules; every run has the small ones. */
const isLongRun = process.env['PUBLISHED_MODULES'] === 'all';
const wanted = publishedModules.filter(({ small }) => isLongRun || small === true);
const { modules, missing } = fetchModules(wanted);

const [reference, ...others] = engines;
/** Few wasm instructions for a call, and mixed mode compiles at once: what is wanted is breadth. */
const options = { fuel: 100_000, maxPages: 1024, calls: 2, seed: 1, imports: { others: 'seeded', seed: 1 }, hot: [2, 8] } as const;

async function agrees(file: string, bytes: Uint8Array): Promise<void> {
  const totals = emptyTotals();
  await diffModule(decodeInput(file, bytes), reference!, others, options, totals);
  process.stdout.write(`${file}: ${totals.functions} functions, ${totals.calls} calls, ${totals.inconclusive} inconclusive\n`);
  expect(totals).toMatchObject({ modules: 1, mismatches: 0, fallbacks: 0, failures: [] });
  expect(totals.calls).toBeGreaterThan(totals.inconclusive);
}

describe('modules of published packages behave the same on every engine, with stand-ins for their imports', () => {
  const rows = [...modules].map(([entry, bytes]) => ({ name: `${entry.package}: ${entry.path}`, bytes }));
  if (rows.length > 0) it.each(rows)('$name', ({ name, bytes }) => agrees(name, bytes), 1_800_000);
  const absent = wanted.length - modules.size;
  // A long run that lacks them has not done its work.
  const report = isLongRun ? it : it.skip;
  if (absent > 0) report(`${absent} modules are not there: ${missing ?? ''}`, () => expect(absent).toBe(0));
});

describe('the list', () => {
  it('is not fetched where nothing may be installed', () => {
    const before = process.env['FIREBALL_NO_INSTALL'];
    process.env['FIREBALL_NO_INSTALL'] = '1';
    try {
      const absent = { ...publishedModules[0]!, sha256: '0'.repeat(64) };
      expect(fetchModules([absent])).toEqual({ modules: new Map(), missing: 'FIREBALL_NO_INSTALL forbids downloads' });
    } finally {
      if (before === undefined) delete process.env['FIREBALL_NO_INSTALL'];
      else process.env['FIREBALL_NO_INSTALL'] = before;
    }
  });

  it('names each module once, in exact versions', () => {
    expect(publishedModules.length).toBeGreaterThanOrEqual(40);
    expect(new Set(publishedModules.map(({ sha256 }) => sha256)).size).toBe(publishedModules.length);
    for (const entry of publishedModules) expect(entry.package).toMatch(/^(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
  });
});

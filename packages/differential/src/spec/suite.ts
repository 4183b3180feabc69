import { statSync } from 'node:fs';
import { addTier, expandPaths, referenceEngine, type EngineOptions, type TierTotals } from '@fireball/engines';
import type { SpecJob } from './messages.js';
import { runJobs } from './pool.js';
import { scriptEndings, sourceName } from './script.js';
import type { SpecFailure } from './runner.js';

/** How the tests of the suite ended on one engine. */
export interface EngineCounts {
  passed: number;
  failed: number;
  /** Malformed tests in the text format. */
  skipped: number;
  /** Tests that failed as the list of known failures says; in none of the other counts. */
  known: number;
  /** What mixed mode did, in all scripts. */
  tier?: TierTotals;
}

/** Counters and failures of a run of the suite. */
export interface SuiteReport {
  readonly engines: Readonly<Record<string, EngineCounts>>;
  readonly failures: readonly SpecFailure[];
}

/**
 * Runs the scripts of a folder, or one script, on engines.
 * @param finished called with the number of finished jobs and of all
 */
export async function runSuite(
  path: string,
  engines: readonly string[],
  options: EngineOptions,
  width: number,
  finished: (count: number, all: number) => void,
): Promise<SuiteReport> {
  // The largest first, so that no worker is left alone with it at the end.
  const files = expandPaths([path], scriptEndings)
    .filter(isFirstForm)
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const others = engines.filter((engine) => engine !== referenceEngine.name);
  const all = files.length * (others.length + 1);
  // The reference runs in any case: the limits of all others come from what it took.
  const references = files.map((file): SpecJob => ({ file, engine: referenceEngine.name, options }));
  const expected = await runJobs(references, width, (count) => finished(count, all));
  const compared = files.flatMap((file, index) => {
    const result = expected[index]!;
    const reference = 'works' in result ? { reference: result.works } : {};
    return others.map((engine): SpecJob => ({ file, engine, options, ...reference }));
  });
  const actual = await runJobs(compared, width, (count) => finished(references.length + count, all));
  const counted = engines.includes(referenceEngine.name);
  const jobs = [...(counted ? references : []), ...compared];
  const results = [...(counted ? expected : []), ...actual];

  const counts: Record<string, EngineCounts> = Object.fromEntries(engines.map((engine) => [engine, { passed: 0, failed: 0, skipped: 0, known: 0 }]));
  const failures: SpecFailure[] = [];
  results.forEach((result, index) => {
    const { file, engine } = jobs[index]!;
    if ('signal' in result) {
      const message = `the engine crashed: its process ended with ${result.signal ?? `status ${result.code}`}`;
      failures.push({ file: sourceName(file), line: 0, engine, message });
      counts[engine]!.failed += 1;
      return;
    }
    failures.push(...result.failures);
    const total = counts[engine]!;
    total.passed += result.passed;
    total.failed += result.failures.length;
    total.skipped += result.skipped;
    total.known += result.known;
    if (result.tier !== undefined) total.tier = addTier(total.tier, result.tier);
  });
  failures.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return { engines: counts, failures };
}

/** Whether this is not a text beside which lies what wast2json made of it, as in folders of wabt. */
function isFirstForm(file: string, _: number, files: readonly string[]): boolean {
  return !file.endsWith('.wast') || !files.includes(file.replace(/\.wast$/, '.json'));
}

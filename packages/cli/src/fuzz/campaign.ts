import { join } from 'node:path';
import { decodeModule } from '@fireball/wasm';
import { encodeModule } from './encode.js';
import type { Engine, EngineOptions } from '../engines/engine.js';
import { addTier, type TierTotals } from '../engines/tier-totals.js';
import { documents, saveCase, type FuzzFailure } from './corpus.js';
import { parseFeatures } from './features.js';
import type { FuzzCall } from './generator/module.js';
import { liftModule } from './lift.js';
import { mixedSettingsOf } from './mixed-settings.js';
import { CasePool } from './pool.js';
import type { CaseReply } from './protocol.js';
import { replayCommand } from './replay.js';
import { reduceCase, type Oracle } from './reduce.js';
import { caseOfSeed, type FuzzCase, type GeneratorName } from './source.js';

export interface CampaignOptions {
  readonly seed: number;
  /** Cases to run; Infinity where only time limits it. */
  readonly runs: number;
  /** Milliseconds; Infinity where only the number of cases limits it. */
  readonly time: number;
  readonly engines: readonly Engine[];
  readonly generator: GeneratorName;
  readonly features: string;
  readonly corpus: string;
  readonly jobs: number;
  /** Longest time of one case, in milliseconds. */
  readonly timeout: number;
  readonly engineOptions: EngineOptions;
}

export interface CampaignResult {
  readonly generator: GeneratorName;
  readonly seed: number;
  readonly features: string;
  readonly engines: readonly string[];
  /** Seeds that were tried. */
  cases: number;
  /** Cases that gave a module. */
  modules: number;
  calls: number;
  traps: number;
  mismatches: number;
  inconclusive: number;
  unsupported: number;
  /** Cases by engine and the feature that it does not have. */
  readonly unsupportedFeatures: Record<string, Record<string, number>>;
  fallbacks: number;
  /** What mixed mode did, by engine. */
  readonly tier: Record<string, TierTotals>;
  casesPerSecond: number;
  seconds: number;
  /** Ended by the user before its time. */
  interrupted: boolean;
  readonly failures: FuzzFailure[];
}

/** What was seen of one engine in one case. */
interface Finding {
  readonly seed: number;
  readonly engine: string;
  readonly kind: string;
  readonly call: number | null;
  readonly expected: string;
  readonly actual: string;
}

const noCase: FuzzCase = { bytes: new Uint8Array(), calls: [] };

/** Failures that are saved and reduced; a broken engine shows itself in every other case. */
const mostSaved = 40;
const mostAlike = 3;
const reductionTime = 30_000;
/** For a case that ends or blocks its process, every step of the reduction costs a new one. */
const deadlyReductionTime = 60_000;

/** Runs cases until their number, the time or the user ends it; then reduces and saves what was found. */
export async function runCampaign(options: CampaignOptions, progress: (text: string) => void, stop: AbortSignal): Promise<CampaignResult> {
  const campaign = new Campaign(options, progress, stop);
  try {
    return await campaign.run();
  } finally {
    campaign.close();
  }
}

class Campaign {
  private readonly pool: CasePool;
  private readonly started = performance.now();
  private readonly findings: Finding[] = [];
  private readonly result: CampaignResult;

  constructor(
    private readonly options: CampaignOptions,
    private readonly progress: (text: string) => void,
    private readonly stop: AbortSignal,
  ) {
    const { generator, seed, features, engines, engineOptions, jobs, timeout, corpus } = options;
    const names = engines.map((engine) => engine.name);
    this.pool = new CasePool({
      jobs,
      timeout,
      folder: corpus,
      configuration: { engines: names, generator, features: features.split(','), options: engineOptions },
    });
    this.result = {
      generator,
      seed,
      features,
      engines: names,
      cases: 0,
      modules: 0,
      calls: 0,
      traps: 0,
      mismatches: 0,
      inconclusive: 0,
      unsupported: 0,
      unsupportedFeatures: {},
      fallbacks: 0,
      tier: {},
      casesPerSecond: 0,
      seconds: 0,
      interrupted: false,
      failures: [],
    };
  }

  async run(): Promise<CampaignResult> {
    const { result } = this;
    await this.runCases();
    const seconds = (performance.now() - this.started) / 1000;
    result.interrupted = this.stop.aborted;
    // Replies come in no fixed order.
    this.findings.sort((a, b) => a.seed - b.seed || a.engine.localeCompare(b.engine));
    await this.saveAll();
    this.progress('');
    result.seconds = Math.round(seconds * 1000) / 1000;
    result.casesPerSecond = Math.round((result.cases / seconds) * 10) / 10;
    return result;
  }

  close(): void {
    this.pool.close();
  }

  private async runCases(): Promise<void> {
    const { seed, runs, time } = this.options;
    const running = new Set<Promise<void>>();
    const stopped = new Promise<void>((resolve) => {
      this.stop.addEventListener('abort', () => resolve(), { once: true });
    });
    for (let next = 0; next < runs && performance.now() - this.started < time && !this.stop.aborted; next++) {
      const current = seed + next;
      const task = this.pool.run({ seed: current }).then((reply) => this.count(current, reply));
      running.add(task);
      void task.then(() => running.delete(task));
      if (running.size >= this.pool.width) await Promise.race([...running, stopped]);
    }
    await Promise.race([Promise.all(running), stopped]);
  }

  private count(seed: number, reply: CaseReply): void {
    if (this.stop.aborted) return;
    const { result } = this;
    result.cases += 1;
    if (reply.kind === 'empty') return;
    result.modules += 1;
    if (reply.kind === 'result') {
      const { calls, traps, inconclusive, unsupported, tier, failures } = reply.result;
      result.calls += calls;
      result.traps += traps;
      if (inconclusive) result.inconclusive += 1;
      for (const [engine, counts] of Object.entries(tier)) result.tier[engine] = addTier(result.tier[engine], counts);
      for (const { engine, feature } of unsupported) {
        const ofEngine = (result.unsupportedFeatures[engine] ??= {});
        ofEngine[feature] = (ofEngine[feature] ?? 0) + 1;
        result.unsupported += 1;
      }
      for (const failure of failures) this.find({ seed, ...failure });
    } else {
      this.find({ seed, engine: '', kind: reply.kind, call: null, expected: 'a finished case', actual: reply.message });
    }
    this.showProgress();
  }

  private find(finding: Finding): void {
    if (finding.kind === 'fallback') this.result.fallbacks += 1;
    else this.result.mismatches += 1;
    this.findings.push(finding);
  }

  private shown = 0;
  private showProgress(): void {
    const now = performance.now();
    if (now - this.shown < 200) return;
    this.shown = now;
    const { cases, calls, mismatches, fallbacks, inconclusive } = this.result;
    const rate = Math.round((cases / (now - this.started)) * 1000);
    this.progress(`${cases} cases, ${calls} calls, ${rate}/s: ${mismatches} mismatches, ${fallbacks} fallbacks, ${inconclusive} inconclusive`);
  }

  /** Saves the findings, those of different kinds first; reduced unless the user is waiting for the end. */
  private async saveAll(): Promise<void> {
    const alike = new Map<string, number>();
    const chosen = this.findings.filter((finding) => {
      const key = fingerprint(finding);
      const seen = (alike.get(key) ?? 0) + 1;
      alike.set(key, seen);
      return seen <= (finding.kind === 'mismatch' ? mostSaved : mostAlike);
    });
    let done = 0;
    const work = chosen.slice(0, mostSaved);
    const saved = await Promise.all(
      work.map(async (finding) => {
        const failure = await this.save(finding);
        this.progress(`reducing: ${++done} of ${work.length} cases done`);
        return failure;
      }),
    );
    this.result.failures.push(...saved);
  }

  private async save(finding: Finding): Promise<FuzzFailure> {
    const { generator, features, corpus } = this.options;
    const name = [generator, finding.seed, finding.engine || finding.kind].join('-');
    const original = this.caseOf(finding.seed);
    const smaller = finding.kind === 'broken' || this.stop.aborted ? undefined : await this.reduced(finding, original);
    const { bytes, calls } = smaller ?? original;
    const seen = smaller === undefined ? finding : ((await this.observe(finding, bytes, calls)) ?? finding);
    const call = seen.call === null ? undefined : calls[seen.call];
    const file = join(corpus, `${name}.wasm`);
    const made = seen.call === null ? [] : calls.slice(0, seen.call + 1);
    const failure: FuzzFailure = {
      name,
      generator,
      seed: finding.seed,
      features,
      engine: finding.engine,
      kind: finding.kind,
      function: call?.function ?? null,
      args: documents(call?.args ?? []),
      expected: seen.expected,
      actual: seen.actual,
      originalBytes: original.bytes.length,
      bytes: bytes.length,
      file,
      replay: finding.engine === '' ? null : this.replayOf(finding, file, made),
    };
    await saveCase(corpus, failure, bytes, calls);
    return failure;
  }

  private replayOf({ engine, seed }: Finding, file: string, calls: readonly FuzzCall[]): string {
    const { engines, engineOptions } = this.options;
    const isMixed = engines.some(({ name, mixedMode }) => name === engine && mixedMode);
    return replayCommand(file, engine, calls, { ...engineOptions, ...(isMixed ? mixedSettingsOf(seed, engineOptions) : {}) });
  }

  /** The case of a finding; an empty one where it was the generator that broke. */
  private caseOf(seed: number): FuzzCase {
    try {
      return caseOfSeed(this.options.generator, seed, parseFeatures(this.options.features)) ?? noCase;
    } catch {
      return noCase;
    }
  }

  private async reduced(finding: Finding, original: FuzzCase): Promise<FuzzCase> {
    const oracle: Oracle = async (bytes, calls) => (await this.observe(finding, bytes, calls)) !== undefined;
    const time = finding.engine === '' ? deadlyReductionTime : reductionTime;
    const tree = liftModule(decodeModule(original.bytes));
    const { tree: smaller, calls } = await reduceCase({ tree, calls: original.calls }, oracle, performance.now() + time);
    return smaller === tree && calls === original.calls ? original : { bytes: encodeModule(smaller), calls };
  }

  /** Runs a case for the engine in question: what is seen now, if it is alike. */
  private async observe(finding: Finding, bytes: Uint8Array, calls: readonly FuzzCall[]): Promise<Finding | undefined> {
    const { seed } = finding;
    const engines = finding.engine === '' ? this.result.engines : [finding.engine];
    const reply = await this.pool.run({ seed, bytes, calls, engines });
    const seen =
      reply.kind === 'result'
        ? reply.result.failures.map((failure): Finding => ({ seed, ...failure }))
        : reply.kind === 'empty'
          ? []
          : [{ ...finding, kind: reply.kind, actual: reply.message }];
    return seen.find((other) => fingerprint(other) === fingerprint(finding));
  }
}

/** Equal for what is likely to have one cause: numbers differ from case to case. */
function fingerprint({ engine, kind, actual }: Finding): string {
  return kind === 'error' ? `${engine} ${kind} ${actual.replaceAll(/0x[0-9a-f]+|\d+/g, 'N').slice(0, 60)}` : `${engine} ${kind}`;
}

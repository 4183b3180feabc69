import { addTier, type TierTotals } from '@fireball/engines';
import type { FuzzFailure } from './corpus.js';
import { FindingSaver, type CaseSettings, type Finding } from './findings.js';
import { CasePool } from './pool.js';
import type { CaseReply } from './protocol.js';
import type { GeneratorName } from './source.js';

/** What a campaign of random modules runs, and for how long. */
export interface CampaignOptions extends CaseSettings {
  readonly seed: number;
  /** Cases to run; Infinity where only time limits it. */
  readonly runs: number;
  /** Milliseconds; Infinity where only the number of cases limits it. */
  readonly time: number;
  readonly jobs: number;
  /** Longest time of one case, in milliseconds. */
  readonly timeout: number;
}

/** What a campaign did and found. */
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
    result.failures.push(...(await new FindingSaver(this.options, this.pool, this.progress, this.stop).saveAll(this.findings)));
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
}

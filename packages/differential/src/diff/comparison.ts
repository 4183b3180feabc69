import { InternalError } from '@fireball/contracts';
import {
  addTier,
  ModuleTrapError,
  noStatistics,
  type Engine,
  type EngineInstance,
  type EngineOptions,
  type LoadedModule,
  type Outcome,
  type TierTotals,
} from '@fireball/engines';
import type { Value, Work } from '@fireball/wasm';
import { compareOutcomes, compareState, describeOutcome, isExhaustion, judgeExhaustion, missingProof, type Difference } from './compare.js';

/** What is wrong with one engine, after it started or after a call. */
export interface Finding extends Difference {
  readonly engine: Engine;
  /** `mismatch`: another result; `fallback`: it did not run as it claims; `error`: our own bug showed itself; `refused`: no instance. */
  readonly kind: 'mismatch' | 'fallback' | 'error' | 'refused';
  /** What was thrown, of `error` and `refused`. */
  readonly error?: unknown;
  /** How the engine's call ended; absent where it threw. */
  readonly outcome?: Outcome;
}

/** Instantiation or one call, on every engine that takes part. Starting counts as a call without results. */
export interface Verdict {
  /** How it ended in the reference. */
  readonly expected: Outcome;
  /** The reference ran out of fuel or stack: that says nothing, and the others were not asked. */
  readonly exhausted: boolean;
  /** Engines that ran out of a stack that need not have sufficed. */
  readonly inconclusive: readonly Engine[];
  /** How it ended in the others; of those that threw there is none. */
  readonly outcomes: ReadonlyMap<Engine, Outcome>;
  /** In the engines' order; one engine may have a `fallback` and a `mismatch`. */
  readonly findings: readonly Finding[];
}

interface Contestant {
  readonly engine: Engine;
  readonly instance: EngineInstance;
}

type Start = { readonly outcome: Outcome; readonly instance: EngineInstance | undefined; readonly work: Work | undefined } | { readonly refusal: unknown };

/**
 * One module on several engines: the reference runs first, with fuel; what it finishes, the others get too. After instantiation
 * and after each call, results or traps, memories and globals are compared, and the engines prove that they ran as they claim.
 */
export class Comparison {
  private reference: EngineInstance | undefined;
  private contestants: Contestant[] = [];
  /** Exported functions of the host: they run no code of the module, so that nothing is to be proved. */
  private readonly hosts: ReadonlySet<string>;
  private readonly tiers: Record<string, TierTotals> = {};

  private constructor(private readonly loaded: LoadedModule) {
    const { exports, imported } = loaded.module;
    this.hosts = new Set(exports.filter(({ kind, index }) => kind === 'function' && index < imported.function).map(({ name }) => name));
  }

  /**
   * An instance on every engine that can give one. Engines that differ, refuse or exhaust take no part in calls. Where the
   * reference itself refuses, that is the only finding.
   */
  static async start(
    loaded: LoadedModule,
    reference: Engine,
    others: readonly Engine[],
    options: EngineOptions,
  ): Promise<{ readonly comparison: Comparison; readonly verdict: Verdict }> {
    const comparison = new Comparison(loaded);
    return { comparison, verdict: await comparison.startAll(reference, others, options) };
  }

  private async startAll(reference: Engine, others: readonly Engine[], options: EngineOptions): Promise<Verdict> {
    const first = await start(reference, this.loaded, options);
    if ('refusal' in first) {
      const verdict = new VerdictSoFar({ results: [], trap: null, statistics: noStatistics });
      verdict.findings.push(refused(reference, first.refusal));
      return verdict;
    }
    const { outcome: expected, work } = first;
    this.reference = first.instance;
    const verdict = new VerdictSoFar(expected);
    if (verdict.exhausted) return verdict;
    for (const engine of others) {
      const started = await start(engine, this.loaded, work === undefined ? options : { ...options, reference: work });
      if ('refusal' in started) {
        verdict.findings.push(refused(engine, started.refusal));
        continue;
      }
      const { outcome, instance } = started;
      const agreed = this.judge(verdict, engine, work, outcome, instance);
      if (instance === undefined) continue;
      this.contestants.push({ engine, instance });
      if (!agreed) this.drop(engine);
    }
    return verdict;
  }

  /** Whether the reference has an instance; without one there are no calls. */
  get started(): boolean {
    return this.reference !== undefined;
  }

  /** Those that take part beside the reference. */
  get engines(): Engine[] {
    return this.contestants.map(({ engine }) => engine);
  }

  /** What mixed mode did, by engine, of the instances that were closed. */
  get tier(): Readonly<Record<string, TierTotals>> {
    return this.tiers;
  }

  /**
   * One call of an exported function on every engine.
   * @throws what an engine throws, unless it is an `InternalError`: that is a finding
   */
  call(name: string, args: readonly Value[]): Verdict {
    if (this.reference === undefined) throw new InternalError('the reference did not start');
    const expected = this.reference.invoke(name, args);
    const work = this.reference.lastWork?.();
    const verdict = new VerdictSoFar(expected);
    if (verdict.exhausted) return verdict;
    for (const { engine, instance } of this.contestants) {
      let outcome: Outcome;
      try {
        outcome = instance.invoke(name, args, work);
      } catch (error) {
        if (!(error instanceof InternalError)) throw error;
        verdict.findings.push({ engine, kind: 'error', error, expected: describeOutcome(expected), actual: error.message });
        continue;
      }
      const missing = this.hosts.has(name) ? undefined : missingProof(engine, outcome);
      if (missing !== undefined) verdict.findings.push({ engine, kind: 'fallback', outcome, ...missing });
      this.judge(verdict, engine, work, outcome, instance);
    }
    return verdict;
  }

  /** Adds what an engine's outcome and state say; false where it may take no further part. */
  private judge(verdict: VerdictSoFar, engine: Engine, work: Work | undefined, outcome: Outcome, instance: EngineInstance | undefined): boolean {
    const { expected } = verdict;
    verdict.outcomes.set(engine, outcome);
    const exhaustion = judgeExhaustion(engine, work, expected, outcome);
    if (exhaustion === 'inconclusive') {
      verdict.inconclusive.push(engine);
      return false;
    }
    const difference =
      exhaustion ??
      compareOutcomes(expected, outcome, engine.nanByClass) ??
      (this.reference === undefined || instance === undefined ? undefined : compareState(this.loaded.module, this.reference, instance, engine.nanByClass));
    if (difference !== undefined) verdict.findings.push({ engine, kind: 'mismatch', outcome, ...difference });
    return difference === undefined;
  }

  /** Ends an engine's part. */
  drop(engine: Engine): void {
    const dropped = this.contestants.filter((contestant) => contestant.engine === engine);
    this.contestants = this.contestants.filter((contestant) => contestant.engine !== engine);
    for (const { instance } of dropped) {
      const { tier } = instance.lastStatistics();
      if (tier !== undefined) this.tiers[engine.name] = addTier(undefined, tier);
      instance.close();
    }
  }

  close(): void {
    for (const engine of this.engines) this.drop(engine);
    this.reference?.close();
    this.reference = undefined;
  }
}

/** A verdict that is being made. */
class VerdictSoFar implements Verdict {
  readonly exhausted: boolean;
  readonly inconclusive: Engine[] = [];
  readonly outcomes = new Map<Engine, Outcome>();
  readonly findings: Finding[] = [];

  constructor(readonly expected: Outcome) {
    this.exhausted = isExhaustion(expected);
  }
}

async function start(engine: Engine, loaded: LoadedModule, options: EngineOptions): Promise<Start> {
  try {
    const instance = await engine.instantiate(loaded, options);
    return { outcome: { results: [], trap: null, statistics: noStatistics }, instance, work: instance.lastWork?.() };
  } catch (error) {
    if (!(error instanceof ModuleTrapError)) return { refusal: error };
    return { outcome: { results: [], trap: error.trap, statistics: noStatistics }, instance: undefined, work: error.work };
  }
}

function refused(engine: Engine, error: unknown): Finding {
  return { engine, kind: 'refused', error, expected: 'an instance', actual: error instanceof Error ? error.message : String(error) };
}

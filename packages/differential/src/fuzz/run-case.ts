import { InternalError, UnsupportedError } from '@fireball/contracts';
import {
  addTier,
  ModuleTrapError,
  noStatistics,
  referenceEngine,
  V8RefusalError,
  type Engine,
  type EngineInstance,
  type EngineOptions,
  type LoadedModule,
  type Outcome,
  type TierTotals,
} from '@fireball/engines';
import { decodeModule, validateModule, type WasmModule, type Work } from '@fireball/wasm';
import { compareOutcomes, compareState, describeOutcome, isExhaustion, judgeExhaustion, missingProof, type Difference } from '../diff/compare.js';
import type { FuzzCall } from './generator/module.js';

/** What went wrong where; `call` is null where the module did not start. */
export interface CaseFailure extends Difference {
  readonly engine: string;
  /** `mismatch`: another result; `fallback`: no compiled code ran; `error`: our own bug showed itself. */
  readonly kind: 'mismatch' | 'fallback' | 'error';
  readonly call: number | null;
}

export interface CaseResult {
  /** Calls that were compared on every engine. */
  readonly calls: number;
  /** Calls that ended in a trap, of those. */
  readonly traps: number;
  /** Calls that say nothing: the reference ran out of fuel or stack, or an engine of a stack that need not have sufficed. */
  readonly inconclusive: boolean;
  /** Features that an engine does not have, with the engine's name. */
  readonly unsupported: readonly { readonly engine: string; readonly feature: string }[];
  /** What mixed mode did, by engine. */
  readonly tier: Readonly<Record<string, TierTotals>>;
  /** The first one of each engine. */
  readonly failures: readonly CaseFailure[];
}

interface Contestant {
  readonly engine: Engine;
  readonly instance: EngineInstance;
}

/**
 * Runs one case: the reference first, with fuel; what it finishes, the others get too. After each call results or traps,
 * memories and globals are compared. An engine that differs once takes no further part.
 */
export async function runCase(
  bytes: Uint8Array,
  calls: readonly FuzzCall[],
  engines: readonly Engine[],
  options: EngineOptions,
): Promise<CaseResult> {
  const run = new CaseRun(options);
  try {
    await run.start(bytes, engines);
    for (const [index, call] of calls.entries()) {
      if (!run.call(index, call)) break;
    }
  } finally {
    run.close();
  }
  return run.result;
}

class CaseRun {
  private reference: EngineInstance | undefined;
  private module: WasmModule | undefined;
  private contestants: Contestant[] = [];
  private calls = 0;
  private traps = 0;
  private inconclusive = false;
  private readonly unsupported: { engine: string; feature: string }[] = [];
  private readonly failures: CaseFailure[] = [];
  private readonly tier: Record<string, TierTotals> = {};

  constructor(private readonly options: EngineOptions) {}

  async start(bytes: Uint8Array, engines: readonly Engine[]): Promise<void> {
    const module = decodeModule(bytes);
    this.module = module;
    const loaded: LoadedModule = { file: 'case', module, validated: validateModule(module) };
    const expected = await this.instantiate(referenceEngine, loaded);
    if (expected === undefined) return;
    if (expected.instance !== undefined) this.reference = expected.instance;
    if (isExhaustion(expected.outcome)) {
      this.inconclusive = true;
      return;
    }
    const { work } = expected;
    for (const engine of engines) {
      if (engine === referenceEngine) continue;
      const actual = await this.instantiate(engine, loaded, work);
      if (actual === undefined) continue;
      if (actual.instance !== undefined) this.contestants.push({ engine, instance: actual.instance });
      this.compare(engine, null, work, expected.outcome, actual.outcome, actual.instance);
    }
  }

  /** Undefined where the engine cannot; that has been noted then. */
  private async instantiate(
    engine: Engine,
    loaded: LoadedModule,
    reference?: Work,
  ): Promise<{ outcome: Outcome; instance: EngineInstance | undefined; work: Work | undefined } | undefined> {
    try {
      const instance = await engine.instantiate(loaded, reference === undefined ? this.options : { ...this.options, reference });
      return { outcome: { results: [], trap: null, statistics: noStatistics }, instance, work: instance.lastWork?.() };
    } catch (error) {
      if (error instanceof ModuleTrapError) {
        return { outcome: { results: [], trap: error.trap, statistics: noStatistics }, instance: undefined, work: error.work };
      }
      if (error instanceof UnsupportedError) this.unsupported.push({ engine: engine.name, feature: error.feature });
      else if (error instanceof V8RefusalError) this.fail(engine, 'mismatch', null, { expected: 'a valid module', actual: error.message });
      else this.fail(engine, 'error', null, { expected: 'an instance', actual: describeBug(error) });
      return undefined;
    }
  }

  /** False where further calls say nothing. */
  call(index: number, { function: name, args }: FuzzCall): boolean {
    if (this.reference === undefined || this.contestants.length === 0) return false;
    const expected = this.reference.invoke(name, args);
    const work = this.reference.lastWork?.();
    if (isExhaustion(expected)) {
      this.inconclusive = true;
      return false;
    }
    this.calls += 1;
    if (expected.trap !== null) this.traps += 1;
    for (const { engine, instance } of [...this.contestants]) {
      try {
        const actual = instance.invoke(name, args, work);
        this.prove(engine, index, actual);
        this.compare(engine, index, work, expected, actual, instance);
      } catch (error) {
        if (!(error instanceof InternalError)) throw error;
        this.fail(engine, 'error', index, { expected: describeOutcome(expected), actual: describeBug(error) });
      }
    }
    return true;
  }

  private compare(
    engine: Engine,
    call: number | null,
    work: Work | undefined,
    expected: Outcome,
    actual: Outcome,
    instance: EngineInstance | undefined,
  ): void {
    const exhaustion = judgeExhaustion(engine, work, expected, actual);
    if (exhaustion === 'inconclusive') {
      this.inconclusive = true;
      this.drop(engine);
      return;
    }
    const difference =
      exhaustion ??
      compareOutcomes(expected, actual, engine.nanByClass) ??
      (this.reference === undefined || instance === undefined
        ? undefined
        : compareState(this.module!, this.reference, instance, engine.nanByClass));
    if (difference !== undefined) this.fail(engine, 'mismatch', call, difference);
  }

  private prove(engine: Engine, call: number, actual: Outcome): void {
    const missing = missingProof(engine, actual);
    if (missing !== undefined) this.fail(engine, 'fallback', call, missing);
  }

  private fail(engine: Engine, kind: CaseFailure['kind'], call: number | null, difference: Difference): void {
    if (!this.failures.some((failure) => failure.engine === engine.name)) {
      this.failures.push({ engine: engine.name, kind, call, ...difference });
    }
    this.drop(engine);
  }

  private drop(engine: Engine): void {
    const dropped = this.contestants.find((contestant) => contestant.engine === engine);
    this.contestants = this.contestants.filter((contestant) => contestant !== dropped);
    if (dropped !== undefined) this.closeContestant(dropped);
  }

  close(): void {
    this.contestants.forEach((contestant) => this.closeContestant(contestant));
    this.reference?.close();
  }

  private closeContestant({ engine, instance }: Contestant): void {
    const tier = instance.lastStatistics().tier;
    if (tier !== undefined) this.tier[engine.name] = addTier(undefined, tier);
    instance.close();
  }

  get result(): CaseResult {
    const { calls, traps, inconclusive, unsupported, tier, failures } = this;
    return { calls, traps, inconclusive, unsupported, tier, failures };
  }
}

function describeBug(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import { UnsupportedError } from '@fireball/contracts';
import type { Engine, EngineInstance, EngineOptions, Outcome } from '../engines/engine.js';
import { exportedFunctions, type ExportedFunction, type LoadedModule } from '../inputs/module.js';
import { valueDocument, type Value } from '../values.js';
import { argumentLists } from './arguments.js';
import { compareOutcomes, compareState, isExhaustion, type Difference } from './compare.js';

export interface DiffOptions extends EngineOptions {
  /** Argument lists for each function with parameters. */
  readonly calls: number;
  readonly seed: number;
}

/** A disagreement, or an engine that did not do its part. */
export interface DiffFailure {
  readonly module: string;
  /** Null where the whole module is concerned. */
  readonly function: string | null;
  readonly args: readonly ReturnType<typeof valueDocument>[];
  readonly engine: string;
  readonly expected: string;
  readonly actual: string;
  readonly wasmOffset: number | null;
}

/** Counters over all modules, in the terms of the `diff` JSON contract. */
export interface DiffTotals {
  modules: number;
  functions: number;
  /** Calls compared, each on every engine. */
  calls: number;
  mismatches: number;
  /** Calls that ran out of stack or fuel in some engine (hazard 15). */
  inconclusive: number;
  /** Functions and calls of a native engine that did not run compiled code. */
  fallbacks: number;
  readonly failures: DiffFailure[];
}

export function emptyTotals(): DiffTotals {
  return { modules: 0, functions: 0, calls: 0, mismatches: 0, inconclusive: 0, fallbacks: 0, failures: [] };
}

interface Contestant {
  readonly engine: Engine;
  instance: EngineInstance;
}

/**
 * Calls every exported function of a module on the reference and on each of the other engines, and adds what it saw to
 * `totals`. One instance per engine lives through all calls, so that later calls also see what earlier ones left; after a
 * disagreement or an exhaustion all start afresh, because their states may differ from then on.
 */
export async function diffModule(
  loaded: LoadedModule,
  reference: Engine,
  others: readonly Engine[],
  options: DiffOptions,
  totals: DiffTotals,
): Promise<void> {
  totals.modules += 1;
  const start = async (): Promise<Contestant[]> => {
    const started: Contestant[] = [];
    for (const engine of [reference, ...others]) {
      const instance = await instantiate(engine, engine === reference, loaded, options, totals);
      if (instance !== undefined) started.push({ engine, instance });
    }
    return started;
  };
  const stop = (contestants: readonly Contestant[]): void => {
    for (const { instance } of contestants) instance.close();
  };

  let contestants = await start();
  try {
    for (const entry of exportedFunctions(loaded.module)) {
      totals.functions += 1;
      for (const args of argumentLists(entry.type.params, options.calls, options.seed)) {
        if (compareCall(loaded, contestants, entry, args, totals)) continue;
        stop(contestants);
        contestants = [];
        contestants = await start();
      }
    }
  } finally {
    stop(contestants);
  }
}

/** An instance; or, for an engine other than the reference that refuses the module, a failure on record. */
async function instantiate(
  engine: Engine,
  isReference: boolean,
  loaded: LoadedModule,
  options: EngineOptions,
  totals: DiffTotals,
): Promise<EngineInstance | undefined> {
  try {
    return await engine.instantiate(loaded, options);
  } catch (error) {
    const refusal = error instanceof UnsupportedError || (error instanceof Error && error.name === 'V8RefusalError');
    if (isReference || !refusal) throw error;
    if (totals.failures.some((failure) => failure.module === loaded.file && failure.engine === engine.name)) return undefined;
    if (engine.native) totals.fallbacks += 1;
    else totals.mismatches += 1;
    totals.failures.push({
      module: loaded.file,
      function: null,
      args: [],
      engine: engine.name,
      expected: 'an instance',
      actual: (error as Error).message,
      wasmOffset: null,
    });
    return undefined;
  }
}

/** One call on every engine. False where the instances' states can no longer be trusted to be the same. */
function compareCall(
  loaded: LoadedModule,
  contestants: readonly Contestant[],
  entry: ExportedFunction,
  args: readonly Value[],
  totals: DiffTotals,
): boolean {
  totals.calls += 1;
  const [first, ...rest] = contestants;
  const expected = first!.instance.invoke(entry.name, args);
  // The reference runs first, with fuel: what it cannot finish is not given to engines that cannot be stopped.
  if (isExhaustion(expected)) {
    totals.inconclusive += 1;
    return false;
  }
  let conclusive = true;
  let agreed = true;
  const fail = (engine: Engine, difference: Difference, actual: Outcome): void => {
    totals.failures.push({
      module: loaded.file,
      function: entry.name,
      args: args.map(valueDocument),
      engine: engine.name,
      ...difference,
      wasmOffset: actual.trap?.wasmOffset ?? expected.trap?.wasmOffset ?? null,
    });
  };
  for (const { engine, instance } of rest) {
    const actual = instance.invoke(entry.name, args);
    if (engine.native) agreed = provedNative(engine, actual, totals, fail) && agreed;
    if (isExhaustion(actual)) {
      conclusive = false;
      continue;
    }
    const difference =
      compareOutcomes(expected, actual, engine.nanByClass) ??
      compareState(loaded.module, first!.instance, instance, engine.nanByClass);
    if (difference === undefined) continue;
    agreed = false;
    totals.mismatches += 1;
    fail(engine, difference, actual);
  }
  if (!conclusive) totals.inconclusive += 1;
  return conclusive && agreed;
}

/** Whether compiled code ran: without that, equal results would say nothing about it. */
function provedNative(
  engine: Engine,
  actual: Outcome,
  totals: DiffTotals,
  fail: (engine: Engine, difference: Difference, actual: Outcome) => void,
): boolean {
  const { fallbacks, nativeInstructions } = actual.statistics;
  if (fallbacks === 0 && nativeInstructions > 0) return true;
  totals.fallbacks += Math.max(1, fallbacks);
  fail(
    engine,
    {
      expected: 'every function compiled, instructions retired in sealed code',
      actual: `${fallbacks} functions not compiled, ${nativeInstructions} instructions retired in sealed code`,
    },
    actual,
  );
  return false;
}

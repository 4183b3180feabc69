import { InternalError, UnsupportedError } from '@fireball/contracts';
import {
  exportedFunctions,
  parseCall,
  UnlinkableError,
  V8RefusalError,
  type Engine,
  type EngineOptions,
  type ExportedFunction,
  type LoadedModule,
} from '@fireball/engines';
import { LinkError, valueDocument, type Value } from '@fireball/wasm';
import { argumentLists } from './arguments.js';
import { Comparison } from './comparison.js';
import { explainOn, type Explanation } from './explain/explain.js';

/** What is called, and how engines are set up. */
export interface DiffOptions extends EngineOptions {
  /** Argument lists for each function with parameters. */
  readonly calls: number;
  readonly seed: number;
  /** Calls to make instead, as `NAME=ARGS`. */
  readonly invoke?: readonly string[];
  /** Name the WebAssembly instruction at which native code parts from the reference. */
  readonly explain?: boolean;
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
  /** With `explain`, for the first failure of each function on an engine. */
  readonly explanation?: Explanation;
}

/** Counters over all modules, in the terms of the `diff` JSON contract. */
export interface DiffTotals {
  modules: number;
  functions: number;
  /** Calls compared, each on every engine. */
  calls: number;
  mismatches: number;
  /** Calls that ran out of fuel or stack in the reference, or of stack in an engine that need not have that much (hazard 15). */
  inconclusive: number;
  /** Functions and calls of a native engine that did not run compiled code. */
  fallbacks: number;
  readonly failures: DiffFailure[];
}

/** Counters before the first module. */
export function emptyTotals(): DiffTotals {
  return { modules: 0, functions: 0, calls: 0, mismatches: 0, inconclusive: 0, fallbacks: 0, failures: [] };
}

/** A module that could not be compared at all. */
export interface RefusedModule {
  readonly module: string;
  /** Why, with the module's name. */
  readonly reason: string;
}

/**
 * Calls every exported function of a module on the reference and on each of the other engines, and adds what it saw to
 * `totals`. One instance per engine lives through all calls, so that later calls also see what earlier ones left; after a
 * disagreement or an exhaustion all start afresh, because their states may differ from then on.
 */
export async function diffModule(loaded: LoadedModule, reference: Engine, others: readonly Engine[], options: DiffOptions, totals: DiffTotals): Promise<void> {
  const before = totals.failures.length;
  let comparison = await startAll(loaded, reference, others, options, totals);
  try {
    totals.modules += 1;
    if (options.explain === true) await explainFailures(loaded, others, options, totals, before, []);
    // Engines that failed once to give an instance do not take part again.
    const able = comparison.engines;
    if (!comparison.started) return;
    let made: PlannedCall[] = [];
    for (const call of plannedCalls(loaded, options, totals)) {
      const before = totals.failures.length;
      made.push(call);
      const agreed = compareCall(loaded, comparison, call, totals);
      if (options.explain === true) await explainFailures(loaded, others, options, totals, before, made);
      if (agreed) continue;
      comparison.close();
      comparison = await startAll(loaded, reference, able, options, totals);
      made = [];
    }
  } finally {
    comparison.close();
  }
}

interface PlannedCall {
  readonly entry: ExportedFunction;
  readonly args: readonly Value[];
}

/** The calls to make, each function counted as its turn comes. */
function* plannedCalls(loaded: LoadedModule, { invoke = [], calls, seed }: DiffOptions, totals: DiffTotals): Iterable<PlannedCall> {
  if (invoke.length > 0) {
    const wanted = invoke.map((text) => parseCall(loaded, text));
    totals.functions += new Set(wanted.map(({ entry }) => entry.name)).size;
    yield* wanted;
    return;
  }
  for (const entry of exportedFunctions(loaded.module)) {
    totals.functions += 1;
    for (const args of argumentLists(entry.type.params, calls, seed)) yield { entry, args };
  }
}

/** Explains the failures from position `first` on; of each function and engine the first. */
async function explainFailures(
  loaded: LoadedModule,
  others: readonly Engine[],
  options: DiffOptions,
  totals: DiffTotals,
  first: number,
  made: readonly PlannedCall[],
): Promise<void> {
  const same = (a: DiffFailure, b: DiffFailure): boolean => a.module === b.module && a.function === b.function && a.engine === b.engine;
  const calls = made.map(({ entry: { index }, args }) => ({ index, args }));
  for (let position = first; position < totals.failures.length; position++) {
    const failure = totals.failures[position]!;
    const engine = others.find(({ name }) => name === failure.engine);
    if (engine === undefined || totals.failures.findIndex((other) => same(other, failure)) < position) continue;
    totals.failures[position] = { ...failure, explanation: await explainOn(engine, loaded, calls, options) };
  }
}

/** An instance on every engine that can give one. */
async function startAll(loaded: LoadedModule, reference: Engine, others: readonly Engine[], options: EngineOptions, totals: DiffTotals): Promise<Comparison> {
  const { comparison, verdict } = await Comparison.start(loaded, reference, others, options);
  const inconclusive = verdict.exhausted ? 1 : verdict.inconclusive.length;
  totals.calls += inconclusive;
  totals.inconclusive += inconclusive;
  for (const { engine, kind, error, expected, actual } of verdict.findings) {
    if (kind === 'refused' && (engine === reference || !isRefusal(error))) {
      comparison.close();
      throw error;
    }
    if (kind === 'refused' && engine.native) totals.fallbacks += 1;
    else totals.mismatches += 1;
    totals.failures.push({ module: loaded.file, function: null, args: [], engine: engine.name, expected, actual, wasmOffset: null });
  }
  return comparison;
}

/** A bug of ours in an engine under test is what a difference is looked for; other modules go on. */
function isRefusal(error: unknown): boolean {
  return [UnsupportedError, LinkError, UnlinkableError, V8RefusalError, InternalError].some((kind) => error instanceof kind);
}

/** One call on every engine. False where the instances' states can no longer be trusted to be the same. */
function compareCall(loaded: LoadedModule, comparison: Comparison, { entry, args }: PlannedCall, totals: DiffTotals): boolean {
  totals.calls += 1;
  const verdict = comparison.call(entry.name, args);
  const conclusive = !verdict.exhausted && verdict.inconclusive.length === 0;
  if (!conclusive) totals.inconclusive += 1;
  for (const { engine, kind, expected, actual, outcome } of verdict.findings) {
    if (kind === 'fallback') totals.fallbacks += Math.max(1, outcome?.statistics.fallbacks ?? 0);
    else totals.mismatches += 1;
    totals.failures.push({
      module: loaded.file,
      function: entry.name,
      args: args.map(valueDocument),
      engine: engine.name,
      expected,
      actual,
      wasmOffset: outcome?.trap?.wasmOffset ?? verdict.expected.trap?.wasmOffset ?? null,
    });
  }
  return conclusive && verdict.findings.length === 0;
}

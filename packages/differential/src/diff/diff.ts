import { InternalError, UnsupportedError } from '@fireball/contracts';
import {
  exportedFunctions,
  ModuleTrapError,
  noStatistics,
  parseCall,
  UnlinkableError,
  V8RefusalError,
  valueDocument,
  type Engine,
  type EngineInstance,
  type EngineOptions,
  type ExportedFunction,
  type LoadedModule,
  type Outcome,
  type TrapReport,
} from '@fireball/engines';
import { LinkError, type Value, type Work } from '@fireball/wasm';
import { argumentLists } from './arguments.js';
import { explainOn, type Explanation } from './explain/explain.js';
import { compareOutcomes, compareState, describeOutcome, isExhaustion, judgeExhaustion, missingProof, type Difference } from './compare.js';

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

interface Contestant {
  readonly engine: Engine;
  readonly instance: EngineInstance;
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
export async function diffModule(
  loaded: LoadedModule,
  reference: Engine,
  others: readonly Engine[],
  options: DiffOptions,
  totals: DiffTotals,
): Promise<void> {
  const before = totals.failures.length;
  let contestants = await startAll(loaded, reference, others, options, totals);
  totals.modules += 1;
  if (options.explain === true) await explainFailures(loaded, others, options, totals, before, []);
  // Engines that failed once to give an instance do not take part again.
  const able = contestants.map(({ engine }) => engine).filter((engine) => engine !== reference);
  if (contestants.length === 0) return;
  try {
    let made: PlannedCall[] = [];
    for (const call of plannedCalls(loaded, options, totals)) {
      const before = totals.failures.length;
      made.push(call);
      const agreed = compareCall(loaded, contestants, call.entry, call.args, totals);
      if (options.explain === true) await explainFailures(loaded, others, options, totals, before, made);
      if (agreed) continue;
      closeAll(contestants);
      contestants = await startAll(loaded, reference, able, options, totals);
      made = [];
    }
  } finally {
    closeAll(contestants);
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

function closeAll(contestants: readonly Contestant[]): void {
  for (const { instance } of contestants) instance.close();
}

/** An instance on every engine that can give one, the reference first; none where the module traps as it starts. */
async function startAll(
  loaded: LoadedModule,
  reference: Engine,
  others: readonly Engine[],
  options: EngineOptions,
  totals: DiffTotals,
): Promise<Contestant[]> {
  const fail = (engine: Engine, { expected, actual }: Difference): void => {
    totals.failures.push({ module: loaded.file, function: null, args: [], engine: engine.name, expected, actual, wasmOffset: null });
  };
  const expected = await start(reference, loaded, options);
  if (expected.kind === 'refused') throw expected.error;
  const contestants = expected.kind === 'started' ? [{ engine: reference, instance: expected.instance }] : [];
  if (expected.kind === 'trapped' && isExhaustion(outcomeOf(expected))) {
    totals.calls += 1;
    totals.inconclusive += 1;
    return [];
  }
  const { work } = expected;
  for (const engine of others) {
    const actual = await start(engine, loaded, work === undefined ? options : { ...options, reference: work });
    if (actual.kind === 'refused') {
      if (engine.native) totals.fallbacks += 1;
      else totals.mismatches += 1;
      fail(engine, { expected: 'an instance', actual: actual.error.message });
      continue;
    }
    const exhaustion = judgeExhaustion(engine, work, outcomeOf(expected), outcomeOf(actual));
    if (exhaustion === 'inconclusive') {
      totals.calls += 1;
      totals.inconclusive += 1;
      continue;
    }
    const difference = exhaustion ?? compareOutcomes(outcomeOf(expected), outcomeOf(actual), false);
    if (difference === undefined) {
      if (actual.kind === 'started') contestants.push({ engine, instance: actual.instance });
      continue;
    }
    if (actual.kind === 'started') actual.instance.close();
    totals.mismatches += 1;
    fail(engine, difference);
  }
  return contestants;
}

type Start =
  | { readonly kind: 'started'; readonly instance: EngineInstance; readonly work: Work | undefined }
  | { readonly kind: 'trapped'; readonly trap: TrapReport; readonly work: Work | undefined }
  | { readonly kind: 'refused'; readonly error: Error };

async function start(engine: Engine, loaded: LoadedModule, options: EngineOptions): Promise<Start> {
  try {
    const instance = await engine.instantiate(loaded, options);
    return { kind: 'started', instance, work: instance.lastWork?.() };
  } catch (error) {
    if (error instanceof ModuleTrapError) return { kind: 'trapped', trap: error.trap, work: error.work };
    // A bug of ours in an engine under test is what a difference is looked for; other modules go on.
    if (error instanceof UnsupportedError || error instanceof LinkError || error instanceof UnlinkableError || error instanceof V8RefusalError || error instanceof InternalError) {
      return { kind: 'refused', error };
    }
    throw error;
  }
}

/** Starting, seen as a call without results. */
function outcomeOf(started: Exclude<Start, { kind: 'refused' }>): Outcome {
  return { results: [], trap: started.kind === 'trapped' ? started.trap : null, statistics: noStatistics };
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
  const work = first!.instance.lastWork?.();
  // The reference runs first, with fuel: what it cannot finish says nothing about the others.
  if (isExhaustion(expected)) {
    totals.inconclusive += 1;
    return false;
  }
  let conclusive = true;
  let agreed = true;
  const fail = (engine: Engine, difference: Difference, actual?: Outcome): void => {
    totals.failures.push({
      module: loaded.file,
      function: entry.name,
      args: args.map(valueDocument),
      engine: engine.name,
      ...difference,
      wasmOffset: actual?.trap?.wasmOffset ?? expected.trap?.wasmOffset ?? null,
    });
  };
  for (const { engine, instance } of rest) {
    const actual = invokeUnderTest(instance, entry.name, args, work);
    if (actual instanceof InternalError) {
      agreed = false;
      totals.mismatches += 1;
      fail(engine, { expected: describeOutcome(expected), actual: actual.message });
      continue;
    }
    // A function of the host that is exported again runs no code of the module.
    const isHosts = entry.index < loaded.module.imported.function;
    agreed = (isHosts || proved(engine, actual, totals, fail)) && agreed;
    const exhaustion = judgeExhaustion(engine, work, expected, actual);
    if (exhaustion === 'inconclusive') {
      conclusive = false;
      continue;
    }
    const difference =
      exhaustion ??
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

/** A call's outcome, or the error where generated code left its world. */
function invokeUnderTest(instance: EngineInstance, name: string, args: readonly Value[], work: Work | undefined): Outcome | InternalError {
  try {
    return instance.invoke(name, args, work);
  } catch (error) {
    if (error instanceof InternalError) return error;
    throw error;
  }
}

/** Whether the engine ran as it claims: without that, equal results would say nothing about it. */
function proved(
  engine: Engine,
  actual: Outcome,
  totals: DiffTotals,
  fail: (engine: Engine, difference: Difference, actual: Outcome) => void,
): boolean {
  const missing = missingProof(engine, actual);
  if (missing === undefined) return true;
  totals.fallbacks += Math.max(1, actual.statistics.fallbacks);
  fail(engine, missing, actual);
  return false;
}

import { checkNamedImports, importPolicy, loadModule, parseCall, type DebugCall, type EngineOptions, type LoadedModule } from '@fireball/engines';
import { formatValue, functionName, type InvokeOutcome, type Value, type WasmModule } from '@fireball/wasm';
import { Option, type Command } from 'commander';
import { wholeNumber } from './command.js';
import { addEngineOptions, importsOption } from './engine-options.js';
import { refuseImports } from './refuse-imports.js';

/** Options of commands that follow one call. */
export interface CallOptions extends Omit<EngineOptions, 'imports'> {
  readonly invoke?: string;
  readonly imports?: string;
  readonly seed: number;
}

/** A call, ready to be made on any engine. */
export interface NamedCall {
  readonly loaded: LoadedModule;
  readonly entry: string;
  readonly args: readonly Value[];
  readonly options: EngineOptions;
}

/** How a call has ended, whoever made it. */
export type CallEnd =
  /** Generated code left its world: there is no outcome. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'results'; readonly results: readonly Value[] }
  | { readonly kind: 'trap'; readonly trap: string; readonly functionIndex: number | undefined; readonly wasmOffset: number | undefined };

/** Adds the options that `namedCall` reads. */
export function addCallOptions(command: Command): Command {
  command
    .option('--invoke <name=args>', 'function to call, arguments separated by commas; default: run, or the only one exported')
    .addOption(importsOption())
    .addOption(new Option('--seed <number>', 'seed of what --imports seeded makes up').argParser(wholeNumber(0)).default(0));
  return addEngineOptions(command);
}

/** The call that options name. @throws UsageError, InvalidInputError */
export async function namedCall(file: string, given: CallOptions): Promise<NamedCall> {
  return callOf(await loadModule(file), given);
}

/** As `namedCall`, of a module that is there. */
export function callOf(loaded: LoadedModule, given: CallOptions): NamedCall {
  const { imports: choice, invoke, seed, ...engineOptions } = given;
  const imports = choice === undefined ? undefined : importPolicy(choice, seed);
  if (imports === undefined) refuseImports(loaded);
  else checkNamedImports(loaded, imports);
  const { entry, args } = parseCall(loaded, invoke);
  return { loaded, entry: entry.name, args, options: { ...engineOptions, ...(imports === undefined ? {} : { imports }) } };
}

/** In the words of `run`. */
export function describeCallEnd(module: WasmModule, end: CallEnd): string {
  if (end.kind === 'lost') return 'the call has ended';
  if (end.kind === 'results') return ['the call has returned', ...end.results.map((value) => formatValue(value))].join(' ');
  const where = end.functionIndex === undefined ? '' : ` in ${functionName(module, end.functionIndex)}`;
  const offset = end.wasmOffset === undefined ? '' : ` at offset 0x${end.wasmOffset.toString(16)}`;
  return `trap: ${end.trap}${where}${offset}`;
}

/** Of native code, once its target has ended. */
export function endOfTarget({ target: { result } }: DebugCall): CallEnd {
  if (result === undefined) return { kind: 'lost' };
  const { trap, results } = result;
  if (trap === null) return { kind: 'results', results: results as readonly Value[] };
  return { kind: 'trap', trap: trap.kind, functionIndex: trap.functionIndex ?? undefined, wasmOffset: trap.wasmOffset ?? undefined };
}

/** Of the reference interpreter. */
export function endOfReference(outcome: InvokeOutcome): CallEnd {
  if ('results' in outcome) return { kind: 'results', results: outcome.results };
  const { kind, function: functionIndex, offset } = outcome.trap;
  return { kind: 'trap', trap: kind, functionIndex, wasmOffset: offset };
}

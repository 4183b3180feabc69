import type { Isa } from '@fireball/contracts';
import type { CodeRow, Divergence, Executed, ValueDifference } from '@fireball/debugger';
import { listFunction, socOptions, symbolsOf, type Engine, type EngineOptions, type ListedSite, type LoadedModule } from '@fireball/engines';
import type { TemplateSet } from '@fireball/jit';
import type { Vsoc, VsocOptions } from '@fireball/vsoc';
import { functionName, valueDocument } from '@fireball/wasm';
import { columnsAround } from './columns.js';
import { findDivergence, type SearchResult } from './search.js';
import type { WorldCall } from './world.js';

/** A WebAssembly instruction by its place. */
export interface ExplainedInstruction {
  readonly function: { readonly index: number; readonly name: string };
  readonly wasmOffset: number;
  /** As the text format has it. */
  readonly text: string;
}

/** A template that was executed for the instructions. */
export interface ExplainedSite extends ListedSite {
  /** The function whose code it is part of. */
  readonly function: { readonly index: number; readonly name: string };
}

/** Where native execution parts from the reference, in the JSON contract's terms. */
export type Explanation =
  | {
      readonly kind: 'divergence';
      /** The engine whose code was followed: in mixed mode the one that runs the same native code alone. */
      readonly engine: string;
      /** The call in which it happens, and how many boundaries between instructions native code had reached. */
      readonly call: { readonly function: string; readonly args: readonly ReturnType<typeof valueDocument>[] };
      readonly boundaries: number;
      /** The first instruction after which something differs. */
      readonly instruction: ExplainedInstruction;
      /** It, and those that share their machine code with it, in order of execution. */
      readonly group: readonly ExplainedInstruction[];
      /** The difference arises before the instruction, in the code that sets up the function's frame. */
      readonly inPrologue: boolean;
      readonly differences: readonly ValueDifference[];
      /** In order of execution, each once. */
      readonly sites: readonly ExplainedSite[];
      /** Routines in ROM that were called. */
      readonly routines: readonly { readonly name: string; readonly address: number }[];
      /** The function's code around the instruction: WebAssembly, template and machine code beside each other. */
      readonly columns: readonly CodeRow[];
    }
  /** Nothing to be said, and why. */
  | { readonly kind: 'none'; readonly reason: string };

/** Explains a failure of the last of `calls` on an engine; of one whose execution cannot be followed, why that is so, or what native code alone does. */
export async function explainOn(
  { name, isa, native, mixedMode }: Engine,
  loaded: LoadedModule,
  calls: readonly WorldCall[],
  options: EngineOptions,
): Promise<Explanation> {
  if (isa === undefined || !(native || mixedMode === true))
    return { kind: 'none', reason: `only native code of the JIT can be followed by instructions, and ${name} runs none` };
  const explanation = await explain(loaded, isa, calls, options);
  if (native || explanation.kind === 'divergence') return explanation;
  return {
    kind: 'none',
    reason:
      `${name} changes between the interpreter in ROM and native code, and only native code alone can be followed by instructions: ${isa} makes the same calls, and there is ${explanation.reason}. ` +
      'The fault may lie in the interpreter, in a change between the two, or in code as mixed mode makes it (entries at loops, safepoints, --inject)',
  };
}

/**
 * Executes the last of `calls` in the reference interpreter and in native code, step by step, and names the first
 * instruction after which they differ. `planted`: options of the virtual SoC under test that differ from the engine's.
 */
export async function explain(
  loaded: LoadedModule,
  isa: Isa,
  calls: readonly WorldCall[],
  options: EngineOptions,
  planted: Partial<VsocOptions> = {},
): Promise<Explanation> {
  const { start } = loaded.module;
  const all = start === undefined ? calls : [{ index: start, args: [] }, ...calls];
  if (all.length === 0) return { kind: 'none', reason: 'no code ran' };
  const found = findDivergence(loaded, all, { ...socOptions({ isa, tier: 'compiled' }, options), ...planted }, options);
  if (found === undefined) return { kind: 'none', reason: 'native code and reference cannot be brought side by side' };
  try {
    return await document(loaded, isa, found);
  } finally {
    found.world.close();
  }
}

async function document(loaded: LoadedModule, isa: Isa, { outcome, call, world }: SearchResult): Promise<Explanation> {
  if (outcome.kind === 'inconclusive') return { kind: 'none', reason: outcome.reason };
  if (outcome.kind === 'equal') return { kind: 'none', reason: 'no difference at any instruction' };
  const { divergence } = outcome;
  const { module } = loaded;
  const group = divergence.group.map((executed) => describe(loaded, executed));
  const sites = await sitesOf(loaded, world.vsoc, divergence);
  const instruction = group.find((candidate) => sites.some(({ wasmOffset }) => wasmOffset === candidate.wasmOffset)) ?? group[0];
  if (instruction === undefined) return { kind: 'none', reason: 'the difference belongs to no instruction' };
  return {
    kind: 'divergence',
    engine: isa,
    call: { function: functionName(module, call.index), args: call.args.map(valueDocument) },
    boundaries: divergence.boundaries,
    instruction,
    group,
    inPrologue: divergence.inPrologue,
    differences: divergence.differences,
    sites,
    routines: routinesOf(world.vsoc, divergence.trace),
    columns: await columnsAround(loaded, world.vsoc, instruction.function.index, instruction.wasmOffset),
  };
}

function describe({ module }: LoadedModule, { code, step }: Executed): ExplainedInstruction {
  const { index } = code.source;
  return { function: { index, name: functionName(module, index) }, wasmOffset: step.offset, text: step.text };
}

/** The templates to which the executed machine instructions belong. */
async function sitesOf({ module, validated }: LoadedModule, vsoc: Vsoc, { trace }: Divergence): Promise<ExplainedSite[]> {
  const templates: TemplateSet = vsoc.templates;
  const symbols = symbolsOf(module, vsoc);
  const listings = new Map<number, Map<number, ExplainedSite>>();
  const sites = new Map<number, ExplainedSite>();
  for (const pc of trace) {
    const location = vsoc.codeMap.find(pc);
    if (location === undefined) continue;
    const { index, code } = location.function;
    let listing = listings.get(index);
    const source = validated.functions.find((candidate) => candidate.index === index);
    if (listing === undefined && source !== undefined) {
      const listed = await listFunction(templates, module, source, code, symbols);
      listing = new Map(listed.sites.map((site) => [site.address, { ...site, function: { index, name: listed.name } }]));
      listings.set(index, listing);
    }
    const address = code.address + location.site.offset;
    const site = listing?.get(address);
    if (site !== undefined) sites.set(address, site);
  }
  return [...sites.values()];
}

function routinesOf({ rom }: Vsoc, trace: readonly number[]): { name: string; address: number }[] {
  const executed = new Set(trace);
  return [...rom.entries].filter(([, address]) => executed.has(address)).map(([name, address]) => ({ name, address }));
}

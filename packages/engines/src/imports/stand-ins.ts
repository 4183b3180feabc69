import { basename } from 'node:path';
import { InvalidInputError } from '@fireball/contracts';
import {
  type ConstantExpression,
  type GlobalType,
  type Import,
  InstructionReader,
  LinkError,
  linkWasi,
  type MemoryType,
  type TableType,
  type Value,
  type WasiFunction,
  type WasiHost,
  wasiModules,
  type WasmModule,
  wasmPageSize,
} from '@fireball/wasm';
import { openFolders } from '../wasi/folders.js';
import { createHost } from '../wasi/host.js';
import type { EngineOptions } from '../engine.js';
import type { EngineInstance } from '../instance.js';
import { isJitImport } from '../jit-imports.js';
import type { Extern, HostExterns, ImportResolver } from '../linker.js';
import type { LoadedModule } from '../inputs/module.js';
import { answersOf, namedAnswers, valueOf, zero } from './answers.js';
import { HostCallRecorder, type HostCallRecord } from './host-calls.js';
import type { ImportPolicy } from './policy.js';

/** What stands in for a module's imports on one engine. */
export interface StandIns {
  readonly resolve: ImportResolver;
  /** The calls of the host since this was asked last. */
  takeCalls(): readonly HostCallRecord[];
  /** Tells where the instance's memories are, one of which WASI functions work on; before that they find none. */
  connect(memoryAt: (index: number) => Uint8Array): void;
}

const noMemory = new Uint8Array(0);

/** Unlike the name that is shown, different for different imports, whatever dots are in their names. */
function keyOf(from: string, field: string): string {
  return JSON.stringify([from, field]);
}

/**
 * Makes stand-ins for everything that a module imports: WASI functions are ours, on a host without a world outside; other functions
 * answer as the policy says; memories and tables are as declared and empty, globals 0. They hold nothing but what the policy and
 * the calls so far determine, so they are the same on every engine.
 * @throws InvalidInputError where the policy's file does not fit the module
 */
export function createStandIns(file: string, module: WasmModule, host: HostExterns, policy: ImportPolicy, maxPages: number): StandIns {
  const recorder = new HostCallRecorder();
  let memory = (): Uint8Array => noMemory;
  const wasi = wasiFunctions(file, module, policy, recorder);
  const sizes = new SegmentSizes(module, policy, maxPages);
  const made = new Map<Import, Extern>();
  const imports = new Map<string, Import>();
  // The first one of a name says what it is.
  for (const entry of [...module.imports].reverse()) imports.set(keyOf(entry.module, entry.name), entry);

  const make = (entry: Import, name: string): Extern => {
    const { description } = entry;
    switch (description.kind) {
      case 'function': {
        const type = module.types[description.typeIndex]!;
        const ours = wasi.get(entry);
        const answers = ours === undefined ? answersOf(policy, name, type) : undefined;
        return host.function(
          type,
          recorder.record(name, (args) => answers?.() ?? performWasi(ours!, memory(), args)),
        );
      }
      case 'memory':
        refuseNamed(policy, name, description.kind);
        return host.memory(sizes.memory(indexOf(module, entry), description.type));
      case 'table':
        refuseNamed(policy, name, description.kind);
        return host.table(sizes.table(indexOf(module, entry), description.type));
      case 'global':
        return host.global(description.type, globalValue(policy, module, sizes, name, description.type));
    }
  };

  return {
    resolve(from, field) {
      const entry = isJitImport(from, field) ? undefined : imports.get(keyOf(from, field));
      if (entry === undefined) return undefined;
      const extern = made.get(entry) ?? make(entry, `${from}.${field}`);
      made.set(entry, extern);
      return extern;
    },
    takeCalls: () => recorder.take(),
    connect(memoryAt) {
      const exported = module.exports.find(({ name, kind }) => name === 'memory' && kind === 'memory');
      const index = exported?.index ?? 0;
      if (index < module.memories.length) memory = () => memoryAt(index);
    },
  };
}

/**
 * An instance with stand-ins for its imports, whose outcomes also tell what its host was asked; where the options want none, one
 * whose imports are found nowhere.
 */
export function withStandIns<I extends EngineInstance>(
  { file, module }: LoadedModule,
  host: HostExterns,
  options: Pick<EngineOptions, 'imports' | 'maxPages'>,
  instantiate: (resolve: ImportResolver) => I,
): I {
  if (options.imports === undefined || module.imports.length === 0) return instantiate(() => undefined);
  const standIns = createStandIns(file, module, host, options.imports, options.maxPages);
  const instance = instantiate(standIns.resolve);
  standIns.connect((index) => instance.memory(index));
  return {
    ...instance,
    invoke(name, args, reference) {
      const outcome = instance.invoke(name, args, reference);
      return { ...outcome, hostCalls: standIns.takeCalls() };
    },
  };
}

/** The WASI functions among the imports that no file names and that have the interface's types. */
function wasiFunctions(file: string, module: WasmModule, policy: ImportPolicy, recorder: HostCallRecorder): ReadonlyMap<Import, WasiFunction> {
  const entries = module.imports.filter((entry) => wasiModules.includes(entry.module) && namedAnswers(policy, `${entry.module}.${entry.name}`) === undefined);
  if (entries.length === 0) return new Map();
  const world = createWorld(file, policy, recorder);
  return linkWasi({ ...module, imports: entries.filter((entry) => fitsWasi(module, entry, world)) }, world);
}

/** Compilers for JavaScript hosts split 64-bit parameters in two; such functions are not the interface's. */
function fitsWasi(module: WasmModule, entry: Import, world: WasiHost): boolean {
  try {
    linkWasi({ ...module, imports: [entry] }, world);
    return true;
  } catch (error) {
    if (error instanceof LinkError) return false;
    throw error;
  }
}

/** What WASI functions work on: nothing but what the policy says, and folders as they were before any engine used them. */
function createWorld(file: string, { seed, world }: ImportPolicy, recorder: HostCallRecorder): WasiHost {
  return createHost({
    args: [basename(file)],
    environ: world?.environ ?? [],
    folders: openFolders(world?.folders ?? [], 'overlay'),
    seed,
    stdout: (bytes) => {
      recorder.write('stdout', bytes);
    },
    stderr: (bytes) => {
      recorder.write('stderr', bytes);
    },
  });
}

/** The interface has only integers. */
function performWasi(callee: WasiFunction, memory: Uint8Array, args: readonly Value[]): Value[] {
  const result = callee.call(
    memory,
    args.map(({ value }) => value as number | bigint),
  );
  return result === undefined ? [] : [{ type: 'i32', value: result }];
}

function refuseNamed(policy: ImportPolicy, name: string, kind: string): void {
  if (namedAnswers(policy, name) === undefined) return;
  throw new InvalidInputError(`"${name}" is a ${kind}: only functions and globals can be given answers`, { file: policy.file });
}

/** The imported thing's index in the index space of its kind. */
function indexOf(module: WasmModule, entry: Import): number {
  return module.imports.filter(({ description: { kind } }) => kind === entry.description.kind).indexOf(entry);
}

/** What linkers of position-independent code call the global in which a module finds its stack. */
const stackPointer = 'env.__stack_pointer';

function globalValue(policy: ImportPolicy, module: WasmModule, sizes: SegmentSizes, name: string, { type }: GlobalType): Value {
  const given = namedAnswers(policy, name);
  if (given !== undefined) {
    if (Array.isArray(given)) throw new InvalidInputError(`"${name}" is a global: one value is wanted`, { file: policy.file });
    return valueOf(policy, name, type, given as Exclude<typeof given, readonly unknown[]>);
  }
  const [memory] = module.memories;
  if (name !== stackPointer || type !== 'i32' || memory === undefined) return zero(type);
  // The stack grows down from the end.
  const { limits } = sizes.memory(0, memory);
  return { type, value: (limits.min * memory.pageSize) | 0 };
}

/** Memories and tables as large as declared, or as active segments need: dynamic libraries declare less than they fill. */
class SegmentSizes {
  constructor(
    private readonly module: WasmModule,
    private readonly policy: ImportPolicy,
    private readonly maxPages: number,
  ) {}

  memory(index: number, { limits: { min, max }, pageSize }: MemoryType): MemoryType {
    const segments = [...this.module.data].filter(({ memory }) => memory === index);
    const ends = segments.map(({ position, content }) => this.endOf(position, content.end - content.start));
    const isGrowable = pageSize === wasmPageSize;
    const most = isGrowable ? Math.min(max ?? Infinity, this.maxPages) : (max ?? Infinity);
    const needed = Math.min(most, Math.ceil(Math.max(0, ...ends) / pageSize));
    const pages = Math.max(min, needed);
    return { limits: { min: pages, max: isGrowable ? Math.max(pages, most) : max }, pageSize };
  }

  table(index: number, { element, limits: { min, max } }: TableType): TableType {
    const segments = this.module.elements.filter(({ table }) => table === index);
    const ends = segments.map(({ position, init }) => this.endOf(position, init.kind === 'functions' ? init.indices.length : init.expressions.length));
    const needed = Math.min(max ?? Infinity, Math.max(0, ...ends));
    return { element, limits: { min: Math.max(min, needed), max } };
  }

  /** Where a segment ends; 0 of one that is not copied by itself. */
  private endOf(position: ConstantExpression | undefined, size: number): number {
    return position === undefined ? 0 : this.startOf(position) + size;
  }

  /** A constant, or the value of an imported global, as compilers write it; anything else counts as 0. */
  private startOf(position: ConstantExpression): number {
    const reader = new InstructionReader(this.module.bytes, position.start);
    reader.read();
    if (reader.op.name === 'i32.const') return reader.a >>> 0;
    if (reader.op.name !== 'global.get') return 0;
    const entry = this.module.imports.filter(({ description }) => description.kind === 'global')[reader.a];
    const given = entry === undefined ? undefined : namedAnswers(this.policy, `${entry.module}.${entry.name}`);
    return typeof given === 'number' || typeof given === 'string' ? Number(given) >>> 0 : 0;
  }
}

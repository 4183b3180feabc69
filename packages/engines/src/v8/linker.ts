import { InternalError, InvalidInputError, UnsupportedError } from '@fireball/contracts';
import {
  decodeModule,
  f32FromBits,
  f64FromBits,
  type FunctionType,
  type ImportDescription,
  type Limits,
  SizeLimits,
  type Value,
  type ValueType,
  type WasmModule,
  wasmPageSize,
  type Work,
} from '@fireball/wasm';
import type { EngineOptions } from '../engine.js';
import { ModuleTrapError } from '../instance.js';
import { timeBound } from '../bounds.js';
import { withJitImports } from '../jit-imports.js';
import type { HostCall } from '../imports/host-calls.js';
import { linkedInstance, UnlinkableError, type Extern, type HostExterns, type ImportResolver, type LinkedInstance, type Linker } from '../linker.js';
import { buildHostFunction } from './bits-bridge.js';
import { codeShift, exposeState } from './expose.js';
import { createInstance, fromJs, reportTrap, toJs } from './instance.js';
import { withTimeLimit } from './time-limit.js';
import { enableExtendedConstants, WebAssembly, type WasmInstance } from './webassembly.js';

class V8Extern implements Extern {
  /** @param declared of a memory or table: its type's limits, without the maximum that V8 was given */
  constructor(
    readonly kind: Extern['kind'],
    readonly value: unknown,
    readonly declared?: Limits,
  ) {}
}

/** Instances of V8 that import from one another. */
export function createV8Linker({ maxPages, fuel }: EngineOptions): Linker {
  enableExtendedConstants();
  const limits = new SizeLimits(maxPages);
  return {
    host: v8Host(limits),
    load(file, bytes) {
      judge(file, bytes);
      return {
        // Errors reach those who wait for the instance.
        instantiate: (resolve, reference) => Promise.resolve().then(() => link(file, decodeModule(bytes), limits, fuel, resolve, reference)),
      };
    },
    close() {
      // Nothing to free: the garbage collector owns the instances.
    },
  };
}

/** Things of the host in V8, memories and tables as large as `limits` grants. */
export function v8Host(limits: SizeLimits): HostExterns {
  return {
    function: hostFunction,
    global: ({ type, mutable }, value) => new V8Extern('global', new WebAssembly.Global({ value: jsType(type), mutable }, jsValue(value))),
    table: (type) => {
      const { element, limits: declared } = type;
      const descriptor = { initial: declared.min, maximum: limits.takeTable(type), element: element === 'funcref' ? 'anyfunc' : element } as const;
      // Given nothing, a table of externrefs would hold `undefined`, which is a reference.
      return new V8Extern(
        'table',
        within(() => new WebAssembly.Table(descriptor, null)),
        declared,
      );
    },
    memory: (type) => {
      if (type.pageSize !== wasmPageSize) throw new UnsupportedError(customPageSizes);
      return new V8Extern(
        'memory',
        within(() => new WebAssembly.Memory({ initial: type.limits.min, maximum: limits.takeMemory(type).mostPages })),
        type.limits,
      );
    },
  };
}

/** A limit of V8's: no module is wrong that reaches it. */
export function beyondV8(error: RangeError, file?: string): UnsupportedError {
  return new UnsupportedError(`${error.message.replace(/^WebAssembly\.\w+\(\): /, '')}, in the v8 engine`, { file }, { cause: error });
}

/** Makes something of V8's that may be too large for it. */
function within<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? beyondV8(error) : error;
  }
}

const customPageSizes = 'custom page sizes in the v8 engine';

/** V8's own verdict on a module. */
function judge(file: string, bytes: Uint8Array): void {
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    if (hasCustomPages(bytes)) throw new UnsupportedError(customPageSizes, { file }, { cause: error });
    throw new InvalidInputError(error.message, { file }, { cause: error });
  }
}

function hasCustomPages(bytes: Uint8Array): boolean {
  try {
    return decodeModule(bytes).memories.some(({ pageSize }) => pageSize !== wasmPageSize);
  } catch (error) {
    // What neither decoder takes is V8's to explain.
    if (error instanceof InvalidInputError || error instanceof UnsupportedError) return false;
    throw error;
  }
}

function link(file: string, module: WasmModule, limits: SizeLimits, fuel: number, resolve: ImportResolver, reference: Work | undefined): LinkedInstance {
  const exposed = exposeState(module, limits);
  const shift = codeShift(module, exposed);
  const compiled = new WebAssembly.Module(exposed);
  const imports = importObject(module, resolve);
  try {
    const instance = withTimeLimit(timeBound(reference, fuel), () => new WebAssembly.Instance(compiled, imports));
    return linkedInstance(module, createInstance(module, instance, shift, fuel), exportsOf(module, instance, resolve));
  } catch (error) {
    // A missing import is a TypeError where the importing module's name is unknown too.
    if (error instanceof WebAssembly.LinkError || error instanceof TypeError) {
      throw new UnlinkableError(error.message, { file, section: 'import' }, { cause: error });
    }
    const trap = reportTrap(module, error, shift);
    if (trap !== undefined) throw new ModuleTrapError(file, trap);
    throw error instanceof RangeError ? beyondV8(error, file) : error;
  }
}

/** The import object of WebAssembly's JavaScript interface. */
type Imports = Record<string, Record<string, unknown>>;

/** What the module imports, as far as there is such a thing: from the resolver, or `builtin_jit_*`. */
export function importObject(module: WasmModule, given: ImportResolver): Imports {
  const resolve = withJitImports(given, hostFunction);
  // Without a prototype: an import may have any name.
  const imports = Object.create(null) as Imports;
  for (const entry of module.imports) {
    const extern = resolve(entry.module, entry.name);
    if (extern === undefined) continue;
    if (!(extern instanceof V8Extern)) throw new InternalError('the import comes from another engine');
    if (!allows(entry.description, extern))
      throw new UnlinkableError(`incompatible import type: ${entry.module}.${entry.name}`, { offset: entry.offset, section: 'import' });
    const members = (imports[entry.module] ??= Object.create(null) as Record<string, unknown>);
    members[entry.name] = extern.value;
  }
  return imports;
}

/** May a memory or table with that maximum stand for the import? V8 cannot tell: it knows the maximum that was granted. */
function allows(description: ImportDescription, { declared }: V8Extern): boolean {
  if (declared === undefined || (description.kind !== 'memory' && description.kind !== 'table')) return true;
  const { max } = description.type.limits;
  return max === undefined || (declared.max !== undefined && declared.max <= max);
}

function exportsOf(module: WasmModule, instance: WasmInstance, resolve: ImportResolver): ReadonlyMap<string, Extern> {
  const types = { memory: module.memories, table: module.tables };
  return new Map(
    module.exports.map(({ name, kind, index }) => {
      if (kind !== 'memory' && kind !== 'table') return [name, new V8Extern(kind, instance.exports[name])];
      const imported = module.imports.filter(({ description }) => description.kind === kind)[index];
      const extern = imported === undefined ? undefined : resolve(imported.module, imported.name);
      return [name, extern ?? new V8Extern(kind, instance.exports[name], types[kind][index]?.limits)];
    }),
  );
}

function hostFunction(type: FunctionType, call: HostCall): Extern {
  const withBits = (...args: unknown[]): unknown => {
    const results = call(type.params.map((param, index) => fromJs(param, args[index]))).map(toJs);
    return type.results.length === 1 ? results[0] : results;
  };
  const compiled = new WebAssembly.Module(buildHostFunction(type));
  return new V8Extern('function', new WebAssembly.Instance(compiled, { h: { f: withBits } }).exports['f']);
}

function jsType(type: ValueType): Exclude<ValueType, 'funcref'> | 'anyfunc' {
  return type === 'funcref' ? 'anyfunc' : type;
}

/** A value as JavaScript has it. A signalling NaN becomes a quiet one (hazard 10). */
function jsValue(value: Value): unknown {
  if (value.type === 'f32') return f32FromBits(value.value);
  if (value.type === 'f64') return f64FromBits(value.value);
  return value.value;
}

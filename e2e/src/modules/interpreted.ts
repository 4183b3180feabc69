import {
  f32FromBits,
  f32ToBits,
  f64FromBits,
  f64ToBits,
  instantiate,
  invokeFunction,
  type Store,
  type Extern,
  type FunctionInstance,
  type MemoryInstance,
  type ValidatedModule,
  type Value,
  type ValueType,
} from '@fireball/wasm';

/** What JavaScript gives to a module, by module name and field. */
export type JsImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What glue code made for V8's instances uses of one. */
export interface JsInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Wasm instructions that one call may execute. */
const fuel = 200_000_000;

/**
 * An instance in the reference interpreter that looks like one of V8's to JavaScript: functions take and give JavaScript
 * values, memories have `buffer` and `grow`. Imports may be functions, and memories made by `jsMemory`.
 */
export function interpret(store: Store, validated: ValidatedModule, imports: JsImports): JsInstance {
  const { module } = validated;
  const instance = instantiate(
    store,
    validated,
    (moduleName, name) => {
      const given = imports[moduleName]?.[name];
      if (given instanceof JsMemory) return given.memory;
      const entry = module.imports.find((wanted) => wanted.module === moduleName && wanted.name === name);
      if (typeof given !== 'function' || entry?.description.kind !== 'function') return undefined;
      const type = module.types[entry.description.typeIndex]!;
      const call = given as (...args: unknown[]) => unknown;
      return store.hostFunction(type, (args) => {
        const result = call(...args.map(toJs));
        return type.results.map((resultType) => fromJs(resultType, result));
      });
    },
    { fuel },
  );
  return { exports: Object.fromEntries([...instance.exports].map(([name, extern]) => [name, jsExport(store, extern)])) };
}

function jsExport(store: Store, extern: Extern): unknown {
  switch (extern.kind) {
    case 'function':
      return (...args: unknown[]) => call(store, extern, args);
    case 'memory':
      return new JsMemory(extern);
    case 'global':
      return { value: toJs(store.globalValue(extern)) };
    case 'table':
      // The glue of these packages fills tables only for callbacks, which no test uses.
      return { length: extern.size };
  }
}

function call(store: Store, callee: FunctionInstance, args: readonly unknown[]): unknown {
  const { params } = callee.type;
  const outcome = invokeFunction(
    store,
    callee,
    params.map((type, index) => fromJs(type, args[index])),
    { fuel },
  );
  if ('trap' in outcome) throw new Error(`trap: ${outcome.trap.kind} in ${outcome.trap.backtrace[0]?.name ?? 'the host'}`);
  const [result] = outcome.results;
  return result === undefined ? undefined : toJs(result);
}

/** The interpreter's memory with the interface of `WebAssembly.Memory`. */
export class JsMemory {
  constructor(readonly memory: MemoryInstance) {}
  get buffer(): ArrayBufferLike {
    return this.memory.bytes.buffer;
  }
  grow(pages: number): number {
    const old = this.memory.grow(pages);
    if (old < 0) throw new RangeError('the memory cannot grow');
    return old;
  }
}

/** `ToWebAssemblyValue` of the JavaScript interface, for numbers. */
function fromJs(type: ValueType, value: unknown): Value {
  switch (type) {
    case 'i32':
      return { type, value: Number(value ?? 0) | 0 };
    case 'i64':
      return { type, value: BigInt.asIntN(64, value as bigint) };
    case 'f32':
      return { type, value: f32ToBits(Number(value)) };
    case 'f64':
      return { type, value: f64ToBits(Number(value)) };
    case 'funcref':
    case 'externref':
      throw new TypeError(`${type} values do not cross this border`);
  }
}

function toJs(value: Value): unknown {
  if (value.type === 'f32') return f32FromBits(value.value);
  if (value.type === 'f64') return f64FromBits(value.value);
  return value.value;
}

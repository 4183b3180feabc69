import {
  functionTypeOf,
  LocalTypes,
  type ByteRange,
  type ElementSegment,
  type FunctionBody,
  type FunctionType,
  type ValueType,
  type WasmModule,
} from '@fireball/wasm';
import { CodeLifter } from './lift-code.js';
import { node, zero, type Node, type TreeElements, type TreeFunction, type TreeModule } from './tree.js';

/**
 * A valid module as a tree. Imports become definitions that do nothing: functions that return zeros, globals that are
 * zero. Of the exports the functions stay, each under its first name. Code that nothing reaches is left out.
 */
export function liftModule(module: WasmModule): TreeModule {
  const { imports, imported, bodies, globals, memories } = module;
  const names = new Map<number, string>();
  for (const { kind, index, name } of module.exports) {
    if (kind === 'function' && !names.has(index)) names.set(index, name);
  }
  const stubs = imports.flatMap(({ description }) => (description.kind === 'function' ? [stubOf(module.types[description.typeIndex]!)] : []));
  const defined = bodies.map((body, index) => liftFunction(module, imported.function + index, body));
  const [memory] = memories;
  return {
    functions: [...stubs, ...defined].map((entry, index) => ({ ...entry, exported: names.get(index) })),
    tables: module.tables.map(({ element, limits: { min, max } }) => ({ element, min, max })),
    memory: memory === undefined ? undefined : { min: memory.limits.min, max: memory.limits.max },
    globals: globals.map(({ type, mutable }, index) => {
      const init = module.globalInits[index - imported.global];
      return { type, mutable, init: init === undefined ? [zero(type)] : liftExpression(module, init, type) };
    }),
    start: module.start,
    elements: module.elements.map((segment) => liftElements(module, segment)),
    data: Array.from(module.data, ({ mode, position, content }) => ({
      mode,
      position: position === undefined ? [] : liftExpression(module, position, 'i32'),
      bytes: module.bytes.slice(content.start, content.end),
    })),
  };
}

function stubOf(type: FunctionType): TreeFunction {
  return { label: { id: 0 }, type, locals: [], body: type.results.map(zero), exported: undefined };
}

function liftFunction(module: WasmModule, index: number, { locals, code }: FunctionBody): TreeFunction {
  const type = functionTypeOf(module, index)!;
  const lifter = new CodeLifter(module, code, type, new LocalTypes(type.params, locals));
  return {
    label: lifter.label,
    type,
    locals: locals.flatMap((run) => Array.from({ length: run.count }, () => run.type)),
    body: lifter.body(),
    exported: undefined,
  };
}

/** A constant expression. What imported globals give to it is their value here: zero. */
function liftExpression(module: WasmModule, range: ByteRange, type: ValueType): readonly Node[] {
  return new CodeLifter(module, range, { params: [], results: [type] }, new LocalTypes([], [])).body().map(withoutGlobals);
}

function withoutGlobals(entry: Node): Node {
  if (entry.opcode?.name === 'global.get') return zero(entry.results[0]!);
  return { ...entry, args: entry.args.map(withoutGlobals) };
}

function liftElements(module: WasmModule, { mode, type, table, position, init }: ElementSegment): TreeElements {
  const items =
    init.kind === 'functions'
      ? init.indices.map((index) => [node('ref.func', [], ['funcref'], { a: index })])
      : init.expressions.map((range) => liftExpression(module, range, type));
  return { type, mode, table, position: position === undefined ? [] : liftExpression(module, position, 'i32'), items };
}

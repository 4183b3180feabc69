import { resolveImport, type ImportResolver, type ProvidedType } from '../linking.js';
import type { DataSegment } from '../data-segments.js';
import type { ConstantExpression, ElementSegment } from '../module.js';
import type { RawValue } from '../semantics.js';
import { Trap } from '../trap.js';
import type { ValidatedModule } from '../validator.js';
import { evaluateConstant } from './constant.js';
import { GlobalInstance } from './global.js';
import { Instance, invokeFunction, type InvokeOptions } from './instance.js';
import type { Store } from './store.js';
import { WasmFunction, type Extern } from './structure.js';
import { InstantiationTrap, reportTrap } from './trap-report.js';

function add(instance: Instance, extern: Extern): void {
  switch (extern.kind) {
    case 'function':
      instance.functions.push(extern);
      break;
    case 'table':
      instance.tables.push(extern);
      break;
    case 'memory':
      instance.memories.push(extern);
      break;
    case 'global':
      instance.globals.push(extern);
      break;
  }
}

/** What import matching has to know. */
function providedType(given: Extern): ProvidedType {
  switch (given.kind) {
    case 'function':
    case 'global':
      return given;
    case 'table':
      return { kind: 'table', element: given.type.element, size: given.size, max: given.type.limits.max };
    case 'memory':
      return { kind: 'memory', pageSize: given.pageSize, size: given.pages, max: given.type.limits.max };
  }
}

/** Makes everything that the module defines, without any effect that others could see. */
function allocate(store: Store, validated: ValidatedModule, resolve: ImportResolver): Instance {
  const { module, functions } = validated;
  const { imported } = module;
  const instance = new Instance(store, validated);
  const externs = module.imports.map((entry) => resolveImport(module, entry, resolve, providedType));
  for (const extern of externs) add(instance, extern);
  for (const entry of functions) {
    add(instance, new WasmFunction(instance, entry, store.typeNumber(entry.type)));
  }
  for (const type of module.tables.slice(imported.table)) add(instance, store.table(type));
  for (const type of module.memories.slice(imported.memory)) add(instance, store.memory(type));
  module.globals.slice(imported.global).forEach((type, index) => {
    add(instance, new GlobalInstance(type, constant(instance, module.globalInits[index]!)));
  });
  for (const segment of module.elements) instance.elements.push(elementReferences(instance, segment));
  for (const { content } of module.data) {
    instance.data.push(module.bytes.subarray(content.start, content.end));
  }
  addExports(instance);
  return instance;
}

function constant(instance: Instance, expression: ConstantExpression): RawValue {
  const { store, module, functions, globals } = instance;
  const context = {
    bytes: module.bytes,
    globalValue: (index: number) => globals[index]?.raw ?? 0,
    functionReference: (index: number) => store.codec.functions.numberOf(functions[index] ?? null),
  };
  return evaluateConstant(context, expression);
}

function elementReferences(instance: Instance, { init }: ElementSegment): Int32Array {
  const { functions } = instance.store.codec;
  return init.kind === 'functions'
    ? Int32Array.from(init.indices, (index) => functions.numberOf(instance.functions[index]!))
    : Int32Array.from(init.expressions, (entry) => Number(constant(instance, entry)));
}

function addExports(instance: Instance): void {
  const spaces = {
    function: instance.functions,
    table: instance.tables,
    memory: instance.memories,
    global: instance.globals,
  } as const;
  for (const { name, kind, index } of instance.module.exports) {
    instance.exports.set(name, spaces[kind][index]!);
  }
}

function address(instance: Instance, segment: ElementSegment | DataSegment): number | undefined {
  const { position } = segment;
  return position === undefined ? undefined : Number(constant(instance, position)) >>> 0;
}

/** Active segments, in order; what came before a failing one stays written, as the spec says. */
function initialize(instance: Instance): void {
  const { elements, data } = instance.module;
  elements.forEach((segment, index) => {
    const start = address(instance, segment);
    const references = instance.elements[index]!;
    if (start !== undefined) {
      instance.tables[segment.table]!.init(references, start, 0, references.length);
    }
    if (segment.mode !== 'passive') instance.dropElements(index);
  });
  let index = 0;
  for (const segment of data) {
    const start = address(instance, segment);
    const content = instance.data[index]!;
    if (start !== undefined) {
      instance.memories[segment.memory]!.init(content, start, 0, content.length);
      instance.dropData(index);
    }
    index++;
  }
}

/**
 * Instantiates a module: links its imports, writes its active segments, runs its start function.
 * @param options fuel for the start function
 * @throws LinkError where an import is missing or of another type
 * @throws InstantiationTrap where a segment does not fit or the start function traps; its functions that already sit in
 *   shared tables stay callable
 * @throws UnsupportedError where a memory or table is beyond the store's limits
 */
export function instantiate(store: Store, validated: ValidatedModule, resolve: ImportResolver = () => undefined, options: InvokeOptions = {}): Instance {
  const instance = allocate(store, validated, resolve);
  try {
    initialize(instance);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    throw new InstantiationTrap(reportTrap(error, []));
  }
  const { start } = validated.module;
  if (start !== undefined) {
    const outcome = invokeFunction(store, instance.functions[start]!, [], options);
    if ('trap' in outcome) throw new InstantiationTrap(outcome.trap);
  }
  return instance;
}

import type { ValueType } from '@fireball/wasm';
import { i32, zero, type Node, type TreeFunction, type TreeModule } from './tree.js';

/** All lists of nodes directly below a node. */
function lists({ args, inside }: Node): readonly (readonly Node[])[] {
  return [args, inside?.body ?? [], inside?.otherwise ?? []];
}

/** The node at a place in preorder, and its list with it replaced by any number of nodes. */
class Replacer {
  found: Node | undefined;
  private left: number;

  constructor(
    place: number,
    private readonly replacement: readonly Node[] | undefined,
  ) {
    this.left = place;
  }

  list(nodes: readonly Node[]): readonly Node[] {
    let result: Node[] | undefined;
    for (const [index, node] of nodes.entries()) {
      if (this.found !== undefined) break;
      if (this.left === 0) {
        this.found = node;
        if (this.replacement !== undefined) result = [...nodes.slice(0, index), ...this.replacement, ...nodes.slice(index + 1)];
        break;
      }
      this.left -= 1;
      const changed = this.node(node);
      if (changed !== node) result = [...nodes.slice(0, index), changed, ...nodes.slice(index + 1)];
    }
    return result ?? nodes;
  }

  private node(node: Node): Node {
    const args = this.list(node.args);
    if (node.inside === undefined) return args === node.args ? node : { ...node, args };
    const body = this.list(node.inside.body);
    const otherwise = node.inside.otherwise === undefined ? undefined : this.list(node.inside.otherwise);
    if (args === node.args && body === node.inside.body && otherwise === node.inside.otherwise) return node;
    return { ...node, args, inside: { ...node.inside, body, otherwise } };
  }
}

/** The node at `place` in preorder; undefined behind the last one. */
export function nodeAt(nodes: readonly Node[], place: number): Node | undefined {
  const replacer = new Replacer(place, undefined);
  replacer.list(nodes);
  return replacer.found;
}

export function replaceAt(nodes: readonly Node[], place: number, replacement: readonly Node[]): readonly Node[] {
  return new Replacer(place, replacement).list(nodes);
}

const sameTypes = (a: readonly ValueType[], b: readonly ValueType[]): boolean => a.length === b.length && a.every((type, index) => type === b[index]);

const leaves = (nodes: readonly Node[]): ValueType[] => nodes.flatMap(({ results }) => results);

/** Smaller code that leaves values of the same types, the smallest first. It may still be invalid: labels, operands. */
export function* simplerNodes(node: Node): Generator<readonly Node[]> {
  const name = node.opcode?.name;
  const isConstant = name?.endsWith('.const') === true || name === 'ref.null';
  if (node.results.length === 0) yield [];
  else if (!isConstant) yield node.results.map(zero);
  for (const list of lists(node)) {
    if (list.length > 0 && sameTypes(leaves(list), node.results)) yield list;
    for (const child of list) if (sameTypes(child.results, node.results)) yield [child];
  }
  if (node.results.length === 0) {
    // The effects of the operands alone.
    for (const list of lists(node)) {
      if (list.length > 1) yield list.filter(({ results }) => results.length === 0);
    }
  }
  if (node.inside?.otherwise !== undefined && node.results.length === 0) {
    yield [{ ...node, inside: { ...node.inside, otherwise: undefined } }];
  }
  if (node.b !== 0 && node.opcode?.immediates === 'memarg') yield [{ ...node, b: 0 }];
  if (node.labels.length > 1) {
    yield [{ ...node, labels: node.labels.slice(-1) }];
    yield [{ ...node, labels: node.labels.slice(node.labels.length >> 1) }];
  }
  if (name === 'i32.const') {
    for (const value of [0, 1, node.a >> 16, node.a >> 1]) {
      if (Math.abs(value) < Math.abs(node.a)) yield [i32(value)];
    }
  }
}

/** The module with one function's code replaced. */
export function withBody(module: TreeModule, index: number, body: readonly Node[]): TreeModule {
  return withFunction(module, index, { ...module.functions[index]!, body });
}

function withFunction(module: TreeModule, index: number, changed: TreeFunction): TreeModule {
  return { ...module, functions: module.functions.map((entry, at) => (at === index ? changed : entry)) };
}

/** The same module without locals, globals, functions, segments, tables and memory that nothing names. */
export function* withoutUnused(module: TreeModule, calledNames: ReadonlySet<string>): Generator<TreeModule> {
  yield { ...module, start: undefined };
  yield { ...module, memory: undefined, data: [] };
  yield { ...module, data: [] };
  for (const index of module.data.keys()) yield { ...module, data: module.data.filter((_, at) => at !== index) };
  yield { ...module, tables: [], elements: [] };
  yield { ...module, elements: module.elements.filter(({ mode }) => mode === 'active') };
  for (const [index, { exported }] of module.functions.entries()) {
    if (exported !== undefined && !calledNames.has(exported)) {
      yield withFunction(module, index, { ...module.functions[index]!, exported: undefined });
    }
  }
  for (let index = module.functions.length - 1; index >= 0; index--) yield withoutFunction(module, index);
  for (let index = module.globals.length - 1; index >= 0; index--) yield withoutGlobal(module, index);
  for (const [index, entry] of module.functions.entries()) {
    for (let local = entry.locals.length - 1; local >= 0; local--) yield withFunction(module, index, withoutLocal(entry, local));
  }
}

/** Every node of the module changed by `change`. */
function mapCode(module: TreeModule, change: (node: Node) => Node): TreeModule {
  const list = (nodes: readonly Node[]): readonly Node[] => nodes.map((node) => mapNode(node, change));
  return {
    ...module,
    functions: module.functions.map((entry) => ({ ...entry, body: list(entry.body) })),
    elements: module.elements.map((segment) => ({ ...segment, items: segment.items.map(list) })),
  };
}

function mapNode(node: Node, change: (node: Node) => Node): Node {
  const list = (nodes: readonly Node[]): readonly Node[] => nodes.map((child) => mapNode(child, change));
  const args = list(node.args);
  const inside =
    node.inside === undefined
      ? undefined
      : { ...node.inside, body: list(node.inside.body), otherwise: node.inside.otherwise === undefined ? undefined : list(node.inside.otherwise) };
  return change({ ...node, args, inside });
}

/** An index behind a removed one; the removed one itself becomes invalid, so that its users are found by the validator. */
const shifted = (index: number, removed: number): number => (index === removed ? 0xffff : index > removed ? index - 1 : index);

function withoutFunction(module: TreeModule, removed: number): TreeModule {
  const changed = mapCode(module, (node) => (node.opcode?.immediates === 'func' ? { ...node, a: shifted(node.a, removed) } : node));
  const start = module.start === undefined ? undefined : shifted(module.start, removed);
  return { ...changed, start, functions: changed.functions.filter((_, index) => index !== removed) };
}

function withoutGlobal(module: TreeModule, removed: number): TreeModule {
  const changed = mapCode(module, (node) => (node.opcode?.immediates === 'global' ? { ...node, a: shifted(node.a, removed) } : node));
  return { ...changed, globals: changed.globals.filter((_, index) => index !== removed) };
}

function withoutLocal(entry: TreeFunction, removed: number): TreeFunction {
  const index = entry.type.params.length + removed;
  const change = (node: Node): Node => (node.opcode?.immediates === 'local' ? { ...node, a: shifted(node.a, index) } : node);
  return {
    ...entry,
    locals: entry.locals.filter((_, at) => at !== removed),
    body: entry.body.map((node) => mapNode(node, change)),
  };
}

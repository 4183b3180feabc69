import { InternalError } from '@fireball/contracts';
import {
  functionTypeOf,
  InstructionReader,
  type ByteRange,
  type FunctionType,
  type LocalTypes,
  type OpName,
  type ValueType,
  type WasmModule,
} from '@fireball/wasm';
import { node, operands, type Inside, type Label, type Node } from './tree.js';

/** Types of the operands that an instruction takes, as far as their number counts, and of its results. */
interface Effect {
  readonly operands: number;
  readonly results: readonly ValueType[];
  /** Nothing of the block is reached behind it. */
  readonly ends?: true;
}

/** A block that is being lifted. */
interface Scope {
  readonly label: Label;
  readonly type: FunctionType;
  readonly isLoop: boolean;
  /** Nodes at its start, in order; those that left values may still become operands. */
  nodes: Node[];
}

/** Turns the instructions of one body or constant expression into trees. */
export class CodeLifter {
  readonly label: Label = { id: 0 };
  private readonly reader: InstructionReader;
  private readonly scopes: Scope[];
  private labels = 0;

  constructor(
    private readonly module: WasmModule,
    code: ByteRange,
    type: FunctionType,
    private readonly locals: LocalTypes,
  ) {
    this.reader = new InstructionReader(module.bytes, code.start);
    this.scopes = [{ label: this.label, type, isLoop: false, nodes: [] }];
  }

  body(): readonly Node[] {
    this.sequence();
    return this.scopes[0]!.nodes;
  }

  private get scope(): Scope {
    return this.scopes.at(-1)!;
  }

  /** Reads up to the `end` or `else` that closes the innermost scope, and tells which. */
  private sequence(): 'end' | 'else' {
    const { reader } = this;
    for (;;) {
      reader.read();
      const { name } = reader.op;
      if (name === 'end' || name === 'else') return name;
      if (name === 'block' || name === 'loop' || name === 'if') {
        this.block(name);
        continue;
      }
      const { ends } = this.instruction(name);
      if (ends === true) return this.skip();
    }
  }

  /** Passes over what cannot be reached. */
  private skip(): 'end' | 'else' {
    const { reader } = this;
    for (let depth = 0; ;) {
      reader.read();
      const { name } = reader.op;
      if (name === 'block' || name === 'loop' || name === 'if') depth += 1;
      else if (name === 'end' && depth > 0) depth -= 1;
      else if ((name === 'end' || name === 'else') && depth === 0) return name;
    }
  }

  private block(name: 'block' | 'loop' | 'if'): void {
    const type = this.blockType();
    const { args, left } = this.take(type.params.length + (name === 'if' ? 1 : 0));
    const label: Label = { id: ++this.labels };
    const arm = (): { nodes: Node[]; closed: 'end' | 'else' } => {
      this.scopes.push({ label, type, isLoop: name === 'loop', nodes: type.params.length === 0 ? [] : [operands(type.params)] });
      const closed = this.sequence();
      return { nodes: this.scopes.pop()!.nodes, closed };
    };
    const first = arm();
    const inside: Inside = { label, body: first.nodes, otherwise: first.closed === 'else' ? arm().nodes : undefined };
    this.scope.nodes.push(node(name, args, [...left, ...type.results], { type, inside }));
  }

  private blockType(): FunctionType {
    const { blockType } = this.reader;
    if (blockType === 'empty') return { params: [], results: [] };
    return typeof blockType === 'number' ? this.module.types[blockType]! : { params: [], results: [blockType] };
  }

  private instruction(name: OpName): Effect {
    const { a, b, i64: wide, types, targets } = this.reader;
    const { immediates } = this.reader.op;
    const depths = immediates === 'label' ? [a] : immediates === 'br_table' ? targets : [];
    const labels = depths.map((depth) => this.at(depth).label);
    const type = immediates === 'type_table' ? this.module.types[a] : undefined;
    const effect = this.effect();
    const { args, left } = this.take(effect.operands);
    this.scope.nodes.push(node(name, args, [...left, ...effect.results], { a, b, wide, labels, types, type }));
    return effect;
  }

  /** The nodes whose values are the topmost `count` operands, and the types of values that they leave besides. */
  private take(count: number): { args: Node[]; left: readonly ValueType[] } {
    const { nodes } = this.scope;
    const types: ValueType[] = [];
    let start = nodes.length;
    while (types.length < count) {
      start -= 1;
      const producer = nodes[start];
      if (producer === undefined) throw new InternalError('operand stack underflow in a valid module');
      types.unshift(...producer.results);
    }
    return { args: nodes.splice(start), left: types.slice(0, types.length - count) };
  }

  private at(depth: number): Scope {
    return this.scopes[this.scopes.length - 1 - depth]!;
  }

  private branchTypes(depth: number): readonly ValueType[] {
    const { isLoop, type } = this.at(depth);
    return isLoop ? type.params : type.results;
  }

  /** Type of the operand `below` the topmost one. */
  private typeOf(below: number): ValueType {
    return this.scope.nodes.flatMap(({ results }) => results).at(-1 - below)!;
  }

  private effect(): Effect {
    const { reader, module } = this;
    const { a } = reader;
    const { name, signature } = reader.op;
    if (signature !== undefined) return { operands: signature.params.length, results: signature.results };
    const call = (type: FunctionType, extra: number, isTail: boolean): Effect => ({
      operands: type.params.length + extra,
      ...(isTail ? { results: [], ends: true } : { results: type.results }),
    });
    switch (name) {
      case 'br':
        return { operands: this.branchTypes(a).length, results: [], ends: true };
      case 'br_if':
        return { operands: this.branchTypes(a).length + 1, results: this.branchTypes(a) };
      case 'br_table':
        return { operands: this.branchTypes(reader.targets.at(-1)!).length + 1, results: [], ends: true };
      case 'return':
        return { operands: this.scopes[0]!.type.results.length, results: [], ends: true };
      case 'call':
      case 'return_call':
        return call(functionTypeOf(module, a)!, 0, name === 'return_call');
      case 'call_indirect':
      case 'return_call_indirect':
        return call(module.types[a]!, 1, name === 'return_call_indirect');
      case 'drop':
      case 'local.set':
      case 'global.set':
        return { operands: 1, results: [] };
      case 'select':
      case 'select_t':
        return { operands: 3, results: [this.typeOf(2)] };
      case 'local.get':
        return { operands: 0, results: [this.locals.typeAt(a)!] };
      case 'local.tee':
        return { operands: 1, results: [this.locals.typeAt(a)!] };
      case 'global.get':
        return { operands: 0, results: [module.globals[a]!.type] };
      case 'table.get':
        return { operands: 1, results: [module.tables[a]!.element] };
      case 'table.set':
        return { operands: 2, results: [] };
      case 'table.grow':
        return { operands: 2, results: ['i32'] };
      case 'table.fill':
        return { operands: 3, results: [] };
      case 'ref.null':
        return { operands: 0, results: [reader.types[0]!] };
      case 'ref.is_null':
        return { operands: 1, results: ['i32'] };
      case 'ref.func':
        return { operands: 0, results: ['funcref'] };
      case 'unreachable':
        return { operands: 0, results: [], ends: true };
      case 'block':
      case 'loop':
      case 'if':
      case 'else':
      case 'end':
        throw new InternalError(`${name} is no instruction by itself`);
    }
  }
}

import { InternalError } from '@fireball/contracts';
import { valueTypeEncodings, type FunctionType, type ValueType } from '@fireball/wasm';
import { exportKinds, functionType, globalType, name, preamble, section, u32, vector } from '../engines/v8/encode.js';
import type { Label, Node, TreeData, TreeElements, TreeFunction, TreeModule } from './tree.js';

const end = 0x0b;
const otherwise = 0x05;
const emptyBlock = 0x40;

/** The tree cannot be written down: a branch whose target is not around it. Reducers ask for such trees. */
export class DanglingLabelError extends InternalError {}

/** The module in the binary format. Each function type appears once. */
export function encodeModule(module: TreeModule): Uint8Array {
  const types = new TypeIndices();
  const functions = module.functions.map(({ type }) => u32(types.indexOf(type)));
  const writer = new CodeWriter(types);
  // Bodies come first, because they ask for block types.
  const bodies = module.functions.map((entry) => body(writer, entry));
  const expression = (nodes: readonly Node[]): number[] => [...writer.write(nodes), end];
  const memory = module.memory === undefined ? [] : [limits(module.memory.min, module.memory.max)];
  const exports = module.functions.flatMap(({ exported }, index) =>
    exported === undefined ? [] : [[...name(exported), exportKinds.function, ...u32(index)]],
  );
  const sections: readonly (readonly [id: number, entries: readonly (readonly number[])[]])[] = [
    [3, functions],
    [4, module.tables.map(({ element, min, max }) => [valueTypeEncodings[element], ...limits(min, max)])],
    [5, memory],
    [6, module.globals.map((global) => [...globalType(global), ...expression(global.init)])],
    [7, exports],
    [9, module.elements.map((segment) => elements(segment, expression))],
    [10, bodies],
    [11, module.data.map((segment) => data(segment, expression))],
  ];
  const parts = sections.flatMap(([id, entries]) => {
    // Section 8 (start) and 12 (data count) are no vectors and stand in front of 9 and 10.
    const ahead =
      id === 9 && module.start !== undefined
        ? section(8, u32(module.start))
        : id === 10 && module.data.length > 0
          ? section(12, u32(module.data.length))
          : [];
    return [...ahead, ...(entries.length === 0 ? [] : section(id, vector(entries)))];
  });
  return Uint8Array.from([...preamble, ...section(1, vector(types.list.map(functionType))), ...parts]);
}

function limits(min: number, max: number | undefined): number[] {
  return max === undefined ? [0, ...u32(min)] : [1, ...u32(min), ...u32(max)];
}

function body(writer: CodeWriter, { label, locals, body: code }: TreeFunction): number[] {
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count += 1;
    else runs.push({ type, count: 1 });
  }
  const head = vector(runs.map(({ type, count }) => [...u32(count), valueTypeEncodings[type]]));
  const instructions = writer.write(code, label);
  return [...u32(head.length + instructions.length + 1), ...head, ...instructions, end];
}

function elements(segment: TreeElements, expression: (nodes: readonly Node[]) => number[]): number[] {
  const items = vector(segment.items.map(expression));
  const type = valueTypeEncodings[segment.type];
  switch (segment.mode) {
    case 'active':
      return [6, ...u32(segment.table), ...expression(segment.position), type, ...items];
    case 'passive':
      return [5, type, ...items];
    case 'declarative':
      return [7, type, ...items];
  }
}

function data({ mode, position, bytes }: TreeData, expression: (nodes: readonly Node[]) => number[]): number[] {
  const content = [...u32(bytes.length), ...bytes];
  return mode === 'active' ? [0, ...expression(position), ...content] : [1, ...content];
}

class TypeIndices {
  readonly list: FunctionType[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(type: FunctionType): number {
    const key = `${type.params.join()}:${type.results.join()}`;
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.list.length);
    return this.list.push(type) - 1;
  }
}

/** Writes instructions; keeps its buffer from one sequence to the next. */
class CodeWriter {
  private bytes: number[] = [];
  /** Labels around the place that is being written, innermost last. */
  private readonly labels: Label[] = [];

  constructor(private readonly types: TypeIndices) {}

  /** The instructions of `nodes`, without a closing `end`; `outer` stands for the whole sequence. */
  write(nodes: readonly Node[], ...outer: readonly Label[]): number[] {
    this.bytes = [];
    this.labels.splice(0, Infinity, ...outer);
    this.sequence(nodes);
    return this.bytes;
  }

  private sequence(nodes: readonly Node[]): void {
    for (const entry of nodes) this.node(entry);
  }

  private node(entry: Node): void {
    this.sequence(entry.args);
    if (entry.opcode === undefined) return;
    const { code } = entry.opcode;
    if (code < 0x100) this.bytes.push(code);
    else this.bytes.push(code >> 8, code & 0xff);
    this.immediates(entry);
    if (entry.inside === undefined) return;
    this.labels.push(entry.inside.label);
    this.sequence(entry.inside.body);
    if (entry.inside.otherwise !== undefined) {
      this.bytes.push(otherwise);
      this.sequence(entry.inside.otherwise);
    }
    this.labels.pop();
    this.bytes.push(end);
  }

  private immediates(entry: Node): void {
    const { a, b } = entry;
    switch (entry.opcode!.immediates) {
      case 'none':
        return;
      case 'block':
        this.blockType(entry.type!);
        return;
      case 'label':
        this.unsigned(this.depthOf(entry.labels[0]!));
        return;
      case 'br_table':
        this.unsigned(entry.labels.length - 1);
        for (const label of entry.labels) this.unsigned(this.depthOf(label));
        return;
      case 'func':
      case 'local':
      case 'global':
      case 'table':
      case 'data':
      case 'elem':
        this.unsigned(a);
        return;
      case 'type_table':
        this.unsigned(this.types.indexOf(entry.type!));
        this.unsigned(b);
        return;
      case 'memarg':
      case 'elem_table':
      case 'table_table':
        this.unsigned(a);
        this.unsigned(b);
        return;
      case 'memory':
        this.bytes.push(0);
        return;
      case 'memory_memory':
        this.bytes.push(0, 0);
        return;
      case 'data_memory':
        this.unsigned(a);
        this.bytes.push(0);
        return;
      case 'i32':
        this.signed(a | 0);
        return;
      case 'i64':
        this.signedWide(BigInt.asIntN(64, entry.wide));
        return;
      case 'f32':
        for (let shift = 0; shift < 32; shift += 8) this.bytes.push((a >>> shift) & 0xff);
        return;
      case 'f64':
        for (let shift = 0n; shift < 64n; shift += 8n) this.bytes.push(Number((entry.wide >> shift) & 0xffn));
        return;
      case 'select_types':
        this.unsigned(entry.types.length);
        for (const type of entry.types) this.bytes.push(valueTypeEncodings[type]);
        return;
      case 'ref_type':
        this.bytes.push(valueTypeEncodings[entry.types[0]!]);
        return;
    }
  }

  private blockType(type: FunctionType): void {
    if (type.params.length > 0 || type.results.length > 1) this.signed(this.types.indexOf(type));
    else this.bytes.push(type.results[0] === undefined ? emptyBlock : valueTypeEncodings[type.results[0]]);
  }

  private depthOf(label: Label): number {
    const index = this.labels.lastIndexOf(label);
    if (index < 0) throw new DanglingLabelError(`label ${label.id} is not around its branch`);
    return this.labels.length - 1 - index;
  }

  private unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes.push((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.bytes.push(rest);
  }

  private signed(value: number): void {
    let rest = value;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
      this.bytes.push(isLast ? low : low | 0x80);
      if (isLast) return;
    }
  }

  private signedWide(value: bigint): void {
    let rest = value;
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40);
      this.bytes.push(isLast ? low : low | 0x80);
      if (isLast) return;
    }
  }
}

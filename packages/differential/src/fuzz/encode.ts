import { InternalError } from '@fireball/contracts';
import { valueTypeEncodings, type FunctionType, type ValueType } from '@fireball/wasm';
import { ByteWriter } from './bytes.js';
import type { Label, Node, TreeModule } from './tree.js';

const preamble = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const sections = { type: 1, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9, code: 10, data: 11, dataCount: 12 };
const endCode = 0x0b;
const elseCode = 0x05;
const emptyBlock = 0x40;
const functionForm = 0x60;
const utf8 = new TextEncoder();

/** The tree cannot be written down: a branch whose target is not around it. Reducers ask for such trees. */
class DanglingLabelError extends InternalError {}

/** The module in the binary format. Each function type appears once. */
export function encodeModule(module: TreeModule): Uint8Array {
  const types = new TypeIndices();
  for (const { type } of module.functions) types.indexOf(type);
  // Code comes first, because it asks for block types.
  const code = new ByteWriter();
  code.vector(module.functions, ({ label, locals, body }) => {
    code.sized(() => {
      code.vector(runsOf(locals), ({ type, count }) => {
        code.unsigned(count);
        code.byte(valueTypeEncodings[type]);
      });
      new CodeWriter(code, types, [label]).sequence(body);
      code.byte(endCode);
    });
  });

  const file = new ByteWriter();
  file.append(preamble);
  const section = (id: number, isPresent: boolean, write: (content: ByteWriter) => void): void => {
    if (!isPresent) return;
    file.byte(id);
    file.sized(() => write(file));
  };
  const expression = (content: ByteWriter, nodes: readonly Node[]): void => {
    new CodeWriter(content, types, []).sequence(nodes);
    content.byte(endCode);
  };
  const { functions, tables, memory, globals, start, elements, data } = module;
  section(sections.type, true, (out) => out.vector(types.list, (type) => functionType(out, type)));
  section(sections.function, true, (out) => out.vector(functions, ({ type }) => out.unsigned(types.indexOf(type))));
  section(sections.table, tables.length > 0, (out) =>
    out.vector(tables, ({ element, min, max }) => {
      out.byte(valueTypeEncodings[element]);
      limits(out, min, max);
    }),
  );
  section(sections.memory, memory !== undefined, (out) => out.vector([memory!], ({ min, max }) => limits(out, min, max)));
  section(sections.global, globals.length > 0, (out) =>
    out.vector(globals, ({ type, mutable, init }) => {
      out.append([valueTypeEncodings[type], mutable ? 1 : 0]);
      expression(out, init);
    }),
  );
  section(sections.export, true, (out) => {
    const exported = functions.flatMap(({ exported: name }, index) => (name === undefined ? [] : [{ name, index }]));
    out.vector(exported, ({ name, index }) => {
      const text = utf8.encode(name);
      out.unsigned(text.length);
      out.append(text);
      out.byte(0);
      out.unsigned(index);
    });
  });
  section(sections.start, start !== undefined, (out) => out.unsigned(start!));
  section(sections.element, elements.length > 0, (out) =>
    out.vector(elements, ({ mode, table, position, type, items }) => {
      out.byte({ active: 6, passive: 5, declarative: 7 }[mode]);
      if (mode === 'active') {
        out.unsigned(table);
        expression(out, position);
      }
      out.byte(valueTypeEncodings[type]);
      out.vector(items, (item) => expression(out, item));
    }),
  );
  section(sections.dataCount, data.length > 0, (out) => out.unsigned(data.length));
  section(sections.code, true, (out) => out.append(code.take()));
  section(sections.data, data.length > 0, (out) =>
    out.vector(data, ({ mode, position, bytes }) => {
      out.byte(mode === 'active' ? 0 : 1);
      if (mode === 'active') expression(out, position);
      out.unsigned(bytes.length);
      out.append(bytes);
    }),
  );
  return file.take();
}

function limits(out: ByteWriter, min: number, max: number | undefined): void {
  out.byte(max === undefined ? 0 : 1);
  out.unsigned(min);
  if (max !== undefined) out.unsigned(max);
}

function functionType(out: ByteWriter, { params, results }: FunctionType): void {
  out.byte(functionForm);
  for (const types of [params, results]) out.vector(types, (type) => out.byte(valueTypeEncodings[type]));
}

function runsOf(locals: readonly ValueType[]): { type: ValueType; count: number }[] {
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count += 1;
    else runs.push({ type, count: 1 });
  }
  return runs;
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

/** Writes instructions. */
class CodeWriter {
  constructor(
    private readonly out: ByteWriter,
    private readonly types: TypeIndices,
    /** Labels around the place that is being written, innermost last. */
    private readonly labels: Label[],
  ) {}

  sequence(nodes: readonly Node[]): void {
    for (const node of nodes) this.node(node);
  }

  private node(node: Node): void {
    this.sequence(node.args);
    if (node.opcode === undefined) return;
    const { out, labels } = this;
    const { code } = node.opcode;
    if (code >= 0x100) out.byte(code >> 8);
    out.byte(code & 0xff);
    this.immediates(node, node.opcode.immediates);
    if (node.inside === undefined) return;
    labels.push(node.inside.label);
    this.sequence(node.inside.body);
    if (node.inside.otherwise !== undefined) {
      out.byte(elseCode);
      this.sequence(node.inside.otherwise);
    }
    labels.pop();
    out.byte(endCode);
  }

  private immediates(node: Node, kind: NonNullable<Node['opcode']>['immediates']): void {
    const { out } = this;
    const { a, b } = node;
    switch (kind) {
      case 'none':
        return;
      case 'block':
        this.blockType(node.type!);
        return;
      case 'label':
        out.unsigned(this.depthOf(node.labels[0]!));
        return;
      case 'br_table':
        out.unsigned(node.labels.length - 1);
        for (const label of node.labels) out.unsigned(this.depthOf(label));
        return;
      case 'func':
      case 'local':
      case 'global':
      case 'table':
      case 'data':
      case 'elem':
        out.unsigned(a);
        return;
      case 'type_table':
        out.unsigned(this.types.indexOf(node.type!));
        out.unsigned(b);
        return;
      case 'memarg':
      case 'elem_table':
      case 'table_table':
        out.unsigned(a);
        out.unsigned(b);
        return;
      case 'memory':
        out.byte(0);
        return;
      case 'memory_memory':
        out.append([0, 0]);
        return;
      case 'data_memory':
        out.unsigned(a);
        out.byte(0);
        return;
      case 'i32':
        out.signed(a);
        return;
      case 'i64':
        out.signedWide(node.wide);
        return;
      case 'f32':
        out.fixed32(a);
        return;
      case 'f64':
        out.fixed64(node.wide);
        return;
      case 'select_types':
        out.vector(node.types, (type) => out.byte(valueTypeEncodings[type]));
        return;
      case 'ref_type':
        out.byte(valueTypeEncodings[node.types[0]!]);
        return;
    }
  }

  private blockType(type: FunctionType): void {
    if (type.params.length > 0 || type.results.length > 1) this.out.signed(this.types.indexOf(type));
    else this.out.byte(type.results[0] === undefined ? emptyBlock : valueTypeEncodings[type.results[0]]);
  }

  private depthOf(label: Label): number {
    const index = this.labels.lastIndexOf(label);
    if (index < 0) throw new DanglingLabelError(`label ${label.id} is not around its branch`);
    return this.labels.length - 1 - index;
  }
}

import { opcodeByName, type FunctionType, type Opcode, type OpName, type ReferenceType, type ValueType } from '@fireball/wasm';

/** A branch target. Only its identity counts; depths are worked out when the code is encoded. */
export interface Label {
  /** For reading in a debugger. */
  readonly id: number;
}

/**
 * An instruction with the code that makes its operands: wasm code as a tree, so that a reducer can cut branches off.
 * Only the encoder knows bytes, label depths and type indices.
 */
export interface Node {
  /** Undefined: the operands that a block's parameters leave on the stack as it starts; it encodes to nothing. */
  readonly opcode: Opcode | undefined;
  /**
   * Code in front of the instruction, in order. The values that it leaves are the operands; nodes without results may
   * stand anywhere in between and run while earlier operands wait on the stack.
   */
  readonly args: readonly Node[];
  /**
   * What it leaves on the stack: its own results, behind values of `args` that it does not take (of a call with two
   * results, `local.set` takes one). Code that never gets behind itself (`br`) may claim anything.
   */
  readonly results: readonly ValueType[];
  /** Immediates as `InstructionReader` has them: index, constant or alignment. */
  readonly a: number;
  /** Second index, or memory offset. */
  readonly b: number;
  /** i64 value or f64 bits. */
  readonly wide: bigint;
  /** Branch targets, the default of a `br_table` last. */
  readonly labels: readonly Label[];
  /** Type of a typed `select`, of `ref.null`. */
  readonly types: readonly ValueType[];
  /** Type of a block, or of an indirect call's callee. */
  readonly type: FunctionType | undefined;
  /** The inside of a `block`, `loop` or `if`. */
  readonly inside: Inside | undefined;
}

export interface Inside {
  readonly label: Label;
  readonly body: readonly Node[];
  /** The other arm of an `if`, where it has one. */
  readonly otherwise: readonly Node[] | undefined;
}

type Immediates = Partial<Omit<Node, 'opcode' | 'args' | 'results'>>;

/** All nodes are made here: objects of one kind, which keeps code that walks over them fast. */
class TreeNode implements Node {
  constructor(
    readonly opcode: Opcode | undefined,
    readonly args: readonly Node[],
    readonly results: readonly ValueType[],
    readonly a: number,
    readonly b: number,
    readonly wide: bigint,
    readonly labels: readonly Label[],
    readonly types: readonly ValueType[],
    readonly type: FunctionType | undefined,
    readonly inside: Inside | undefined,
  ) {}
}

const none: readonly never[] = [];

/** One that has no immediate, or an index or a number. */
function plain(opcode: Opcode | undefined, args: readonly Node[], results: readonly ValueType[], a = 0): Node {
  return new TreeNode(opcode, args, results, a, 0, 0n, none, none, undefined, undefined);
}

/** A node; immediates that do not matter to the instruction are left out. */
export function node(name: OpName, args: readonly Node[], results: readonly ValueType[], immediates?: Immediates): Node {
  const opcode = opcodeByName(name);
  if (immediates === undefined) return plain(opcode, args, results);
  const { a = 0, b = 0, wide = 0n, labels = none, types = none, type, inside } = immediates;
  return new TreeNode(opcode, args, results, a, b, wide, labels, types, type, inside);
}

/** The values that a block starts with. */
export function operands(types: readonly ValueType[]): Node {
  return plain(undefined, none, types);
}

/** An instruction whose signature the opcode table fixes. */
export function apply(name: OpName, ...args: readonly Node[]): Node {
  const opcode = opcodeByName(name);
  return plain(opcode, args, opcode.signature!.results);
}

export function i32(value: number): Node {
  return plain(opcodeByName('i32.const'), none, single.i32, value | 0);
}

/** Results of one type. */
const single: Readonly<Record<ValueType, readonly ValueType[]>> = {
  i32: ['i32'],
  i64: ['i64'],
  f32: ['f32'],
  f64: ['f64'],
  funcref: ['funcref'],
  externref: ['externref'],
};

/** The constant zero or null of a type. */
export function zero(type: ValueType): Node {
  switch (type) {
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return node(`${type}.const`, [], [type]);
    case 'funcref':
    case 'externref':
      return node('ref.null', [], [type], { types: [type] });
  }
}

export function localGet(index: number, type: ValueType): Node {
  return plain(opcodeByName('local.get'), none, single[type], index);
}
export function localSet(index: number, ...value: readonly Node[]): Node {
  return plain(opcodeByName('local.set'), value, none, index);
}
export function localTee(index: number, type: ValueType, value: Node): Node {
  return plain(opcodeByName('local.tee'), [value], single[type], index);
}

/** `args`: parameters, and for `if` the condition behind them. */
export function block(
  name: 'block' | 'loop' | 'if',
  label: Label,
  type: FunctionType,
  args: readonly Node[],
  body: readonly Node[],
  otherwise?: readonly Node[],
): Node {
  return node(name, args, type.results, { type, inside: { label, body, otherwise } });
}

export interface TreeFunction {
  /** Branch target that stands for the whole body. */
  readonly label: Label;
  readonly type: FunctionType;
  /** Types of the locals behind the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: readonly Node[];
  /** Name under which it is exported, if it is. */
  readonly exported: string | undefined;
}

export interface TreeGlobal {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly init: readonly Node[];
}

interface TreeTable {
  readonly element: ReferenceType;
  readonly min: number;
  readonly max: number | undefined;
}

export interface TreeElements {
  readonly type: ReferenceType;
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly table: number;
  readonly position: readonly Node[];
  /** One constant expression each. */
  readonly items: readonly (readonly Node[])[];
}

interface TreeData {
  readonly mode: 'active' | 'passive';
  readonly position: readonly Node[];
  readonly bytes: Uint8Array;
}

/** A module without imports. */
export interface TreeModule {
  readonly functions: readonly TreeFunction[];
  readonly tables: readonly TreeTable[];
  /** Pages; undefined without a memory. */
  readonly memory: { readonly min: number; readonly max: number | undefined } | undefined;
  readonly globals: readonly TreeGlobal[];
  readonly start: number | undefined;
  readonly elements: readonly TreeElements[];
  readonly data: readonly TreeData[];
}

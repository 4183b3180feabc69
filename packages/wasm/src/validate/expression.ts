import { UnsupportedError, type ByteOffset } from '@fireball/contracts';
import type { BlockType, InstructionReader } from '../binary/instruction.js';
import type { WasmModule } from '../module.js';
import type { Opcode } from '../opcodes.js';
import type { FunctionType, GlobalType, ValueType } from '../types.js';
import type { LocalTypes } from './locals.js';
import { branchColumns, branchStride, controlColumns, controlKindCode, controlStride, RowBuilder, type ControlKind } from './tables.js';

/** A value type, or `unknown`: what unreachable code may pop from an empty stack. */
type Operand = ValueType | 'unknown';

/** What one walk over an expression found out, in raw form. */
interface ExpressionFacts {
  maxOperandHeight: number;
  instructionCount: number;
  isLeaf: boolean;
  usesMemory: boolean;
  hasMemoryGrow: boolean;
}

/** Deepest operand stack. Calls with many results could make a small module ask for gigabytes. */
const maxOperands = 65_536;

const noTypes: readonly ValueType[] = [];
const emptySignature: FunctionType = { params: noTypes, results: noTypes };
const resultSignatures = new Map<ValueType, FunctionType>();

function resultSignature(type: ValueType): FunctionType {
  let signature = resultSignatures.get(type);
  if (signature === undefined) {
    signature = { params: noTypes, results: [type] };
    resultSignatures.set(type, signature);
  }
  return signature;
}

/**
 * The operand stack and the control stack of the validation algorithm (core spec, appendix), filling the side tables
 * while it goes. One object walks many expressions, one after the other.
 */
export class ExpressionValidator {
  reader!: InstructionReader;
  locals!: LocalTypes;
  facts!: ExpressionFacts;

  private operands: Operand[] = [];

  /** The control stack: row of the open frame, outermost first, with what is asked often beside it. */
  private open: number[] = [];
  private heights: number[] = [];
  private unreachable: boolean[] = [];
  /** How many open frames are unreachable; the outermost of them delimits the dead range. */
  private deadFrames = 0;

  private readonly controls = new RowBuilder(controlStride);
  private readonly branches = new RowBuilder(branchStride);
  private readonly dead = new RowBuilder(2);
  signatures: FunctionType[] = [];

  /** `declared`: the functions that `ref.func` may name; undefined = any. */
  constructor(
    readonly module: WasmModule,
    private readonly declared: ReadonlySet<number> | undefined,
  ) {}

  /** Starts a walk over an expression that leaves `results`. */
  begin(reader: InstructionReader, locals: LocalTypes, results: readonly ValueType[]): void {
    this.reader = reader;
    this.locals = locals;
    this.facts = {
      maxOperandHeight: 0,
      instructionCount: 0,
      isLeaf: true,
      usesMemory: false,
      hasMemoryGrow: false,
    };
    this.operands = [];
    this.open = [];
    this.heights = [];
    this.unreachable = [];
    this.deadFrames = 0;
    this.signatures = [];
    this.controls.finish();
    this.branches.finish();
    this.dead.finish();
    this.pushControl('function', { params: noTypes, results }, reader.offset, reader.offset);
  }

  /** The side tables of the finished walk. */
  finishTables(): { controls: Int32Array; branches: Int32Array; dead: Int32Array } {
    return {
      controls: this.controls.finish(),
      branches: this.branches.finish(),
      dead: this.dead.finish(),
    };
  }

  /** Of code that can be reached. */
  get operandTypes(): readonly ValueType[] {
    return this.operands.filter((type) => type !== 'unknown');
  }

  get finished(): boolean {
    return this.open.length === 0;
  }

  /** Fails at the current instruction. */
  fail(problem: string): never {
    return this.reader.fail(problem, this.reader.start);
  }

  // Operands

  push(type: Operand): void {
    const height = this.operands.push(type);
    if (height <= this.facts.maxOperandHeight) return;
    this.facts.maxOperandHeight = height;
    if (height > maxOperands) {
      throw new UnsupportedError(`more than ${maxOperands} operands on the stack`, {
        offset: this.reader.start,
        section: this.reader.section,
      });
    }
  }

  pushAll(types: readonly ValueType[]): void {
    for (const type of types) this.push(type);
  }

  /** Pops an operand of any type. */
  pop(): Operand {
    const depth = this.open.length - 1;
    if (this.operands.length === this.heights[depth]) {
      if (this.unreachable[depth] === true) return 'unknown';
      return this.fail('type mismatch: an operand is missing, the stack is empty');
    }
    return this.operands.pop() ?? 'unknown';
  }

  popExpecting(expected: ValueType): void {
    const depth = this.open.length - 1;
    if (this.operands.length === this.heights[depth]) {
      if (this.unreachable[depth] === true) return;
      this.fail(`type mismatch: expected ${expected}, but the stack is empty`);
    }
    const actual = this.operands.pop();
    if (actual !== expected && actual !== 'unknown') {
      this.fail(`type mismatch: expected ${expected}, found ${actual ?? 'nothing'}`);
    }
  }

  popAll(types: readonly ValueType[]): void {
    for (let index = types.length - 1; index >= 0; index--) {
      this.popExpecting(types[index] as ValueType);
    }
  }

  apply(signature: FunctionType): void {
    this.popAll(signature.params);
    this.pushAll(signature.results);
  }

  /**
   * Checks that operands of these types are on the stack without changing what is known of them; the rest of a
   * `br_table` must see the same stack.
   */
  peekAll(types: readonly ValueType[]): void {
    const popped: Operand[] = [];
    for (let index = types.length - 1; index >= 0; index--) {
      const expected = types[index] as ValueType;
      const actual = this.pop();
      if (actual !== expected && actual !== 'unknown') {
        this.fail(`type mismatch: expected ${expected}, found ${actual}`);
      }
      popped.push(actual);
    }
    for (let index = popped.length - 1; index >= 0; index--) this.push(popped[index] as Operand);
  }

  // Control

  pushControl(kind: ControlKind, signature: FunctionType, start: ByteOffset, body: ByteOffset): void {
    const row = this.controls.append();
    const parent = this.open.at(-1) ?? -1;
    const outerDepth = parent < 0 ? 0 : this.controls.get(parent, controlColumns.loopDepth);
    this.controls.set(row, controlColumns.kind, controlKindCode(kind));
    this.controls.set(row, controlColumns.start, start);
    this.controls.set(row, controlColumns.body, body);
    this.controls.set(row, controlColumns.height, this.operands.length);
    this.controls.set(row, controlColumns.parent, parent);
    this.controls.set(row, controlColumns.loopDepth, outerDepth + (kind === 'loop' ? 1 : 0));
    this.signatures.push(signature);
    this.open.push(row);
    this.heights.push(this.operands.length);
    this.unreachable.push(false);
    this.pushAll(signature.params);
  }

  /** The kind and signature of the innermost frame. */
  get innermost(): { kind: number; signature: FunctionType; row: number } {
    const row = this.open.at(-1) ?? 0;
    return {
      row,
      kind: this.controls.get(row, controlColumns.kind),
      signature: this.signatures[row] ?? emptySignature,
    };
  }

  /** Opens a block-like frame; its parameters are taken from the stack. */
  enter(kind: ControlKind): void {
    const signature = this.blockSignature(this.reader.blockType);
    this.popAll(signature.params);
    this.pushControl(kind, signature, this.reader.start, this.reader.offset);
  }

  private blockSignature(type: BlockType): FunctionType {
    if (type === 'empty') return emptySignature;
    if (typeof type === 'string') return resultSignature(type);
    return this.module.types[type] ?? this.fail(`unknown type ${type}`);
  }

  /** Checks that exactly the frame's results are there, and ends its dead range if one is open. */
  private closeArm(signature: FunctionType): void {
    this.popAll(signature.results);
    const depth = this.open.length - 1;
    const extra = this.operands.length - (this.heights[depth] ?? 0);
    if (extra > 0) {
      this.fail(`type mismatch: ${extra} more operand${extra > 1 ? 's' : ''} than the block's type leaves`);
    }
    if (this.unreachable[depth] === true) this.closeDeadRange();
  }

  enterElse(): void {
    const { row, kind, signature } = this.innermost;
    const isIf = kind === controlKindCode('if');
    if (!isIf || this.controls.get(row, controlColumns.elseAt) !== 0) this.fail('END opcode expected');
    this.closeArm(signature);
    this.controls.set(row, controlColumns.elseAt, this.reader.start);
    this.unreachable[this.open.length - 1] = false;
    this.pushAll(signature.params);
  }

  leave(): void {
    const { row, kind, signature } = this.innermost;
    this.closeArm(signature);
    const withoutElse = kind === controlKindCode('if') && this.controls.get(row, controlColumns.elseAt) === 0;
    if (withoutElse && !sameLists(signature.params, signature.results)) {
      this.fail('type mismatch: an if without else must leave its parameters unchanged');
    }
    this.controls.set(row, controlColumns.end, this.reader.start);
    this.open.pop();
    this.heights.pop();
    this.unreachable.pop();
    this.pushAll(signature.results);
  }

  /** Marks the rest of the innermost frame's arm as unreachable. */
  markUnreachable(): void {
    const depth = this.open.length - 1;
    this.operands.length = this.heights[depth] ?? 0;
    if (this.unreachable[depth] === true) return;
    this.unreachable[depth] = true;
    if (this.deadFrames++ > 0) return;
    const range = this.dead.append();
    this.dead.set(range, 0, this.reader.offset);
  }

  private closeDeadRange(): void {
    if (--this.deadFrames === 0) this.dead.set(this.dead.count - 1, 1, this.reader.start);
  }

  private labelRow(label: number): number {
    return this.open[this.open.length - 1 - label] ?? this.fail(`unknown label ${label}`);
  }

  /** The types that a branch to `label` carries. */
  labelTypes(label: number): readonly ValueType[] {
    const row = this.labelRow(label);
    const signature = this.signatures[row] ?? emptySignature;
    const isLoop = this.controls.get(row, controlColumns.kind) === controlKindCode('loop');
    return isLoop ? signature.params : signature.results;
  }

  /** Records a branch to `label` and gives the types that it carries. */
  branchTo(label: number): readonly ValueType[] {
    const types = this.labelTypes(label);
    const row = this.labelRow(label);
    const branch = this.branches.append();
    this.branches.set(branch, branchColumns.at, this.reader.start);
    this.branches.set(branch, branchColumns.control, row);
    this.branches.set(branch, branchColumns.arity, types.length);
    this.controls.set(row, controlColumns.branches, this.controls.get(row, controlColumns.branches) + 1);
    return types;
  }

  // What the immediates of the current instruction name

  localType(): ValueType {
    const { a: index } = this.reader;
    return this.locals.typeAt(index) ?? this.fail(`unknown local ${index}`);
  }

  globalType(): GlobalType {
    const { a: index } = this.reader;
    return this.module.globals[index] ?? this.fail(`unknown global ${index}`);
  }

  /** `ref.func` in code may only name functions that the module shows outside of code. */
  requireDeclared(index: number): void {
    if (this.declared !== undefined && !this.declared.has(index)) {
      this.fail(`undeclared function reference ${index}`);
    }
  }

  /** Results of the whole expression. */
  get results(): readonly ValueType[] {
    return this.signatures[0]?.results ?? noTypes;
  }

  /** Notes what the function-wide flags need. */
  note(op: Opcode, usesMemory: boolean): void {
    this.facts.instructionCount++;
    if (!usesMemory) return;
    this.facts.usesMemory = true;
    if (op.name === 'memory.grow') this.facts.hasMemoryGrow = true;
  }
}

function sameLists(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

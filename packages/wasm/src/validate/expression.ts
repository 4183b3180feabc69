import { InternalError, UnsupportedError } from '@fireball/contracts';
import type { BlockType, InstructionReader } from '../binary/instruction.js';
import type { WasmModule } from '../module.js';
import type { FunctionType, GlobalType, ValueType } from '../types.js';
import type { LocalTypes } from './locals.js';
import type { ControlKind } from './tables.js';

/** A value type, or `unknown`: what unreachable code may pop from an empty stack. */
type Operand = ValueType | 'unknown';

/** Deepest operand stack. Calls with many results could make a small module ask for gigabytes. */
export const maxOperands = 65_536;

const noTypes: readonly ValueType[] = [];

/** One entry of the control stack. */
interface Frame {
  readonly kind: ControlKind;
  readonly signature: FunctionType;
  /** Operands below it. */
  readonly height: number;
  hasElse: boolean;
  unreachable: boolean;
}

/**
 * The operand stack and the control stack of the validation algorithm (core spec, appendix), in the spec's words. One object walks many expressions, one after
 * the other.
 */
export class ExpressionValidator {
  reader!: InstructionReader;
  locals!: LocalTypes;
  /** Results of the whole expression. */
  results: readonly ValueType[] = noTypes;

  private readonly operands: Operand[] = [];
  private readonly frames: Frame[] = [];

  /** `declared`: the functions that `ref.func` may name; undefined = any. */
  constructor(
    readonly module: WasmModule,
    private readonly declared: ReadonlySet<number> | undefined,
  ) {}

  /** Starts a walk over an expression that leaves `results`. */
  begin(reader: InstructionReader, locals: LocalTypes, results: readonly ValueType[]): void {
    this.reader = reader;
    this.locals = locals;
    this.results = results;
    this.operands.length = 0;
    this.frames.length = 0;
    this.pushControl('function', { params: noTypes, results });
  }

  /** Of code that can be reached. */
  get operandTypes(): readonly ValueType[] {
    return this.operands.filter((type) => type !== 'unknown');
  }

  get finished(): boolean {
    return this.frames.length === 0;
  }

  /** Fails at the current instruction. */
  fail(problem: string): never {
    return this.reader.fail(problem, this.reader.start);
  }

  // Operands

  push(type: Operand): void {
    if (this.operands.push(type) > maxOperands) {
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
    const { height, unreachable } = this.innermost;
    if (this.operands.length === height) {
      if (unreachable) return 'unknown';
      return this.fail('type mismatch: an operand is missing, the stack is empty');
    }
    return this.operands.pop() ?? 'unknown';
  }

  popExpecting(expected: ValueType): void {
    const { height, unreachable } = this.innermost;
    if (this.operands.length === height) {
      if (unreachable) return;
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

  private pushControl(kind: ControlKind, signature: FunctionType): void {
    this.frames.push({ kind, signature, height: this.operands.length, hasElse: false, unreachable: false });
    this.pushAll(signature.params);
  }

  private get innermost(): Frame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new InternalError('no open frame');
    return frame;
  }

  /** Opens a block-like frame; its parameters are taken from the stack. */
  enter(kind: ControlKind): void {
    const signature = this.blockSignature(this.reader.blockType);
    this.popAll(signature.params);
    this.pushControl(kind, signature);
  }

  private blockSignature(type: BlockType): FunctionType {
    if (type === 'empty') return { params: noTypes, results: noTypes };
    if (typeof type === 'string') return { params: noTypes, results: [type] };
    return this.module.types[type] ?? this.fail(`unknown type ${type}`);
  }

  /** Checks that exactly the innermost frame's results are there, and takes them. */
  private closeArm({ signature, height }: Frame): void {
    this.popAll(signature.results);
    const extra = this.operands.length - height;
    if (extra > 0) {
      this.fail(`type mismatch: ${extra} more operand${extra > 1 ? 's' : ''} than the block's type leaves`);
    }
  }

  enterElse(): void {
    const frame = this.innermost;
    if (frame.kind !== 'if' || frame.hasElse) this.fail('END opcode expected');
    this.closeArm(frame);
    frame.hasElse = true;
    frame.unreachable = false;
    this.pushAll(frame.signature.params);
  }

  leave(): void {
    const frame = this.innermost;
    const { kind, hasElse, signature } = frame;
    this.closeArm(frame);
    if (kind === 'if' && !hasElse && !sameLists(signature.params, signature.results)) {
      this.fail('type mismatch: an if without else must leave its parameters unchanged');
    }
    this.frames.pop();
    this.pushAll(signature.results);
  }

  /** Marks the rest of the innermost frame's arm as unreachable. */
  markUnreachable(): void {
    const frame = this.innermost;
    this.operands.length = frame.height;
    frame.unreachable = true;
  }

  /** The types that a branch to `label` carries. */
  labelTypes(label: number): readonly ValueType[] {
    const { kind, signature } = this.frames[this.frames.length - 1 - label] ?? this.fail(`unknown label ${label}`);
    return kind === 'loop' ? signature.params : signature.results;
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
}

function sameLists(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}

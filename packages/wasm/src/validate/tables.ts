import { InternalError, type ByteOffset } from '@fireball/contracts';
import type { FunctionType } from '../types.js';

/** Rows of `stride` 32-bit integers that grow while a function is walked. */
export class RowBuilder {
  private rows = new Int32Array(64);
  private used = 0;

  constructor(private readonly stride: number) {}

  get count(): number {
    return this.used / this.stride;
  }

  /** Appends a row of zeros and returns its number. */
  append(): number {
    const row = this.count;
    this.used += this.stride;
    if (this.used > this.rows.length) {
      const grown = new Int32Array(Math.max(this.rows.length * 2, this.used));
      grown.set(this.rows);
      this.rows = grown;
    } else {
      // The builder is reused: rows of the function before may be there.
      this.rows.fill(0, this.used - this.stride, this.used);
    }
    return row;
  }

  set(row: number, column: number, value: number): void {
    this.rows[row * this.stride + column] = value;
  }

  get(row: number, column: number): number {
    return this.rows[row * this.stride + column] ?? 0;
  }

  /** Hands out the rows and starts anew. */
  finish(): Int32Array {
    const rows = this.rows.slice(0, this.used);
    this.used = 0;
    return rows;
  }
}

export const controlColumns = {
  kind: 0,
  start: 1,
  body: 2,
  elseAt: 3,
  end: 4,
  height: 5,
  parent: 6,
  loopDepth: 7,
  branches: 8,
} as const;
export const controlStride = 9;

const controlKinds = ['function', 'block', 'loop', 'if'] as const;
/** What a row of a control table begins. */
export type ControlKind = (typeof controlKinds)[number];

export function controlKindCode(kind: ControlKind): number {
  return controlKinds.indexOf(kind);
}

/**
 * The structured control of one function: row 0 is the function itself, then every `block`, `loop` and `if` in the
 * order of their appearance, so that a walk over the instructions meets them by counting up.
 */
export class ControlTable {
  constructor(
    private readonly rows: Int32Array,
    private readonly signatures: readonly FunctionType[],
  ) {}

  get count(): number {
    return this.signatures.length;
  }

  private column(control: number, column: number): number {
    const value = this.rows[control * controlStride + column];
    if (value === undefined) throw new InternalError(`no control frame ${control}`);
    return value;
  }

  kind(control: number): ControlKind {
    return controlKinds[this.column(control, controlColumns.kind)] ?? 'block';
  }

  /** Parameter and result types; the function's frame has its results and no parameters. */
  signature(control: number): FunctionType {
    const signature = this.signatures[control];
    if (signature === undefined) throw new InternalError(`no control frame ${control}`);
    return signature;
  }

  /** Offset of the opening instruction; of the first instruction for the function. */
  start(control: number): ByteOffset {
    return this.column(control, controlColumns.start);
  }

  /** Offset of the first instruction inside. */
  body(control: number): ByteOffset {
    return this.column(control, controlColumns.body);
  }

  /** Offset of the `else` instruction, or undefined. */
  elseAt(control: number): ByteOffset | undefined {
    const offset = this.column(control, controlColumns.elseAt);
    return offset === 0 ? undefined : offset;
  }

  /** Offset of the matching `end` instruction. */
  end(control: number): ByteOffset {
    return this.column(control, controlColumns.end);
  }

  /** Operand height below the frame's parameters, where its results will lie. */
  height(control: number): number {
    return this.column(control, controlColumns.height);
  }

  /** Enclosing frame; -1 for the function. */
  parent(control: number): number {
    return this.column(control, controlColumns.parent);
  }

  /** How many loops enclose the frame's inside, itself counted: the exponent of its weight. */
  loopDepth(control: number): number {
    return this.column(control, controlColumns.loopDepth);
  }

  /** How many branch instructions name this frame; `br_table` counts once per entry. */
  branchCount(control: number): number {
    return this.column(control, controlColumns.branches);
  }

  /** Where a branch to the frame continues: the first instruction of a loop, else the matching `end`. */
  branchTarget(control: number): ByteOffset {
    return this.kind(control) === 'loop' ? this.body(control) : this.end(control);
  }
}

export const branchColumns = { at: 0, control: 1, arity: 2 } as const;
export const branchStride = 3;

/**
 * The branch side table: one row per label of every `br`, `br_if` and `br_table` (the default last), in code order.
 * `br_table` has several rows with one offset.
 */
export class BranchTable {
  constructor(private readonly rows: Int32Array) {}

  get count(): number {
    return this.rows.length / branchStride;
  }

  private column(row: number, column: number): number {
    const value = this.rows[row * branchStride + column];
    if (value === undefined) throw new InternalError(`no branch ${row}`);
    return value;
  }

  /** Offset of the branch instruction. */
  at(row: number): ByteOffset {
    return this.column(row, branchColumns.at);
  }

  /** The frame that it leaves or repeats (row of the `ControlTable`); 0 = return from the function. */
  control(row: number): number {
    return this.column(row, branchColumns.control);
  }

  /** How many operands it carries, to the height of the target frame. */
  arity(row: number): number {
    return this.column(row, branchColumns.arity);
  }

  /** First row of the branch instruction at `offset`, or -1. */
  find(offset: ByteOffset): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.at(low) === offset ? low : -1;
  }
}

import { InternalError, type ByteOffset } from '@fireball/contracts';
import type { FunctionType } from '../types.js';

/** Rows of a chunk, in 32-bit integers; a function with more of them gets a chunk of its own. */
const chunkSize = 1 << 14;

/**
 * Rows of 32-bit integers of one function after the other. Tables look into the chunk that their rows were written to: an array for each function
 * would take longer than most functions take to validate.
 */
export class RowWriter {
  rows: Int32Array = new Int32Array(chunkSize);
  /** Where the rows of the current function begin. */
  begin = 0;

  constructor(private readonly stride: number) {}

  /** Makes room where rows of the current function go up to `end`, and returns where that is now: in other `rows`, from another `begin` on. */
  grow(end: number): number {
    const size = end - this.begin;
    const grown = new Int32Array(Math.max(chunkSize, 2 * (size + this.stride)));
    grown.set(this.rows.subarray(this.begin, end));
    this.rows = grown;
    this.begin = 0;
    return size;
  }

  /** Hands out the rows of the current function, which go up to `end`. */
  finish(end: number): TableRows {
    const { rows, begin } = this;
    this.begin = end;
    return { rows, begin, count: (end - begin) / this.stride };
  }
}

/** `count` rows from `begin` on. */
export interface TableRows {
  readonly rows: Int32Array;
  readonly begin: number;
  readonly count: number;
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
  signature: 9,
} as const;
export const controlStride = 10;

const controlKinds = ['function', 'block', 'loop', 'if'] as const;
/** What a row of a control table begins. */
export type ControlKind = (typeof controlKinds)[number];

/** The number of each kind in a row. */
export const controlKindCodes = { function: 0, block: 1, loop: 2, if: 3 } as const satisfies Record<ControlKind, number>;

/**
 * The structured control of one function: row 0 is the function itself, then every `block`, `loop` and `if` in the
 * order of their appearance, so that a walk over the instructions meets them by counting up.
 */
export class ControlTable {
  readonly count: number;
  private readonly rows: Int32Array;
  private readonly begin: number;

  /** `signatures`: by the column of that name. */
  constructor(
    { rows, begin, count }: TableRows,
    private readonly signatures: readonly FunctionType[],
  ) {
    this.rows = rows;
    this.begin = begin;
    this.count = count;
  }

  private column(control: number, column: number): number {
    const value = control < this.count ? this.rows[this.begin + control * controlStride + column] : undefined;
    if (value === undefined) throw new InternalError(`no control frame ${control}`);
    return value;
  }

  kind(control: number): ControlKind {
    return controlKinds[this.column(control, controlColumns.kind)] ?? 'block';
  }

  /** Parameter and result types; the function's frame has its results and no parameters. */
  signature(control: number): FunctionType {
    const signature = this.signatures[this.column(control, controlColumns.signature)];
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

const branchColumns = { at: 0, control: 1, arity: 2 } as const;
export const branchStride = 3;

/**
 * The branch side table: one row per label of every `br`, `br_if` and `br_table` (the default last), in code order.
 * `br_table` has several rows with one offset.
 */
export class BranchTable {
  readonly count: number;
  private readonly rows: Int32Array;
  private readonly begin: number;

  constructor({ rows, begin, count }: TableRows) {
    this.rows = rows;
    this.begin = begin;
    this.count = count;
  }

  private column(row: number, column: number): number {
    const value = row < this.count ? this.rows[this.begin + row * branchStride + column] : undefined;
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

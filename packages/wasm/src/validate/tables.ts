import { InternalError, type ByteOffset } from '@fireball/contracts';
import * as columns from '../core/layout/rows.js';
import type { FunctionType } from '../types.js';

/** `count` rows from `begin` on. */
export interface TableRows {
  readonly rows: Int32Array;
  readonly begin: number;
  readonly count: number;
}

const controlKinds = { [columns.functionKind]: 'function', [columns.blockKind]: 'block', [columns.loopKind]: 'loop', [columns.ifKind]: 'if' } as const;
/** What a row of a control table begins. */
export type ControlKind = (typeof controlKinds)[keyof typeof controlKinds];

/** The rows of one function. */
abstract class Table {
  readonly count: number;
  private readonly rows: Int32Array;
  private readonly begin: number;

  /** `columns`: of a row; `what` a row is, for errors. */
  constructor(
    { rows, begin, count }: TableRows,
    private readonly columns: number,
    private readonly what: string,
  ) {
    this.rows = rows;
    this.begin = begin;
    this.count = count;
  }

  protected column(row: number, column: number): number {
    const value = row < this.count ? this.rows[this.begin + row * this.columns + column] : undefined;
    if (value === undefined) throw new InternalError(`no ${this.what} ${row}`);
    return value;
  }
}

/**
 * The structured control of one function: row 0 is the function itself, then every `block`, `loop` and `if` in the
 * order of their appearance, so that a walk over the instructions meets them by counting up.
 */
export class ControlTable extends Table {
  /** `signatures`: by the column of that name. */
  constructor(
    rows: TableRows,
    private readonly signatures: readonly FunctionType[],
  ) {
    super(rows, columns.controlColumns, 'control frame');
  }

  kind(control: number): ControlKind {
    return controlKinds[this.column(control, columns.controlKind) as keyof typeof controlKinds];
  }

  /** Parameter and result types; the function's frame has its results and no parameters. */
  signature(control: number): FunctionType {
    const signature = this.signatures[this.column(control, columns.controlSignature)];
    if (signature === undefined) throw new InternalError(`no control frame ${control}`);
    return signature;
  }

  /** Offset of the opening instruction; of the first instruction for the function. */
  start(control: number): ByteOffset {
    return this.column(control, columns.controlStart);
  }

  /** Offset of the first instruction inside. */
  body(control: number): ByteOffset {
    return this.column(control, columns.controlBody);
  }

  /** Offset of the `else` instruction, or undefined. */
  elseAt(control: number): ByteOffset | undefined {
    const offset = this.column(control, columns.controlElse);
    return offset === 0 ? undefined : offset;
  }

  /** Offset of the matching `end` instruction. */
  end(control: number): ByteOffset {
    return this.column(control, columns.controlEnd);
  }

  /** Operand height below the frame's parameters, where its results will lie. */
  height(control: number): number {
    return this.column(control, columns.controlHeight);
  }

  /** Enclosing frame; -1 for the function. */
  parent(control: number): number {
    return this.column(control, columns.controlParent);
  }

  /** How many loops enclose the frame's inside, itself counted: the exponent of its weight. */
  loopDepth(control: number): number {
    return this.column(control, columns.controlLoopDepth);
  }

  /** How many branch instructions name this frame; `br_table` counts once per entry. */
  branchCount(control: number): number {
    return this.column(control, columns.controlBranches);
  }

  /** Where a branch to the frame continues: the first instruction of a loop, else the matching `end`. */
  branchTarget(control: number): ByteOffset {
    return this.kind(control) === 'loop' ? this.body(control) : this.end(control);
  }
}

/**
 * The branch side table: one row per label of every `br`, `br_if` and `br_table` (the default last), in code order.
 * `br_table` has several rows with one offset.
 */
export class BranchTable extends Table {
  constructor(rows: TableRows) {
    super(rows, columns.branchColumns, 'branch');
  }

  /** Offset of the branch instruction. */
  at(row: number): ByteOffset {
    return this.column(row, columns.branchAt);
  }

  /** The frame that it leaves or repeats (row of the `ControlTable`); 0 = return from the function. */
  control(row: number): number {
    return this.column(row, columns.branchControl);
  }

  /** How many operands it carries, to the height of the target frame. */
  arity(row: number): number {
    return this.column(row, columns.branchArity);
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

/** What follows a jump that is taken. */
export interface Jump {
  /** Where it goes on. */
  readonly offset: ByteOffset;
  /** The row that comes next there; as many as there are where none does. */
  readonly next: number;
  /** Operands that it drops below those that it keeps; both 0 where nothing moves. */
  readonly dropped: number;
  readonly kept: number;
}

/**
 * The jumps of one function, for an interpreter in place: a row for every label of a branch and for every `if`, `else`, `return` and tail call that can be reached, in code order, so that a walk over
 * the instructions meets them by counting up.
 */
export class JumpTable extends Table {
  constructor(rows: TableRows) {
    super(rows, columns.jumpColumns, 'jump');
  }

  /** A jump; or, where loops are counted, the offset of a `loop` at which arrivals are. */
  row(number: number): Jump | { readonly loop: ByteOffset } {
    const next = this.column(number, columns.jumpNext);
    const offset = this.column(number, columns.jumpTo);
    if (next === columns.loopArrival) return { loop: offset };
    return { offset, next, dropped: this.column(number, columns.jumpDropped), kept: this.column(number, columns.jumpKept) };
  }
}

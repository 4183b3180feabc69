import type { ByteOffset } from '@fireball/contracts';
import type { BlockSignatures } from './signatures.js';
import { branchColumns, branchStride, controlColumns, controlKindCodes, controlStride, RowWriter, type TableRows } from './tables.js';

/** The side tables of one body. */
export interface FinishedTables {
  readonly controls: TableRows;
  readonly branches: TableRows;
  readonly deadRanges: Int32Array;
}

const noRanges = new Int32Array();

/** Writes the side tables of one body after the other, and keeps the open frames: `label` counts them from the innermost, as branches do. */
export class BodyTables {
  /** How many frames are open. */
  depth = 0;
  private readonly controls = new RowWriter(controlStride);
  private readonly branches = new RowWriter(branchStride);
  private readonly dead = new RowWriter(2);
  /** Where the rows of the open frames begin, outermost first, counted from the function's row, and whether what follows in each is unreachable. */
  private open = new Int32Array(64);
  private unreachable = new Uint8Array(64);
  /** How many open frames are unreachable from somewhere on: the outermost of them delimits the dead range. */
  private deadFrames = 0;

  constructor(private readonly signatures: BlockSignatures) {}

  /** Begins a body, and forgets what is left of one that broke a rule. */
  start(): void {
    this.controls.start();
    this.branches.start();
    this.dead.start();
    this.depth = 0;
    this.deadFrames = 0;
  }

  finish(): FinishedTables {
    const { dead } = this;
    let deadRanges = noRanges;
    if (dead.count > 0) {
      const { rows, begin, count } = dead.finish();
      deadRanges = rows.slice(begin, begin + 2 * count);
    }
    return { controls: this.controls.finish(), branches: this.branches.finish(), deadRanges };
  }

  /** Opens a frame: its kind's code, its signature's number, the offsets of its instruction and of the one behind, and the operand height below its parameters. */
  enter(kind: number, signature: number, start: ByteOffset, body: ByteOffset, height: number): void {
    const { controls } = this;
    const row = controls.count;
    const at = controls.append();
    const { rows } = controls;
    const isOutermost = this.depth === 0;
    const outerDepth = isOutermost ? 0 : this.get(0, controlColumns.loopDepth);
    rows[at + controlColumns.kind] = kind;
    rows[at + controlColumns.start] = start;
    rows[at + controlColumns.body] = body;
    rows[at + controlColumns.elseAt] = 0;
    rows[at + controlColumns.end] = 0;
    rows[at + controlColumns.height] = height;
    rows[at + controlColumns.parent] = isOutermost ? -1 : this.open[this.depth - 1]! / controlStride;
    rows[at + controlColumns.loopDepth] = outerDepth + (kind === controlKindCodes.loop ? 1 : 0);
    rows[at + controlColumns.branches] = 0;
    rows[at + controlColumns.signature] = signature;
    if (this.depth === this.open.length) this.deepen();
    this.open[this.depth++] = row * controlStride;
  }

  private deepen(): void {
    const { open, unreachable } = this;
    this.open = new Int32Array(2 * open.length);
    this.open.set(open);
    this.unreachable = new Uint8Array(2 * unreachable.length);
    this.unreachable.set(unreachable);
  }

  /** A column (of `controlColumns`) of an open frame. */
  get(label: number, column: number): number {
    const { controls } = this;
    return controls.rows[controls.begin + this.open[this.depth - 1 - label]! + column]!;
  }

  set(label: number, column: number, value: number): void {
    const { controls } = this;
    controls.rows[controls.begin + this.open[this.depth - 1 - label]! + column] = value;
  }

  /** Keeps whether what follows in the innermost frame is unreachable while another is opened inside. */
  keepUnreachable(isDead: boolean): void {
    this.unreachable[this.depth - 1] = isDead ? 1 : 0;
  }

  isUnreachable(): boolean {
    return this.unreachable[this.depth - 1] === 1;
  }

  /** Codes of the results of the function. */
  get results(): Uint8Array {
    return this.signatures.results[this.get(this.depth - 1, controlColumns.signature)]!;
  }

  /** Notes a branch of the instruction at `at`, and gives the codes of the types that it carries. */
  branch(label: number, at: ByteOffset): Uint8Array {
    const signature = this.get(label, controlColumns.signature);
    const isLoop = this.get(label, controlColumns.kind) === controlKindCodes.loop;
    const carried = (isLoop ? this.signatures.params : this.signatures.results)[signature]!;
    this.set(label, controlColumns.branches, this.get(label, controlColumns.branches) + 1);
    const row = this.branches.append();
    const { rows } = this.branches;
    rows[row + branchColumns.at] = at;
    rows[row + branchColumns.control] = this.open[this.depth - 1 - label]! / controlStride;
    rows[row + branchColumns.arity] = carried.length;
    return carried;
  }

  /** The innermost frame, reachable until here, is not from `offset` on. */
  beginDead(offset: ByteOffset): void {
    if (this.deadFrames++ > 0) return;
    const row = this.dead.append();
    this.dead.rows[row] = offset;
  }

  /** An arm of the innermost frame that was unreachable ends at `offset`. */
  endDead(offset: ByteOffset): void {
    if (--this.deadFrames > 0) return;
    const { dead } = this;
    const row = dead.begin + 2 * (dead.count - 1);
    if (dead.rows[row] === offset) dead.remove();
    else dead.rows[row + 1] = offset;
  }
}

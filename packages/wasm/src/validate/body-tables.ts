import type { ByteOffset } from '@fireball/contracts';
import { branchStride, controlColumns, controlKindCodes, controlStride, RowWriter, type TableRows } from './tables.js';

/** The frames that are open in a body, outermost first. */
interface OpenFrames {
  /** Where their rows begin, counted from the function's. */
  readonly rows: Int32Array;
  readonly signatures: Int32Array;
  /** Numbers of the lists of types that branches to them carry. */
  readonly carried: Int32Array;
  /** Operands below them. */
  readonly bases: Int32Array;
  /** 1 for an `if` without `else` until here. */
  readonly lackElse: Uint8Array;
  /** While another is open inside: is what follows in them unreachable? */
  readonly dead: Uint8Array;
}

function makeFrames(count: number): OpenFrames {
  return {
    rows: new Int32Array(count),
    signatures: new Int32Array(count),
    carried: new Int32Array(count),
    bases: new Int32Array(count),
    lackElse: new Uint8Array(count),
    dead: new Uint8Array(count),
  };
}

const deadStride = 2;

/** The side tables of one body after the other, and the frames that are open in it. The `BodyValidator` writes most of them itself. */
export class BodyTables {
  readonly controls = new RowWriter(controlStride);
  readonly branches = new RowWriter(branchStride);
  frames = makeFrames(64);
  /** Where the rows end. */
  controlsEnd = 0;
  branchesEnd = 0;
  /** How many open frames are unreachable from somewhere on: the outermost of them delimits the dead range, which begins at `deadStart`. */
  deadFrames = 0;
  deadStart: ByteOffset = 0;
  private readonly dead = new RowWriter(deadStride);
  private deadEnd = 0;

  /** Begins a body with the frame of the function, and forgets what is left of a body that broke a rule. */
  start(signature: number, results: number, start: ByteOffset): void {
    const { controls, frames } = this;
    this.deadEnd = this.dead.begin;
    this.deadFrames = 0;
    frames.rows[0] = 0;
    frames.signatures[0] = signature;
    frames.carried[0] = results;
    frames.bases[0] = 0;
    frames.lackElse[0] = 0;
    if (controls.begin + controlStride > controls.rows.length) controls.grow(controls.begin);
    const { rows, begin } = controls;
    for (let column = 0; column < controlStride; column++) rows[begin + column] = 0;
    rows[begin + controlColumns.kind] = controlKindCodes.function;
    rows[begin + controlColumns.start] = start;
    rows[begin + controlColumns.body] = start;
    rows[begin + controlColumns.parent] = -1;
    rows[begin + controlColumns.signature] = signature;
    this.controlsEnd = begin + controlStride;
    this.branchesEnd = this.branches.begin;
  }

  /** Makes room for more open frames. */
  deepen(): void {
    const { frames } = this;
    this.frames = makeFrames(2 * frames.rows.length);
    for (const key of Object.keys(frames) as (keyof OpenFrames)[]) this.frames[key].set(frames[key]);
  }

  /** Makes room for more rows. */
  growControls(): void {
    this.controlsEnd = this.controls.grow(this.controlsEnd);
  }

  growBranches(): void {
    this.branchesEnd = this.branches.grow(this.branchesEnd);
  }

  /** The innermost frame, reachable until here, is not from `offset` on. */
  beginDead(offset: ByteOffset): void {
    if (this.deadFrames++ === 0) this.deadStart = offset;
  }

  /** An arm of the innermost frame that was unreachable ends at `offset`. */
  endDead(offset: ByteOffset): void {
    if (--this.deadFrames > 0 || this.deadStart === offset) return;
    if (this.deadEnd + deadStride > this.dead.rows.length) this.deadEnd = this.dead.grow(this.deadEnd);
    this.dead.rows[this.deadEnd++] = this.deadStart;
    this.dead.rows[this.deadEnd++] = offset;
  }

  finishDead(): TableRows {
    return this.dead.finish(this.deadEnd);
  }
}

/** The side tables of a body, and the frames that are open in it. Offsets are those in the module. */
import { clearArea, take } from './areas.js';
import { frameBase, frameCarried, frameIsDead, frameLacksElse, frameParams, frameResults, frameRow, frameStride } from './frames.js';
import { bodyControls, branches, controls, dead, deadFrames, deadFrom, frames } from './layout/addresses.js';
import { usedField } from './layout/common.js';
import { load32, store32 } from './memory.js';
import { lengthOf, paramsOf, resultsOf } from './operands.js';
import * as rows from './layout/rows.js';
import * as shapes from './layout/shapes.js';
import { emptyList } from './layout/types.js';

const controlStride = rows.controlColumns << 2;
const branchStride = rows.branchColumns << 2;
const deadStride = rows.deadColumns << 2;

/** Opens the frame of a function's body, whose address it returns; 0 where there is no room. */
export function openFunction(start: i32, signature: i32, base: i32): i32 {
  store32(deadFrames, 0);
  clearArea(frames);
  const row = take(controls, controlStride);
  const frame = take(frames, frameStride);
  if (row === 0 || frame === 0) return 0;
  store32(bodyControls, row - load32(controls));
  writeControl(row, rows.functionKind, start, start, 0, -1, 0, signature);
  const results = resultsOf(signature);
  writeFrame(frame, 0, emptyList, results, results, base, 0);
  return frame;
}

/** Opens a frame for the shape of a block, loop or if in the innermost one, whose operands end at `base`; 0 where there is no room. */
export function openBlock(shape: i32, start: i32, body: i32, signature: i32, base: i32, height: i32): i32 {
  const row = take(controls, controlStride);
  const frame = take(frames, frameStride);
  if (row === 0 || frame === 0) return 0;
  const first = load32(controls) + load32(bodyControls);
  const parent = load32(frame - frameStride + frameRow);
  const depth = load32(first + parent * controlStride + (rows.controlLoopDepth << 2));
  const params = paramsOf(signature);
  const results = resultsOf(signature);
  const number = (row - first) / controlStride;
  if (shape === shapes.loop) {
    writeControl(row, rows.loopKind, start, body, height, parent, depth + 1, signature);
    writeFrame(frame, number, params, results, params, base, 0);
  } else {
    const isIf = shape === shapes.ifThen ? 1 : 0;
    writeControl(row, isIf !== 0 ? rows.ifKind : rows.blockKind, start, body, height, parent, depth, signature);
    writeFrame(frame, number, params, results, results, base, isIf);
  }
  return frame;
}

function writeControl(row: i32, kind: i32, start: i32, body: i32, height: i32, parent: i32, loopDepth: i32, signature: i32): void {
  store32(row + (rows.controlKind << 2), kind);
  store32(row + (rows.controlStart << 2), start);
  store32(row + (rows.controlBody << 2), body);
  store32(row + (rows.controlElse << 2), 0);
  store32(row + (rows.controlEnd << 2), 0);
  store32(row + (rows.controlHeight << 2), height);
  store32(row + (rows.controlParent << 2), parent);
  store32(row + (rows.controlLoopDepth << 2), loopDepth);
  store32(row + (rows.controlBranches << 2), 0);
  store32(row + (rows.controlSignature << 2), signature);
}

function writeFrame(frame: i32, row: i32, params: i32, results: i32, carried: i32, base: i32, lacksElse: i32): void {
  store32(frame + frameRow, row);
  store32(frame + frameParams, params);
  store32(frame + frameResults, results);
  store32(frame + frameCarried, carried);
  store32(frame + frameBase, base);
  store32(frame + frameLacksElse, lacksElse);
  store32(frame + frameIsDead, 0);
}

/** Writes where an arm of a frame ends, in the column for `else` or `end`. */
export function closeArm(frame: i32, column: i32, offset: i32): void {
  store32(controlOf(frame) + (column << 2), offset);
}

/** Address of the row of a frame. */
function controlOf(frame: i32): i32 {
  return load32(controls) + load32(bodyControls) + load32(frame + frameRow) * controlStride;
}

/** Closes the innermost frame, and returns the address of the one around it; 0 where there is none. */
export function closeFrame(frame: i32): i32 {
  store32(frames + usedField, frame);
  return frame === load32(frames) ? 0 : frame - frameStride;
}

/** Writes the row of a branch from the innermost frame to a label, and returns the list of types that it carries; -1 where there is no such label, or no room. */
export function writeBranch(innermost: i32, label: i32, offset: i32): i32 {
  if (label < 0 || label > (innermost - load32(frames)) / frameStride) return -1;
  const row = take(branches, branchStride);
  if (row === 0) return -1;
  const frame = innermost - label * frameStride;
  const carried = load32(frame + frameCarried);
  store32(row + (rows.branchAt << 2), offset);
  store32(row + (rows.branchControl << 2), load32(frame + frameRow));
  store32(row + (rows.branchArity << 2), carried === emptyList ? 0 : lengthOf(carried));
  const count = controlOf(frame) + (rows.controlBranches << 2);
  store32(count, load32(count) + 1);
  return carried;
}

/** The innermost frame is unreachable from `offset` on, if it was not before. */
export function beginDead(isDead: i32, offset: i32): void {
  if (isDead !== 0) return;
  const count = load32(deadFrames);
  if (count === 0) store32(deadFrom, offset);
  store32(deadFrames, count + 1);
}

/** An arm of the innermost frame ends at `offset`, which may have been unreachable. False where there is no room. */
export function endDead(isDead: i32, offset: i32): boolean {
  if (isDead === 0) return true;
  const left = load32(deadFrames) - 1;
  store32(deadFrames, left);
  if (left > 0 || load32(deadFrom) === offset) return true;
  const row = take(dead, deadStride);
  if (row === 0) return false;
  store32(row + (rows.deadStart << 2), load32(deadFrom));
  store32(row + (rows.deadEnd << 2), offset);
  return true;
}

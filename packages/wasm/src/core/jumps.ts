/**
 * The table of jumps of a body, on request: what an interpreter in place needs to know where it branches. A row whose target is not known yet has, in its column for that, the number of
 * another row that waits for the same.
 */
import { usedBytes, take } from './areas.js';
import { frameBase, frameCarried, frameIf, frameNext, frameRow, frameStride, frameTo, frameWaiting } from './frames.js';
import { allJumpsAndLoops, bodyJumps, deadFrames, frames, jumps, noJumps, wantedJumps } from './layout/addresses.js';
import { load32, store32 } from './memory.js';
import { lengthOf } from './operands.js';
import * as rows from './layout/rows.js';
import * as shapes from './layout/shapes.js';
import { emptyList } from './layout/types.js';

const jumpStride = rows.jumpColumns << 2;
const nobody = -1;

/** Begins the table of a body, in the frame of its function. */
export function openJumps(frame: i32): void {
  if (load32(wantedJumps) === noJumps) return;
  store32(bodyJumps, usedBytes(jumps));
  store32(frame + frameNext, nobody);
  store32(frame + frameWaiting, nobody);
  store32(frame + frameIf, nobody);
}

/** Takes down a frame that has been opened for a block, loop or if at `start`. False where there is no room. */
export function openJumpsOf(frame: i32, shape: i32, start: i32, body: i32): boolean {
  const wanted = load32(wantedJumps);
  if (wanted === noJumps) return true;
  const isLoop = shape === shapes.loop;
  const counts = isLoop && wanted === allJumpsAndLoops;
  store32(frame + frameTo, counts ? start : body);
  store32(frame + frameNext, isLoop ? jumpCount() : nobody);
  store32(frame + frameWaiting, nobody);
  store32(frame + frameIf, nobody);
  if (load32(deadFrames) !== 0 || (shape !== shapes.ifThen && !counts)) return true;
  const row = takeJump(0, 0);
  if (row === 0) return false;
  if (counts) {
    resolve(row, start, rows.loopArrival);
    return true;
  }
  waitFor(frame + frameIf, row);
  return true;
}

function jumpCount(): i32 {
  return (usedBytes(jumps) - load32(bodyJumps)) / jumpStride;
}

function addressOf(row: i32): i32 {
  return load32(jumps) + load32(bodyJumps) + row * jumpStride;
}

/** Address of a new row; 0 where there is no room. */
function takeJump(dropped: i32, kept: i32): i32 {
  const row = take(jumps, jumpStride);
  if (row === 0) return 0;
  store32(row + (rows.jumpDropped << 2), dropped);
  store32(row + (rows.jumpKept << 2), kept);
  return row;
}

function resolve(row: i32, to: i32, nextRow: i32): void {
  store32(row + (rows.jumpTo << 2), to);
  store32(row + (rows.jumpNext << 2), nextRow);
}

/** Lets the last row wait for what the chain at this address waits for. */
function waitFor(chain: i32, row: i32): void {
  store32(row + (rows.jumpTo << 2), load32(chain));
  store32(chain, jumpCount() - 1);
}

function resolveChain(chain: i32, to: i32): void {
  const nextRow = jumpCount();
  for (let number = load32(chain); number !== nobody;) {
    const row = addressOf(number);
    number = load32(row + (rows.jumpTo << 2));
    resolve(row, to, nextRow);
  }
  store32(chain, nobody);
}

/** Writes the row of a branch from the innermost frame to a label, which exists, with all operands that there are up to `top`. False where there is no room. */
export function jumpToLabel(innermost: i32, label: i32, top: i32): boolean {
  if (load32(wantedJumps) === noJumps || load32(deadFrames) !== 0) return true;
  const frame = innermost - label * frameStride;
  // What leaves the function takes its results from where they are.
  if (load32(frame + frameRow) === 0) return jumpToEnd();
  const carried = load32(frame + frameCarried);
  const kept = carried === emptyList ? 0 : lengthOf(carried);
  const dropped = top - load32(frame + frameBase) - kept;
  const row = takeJump(dropped, dropped === 0 ? 0 : kept);
  if (row === 0) return false;
  const nextRow = load32(frame + frameNext);
  if (nextRow !== nobody) resolve(row, load32(frame + frameTo), nextRow);
  else waitFor(frame + frameWaiting, row);
  return true;
}

/** Writes the row of what leaves the function. False where there is no room. */
export function jumpToEnd(): boolean {
  if (load32(wantedJumps) === noJumps || load32(deadFrames) !== 0) return true;
  const row = takeJump(0, 0);
  if (row === 0) return false;
  waitFor(load32(frames) + frameWaiting, row);
  return true;
}

/** The first arm of an `if` ends; the second begins at `body`. False where there is no room. */
export function jumpOverElse(frame: i32, body: i32): boolean {
  if (load32(wantedJumps) === noJumps || load32(deadFrames) !== 0) return true;
  const row = takeJump(0, 0);
  if (row === 0) return false;
  waitFor(frame + frameWaiting, row);
  resolveChain(frame + frameIf, body);
  return true;
}

/** A frame ends: what waits for that goes on there, behind its `end`, or there where it is the function's. */
export function closeJumps(frame: i32, at: i32, behind: i32): void {
  if (load32(wantedJumps) === noJumps) return;
  const to = load32(frame + frameRow) === 0 ? at : behind;
  resolveChain(frame + frameWaiting, to);
  resolveChain(frame + frameIf, to);
}

/** Parallel moves: entries that are computed into registers as if at once. */
import { clearArea, limitField, load32, load8, makeRoomIn, store32, usedBytes, usedField } from '@fireball/wasm';
import { entryHigh, entryKind, moveIsDone, moveReads, moves, moveStride, moveTarget, noProgress, productEntry } from '../layout/select.js';
import { move } from '../masm/arithmetic.js';
import { storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { compute, usesScratch } from './computing.js';
import { endOverwriting, forget, overwrite } from './contents.js';
import { copyEntry, homeEntryOf, newEntry, readRegisters } from './entries.js';
import { failInternally, outOfMemory } from './failure.js';
import { shift, valueHome } from './homes.js';
import { stackHeight } from './operand-stack.js';

/** No move is wanted so far. */
export function beginMoves(): void {
  clearArea(moves);
}

/** An entry is to be computed into a register. */
export function addMove(entry: i32, reg: i32): void {
  const row = load32(moves + usedField);
  const end = row + moveStride;
  if (end > load32(moves + limitField)) {
    addMoveElsewhere(entry, reg);
    return;
  }
  store32(moves + usedField, end);
  store32(row + moveIsDone, 0);
  store32(row + moveReads, readRegisters(entry));
  store32(row + moveTarget, reg);
  copyEntry(entry, row);
}

/** The same where there is no room left. @noinline */
function addMoveElsewhere(entry: i32, reg: i32): void {
  if (makeRoomIn(moves, moveStride)) addMove(entry, reg);
  else outOfMemory();
}

/**
 * Computes all entries into their registers as if at once. Ownership is untouched; besides the targets only the scratch register is written, which breaks cycles.
 */
export function moveAll(): void {
  const count = usedBytes(moves) / moveStride;
  if (count === 1) {
    // Nothing is in its way.
    const only = load32(moves);
    compute(only, load32(only + moveTarget));
    forget(load32(only + moveTarget));
    return;
  }
  if (areIndependent()) {
    const end = load32(moves + usedField);
    for (let row = load32(moves); row < end; row += moveStride) {
      compute(row, load32(row + moveTarget));
      overwrite(load32(row + moveTarget));
    }
    endOverwriting();
    return;
  }
  let left = count;
  let parked = 0;
  let waiting = 0;
  while (left > 0) {
    const next = nextMove(parked);
    if (parked !== 0 && !isBlocked(parked)) {
      move(load32(parked + moveTarget), scratch());
      finish(parked);
      parked = 0;
      left--;
    } else if (next !== 0) {
      compute(next, load32(next + moveTarget));
      finish(next);
      left--;
    } else if (parked !== 0) {
      failInternally(noProgress);
      left = 0;
    } else {
      const product = firstMove(productEntry);
      if (product !== 0) {
        // A product reads two registers, so that it may stand in two cycles, and one scratch register breaks one: it waits in memory. No operand has its home
        // so high.
        const spOffset = valueHome(stackHeight() + count + waiting++, load8(product + entryHigh) !== 0);
        compute(product, scratch());
        storeSlot(scratch(), spOffset + shift());
        copyEntry(homeEntryOf(spOffset, false), product);
        store32(product + moveReads, 0);
      } else {
        parked = firstMove(-1);
        compute(parked, scratch());
        // It no longer reads anything; its value waits in the scratch register.
        copyEntry(newEntry(), parked);
        store32(parked + moveReads, 0);
      }
    }
  }
  endOverwriting();
}

/** Does no move read what another one writes? */
function areIndependent(): boolean {
  const end = load32(moves + usedField);
  let written = 0;
  for (let row = load32(moves); row < end; row += moveStride) written |= 1 << load32(row + moveTarget);
  for (let row = load32(moves); row < end; row += moveStride) {
    if ((load32(row + moveReads) & written & ~(1 << load32(row + moveTarget))) !== 0) return false;
  }
  return true;
}

function finish(row: i32): void {
  store32(row + moveIsDone, 1);
  store32(row + moveReads, 0);
  overwrite(load32(row + moveTarget));
}

/** The first move that can be made while `parked` waits in the scratch register; 0. */
function nextMove(parked: i32): i32 {
  const end = load32(moves + usedField);
  // Registers that some move reads which is left, and those that several do.
  let read = 0;
  let readTwice = 0;
  for (let row = load32(moves); row < end; row += moveStride) {
    const reads = load32(row + moveReads);
    readTwice |= read & reads;
    read |= reads;
  }
  for (let row = load32(moves); row < end; row += moveStride) {
    if (load32(row + moveIsDone) !== 0 || row === parked) continue;
    const readByOthers = readTwice | (read & ~load32(row + moveReads));
    if (((readByOthers >>> load32(row + moveTarget)) & 1) !== 0) continue;
    if (parked === 0 || !usesScratch(row, load32(row + moveTarget))) return row;
  }
  return 0;
}

/** The first move that is left, of an entry of this kind, or of any; 0. */
function firstMove(kind: i32): i32 {
  const end = load32(moves + usedField);
  for (let row = load32(moves); row < end; row += moveStride) {
    if (load32(row + moveIsDone) === 0 && (kind < 0 || load8(row + entryKind) === kind)) return row;
  }
  return 0;
}

/** Does another move that is left read the target? */
function isBlocked(move: i32): boolean {
  const reg = load32(move + moveTarget);
  const end = load32(moves + usedField);
  for (let row = load32(moves); row < end; row += moveStride) {
    if (row !== move && ((load32(row + moveReads) >>> reg) & 1) !== 0) return true;
  }
  return false;
}

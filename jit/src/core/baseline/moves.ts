/** Parallel moves: words that go to registers as if at once. */
import { load32, store32 } from '@fireball/wasm';
import { moveSources, moveTargets, operandStride, slotKind, constKind } from '../layout/baseline.js';
import { move } from '../masm/arithmetic.js';
import { scratch } from '../masm/properties.js';
import { kindOf, readInto, valueOf } from './operands.js';

/** The word in a row is to go to a register, as the move of a number. */
export function setMove(index: i32, row: i32, into: i32): void {
  const kind = kindOf(row);
  setRegisterMove(index, kind === slotKind || kind === constKind ? -1 : valueOf(row), into);
}

/** The word in a register is to go to another one. */
export function setRegisterMove(index: i32, from: i32, into: i32): void {
  store32(moveSources + (index << 2), from);
  store32(moveTargets + (index << 2), into);
}

/** Makes the moves from 0 on, so many, of which the first are of rows behind one another. Nothing but their targets and the scratch register is written. */
export function moveAll(rows: i32, count: i32): void {
  let read = 0;
  let written = 0;
  for (let index = 0; index < count; index++) {
    const source = load32(moveSources + (index << 2));
    const target = load32(moveTargets + (index << 2));
    if (source >= 0 && source !== target) read |= 1 << source;
    written |= 1 << target;
  }
  if ((read & written) !== 0) moveInOrder(rows, count);
  else for (let index = 0; index < count; index++) place(index, rows);
}

/** The same where a move writes what another one reads. @noinline */
function moveInOrder(rows: i32, count: i32): void {
  let left = 0;
  for (let index = 0; index < count; index++) if (load32(moveSources + (index << 2)) !== load32(moveTargets + (index << 2))) left |= 1 << index;
  while (left !== 0) {
    const before = left;
    for (let index = 0; index < count; index++) {
      const bit = 1 << index;
      if ((left & bit) === 0 || isReadBy(left & ~bit, load32(moveTargets + (index << 2)))) continue;
      place(index, rows);
      left &= ~bit;
    }
    if (left === before) breakCircle(left);
  }
}

/** Does one of a set of moves read the register? */
function isReadBy(set: i32, reg: i32): boolean {
  for (let index = 0, rest = set; rest !== 0; index++, rest >>>= 1) if ((rest & 1) !== 0 && load32(moveSources + (index << 2)) === reg) return true;
  return false;
}

function place(index: i32, rows: i32): void {
  const source = load32(moveSources + (index << 2));
  const target = load32(moveTargets + (index << 2));
  if (source >= 0) move(target, source);
  else readInto(target, rows + index * operandStride);
}

/** Every register is read by another move: the value of the first one that reads any waits in the scratch register. */
function breakCircle(left: i32): void {
  let index = 0;
  while (((left >>> index) & 1) === 0 || load32(moveSources + (index << 2)) < 0) index++;
  move(scratch(), load32(moveSources + (index << 2)));
  store32(moveSources + (index << 2), scratch());
}

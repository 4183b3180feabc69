/** What the host calls: bodies one after the other. */
import { clearArea, freeAll, makeArea, take, usedBytes } from './areas.js';
import {
  bodies,
  bodyStride,
  branches,
  branchesField,
  controls,
  controlsField,
  dead,
  deadField,
  declarationsField,
  endField,
  flags,
  flagsField,
  frames,
  heapStart,
  hasWideValues,
  heightField,
  isRefused,
  jumps,
  jumpsField,
  lists,
  localTypes,
  moduleBytes,
  startField,
  typeCount,
  typeField,
  typeOfEncoding,
  wantedJumps,
  noJumps,
} from './layout/addresses.js';
import { next } from './layout/common.js';
import { load32, load8, store32, store8 } from './memory.js';
import { readIndex } from './numbers.js';
import { hasWide, isWide, lengthOf, paramsOf } from './operands.js';
import { branchColumns, controlColumns, deadColumns, jumpColumns } from './layout/rows.js';
import { firstTypeSignature } from './layout/types.js';
import { walkBody } from './walk.js';

export { allocate } from './areas.js';

/** Rows of so many bytes are for the host to take before more are written. */
const manyBytes = 0x4_0000;

/** Forgets the module before. */
export function reset(): void {
  freeAll(heapStart);
  makeArea(controls);
  makeArea(branches);
  makeArea(dead);
  makeArea(frames);
  makeArea(localTypes);
  makeArea(jumps);
}

/**
 * Validates bodies from `first` on, and returns which one is the next: `end`; or one that breaks a rule or has no room (`isRefused`); or any, before which the host is to
 * take the rows that there are, from the beginnings of their areas on.
 */
export function validateBodies(first: i32, end: i32): i32 {
  store32(isRefused, 0);
  clearArea(controls);
  clearArea(branches);
  clearArea(dead);
  clearArea(jumps);
  for (let body = first; body < end; body++) {
    if (usedBytes(controls) > manyBytes || usedBytes(branches) > manyBytes) return body;
    if (!validateBody(load32(bodies) + body * bodyStride)) {
      store32(isRefused, 1);
      return body;
    }
  }
  return end;
}

function validateBody(body: i32): boolean {
  const module = load32(moduleBytes);
  const signature = firstTypeSignature + load32(body + typeField);
  const localCount = declareLocals(paramsOf(signature), module + load32(body + declarationsField));
  if (localCount < 0) return false;
  const firstControl = usedBytes(controls);
  const firstBranch = usedBytes(branches);
  const firstDead = usedBytes(dead);
  const firstJump = usedBytes(jumps);
  store32(flags, load32(wantedJumps) !== noJumps && needsWide(signature, localCount) ? hasWideValues : 0);
  // Signatures of bodies follow those of the types.
  const height = walkBody(module + load32(body + startField), module + load32(body + endField), signature + load32(typeCount), load32(localTypes), localCount);
  if (height < 0) return false;
  writeRange(body + controlsField, controls, firstControl, controlColumns);
  writeRange(body + branchesField, branches, firstBranch, branchColumns);
  writeRange(body + deadField, dead, firstDead, deadColumns);
  writeRange(body + jumpsField, jumps, firstJump, jumpColumns);
  store32(body + heightField, height);
  store32(body + flagsField, load32(flags));
  return true;
}

function writeRange(field: i32, area: i32, first: i32, columns: i32): void {
  store32(field, first >> 2);
  store32(field + 4, (usedBytes(area) - first) / (columns << 2));
}

function needsWide(signature: i32, localCount: i32): boolean {
  if (hasWide(signature)) return true;
  const first = load32(localTypes);
  for (let index = 0; index < localCount; index++) if (isWide(load8(first + index))) return true;
  return false;
}

/** Writes the types of a function's locals, and returns how many there are; -1 where there is no room. The decoder has seen that the declarations are well-formed. */
function declareLocals(params: i32, declarations: i32): i32 {
  clearArea(localTypes);
  const count = lengthOf(params);
  const first = load32(load32(lists) + (params << 3));
  const start = take(localTypes, count);
  if (start === 0) return -1;
  for (let index = 0; index < count; index++) store8(start + index, load8(first + index));
  for (let runs = readIndex(declarations); runs > 0; runs--) {
    const length = readIndex(load32(next));
    const position = load32(next);
    const type = load8(typeOfEncoding + load8(position));
    store32(next, position + 1);
    let at = take(localTypes, length);
    if (at === 0) return -1;
    for (const behind = at + length; at < behind; at++) store8(at, type);
  }
  return usedBytes(localTypes);
}

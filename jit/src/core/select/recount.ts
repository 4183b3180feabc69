/** Debug mode: after every operation the owners of all registers are counted anew, from what owns them. The tests have it on. */
import { load32, load8, store32, usedField } from '@fireball/wasm';
import {
  cachedPointers,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  floatEntry,
  floatShares,
  outcome,
  ownSource,
  pointerRegister,
  pointerStride,
  positions,
  selected,
} from '../layout/select.js';
import { floatOwners, miscounted, ownedNoTemporary, recountFound, recountIsFloat, recountNoted, recountRegister, registerOwners } from '../layout/walk.js';
import { sourceCount } from './entries.js';
import { failInternally } from './failure.js';
import { entryAt, findInRegisters, stackLength } from './operand-stack.js';
import { hasTemp, ownerCount } from './temporaries.js';

/** Of a deeper stack only the topmost words are looked at one by one, or a deep one would take quadratic time; of the rest, what is known to own a register. */
const mostWords: i32 = 50;
/** Registers of the larger file. */
const registerCount: i32 = 32;

/** Between two operations only stack entries and cached pointers own temporaries, and only stack entries floating-point registers: fails where a register is counted otherwise, which was never released, or is free and still read. */
export function recount(): void {
  for (let reg = 0; reg < registerCount; reg++) {
    store32(registerOwners + (reg << 2), 0);
    store32(floatOwners + (reg << 2), 0);
  }
  const length = stackLength();
  const first = length > mostWords ? length - mostWords : 0;
  findInRegisters(first, 0, 0);
  for (let position = load32(positions); position < load32(positions + usedField); position += 4) countOwned(entryAt(load32(position)));
  for (let position = first; position < length; position++) countOwned(entryAt(position));
  for (let row = load32(cachedPointers); row < load32(cachedPointers + usedField); row += pointerStride) add(registerOwners, load32(row + pointerRegister));
  for (let reg = 0; reg < registerCount; reg++) {
    const found = load32(registerOwners + (reg << 2));
    compare(found, ownerCount(reg), 0, reg);
    compare(load32(floatOwners + (reg << 2)), load32(floatShares + (reg << 2)), 1, reg);
    if (found > 0 && !hasTemp(reg)) fail(ownedNoTemporary, 0, reg, found, 0);
  }
}

function countOwned(entry: i32): void {
  if (load8(entry + entryKind) === floatEntry) add(floatOwners, load32(entry + entryC));
  const count = sourceCount(entry);
  if (count >= 1 && load8(entry + entryFrom) === ownSource) add(registerOwners, load32(entry + entrySource));
  if (count === 2 && load8(entry + entryShift) === ownSource) add(registerOwners, load32(entry + entryAmount));
}

function add(owners: i32, reg: i32): void {
  const at = owners + (reg << 2);
  store32(at, load32(at) + 1);
}

function compare(found: i32, noted: i32, isFloat: i32, reg: i32): void {
  if (found !== noted) fail(miscounted, isFloat, reg, found, noted);
}

function fail(code: i32, isFloat: i32, reg: i32, found: i32, noted: i32): void {
  if (load32(outcome) !== selected) return;
  failInternally(code);
  store32(recountIsFloat, isFloat);
  store32(recountRegister, reg);
  store32(recountFound, found);
  store32(recountNoted, noted);
}

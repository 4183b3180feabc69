/** Who owns the temporaries of the function: stack entries, cached pointers, the operation in progress. */
import { clearArea, load32, store32, take, usedBytes, usedField } from '@fireball/wasm';
import {
  cachedPointers,
  noReg,
  orderedTemps,
  ownedHeld,
  ownedSet,
  pointerOwner,
  pointerRegister,
  pointerStride,
  registerUses,
  releasedTwice,
  sharedSet,
  tempCount,
  tempOrder,
  tempSet,
} from '../layout/select.js';
import { bitCount } from '../masm/registers.js';
import { failInternally, outOfMemory } from './failure.js';

/** One more temporary from here on, after the others. */
export function addTemp(reg: i32): void {
  const count = load32(tempCount);
  const bit = 1 << reg;
  const before = load32(tempSet);
  if (load32(orderedTemps) === before && (before & ((bit << 1) - 1)) === 0) store32(orderedTemps, before | bit);
  store32(tempOrder + (count << 2), bit);
  store32(tempCount, count + 1);
  store32(tempSet, before | bit);
}

export function hasTemp(reg: i32): boolean {
  return reg >= 0 && ((load32(tempSet) >>> reg) & 1) !== 0;
}

/** Does nobody own the register? */
export function isFree(reg: i32): boolean {
  return reg >= 0 && ((load32(ownedSet) >>> reg) & 1) === 0;
}

/** Are so many temporaries free? */
export function hasFree(count: i32): boolean {
  return bitCount(load32(tempSet) & ~load32(ownedSet)) >= count;
}

/** Is this a temporary that nobody owns? */
export function canTake(reg: i32): boolean {
  return reg >= 0 && (((load32(tempSet) & ~load32(ownedSet)) >>> reg) & 1) !== 0;
}

/** Nobody else reads this temporary, of which somebody asks who owns it: that one may overwrite it. */
export function isExclusive(reg: i32): boolean {
  return ((load32(sharedSet) >>> reg) & 1) === 0;
}

export function takeReg(reg: i32): i32 {
  const bit = 1 << reg;
  const set = load32(ownedSet);
  if ((set & bit) === 0) store32(ownedSet, set | bit);
  else addOwner(reg);
  return reg;
}

/** One more owner of a register that has one. Only then they are counted. */
function addOwner(reg: i32): void {
  const uses = registerUses + (reg << 2);
  const set = load32(sharedSet);
  const isShared = ((set >>> reg) & 1) !== 0;
  store32(uses, isShared ? load32(uses) + 1 : 2);
  store32(sharedSet, set | (1 << reg));
}

export function dropReg(reg: i32): void {
  const bit = 1 << reg;
  const set = load32(ownedSet);
  if ((set & bit & ~load32(sharedSet)) !== 0) store32(ownedSet, set ^ bit);
  else dropOwner(reg);
}

/** One owner less of a register that has several. */
function dropOwner(reg: i32): void {
  const set = load32(sharedSet);
  if (((set >>> reg) & 1) === 0) {
    failInternally(releasedTwice);
    return;
  }
  const uses = registerUses + (reg << 2);
  const left = load32(uses) - 1;
  store32(uses, left);
  if (left === 1) store32(sharedSet, set & ~(1 << reg));
}

/** How many owners it has. */
export function ownerCount(reg: i32): i32 {
  if (((load32(sharedSet) >>> reg) & 1) !== 0) return load32(registerUses + (reg << 2));
  return (load32(ownedSet) >>> reg) & 1;
}

/** A second owner for a temporary that must not be taken away meanwhile. */
export function share(reg: i32): i32 {
  return takeReg(reg) | ownedHeld;
}

/** Remembers a cached pointer's register, which any allocation may take back. `owner`: address of the word that has it, and becomes -1 then; 0 for none. */
export function addPointer(reg: i32, owner: i32): void {
  const row = take(cachedPointers, pointerStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + pointerRegister, reg);
  store32(row + pointerOwner, owner);
  if (owner !== 0) store32(owner, reg);
}

/** The pointer's last use: the caller holds its register. */
export function takePointer(owner: i32): i32 {
  const end = load32(cachedPointers + usedField);
  let row = load32(cachedPointers);
  while (row < end && load32(row + pointerOwner) !== owner) row += pointerStride;
  return removePointer(row) | ownedHeld;
}

/** Takes a pointer away, and returns its register. */
function removePointer(row: i32): i32 {
  const reg = load32(row + pointerRegister);
  const owner = load32(row + pointerOwner);
  if (owner !== 0) store32(owner, noReg);
  const end = load32(cachedPointers + usedField) - pointerStride;
  for (let at = row; at < end; at += 4) store32(at, load32(at + pointerStride));
  store32(cachedPointers + usedField, end);
  return reg;
}

export function hasPointers(): boolean {
  return usedBytes(cachedPointers) !== 0;
}

/** Has a cached pointer the register? */
export function isCached(reg: i32): boolean {
  const end = load32(cachedPointers + usedField);
  for (let row = load32(cachedPointers); row < end; row += pointerStride) if (load32(row + pointerRegister) === reg) return true;
  return false;
}

/** Returns false where no pointer is cached. */
export function dropOldestPointer(): boolean {
  if (!hasPointers()) return false;
  dropReg(removePointer(load32(cachedPointers)));
  return true;
}

export function dropAllPointers(): void {
  if (hasPointers()) dropPointers();
}

/** @noinline */
function dropPointers(): void {
  const end = load32(cachedPointers + usedField);
  for (let row = load32(cachedPointers); row < end; row += pointerStride) {
    const owner = load32(row + pointerOwner);
    if (owner !== 0) store32(owner, noReg);
    dropReg(load32(row + pointerRegister));
  }
  clearArea(cachedPointers);
}

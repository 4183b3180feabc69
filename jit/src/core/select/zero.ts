/** Zeroes declared locals at entry: one store each, or a loop for long runs of home slots (hazard 7: 50,000 locals are legal). */
import { load32, load8, makeArea, store32, take, usedField } from '@fireball/wasm';
import { needsZero, wordCount } from '../layout/analyses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { compareTest, immediate, register, storeWord } from '../layout/machine.js';
import { noReg } from '../layout/select.js';
import { zeroHomes } from '../layout/walk.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { newLabel } from '../masm/assembly.js';
import { bind, branchIfWords } from '../masm/conditions.js';
import { access, slotAddress, storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { zeroRegister } from '../masm/roles.js';
import { wordReg } from './entries.js';
import { outOfMemory } from './failure.js';
import { hasLocalHome, localHome } from './homes.js';
import { spareTemp } from './wanted.js';

/** A home slot; every local has one of its own (ABI.md, "Frame"). */
const slotBytes: i32 = 8;
/** Words from which on a run gets a loop. Stores of so many take 64 to 320 bytes, the loop and its start 24 to 40. */
const loopWords: i32 = 32;
/** A run goes on behind a gap of at most so many bytes: a few words that need no zero cost less than another loop. */
const gapBytes: i32 = 64;

/** Of a home: its sp offset, and the address behind the last one of the run that it is in. */
const homeOffset: i32 = 0;
const homeRunEnd: i32 = 4;
const homeStride: i32 = 8;

/** Parameters have been moved: temporaries and the scratch register are free. */
export function zeroLocals(): void {
  listHomes();
  findRuns();
  const isZeroFree = zeroRegister() !== noReg;
  const zero = isZeroFree ? zeroRegister() : spareTemp(0);
  let hasZero = isZeroFree;
  let home = load32(zeroHomes);
  let runBegin = home;
  const words = load32(wordCount);
  for (let word = 0; word < words; word++) {
    if (load8(load32(needsZero) + word) === 0) continue;
    const reg = wordReg(word);
    if (reg !== noReg) loadConst(reg, 0);
    else if (hasLocalHome(word)) {
      const end = load32(home + homeRunEnd);
      if (!isLong(runBegin, end)) {
        if (!hasZero) loadConst(zero, 0);
        hasZero = true;
        storeSlot(zero, load32(home + homeOffset));
      }
      home += homeStride;
      if (home === end) runBegin = home;
    }
  }
  zeroRuns(zero, hasZero, spareTemp(isZeroFree ? 0 : 1));
}

/** Lists the homes of words that need their zero. */
function listHomes(): void {
  makeArea(zeroHomes);
  const words = load32(wordCount);
  for (let word = 0; word < words; word++) {
    if (load8(load32(needsZero) + word) === 0 || wordReg(word) !== noReg || !hasLocalHome(word)) continue;
    const row = take(zeroHomes, homeStride);
    if (row === 0) {
      outOfMemory();
      return;
    }
    store32(row + homeOffset, localHome(word));
  }
}

/** Home words that lie near each other are a run. */
function findRuns(): void {
  const end = load32(zeroHomes + usedField);
  for (let begin = load32(zeroHomes); begin < end;) {
    let behind = begin + homeStride;
    while (behind < end && load32(behind + homeOffset) - load32(behind - homeStride + homeOffset) <= gapBytes) behind += homeStride;
    for (let home = begin; home < behind; home += homeStride) store32(home + homeRunEnd, behind);
    begin = behind;
  }
}

function isLong(begin: i32, end: i32): boolean {
  return end - begin >= loopWords * homeStride;
}

function zeroRuns(zero: i32, hasZero: boolean, cursor: i32): void {
  const end = load32(zeroHomes + usedField);
  let isLoaded = hasZero;
  for (let begin = load32(zeroHomes); begin < end;) {
    const behind = load32(begin + homeRunEnd);
    if (isLong(begin, behind)) {
      if (!isLoaded) loadConst(zero, 0);
      isLoaded = true;
      zeroRun(load32(begin + homeOffset) & -slotBytes, (load32(behind - homeStride + homeOffset) & -slotBytes) + slotBytes, zero, cursor);
    }
    begin = behind;
  }
}

/** Whole slots, from that of the first word to that of the last: what lies between belongs to declared locals too. */
function zeroRun(begin: i32, end: i32, zero: i32, cursor: i32): void {
  // No instruction of the loop needs the scratch register for itself.
  const limit = scratch();
  slotAddress(cursor, begin);
  loadConst(limit, end - begin);
  alu(arithmetic.add, limit, limit, register, cursor, false);
  const again = newLabel();
  bind(again);
  for (let offset = 0; offset < slotBytes; offset += 4) access(storeWord, zero, cursor, offset);
  alu(arithmetic.add, cursor, cursor, immediate, slotBytes, false);
  branchIfWords(compareTest, arithmetic.ne, cursor, register, limit, again);
}

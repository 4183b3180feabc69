/**
 * On-stack replacement: entries by which an interpreter that has arrived at a loop goes on in the
 * function's code (ABI.md, "On-stack replacement"). An entry is one more edge into the loop's header:
 * what every edge provides there, it takes from the interpreter's frame.
 */
import { load32, load8, makeArea, store32, take, usedBytes, usedField } from '@fireball/wasm';
import { recordOf } from '../instructions.js';
import { constantRegCount, constantRegs } from '../layout/allocation.js';
import { isLiveKnown, loopCount, loopIndices, loopSets, setBytes, wordCount } from '../layout/analyses.js';
import * as arithmetic from '../layout/arithmetic.js';
import { offsetField } from '../layout/body.js';
import { loadWord, register } from '../layout/machine.js';
import { frameStackArguments } from '../layout/masm.js';
import { entryC, entryKind, homeEntry, noReg } from '../layout/select.js';
import {
  headerEntry,
  headerHomeCount,
  headerHomes,
  headerHomesArea,
  headerIndex,
  headerLabel,
  headerStride,
  loopHeaders,
  wordsByRegister,
} from '../layout/walk.js';
import { alu, loadConst } from '../masm/arithmetic.js';
import { attribute, newLabel } from '../masm/assembly.js';
import { bind, jump } from '../masm/conditions.js';
import { access, fitsOffset, storeSlot } from '../masm/memory.js';
import { scratch } from '../masm/properties.js';
import { argumentRegister } from '../masm/roles.js';
import { isEntry } from '../writes.js';
import { at } from './context.js';
import { wordReg } from './entries.js';
import { outOfMemory } from './failure.js';
import { enterFrame } from './frame.js';
import { hasLocalHome, localHome, localOffset } from './homes.js';
import { entryAt, stackLength } from './operand-stack.js';
import { hasMember, isMentioned } from './wanted.js';

export function beginLoopHeaders(): void {
  makeArea(loopHeaders);
  makeArea(headerHomesArea);
}

/** The header of the loop that is being selected has this label: is it one that can be entered from outside? */
export function noteLoopHeader(label: i32): void {
  if (!isEntry(at())) return;
  const row = take(loopHeaders, headerStride);
  if (row === 0) {
    outOfMemory();
    return;
  }
  store32(row + headerIndex, at());
  store32(row + headerLabel, label);
  store32(row + headerHomes, usedBytes(headerHomesArea));
  store32(row + headerHomeCount, listHomes());
}

/** Lists where the words of the stack are that are in their homes; the others are constants. Returns how many. */
function listHomes(): i32 {
  let count = 0;
  for (let position = 0; position < stackLength(); position++) {
    const entry = entryAt(position);
    if (load8(entry + entryKind) !== homeEntry) continue;
    const home = take(headerHomesArea, 4);
    if (home === 0) {
      outOfMemory();
      return count;
    }
    store32(home, load32(entry + entryC));
    count++;
  }
  return count;
}

/** Places the entries behind the function's code. */
export function emitLoopEntries(overflow: i32): void {
  for (let row = load32(loopHeaders); row < load32(loopHeaders + usedField); row += headerStride) {
    const label = newLabel();
    store32(row + headerEntry, label);
    attribute(load32(recordOf(load32(row + headerIndex)) + offsetField));
    bind(label);
    // The caller has passed no stack arguments: room for as many lets the function pop them as ever, or tail-call with them.
    enterFrame(load32(frameStackArguments), overflow);
    takeFrame(row);
    jump(load32(row + headerLabel));
  }
}

/** Loads what lives at the header from the interpreter's frame, and the constants that have registers. */
function takeFrame(header: i32): void {
  const live = liveAtLoop(load32(header + headerIndex));
  // The only argument; the other argument registers are free until locals or constants move in.
  const base = argumentRegister(0);
  const via = argumentRegister(1);
  // A home has the same offset in both frames.
  const words = load32(wordCount);
  for (let word = 0; word < words; word++) if (isWanted(live, word) && wordReg(word) === noReg && hasLocalHome(word)) moveSlot(via, base, localHome(word));
  const homes = load32(headerHomesArea) + load32(header + headerHomes);
  const end = homes + (load32(header + headerHomeCount) << 2);
  for (let home = homes; home < end; home += 4) moveSlot(via, base, load32(home));
  loadRegisters(live, base);
  const constants = load32(constantRegs);
  const behind = constants + (load32(constantRegCount) << 3);
  for (let pair = constants; pair < behind; pair += 8) loadConst(load32(pair + 4), load32(pair));
}

/** Address of the set of words that may be read before they are written at the header of a loop; 0 where that is not known. */
function liveAtLoop(index: i32): i32 {
  if (load32(isLiveKnown) === 0) return 0;
  const count = load32(loopCount);
  for (let loop = 0; loop < count; loop++) {
    if (load32(load32(loopIndices) + (loop << 2)) === index) return load32(loopSets) + loop * load32(setBytes);
  }
  return 0;
}

function isWanted(live: i32, word: i32): boolean {
  return isMentioned(word) && (live === 0 || hasMember(live, word));
}

function moveSlot(via: i32, base: i32, offset: i32): void {
  loadFrom(via, base, offset);
  storeSlot(via, offset);
}

/** Loads words that have registers, each register once, in the order of the first words that want them. Words that share one have the same value where both are wanted. */
function loadRegisters(live: i32, base: i32): void {
  const words = load32(wordCount);
  for (let word = 0; word < words; word++) if (wordReg(word) !== noReg && isWanted(live, word)) store32(wordsByRegister + (wordReg(word) << 2), word);
  let loaded = 0;
  let inBase = -1;
  for (let word = 0; word < words; word++) {
    const reg = wordReg(word);
    if (reg === noReg || ((loaded >> reg) & 1) !== 0 || !isWanted(live, word)) continue;
    loaded |= 1 << reg;
    const last = load32(wordsByRegister + (reg << 2));
    // The frame's address goes last.
    if (reg === base) inBase = last;
    else loadFrom(reg, base, localOffset(last));
  }
  if (inBase >= 0) loadFrom(base, base, localOffset(inBase));
}

/** rd = word at base + offset; rd may be the base. */
export function loadFrom(rd: i32, base: i32, offset: i32): void {
  if (fitsOffset(offset)) {
    access(loadWord, rd, base, offset);
    return;
  }
  const address = rd === base ? scratch() : rd;
  loadConst(address, offset);
  alu(arithmetic.add, address, address, register, base, false);
  access(loadWord, rd, address, 0);
}

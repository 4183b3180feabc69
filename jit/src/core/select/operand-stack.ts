/**
 * The abstract operand stack, a word each. It keeps lists of the positions that an operation may have to look for (what owns a register, what reads a local), so
 * that no instruction costs more because many operands lie below its own. What has been pushed since somebody looked for positions is in no list yet: most of it
 * is popped before. Rows stay where they are until something is pushed.
 */
import { allocate, clearArea, limitField, load32, load8, makeArea, makeAreaIn, store32, take as takeBytes, usedBytes, usedField } from '@fireball/wasm';
import { wordCount } from '../layout/analyses.js';
import { recordsLocations } from '../layout/environment.js';
import { roomsEnd, stackEntriesRoom, stackNodesRoom } from '../layout/rooms.js';
import {
  constEntry,
  cursors,
  entryAmount,
  entryC,
  entryFrom,
  entryKind,
  entryShift,
  entrySource,
  entryStride,
  entryValues,
  firstReaders,
  floatEntry,
  floatList,
  homeEntry,
  listedBytes,
  nodeBefore,
  nodeBehind,
  nodeList,
  nodeStride,
  owningList,
  ownSource,
  positionLists,
  positions,
  productEntry,
  quietFrom,
  settledBelow,
  stackEntries,
  stackNodes,
  stackUnderflow,
  stackWrites,
  sumEntry,
  wordSource,
  writeEntry,
  writePosition,
  writeStride,
} from '../layout/select.js';
import { copyEntry, copyOf, newEntry, sourceCount } from './entries.js';
import { failInternally, outOfMemory } from './failure.js';
import { fromBits, fromShift, highHead, highShift, kindBits, ownHead } from './heads.js';

const entryShiftBits: i32 = 5;
/** Both nodes of a position. */
const nodesStride: i32 = 2 * nodeStride;
/** Bytes of the rows that are looked at without a list. */
const mostUnlisted: i32 = 4 * entryStride;
/** Of a list: its last node, behind its first one. */
const listLast: i32 = 4;
const listStride: i32 = 8;

/** Makes the stack empty. */
export function beginStack(): void {
  makeAreaIn(stackEntries, stackEntriesRoom, stackNodesRoom);
  makeAreaIn(stackNodes, stackNodesRoom, roomsEnd);
  makeArea(stackWrites);
  makeArea(positions);
  makeArea(cursors);
  store32(settledBelow, 0);
  store32(listedBytes, 0);
  const bottom = takeBytes(stackEntries, entryStride);
  if (bottom === 0 || !growNodes(0)) outOfMemory();
  else store32(bottom + entryValues, 0);
  findQuiet();
  const bytes = (firstReaders + load32(wordCount)) * listStride;
  const lists = allocate(bytes);
  store32(positionLists, lists);
  if (lists === 0) outOfMemory();
  else for (let at = 0; at < bytes; at += 4) store32(lists + at, -1);
}

/** How many words there are. */
export function stackLength(): i32 {
  return rowBytes() >> entryShiftBits;
}

/** The row at the bottom, below which is one of none, so that each has another one below it. */
function firstRow(): i32 {
  return load32(stackEntries) + entryStride;
}

/** How many bytes the rows take. */
function rowBytes(): i32 {
  return usedBytes(stackEntries) - entryStride;
}

/** How many values. */
export function stackHeight(): i32 {
  return load32(load32(stackEntries + usedField) - entryStride + entryValues);
}

/** The row at a position. */
export function entryAt(position: i32): i32 {
  return firstRow() + (position << entryShiftBits);
}

/** The row so deep below the top, 1 for the topmost one; 0 where there is none. */
export function topEntry(depth: i32): i32 {
  const entry = load32(stackEntries + usedField) - depth * entryStride;
  return entry < firstRow() ? 0 : entry;
}

/** The row of the deepest of the topmost words, which lie behind one another. */
export function topEntries(count: i32): i32 {
  return load32(stackEntries + usedField) - count * entryStride;
}

/** Index of the value that the word at a position belongs to. */
export function valueAt(position: i32): i32 {
  return load32(entryAt(position) + entryValues) - 1;
}

/** Pushes a copy. */
export function push(entry: i32): void {
  pushEntry(load32(entry), load32(entry + entrySource), load32(entry + entryC), load32(entry + entryAmount));
}

/** Pushes an entry of these words. */
export function pushEntry(head: i32, source: i32, c: i32, amount: i32): void {
  const end = load32(stackEntries + usedField) + entryStride;
  if (end > load32(stackEntries + limitField)) {
    pushOnTaller(head, source, c, amount);
    return;
  }
  store32(stackEntries + usedField, end);
  const below = end - 2 * entryStride;
  // The last word first: what is below it needs no bounds check then.
  store32(below + (entryStride + entryValues), load32(below + entryValues) + (head >>> highShift === 0 ? 1 : 0));
  store32(below + (entryStride + entryAmount), amount);
  store32(below + (entryStride + entryC), c);
  store32(below + (entryStride + entrySource), source);
  store32(below + entryStride, head);
  if (load32(recordsLocations) !== 0) noteWrite(below);
}

/** The same where the stack has to grow for it. @noinline */
function pushOnTaller(head: i32, source: i32, c: i32, amount: i32): void {
  if (growStack()) pushEntry(head, source, c, amount);
}

/** Makes room for more rows, and for their nodes; false where there is none. */
function growStack(): boolean {
  const length = stackLength();
  if (takeBytes(stackEntries, entryStride) === 0) {
    outOfMemory();
    return false;
  }
  store32(stackEntries + usedField, entryAt(length));
  findQuiet();
  if (growNodes(length)) return true;
  outOfMemory();
  return false;
}

/** Makes nodes for all rows that there is room for, of which so many have theirs; false where there is no room. */
function growNodes(length: i32): boolean {
  const rows = (load32(stackEntries + limitField) - firstRow()) >> entryShiftBits;
  store32(stackNodes + usedField, nodeAt(length << 1));
  return takeBytes(stackNodes, (rows - length) * nodesStride) !== 0;
}

/** Finds the address from where on popping is quiet. */
function findQuiet(): void {
  const settled = load32(settledBelow) << entryShiftBits;
  const listed = load32(listedBytes);
  store32(quietFrom, firstRow() + (settled < listed ? listed : settled));
}

/** Everything below a position is in its home or a constant now. */
export function settle(position: i32): void {
  if (position <= load32(settledBelow)) return;
  store32(settledBelow, position);
  findQuiet();
}

/** Takes the topmost word off: its row, until something is pushed. */
export function pop(): i32 {
  const row = load32(stackEntries + usedField) - entryStride;
  if (row < load32(quietFrom)) return popLoudly(row);
  store32(stackEntries + usedField, row);
  return row;
}

/** The same where there is no such word, or it is in a list or settled. @noinline */
function popLoudly(row: i32): i32 {
  const bytes = row - firstRow();
  if (bytes < 0) {
    failInternally(stackUnderflow);
    return newEntry();
  }
  store32(stackEntries + usedField, row);
  if (load32(settledBelow) << entryShiftBits > bytes) store32(settledBelow, bytes >> entryShiftBits);
  if (load32(listedBytes) > bytes) {
    forgetNodes(bytes >> entryShiftBits);
    store32(listedBytes, bytes);
  }
  findQuiet();
  return row;
}

/** The same as a copy, which stays what it is when something is pushed. */
export function popCopy(): i32 {
  return copyOf(pop());
}

/** Takes the topmost words off: the row of the deepest one, until something is pushed. */
export function take(count: i32): i32 {
  const row = topEntries(count);
  if (row >= load32(quietFrom)) {
    store32(stackEntries + usedField, row);
    return row;
  }
  for (let left = count; left > 0; left--) pop();
  return load32(stackEntries + usedField);
}

/** Puts something else at a position, which remains the upper word of a pair if it is one. */
function replaceEntry(position: i32, head: i32, source: i32, c: i32): void {
  const row = entryAt(position);
  store32(row + entryC, c);
  store32(row + entrySource, source);
  store32(row, head | (load32(row) & highHead));
  if (load32(recordsLocations) !== 0) noteWrite(row - entryStride);
  if (position << entryShiftBits >= load32(listedBytes)) return;
  forgetNodes(position);
  list(position, row);
}

/** The word at a position is in its home now. */
export function replaceByHome(position: i32, spOffset: i32): void {
  replaceEntry(position, homeEntry, 0, spOffset);
}

/** The word at a position is in a temporary of its own now. */
export function replaceByReg(position: i32, reg: i32): void {
  replaceEntry(position, ownHead, reg, 0);
}

/** The deepest position that reads a local's word; -1 where there is none. */
export function firstReader(word: i32): i32 {
  const used = rowBytes();
  // A few words are looked at one by one: most of them will be popped before anybody wants a list.
  if (used - load32(listedBytes) > mostUnlisted) return firstIn(firstReaders + word);
  const node = load32(listAt(firstReaders + word));
  if (node >= 0) return node >> 1;
  const first = firstRow();
  for (let bytes = load32(listedBytes); bytes < used; bytes += entryStride) if (readsWord(first + bytes, word)) return bytes >> entryShiftBits;
  return -1;
}

function readsWord(row: i32, word: i32): boolean {
  const head = load32(row);
  const kind = head & kindBits;
  if (kind < sumEntry || kind > productEntry) return false;
  if ((head & fromBits) === wordSource << fromShift && load32(row + entrySource) === word) return true;
  return kind === productEntry && load8(row + entryShift) === wordSource && load32(row + entryAmount) === word;
}

/** The deepest position in a list; -1 where there is none. */
export function firstIn(list: i32): i32 {
  listAll();
  const node = load32(listAt(list));
  return node < 0 ? -1 : node >> 1;
}

/** The position behind another one in a list; -1 where there is none. */
export function nextIn(list: i32, position: i32): i32 {
  listAll();
  const node = load32(nodeIn(list, position) + nodeBehind);
  return node < 0 ? -1 : node >> 1;
}

/** Finds positions below `end` of what owns a register or reads one of the words at an address: `positions`, the deepest first. */
export function findInRegisters(end: i32, words: i32, count: i32): void {
  clearArea(positions);
  if (end <= load32(settledBelow)) return;
  listAll();
  clearArea(cursors);
  addCursor(owningList);
  addCursor(floatList);
  for (let index = 0; index < count; index++) addCursor(firstReaders + load32(words + (index << 2)));
  for (;;) {
    const next = nextOfCursors(end);
    if (next === end) return;
    const at = takeBytes(positions, 4);
    if (at === 0) {
      outOfMemory();
      return;
    }
    store32(at, next);
  }
}

/** A list that is to be looked through; empty ones need not be. */
function addCursor(list: i32): void {
  const node = load32(listAt(list));
  if (node < 0) return;
  const at = takeBytes(cursors, 4);
  if (at === 0) outOfMemory();
  else store32(at, node);
}

/** The deepest position that cursors are at, below `end`, from where they go on; `end` where there is none. */
function nextOfCursors(end: i32): i32 {
  const last = load32(cursors + usedField);
  let next = end;
  for (let at = load32(cursors); at < last; at += 4) {
    const node = load32(at);
    if (node >= 0 && node >> 1 < next) next = node >> 1;
  }
  for (let at = load32(cursors); at < last; at += 4) {
    const node = load32(at);
    if (node >= 0 && node >> 1 === next) store32(at, load32(nodeAt(node) + nodeBehind));
  }
  return next;
}

function listAt(list: i32): i32 {
  return load32(positionLists) + list * listStride;
}

function nodeAt(node: i32): i32 {
  return load32(stackNodes) + node * nodeStride;
}

/** The node of a position that is in a list. */
function nodeIn(list: i32, position: i32): i32 {
  const first = nodeAt(position << 1);
  return load32(first + nodeList) === list ? first : first + nodeStride;
}

/** Puts into lists what is in none yet. */
function listAll(): void {
  const end = rowBytes();
  let bytes = load32(listedBytes);
  if (bytes >= end) return;
  store32(listedBytes, end);
  findQuiet();
  for (; bytes < end; bytes += entryStride) list(bytes >> entryShiftBits, firstRow() + bytes);
}

/** Puts a position into the lists that its entry belongs into, once into each. */
function list(position: i32, row: i32): void {
  const nodes = nodeAt(position << 1);
  store32(nodes + nodeStride + nodeList, -1);
  store32(nodes + nodeList, -1);
  const kind = load8(row + entryKind);
  if (kind === constEntry || kind === homeEntry) return;
  if (kind === floatEntry) {
    insert(floatList, position << 1);
    return;
  }
  const count = sourceCount(row);
  const first = listOf(load8(row + entryFrom), load32(row + entrySource));
  if (first >= 0) insert(first, position << 1);
  if (count === 1) return;
  const second = listOf(load8(row + entryShift), load32(row + entryAmount));
  if (second >= 0 && second !== first) insert(second, (position << 1) | 1);
}

/** The list of those that have the same source; -1 where there is none. */
function listOf(from: i32, source: i32): i32 {
  if (from === ownSource) return owningList;
  return from === wordSource ? firstReaders + source : -1;
}

function insert(list: i32, node: i32): void {
  const ends = listAt(list);
  let before = load32(ends + listLast);
  let behind = -1;
  while (before > node) {
    behind = before;
    before = load32(nodeAt(before) + nodeBefore);
  }
  const at = nodeAt(node);
  store32(at + nodeBehind, behind);
  store32(at + nodeBefore, before);
  store32(at + nodeList, list);
  store32(before < 0 ? ends : nodeAt(before) + nodeBehind, node);
  store32(behind < 0 ? ends + listLast : nodeAt(behind) + nodeBefore, node);
}

/** Takes a position out of its lists. */
function forgetNodes(position: i32): void {
  const node = nodeAt(position << 1);
  remove(node);
  remove(node + nodeStride);
}

function remove(at: i32): void {
  const list = load32(at + nodeList);
  if (list < 0) return;
  const ends = listAt(list);
  const before = load32(at + nodeBefore);
  const behind = load32(at + nodeBehind);
  store32(before < 0 ? ends : nodeAt(before) + nodeBehind, behind);
  store32(behind < 0 ? ends + listLast : nodeAt(behind) + nodeBefore, before);
}

/** Notes what is above a row now. @noinline */
function noteWrite(below: i32): void {
  const row = below + entryStride;
  const write = takeBytes(stackWrites, writeStride);
  if (write === 0) {
    outOfMemory();
    return;
  }
  store32(write + writePosition, (row - firstRow()) >> entryShiftBits);
  copyEntry(row, write + writeEntry);
}

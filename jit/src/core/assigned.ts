/**
 * Definite assignment: which non-parameter words may be read before they are written, and so need their zero. One walk; at the end of a block the sets of all
 * paths to it are intersected. A loop header needs no second look: whatever is assigned on entry stays so.
 */
import { allocate, load32, store32, store8 } from '@fireball/wasm';
import { classAt, endOfLabels, firstLabelOf, indexAt, recordOf } from './instructions.js';
import { blockDepth, mostTracked, needsZero, parameterWords, wordCount } from './layout/analyses.js';
import { recordCount, records, recordStride } from './layout/body.js';
import * as classes from './layout/classes.js';
import { endOfWords, firstWordOf } from './locals.js';
import { addMember, bytesOfSet, clearSet, copySet, hasMember, intersect } from './sets.js';

/** Fields of an open block. Its class; a function is a block. */
const scopeKind = 0;
/** Is there a set of what is assigned on every branch to the end so far? It lies at `scopeSets`. */
const scopeHasEnd = 4;
/** Is there a set of what was assigned before the then-branch, for the else-branch? It lies behind the other one. */
const scopeHasBefore = 8;
const scopeSets = 12;

/** Writes which words need their zero: all, where they are too many. False where there is no room. */
export function findWordsThatNeedZero(): boolean {
  const count = load32(wordCount);
  const parameters = load32(parameterWords);
  const needs = allocate(count);
  store32(needsZero, needs);
  if (needs === 0) return false;
  const isTracked = count <= mostTracked;
  for (let word = 0; word < count; word++) store8(needs + word, isTracked || word < parameters ? 0 : 1);
  return !isTracked || walkForwards(needs, parameters, bytesOfSet(count));
}

function walkForwards(needs: i32, parameters: i32, bytes: i32): boolean {
  const stride = scopeSets + 2 * bytes;
  const assigned = allocate(bytes);
  const scopes = allocate(load32(blockDepth) * stride);
  if (assigned === 0 || scopes === 0) return false;
  clearSet(assigned, bytes);
  for (let word = 0; word < parameters; word++) addMember(assigned, word);
  let scope = scopes;
  openScope(scope, classes.block);
  // How many blocks of unreachable code are open, its own rest included.
  let dead = 0;
  const end = recordOf(load32(recordCount));
  for (let record = load32(records); record < end; record += recordStride) {
    const kind = classAt(record);
    if (kind > classes.localTee) continue;
    const isDead = dead === 1;
    if (dead > 0) {
      if (kind < classes.elseThen) dead++;
      else if (kind === classes.end) dead--;
      else if (kind === classes.elseThen && isDead) dead = 0;
      if (dead > 0) continue;
    }
    switch (kind) {
      case classes.ifThen:
        copySet(scope + stride + scopeSets + bytes, assigned, bytes);
        scope += stride;
        openScope(scope, kind);
        break;
      case classes.block:
      case classes.loop:
        scope += stride;
        openScope(scope, kind);
        break;
      case classes.elseThen:
        if (!isDead) arrive(scope, assigned, bytes);
        copySet(assigned, scope + scopeSets + bytes, bytes);
        store32(scope + scopeHasBefore, 0);
        break;
      case classes.end: {
        const hasBefore = load32(scope + scopeHasBefore) !== 0;
        if (hasBefore) meet(!isDead, assigned, scope + scopeSets + bytes, bytes);
        if (load32(scope + scopeHasEnd) !== 0) meet(!isDead || hasBefore, assigned, scope + scopeSets, bytes);
        scope -= stride;
        break;
      }
      case classes.brIf:
        arrive(scope - indexAt(record) * stride, assigned, bytes);
        break;
      case classes.br:
        arrive(scope - indexAt(record) * stride, assigned, bytes);
        dead = 1;
        break;
      case classes.brTable: {
        const end = endOfLabels(record);
        for (let label = firstLabelOf(record); label < end; label += 4) arrive(scope - load32(label) * stride, assigned, bytes);
        dead = 1;
        break;
      }
      case classes.returnResults:
      case classes.unreachable:
      case classes.returnCall:
      case classes.returnCallIndirect:
        dead = 1;
        break;
      case classes.localGet: {
        const end = endOfWords(indexAt(record));
        for (let word = firstWordOf(indexAt(record)); word < end; word++) if (!hasMember(assigned, word)) store8(needs + word, 1);
        break;
      }
      case classes.localSet:
      case classes.localTee: {
        const end = endOfWords(indexAt(record));
        for (let word = firstWordOf(indexAt(record)); word < end; word++) addMember(assigned, word);
        break;
      }
    }
  }
  return true;
}

function openScope(scope: i32, kind: i32): void {
  store32(scope + scopeKind, kind);
  store32(scope + scopeHasEnd, 0);
  store32(scope + scopeHasBefore, kind === classes.ifThen ? 1 : 0);
}

/** Control may go from here to the end of a block; not so of a loop. */
function arrive(scope: i32, assigned: i32, bytes: i32): void {
  if (load32(scope + scopeKind) === classes.loop) return;
  meet(load32(scope + scopeHasEnd) !== 0, scope + scopeSets, assigned, bytes);
  store32(scope + scopeHasEnd, 1);
}

/** Intersects a set, where there is one yet, with another one. */
function meet(isThere: boolean, set: i32, other: i32, bytes: i32): void {
  if (isThere) intersect(set, other, bytes);
  else copySet(set, other, bytes);
}

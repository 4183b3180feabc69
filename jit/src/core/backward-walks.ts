/**
 * Walks over a body against the direction of control, with what is live: of local words for a plan, of locals for snapshots. Where it is known what is live at
 * the headers around a loop, and at its end, one walk over it tells what is live at its own header, and if that or something at a header in it was not known
 * before, a second one goes over it with that. So no loop is walked over again only because there was more to find out in another one.
 */
import { allocate, load32, store32 } from '@fireball/wasm';
import { classAt, endOfLabels, firstLabelOf, indexAt, indexOf, recordOf } from './instructions.js';
import { blockDepth, loopCount, loopIndices, loopSets, nextEventAt, scopes, setBytes } from './layout/analyses.js';
import { openerField, recordCount, records, recordStride } from './layout/body.js';
import * as classes from './layout/classes.js';
import { comeBehind, crossCall, forgetWords, markRanges, noteCondition, noteWrite, readWords, returnToMark } from './ranges.js';
import { addMember, clearSet, copySet, exceeds, removeMember, unite } from './sets.js';
import { takeSnapshot } from './snapshots.js';

/** Fields of an open block. Address of what is live where branches to it arrive. */
const scopeTarget = 0;
/** Is it known what is live at the start of the else-branch? That set lies behind the one at `scopeSets`, which is live at the end. */
const scopeHasElse = 4;
/** Of a loop instead: record of its `end`. What ranges come next there. */
const scopeEnd = 4;
const scopeRanges = 8;
/** And where the loops in it are listed. */
const scopeIndices = 16;
const scopeSets = 20;

/** Makes room for walks with sets of so many bytes. Nothing is live at any loop yet. False where there is no room. */
export function prepareWalks(bytes: i32): boolean {
  const loops = load32(loopCount);
  const sets = allocate(loops * bytes);
  const indices = allocate(loops << 2);
  const open = allocate(load32(blockDepth) * (scopeSets + 2 * bytes));
  store32(setBytes, bytes);
  store32(loopSets, sets);
  store32(loopIndices, indices);
  store32(scopes, open);
  // There are none but where ranges are wanted.
  store32(nextEventAt, 0);
  if (sets === 0 || indices === 0 || open === 0) return false;
  clearSet(sets, loops * bytes);
  return true;
}

/**
 * Walks over the body. What is in `live` at the end is live where the function begins. False where loops lie so deep in one another, and each has to be walked
 * over again, that it would take more walks than so many: a loop needs two, and one more for each loop around it.
 * `ofWords`: the members of sets are words, and their ranges are wanted; else they are locals, of which there are to be snapshots.
 */
export function walkBackwards(live: i32, ofWords: boolean, mostWalks: i32): boolean {
  const bytes = load32(setBytes);
  const stride = scopeSets + 2 * bytes;
  let scope = load32(scopes) - stride;
  let loop = load32(loopSets);
  let loopIndex = load32(loopIndices);
  /** Loops that are open, and how many of them, from the outermost one on, are walked over with all that is live at their headers. */
  let depth = 0;
  let exact = 0;
  /** Was more live at some header than was known, since what is exact was last so? */
  let changed = false;
  /** Are ranges noted? Not in a first walk over an outermost loop, which finds too little. */
  let notes = ofWords;
  /** Record of the instruction whose value a branch, `if` or choice takes for its condition, if that is noted. */
  let condition = 0;
  clearSet(live, bytes);
  const first = load32(records);
  // Others are nothing but places of snapshots.
  const lastKind = ofWords ? classes.select : classes.rest;
  let record = recordOf(load32(recordCount));
  for (;;) {
    record -= recordStride;
    if (record < first) break;
    const kind = classAt(record);
    if (kind > lastKind) continue;
    if (load32(nextEventAt) >= record) comeBehind(record, live, notes);
    // More than half of all others are these.
    if (kind === classes.localGet) {
      if (record === condition) noteCondition(record, indexAt(record), live);
      if (ofWords) readWords(indexAt(record), live);
      else addMember(live, indexAt(record));
    } else if (kind > classes.localTee) {
      if (notes) condition = record - recordStride;
    } else if (kind > classes.localGet) {
      if (notes) noteWrite(record, indexAt(record), live);
      if (ofWords) forgetWords(indexAt(record), live);
      else removeMember(live, indexAt(record));
    } else {
      switch (kind) {
        case classes.end: {
          const opener = load32(record + openerField);
          scope += stride;
          copySet(scope + scopeSets, live, bytes);
          if (opener >= 0 && classAt(recordOf(opener)) === classes.loop) {
            store32(scope + scopeTarget, loop);
            store32(scope + scopeEnd, record);
            markRanges(scope + scopeRanges);
            store32(loopIndex, opener);
            loop += bytes;
            loopIndex += 4;
            store32(scope + scopeIndices, loopIndex);
            if (depth++ === 0) notes = false;
          } else {
            store32(scope + scopeHasElse, 0);
            store32(scope + scopeTarget, scope + scopeSets);
          }
          break;
        }
        case classes.elseThen:
          // Backwards, the then-branch begins where the block ends.
          store32(scope + scopeHasElse, 1);
          copySet(scope + scopeSets + bytes, live, bytes);
          copySet(live, load32(scope + scopeTarget), bytes);
          break;
        case classes.loop: {
          const known = load32(scope + scopeTarget);
          if (exceeds(live, known, bytes)) {
            copySet(known, live, bytes);
            changed = true;
          }
          if (exact === depth - 1 && (changed || notes !== ofWords)) {
            if (depth === mostWalks) return false;
            // From here on nothing changes but at headers in it.
            exact = depth;
            changed = false;
            notes = ofWords;
            copySet(live, scope + scopeSets, bytes);
            // What is marked of another function is nothing to snapshots.
            if (ofWords) returnToMark(scope + scopeRanges);
            record = load32(scope + scopeEnd);
            loop = known + bytes;
            loopIndex = load32(scope + scopeIndices);
            continue;
          }
          depth--;
          if (exact > depth) exact = depth;
          scope -= stride;
          break;
        }
        case classes.block:
          scope -= stride;
          break;
        case classes.ifThen:
          unite(live, scope + scopeSets + (load32(scope + scopeHasElse) !== 0 ? bytes : 0), bytes);
          scope -= stride;
          // In front of what else the `if` has.
          if (notes) condition = record - 2 * recordStride;
          break;
        case classes.br:
          copySet(live, targetOf(scope, indexAt(record), stride), bytes);
          break;
        case classes.brIf:
          unite(live, targetOf(scope, indexAt(record), stride), bytes);
          if (notes) condition = record - recordStride;
          break;
        case classes.brTable: {
          clearSet(live, bytes);
          const end = endOfLabels(record);
          for (let label = firstLabelOf(record); label < end; label += 4) unite(live, targetOf(scope, load32(label), stride), bytes);
          break;
        }
        case classes.returnResults:
        case classes.unreachable:
        case classes.returnCall:
        case classes.returnCallIndirect:
          clearSet(live, bytes);
          break;
        case classes.call:
        case classes.callIndirect:
          if (notes) crossCall(live);
          break;
      }
    }
    if (!ofWords) takeSnapshot(indexOf(record), live);
  }
  if (ofWords) comeBehind(load32(records), live, true);
  return true;
}

/** Address of what is live where branches to a label arrive. */
function targetOf(scope: i32, label: i32, stride: i32): i32 {
  return load32(scope - label * stride + scopeTarget);
}

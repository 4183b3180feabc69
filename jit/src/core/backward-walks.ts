/**
 * Walks over a body against the direction of control, with what is live: of local words for a plan, of locals for snapshots. They are repeated until what is
 * live at the headers of loops stays as it is.
 */
import { allocate, load32, store32 } from '@fireball/wasm';
import { classAt, endOfLabels, firstLabelOf, indexAt, recordOf } from './instructions.js';
import { blockDepth, loopCount, loopIndices, loopSets, nextEventAt, scopes, setBytes } from './layout/analyses.js';
import { openerField, steps, stepsEnd } from './layout/body.js';
import * as classes from './layout/classes.js';
import { comeBehind, crossCall, readWords, writeWords } from './ranges.js';
import { addMember, clearSet, copySet, exceeds, removeMember, unite } from './sets.js';
import { takeSnapshot } from './snapshots.js';

/** Fields of an open block. Address of what is live where branches to it arrive. */
const scopeTarget = 0;
/** Is it known what is live at the start of the else-branch? That set lies behind the one at `scopeSets`, which is live at the end. */
const scopeHasElse = 4;
const scopeSets = 8;

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
  if (sets === 0 || indices === 0 || open === 0) return false;
  clearSet(sets, loops * bytes);
  return true;
}

/**
 * One walk. Was more live at the header of a loop than was known? What is in `live` at the end is live where the function begins.
 * `ofWords`: the members of sets are words, and their ranges are wanted; else they are locals, of which there are to be snapshots.
 */
export function walkBackwards(live: i32, ofWords: boolean): boolean {
  const bytes = load32(setBytes);
  const stride = scopeSets + 2 * bytes;
  let scope = load32(scopes) - stride;
  let loop = load32(loopSets);
  let loopIndex = load32(loopIndices);
  let changed = false;
  clearSet(live, bytes);
  const first = load32(steps);
  for (let step = load32(stepsEnd) - 4; step >= first; step -= 4) {
    const index = load32(step);
    const record = recordOf(index);
    const kind = classAt(record);
    if (ofWords && load32(nextEventAt) >= index) comeBehind(index, live);
    switch (kind) {
      case classes.end: {
        const opener = load32(record + openerField);
        scope += stride;
        store32(scope + scopeHasElse, 0);
        if (opener >= 0 && classAt(recordOf(opener)) === classes.loop) {
          store32(scope + scopeTarget, loop);
          store32(loopIndex, opener);
          loop += bytes;
          loopIndex += 4;
        } else {
          store32(scope + scopeTarget, scope + scopeSets);
          copySet(scope + scopeSets, live, bytes);
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
        scope -= stride;
        break;
      }
      case classes.block:
        scope -= stride;
        break;
      case classes.ifThen:
        unite(live, scope + scopeSets + (load32(scope + scopeHasElse) !== 0 ? bytes : 0), bytes);
        scope -= stride;
        break;
      case classes.br:
        copySet(live, targetOf(scope, indexAt(record), stride), bytes);
        break;
      case classes.brIf:
        unite(live, targetOf(scope, indexAt(record), stride), bytes);
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
        if (ofWords) crossCall(live);
        break;
      case classes.localGet:
        if (ofWords) readWords(index, indexAt(record), live);
        else addMember(live, indexAt(record));
        break;
      case classes.localSet:
      case classes.localTee:
        if (ofWords) writeWords(index, indexAt(record), live);
        else removeMember(live, indexAt(record));
        break;
    }
    if (!ofWords) takeSnapshot(step === first ? 0 : load32(step - 4) + 1, index, live);
  }
  if (ofWords) comeBehind(0, live);
  return changed;
}

/** Address of what is live where branches to a label arrive. */
function targetOf(scope: i32, label: i32, stride: i32): i32 {
  return load32(scope - label * stride + scopeTarget);
}

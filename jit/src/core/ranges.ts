/** What walks backwards note of local words. One that goes over the same code again finds at least what the ones before it have found: what they have noted stays. */
import { load32, store32, usedBytes } from '@fireball/wasm';
import {
  acrossCalls,
  conflicts,
  copies,
  copyAt,
  copySource,
  copyStride,
  copyWord,
  eventIndex,
  events,
  eventStride,
  eventWord,
  lastConditions,
  nextCopy,
  nextCopyAt,
  nextEvent,
  nextEventAt,
  setBytes,
} from './layout/analyses.js';
import { indexOf, recordOf } from './instructions.js';
import { endOfWords, firstWordOf } from './locals.js';
import { addMember, hasMember, removeMember, unite } from './sets.js';

/** A mark: the event, and the copy. */
const markedCopy = 4;

/** Goes to the end of the body. */
export function beginRanges(): void {
  goToCopy(load32(copies) + usedBytes(copies) - copyStride);
  goToEvent(load32(events) + usedBytes(events) - eventStride);
}

function goToEvent(row: i32): void {
  store32(nextEvent, row);
  store32(nextEventAt, row < load32(events) ? 0 : recordOf(load32(row + eventIndex)));
}

function goToCopy(row: i32): void {
  store32(nextCopy, row);
  store32(nextCopyAt, row < load32(copies) ? 0 : recordOf(load32(row + copyAt)));
}

/** Control is where a loop ends, and may have to come back: writes what comes next there to an address. */
export function markRanges(mark: i32): void {
  store32(mark, load32(nextEvent));
  store32(mark + markedCopy, load32(nextCopy));
}

/** Goes back there. */
export function returnToMark(mark: i32): void {
  goToEvent(load32(mark));
  goToCopy(load32(mark + markedCopy));
}

/** Control comes from the end to what is behind an instruction: the events up to there. */
export function comeBehind(record: i32, live: i32, notes: boolean): void {
  while (load32(nextEventAt) >= record) {
    const row = load32(nextEvent);
    const word = load32(row + eventWord);
    if (word >= 0) addMember(live, word);
    else if (notes) crossCall(live);
    goToEvent(row - eventStride);
  }
}

/** A call has to preserve what is live behind it. */
export function crossCall(live: i32): void {
  unite(load32(acrossCalls), live, load32(setBytes));
}

/** A `local.get` reads the words of a local. */
export function readWords(local: i32, live: i32): void {
  // The last one first: the other needs no bounds check then.
  const end = endOfWords(local);
  const word = firstWordOf(local);
  addMember(live, word);
  if (word + 1 !== end) addMember(live, word + 1);
}

/** A `local.get`, of a local that is live behind it, or not, is for a condition. More may be live than in the walk before. */
export function noteCondition(record: i32, local: i32, live: i32): void {
  const index = indexOf(record);
  if (hasMember(live, firstWordOf(local))) removeMember(load32(lastConditions), index);
  else addMember(load32(lastConditions), index);
}

/** An instruction writes the words of a local. */
export function noteWrite(record: i32, local: i32, live: i32): void {
  if (load32(nextCopyAt) >= record) {
    noteCopies(indexOf(record), local, live);
    return;
  }
  const bytes = load32(setBytes);
  const end = endOfWords(local);
  const word = firstWordOf(local);
  const others = load32(conflicts) + word * bytes;
  unite(others, live, bytes);
  if (word + 1 !== end) unite(others + bytes, live, bytes);
}

/** Words of a local that may become copies of others do not conflict with these. */
function noteCopies(index: i32, local: i32, live: i32): void {
  const end = endOfWords(local);
  const bytes = load32(setBytes);
  const none = load32(copies) - copyStride;
  let copy = load32(nextCopy);
  while (copy > none && load32(copy + copyAt) > index) copy -= copyStride;
  for (let word = firstWordOf(local); word < end; word++) {
    const others = load32(conflicts) + word * bytes;
    let source = -1;
    for (let row = copy; row > none && load32(row + copyAt) === index; row -= copyStride)
      if (load32(row + copyWord) === word) source = load32(row + copySource);
    const isCopied = source >= 0 && hasMember(live, source) && !hasMember(others, source);
    unite(others, live, bytes);
    if (isCopied) removeMember(others, source);
  }
  goToCopy(copy);
}

/** What the words of a local have had is not wanted any more. */
export function forgetWords(local: i32, live: i32): void {
  const end = endOfWords(local);
  const word = firstWordOf(local);
  removeMember(live, word);
  if (word + 1 !== end) removeMember(live, word + 1);
}

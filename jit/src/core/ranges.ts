/** What a walk backwards notes of local words. Every walk finds at least what the ones before it have found: what they have noted stays. */
import { load32, store32, usedBytes } from '@fireball/wasm';
import { classAt, recordOf } from './instructions.js';
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
  nextEvent,
  nextEventAt,
  setBytes,
} from './layout/analyses.js';
import { recordCount } from './layout/body.js';
import * as classes from './layout/classes.js';
import { endOfWords, firstWordOf } from './locals.js';
import { addMember, hasMember, removeMember, unite } from './sets.js';

/** Goes to the end of the body. */
export function beginRanges(): void {
  store32(nextCopy, load32(copies) + usedBytes(copies) - copyStride);
  goToEvent(load32(events) + usedBytes(events) - eventStride);
}

function goToEvent(row: i32): void {
  store32(nextEvent, row);
  store32(nextEventAt, row < load32(events) ? -1 : load32(row + eventIndex));
}

/** Control comes from the end to what is behind the instruction at an index: the events up to there. */
export function comeBehind(index: i32, live: i32): void {
  while (load32(nextEventAt) >= index) {
    const row = load32(nextEvent);
    const word = load32(row + eventWord);
    if (word < 0) crossCall(live);
    else addMember(live, word);
    goToEvent(row - eventStride);
  }
}

/** A call has to preserve what is live behind it. */
export function crossCall(live: i32): void {
  unite(load32(acrossCalls), live, load32(setBytes));
}

/** The `local.get` at an index reads the words of a local. */
export function readWords(index: i32, local: i32, live: i32): void {
  const first = firstWordOf(local);
  const end = endOfWords(local);
  if (index + 1 < load32(recordCount)) {
    const next = classAt(recordOf(index + 1));
    if (next === classes.brIf || next === classes.ifThen) noteCondition(index, hasMember(live, first));
  }
  for (let word = first; word < end; word++) addMember(live, word);
}

/** More may be live than in the walk before. */
function noteCondition(index: i32, isLive: boolean): void {
  if (isLive) removeMember(load32(lastConditions), index);
  else addMember(load32(lastConditions), index);
}

/** The instruction at an index writes the words of a local. */
export function writeWords(index: i32, local: i32, live: i32): void {
  const first = firstWordOf(local);
  const end = endOfWords(local);
  const bytes = load32(setBytes);
  const none = load32(copies) - copyStride;
  let copy = load32(nextCopy);
  while (copy > none && load32(copy + copyAt) > index) copy -= copyStride;
  for (let word = first; word < end; word++) {
    const others = load32(conflicts) + word * bytes;
    let source = -1;
    for (let row = copy; row > none && load32(row + copyAt) === index; row -= copyStride)
      if (load32(row + copyWord) === word) source = load32(row + copySource);
    const isCopied = source >= 0 && hasMember(live, source) && !hasMember(others, source);
    unite(others, live, bytes);
    if (isCopied) removeMember(others, source);
  }
  store32(nextCopy, copy);
  for (let word = first; word < end; word++) removeMember(live, word);
}

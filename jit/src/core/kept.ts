/** What the plan leaves lies in front of what only the plan itself needs, which is free when it is done. */
import { allocate, limitField, load32, store32, usedBytes, usedField } from '@fireball/wasm';
import { freeFrom } from './heap.js';
import { constants, copies, events } from './layout/analyses.js';
import { mostAccesses } from './layout/body.js';
import { groupSize, memberSize } from './layout/groups.js';
import { kept, keptEnd, memberWeights, nextWeight } from './layout/plan.js';

/** Bytes of a weight. */
export const memberWeight = 8;

/** Makes room for groups and their members before anything else is allocated that is not kept, such as what the members weigh. False where there is none. */
export function reserveKept(): boolean {
  const first = allocate(load32(mostAccesses) * (groupSize + memberSize));
  const weights = allocate(load32(mostAccesses) * memberWeight);
  store32(kept, first);
  store32(memberWeights, weights);
  return first !== 0 && weights !== 0;
}

/** A walk begins, of which nothing has been kept. */
export function beginKept(): void {
  store32(keptEnd, load32(kept));
  store32(nextWeight, load32(memberWeights));
}

/** Address of so many bytes, for a group or a member: no access has more than one of each. */
export function keep(bytes: i32): i32 {
  const start = load32(keptEnd);
  store32(keptEnd, start + bytes);
  return start;
}

/** Moves rows that are wanted later behind what has been kept, and frees all that is behind them. */
export function freeOthers(): void {
  let into = (load32(keptEnd) + 7) & -8;
  let from = into;
  for (let area = lowestFrom(from); area !== 0; area = lowestFrom(from)) {
    const bytes = usedBytes(area);
    from = load32(area) + 4;
    moveDown(load32(area), into, bytes);
    store32(area, into);
    into += bytes;
    store32(area + usedField, into);
    store32(area + limitField, into);
    into = (into + 7) & -8;
  }
  freeFrom(into);
}

/** Address of the area of rows that lies lowest, from an address on; 0 where there is none. */
function lowestFrom(address: i32): i32 {
  const first = lower(lower(events, copies, address), constants, address);
  return load32(first) < address ? 0 : first;
}

/** Which of two areas lies lower, from an address on. */
function lower(a: i32, b: i32, address: i32): i32 {
  return load32(a) < address || (load32(b) >= address && load32(b) < load32(a)) ? b : a;
}

function moveDown(from: i32, into: i32, bytes: i32): void {
  const distance = into - from;
  if (distance !== 0) for (let at = from; at < from + bytes; at += 4) store32(at + distance, load32(at));
}

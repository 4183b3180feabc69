/** Snapshots of what is live in front of each instruction; one set for those that follow each other with the same. */
import { clearArea, load32, store32, take, usedBytes } from '@fireball/wasm';
import { setBytes, snapshots, snapshotSets } from './layout/analyses.js';
import { clearSet, copySet, exceeds } from './sets.js';

/** Goes to the end of the body, behind which nothing is live. */
export function beginSnapshots(): void {
  const bytes = load32(setBytes);
  clearArea(snapshotSets);
  const set = take(snapshotSets, bytes);
  if (set !== 0) clearSet(set, bytes);
}

/** Control is in front of the instruction at `index`: it has this snapshot. Where there is no room for what is live, that is lost, and the core's memory full. */
export function takeSnapshot(index: i32, live: i32): void {
  const bytes = load32(setBytes);
  let last = usedBytes(snapshotSets) - bytes;
  const set = load32(snapshotSets) + last;
  if (exceeds(live, set, bytes) || exceeds(set, live, bytes)) {
    const next = take(snapshotSets, bytes);
    if (next === 0) return;
    copySet(next, live, bytes);
    last += bytes;
  }
  store32(load32(snapshots) + (index << 2), last);
}

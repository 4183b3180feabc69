/** The locals that may be read before they are written again, in front of each instruction: exact. What unreachable instructions have is unspecified. */
import { allocate, isFull, load32, makeArea, store32 } from '@fireball/wasm';
import { prepareWalks, walkBackwards } from './backward-walks.js';
import { snapshots, snapshotSets } from './layout/analyses.js';
import { recordCount } from './layout/body.js';
import { bytesOfSet } from './sets.js';
import { beginSnapshots } from './snapshots.js';

/** Writes a snapshot for each instruction of a body with so many locals, which has been read. False where there is no room. */
export function findLiveLocals(locals: i32): boolean {
  const bytes = bytesOfSet(locals);
  const live = allocate(bytes);
  const places = allocate(load32(recordCount) << 2);
  makeArea(snapshotSets);
  store32(snapshots, places);
  if (live === 0 || places === 0 || !prepareWalks(bytes)) return false;
  beginSnapshots();
  // In loops of so many levels there is no body.
  walkBackwards(live, false, load32(recordCount));
  return load32(isFull) === 0;
}

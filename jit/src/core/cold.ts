/**
 * Code that control may go around as a whole, from a `br_if` to the end of a block or from an `if` to its `else` or end. Nothing enters such a region in the
 * middle but loops of its own; so regions are disjoint or nested.
 */
import { allocate, load32, makeArea, store32, take } from '@fireball/wasm';
import { classAt, endOfPart, indexAt, recordOf } from './instructions.js';
import { blockDepth, regionAt, regionBlock, regions, regionStride } from './layout/analyses.js';
import { endField, recordCount } from './layout/body.js';
import * as classes from './layout/classes.js';

/** Fields of an open block: index of the instruction that opens it, and how many loops there are from it outwards, up to the next block of another kind. */
const openAt = 0;
const openLoops = 4;
const openStride = 8;

/** Writes the rows of regions; those with a branch table in them only if `withTables`. Whether blocks take or leave values is not asked. False where there is no room. */
export function findRegions(withTables: i32): boolean {
  const count = load32(recordCount);
  const open = allocate(load32(blockDepth) * openStride);
  const tables = withTables !== 0 ? 0 : listTables(count);
  makeArea(regions);
  if (open === 0 || (withTables === 0 && tables === 0)) return false;
  // The function is none of them.
  let innermost = open - openStride;
  for (let index = 0; index < count; index++) {
    const record = recordOf(index);
    const kind = classAt(record);
    if (kind === classes.end) innermost -= openStride;
    else if (kind < classes.elseThen) {
      if (kind === classes.ifThen && !hasTable(tables, index, endOfPart(record, index)) && !writeRegion(index, index)) return false;
      const loops = kind !== classes.loop ? 0 : innermost < open ? 1 : load32(innermost + openLoops) + 1;
      innermost += openStride;
      store32(innermost + openAt, index);
      store32(innermost + openLoops, loops);
    } else if (kind === classes.brIf) {
      const depth = indexAt(record);
      const target = innermost - depth * openStride;
      // Ends of blocks in between may be entered from outside; those of loops are not.
      if (target < open || load32(innermost + openLoops) < depth) continue;
      const block = load32(target + openAt);
      const opener = recordOf(block);
      if (classAt(opener) === classes.loop || endOfPart(opener, index) !== load32(opener + endField)) continue;
      if (!hasTable(tables, index, load32(opener + endField)) && !writeRegion(index, block)) return false;
    }
  }
  return true;
}

/** Writes for each instruction how many branch tables there are in front of it. Returns their address; 0 where there is no room. */
function listTables(count: i32): i32 {
  const list = allocate(count << 2);
  if (list === 0) return 0;
  let tables = 0;
  for (let index = 0; index < count; index++) {
    store32(list + (index << 2), tables);
    if (classAt(recordOf(index)) === classes.brTable) tables++;
  }
  return list;
}

function hasTable(tables: i32, first: i32, end: i32): boolean {
  return tables !== 0 && load32(tables + (first << 2)) < load32(tables + (end << 2));
}

function writeRegion(index: i32, block: i32): boolean {
  const row = take(regions, regionStride);
  if (row === 0) return false;
  store32(row + regionAt, index);
  store32(row + regionBlock, block);
  return true;
}

import { calls, multiValue, tailCalls } from './calls.js';
import { blocks, conditions, loops, switches, traps } from './control.js';
import { conversions } from './conversions.js';
import { f32, f64 } from './floats.js';
import { imports } from './instances.js';
import { i32 } from './integers-i32.js';
import { i64 } from './integers-i64.js';
import { loads, stores } from './memory-access.js';
import { addressing, bulk, groups, growth } from './memory-addressing.js';
import { pageSizes } from './page-sizes.js';
import type { Family } from './row.js';
import { indirect, references, tables } from './tables.js';
import { constants, globals, locals, pressure, selects } from './values.js';

/** All rows. Every engine runs every one. */
export const corpus: readonly Family[] = [
  i32,
  i64,
  f32,
  f64,
  conversions,
  constants,
  locals,
  pressure,
  selects,
  globals,
  blocks,
  conditions,
  loops,
  switches,
  traps,
  calls,
  multiValue,
  tailCalls,
  indirect,
  tables,
  references,
  loads,
  stores,
  addressing,
  groups,
  growth,
  pageSizes,
  bulk,
  imports,
];

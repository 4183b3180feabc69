import { expect, it } from '@jest/globals';
import * as addresses from '../core/layout/addresses.js';
import * as allocation from '../core/layout/allocation.js';
import * as analyses from '../core/layout/analyses.js';
import * as blocks from '../core/layout/blocks.js';
import * as body from '../core/layout/body.js';
import * as environment from '../core/layout/environment.js';
import * as families from '../core/layout/families.js';
import * as functions from '../core/layout/function.js';
import * as masm from '../core/layout/masm.js';
import * as operations from '../core/layout/operations.js';
import * as placing from '../core/layout/placing.js';
import * as plan from '../core/layout/plan.js';
import * as rooms from '../core/layout/rooms.js';
import * as select from '../core/layout/select.js';
import * as walk from '../core/layout/walk.js';

/** Which blocks the addresses of a file are in; a file of two blocks has those of the second one in a file of its own. */
const files: Readonly<Record<Exclude<keyof typeof blocks, 'heapStart'>, readonly Readonly<Record<string, unknown>>[]>> = {
  bodyBlock: [body],
  functionBlock: [functions],
  planBlock: [plan],
  analysesBlock: [analyses, allocation],
  operationsBlock: [operations],
  placingBlock: [placing],
  masmBlock: [masm],
  environmentBlock: [environment],
  familiesBlock: [families],
  selectBlock: [select],
  walkBlock: [walk],
  addressesBlock: [addresses],
  roomsBlock: [rooms],
};

/** Numbers of the first one are no greater than its flags. */
const sorted = Object.entries(blocks).sort(([, a], [, b]) => a - b);

it.each(sorted.slice(1, -1).map(([name, begin], index) => ({ name, begin, end: sorted[index + 2]![1] })))(
  'what is in $name ends where the next block begins',
  ({ name, begin, end }) => {
    for (const file of files[name as keyof typeof files])
      for (const [field, at] of Object.entries(file))
        if (typeof at === 'number' && at >= begin && at !== masm.mostCodeBytes) expect({ field, isInside: at < end }).toEqual({ field, isInside: true });
  },
);

/** Loops that load and store by turns, near the ends of memory and of the numbers: random ones end as in the reference, and every access is proved again in the machine code. */
import { DeepVerifier } from '@fireball/jit';
import { describe, it } from '@jest/globals';
import { copyingLoops } from './testing/copying-loops.js';
import { targets } from './testing/native.js';
import { expectAsInReference, expectSoWhereEntered } from './testing/random-functions.js';

/** Modules per target; a long run asks for more. */
const modules = Number(process.env['FIREBALL_COPYING_LOOPS'] ?? 15);

describe.each(targets)('loops that copy on %s', (isa) => {
  it('end as in the reference', () => expectAsInReference(isa, copyingLoops, modules), 60_000 + 500 * modules);

  it('end so where an interpreter enters them', async () => {
    expectSoWhereEntered(isa, copyingLoops, Math.ceil(modules / 6), await DeepVerifier.open());
  }, 120_000);
});

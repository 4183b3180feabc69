/**
 * What was proved of one access is relied on by later ones, behind joins and in loops. Random control flow with accesses on both sides of the limit, in
 * memories that grow meanwhile, ends as in the reference, with every access checked while it runs and every proof verified again.
 */
import { DeepVerifier } from '@fireball/jit';
import { beforeAll, describe, it } from '@jest/globals';
import { accessPaths } from './testing/access-paths.js';
import { targets } from './testing/native.js';
import { expectAsInReference, expectSoWhereEntered } from './testing/random-functions.js';

/** Modules per target; a long run asks for more. */
const modules = Number(process.env['FIREBALL_ACCESS_PATHS'] ?? 60);
const entered = Math.ceil(modules / 6);

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('accesses on many paths on %s', (isa) => {
  it('end as in the reference', () => expectAsInReference(isa, accessPaths, modules), 60_000 + 500 * modules);

  it('end so where an interpreter enters their loops', () => expectSoWhereEntered(isa, accessPaths, entered, verifier), 60_000 + 500 * modules);
});

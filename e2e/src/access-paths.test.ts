/**
 * What was proved of one access is relied on by later ones, behind joins and in loops. Random control flow with accesses on both sides of the limit, in
 * memories that grow meanwhile, ends as in the reference, with every access checked while it runs and every proof verified again.
 */
import { DeepVerifier } from '@fireball/jit';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { replayLoops } from './osr/replay.js';
import { accessPaths } from './testing/access-paths.js';
import { compareCalls } from './testing/compare.js';
import { moduleOfText, targets } from './testing/native.js';

/** Modules per target; a long run asks for more. */
const modules = Number(process.env['FIREBALL_ACCESS_PATHS'] ?? 60);
const entered = Math.ceil(modules / 6);

let verifier: DeepVerifier;
beforeAll(async () => {
  verifier = await DeepVerifier.open();
});

describe.each(targets)('accesses on many paths on %s', (isa) => {
  it(
    'end as in the reference',
    async () => {
      await fc.assert(
        fc.asyncProperty(accessPaths, async ({ text, calls }) => {
          const differences = await compareCalls(
            isa,
            text,
            calls.map((args) => ({ name: 'f', args })),
            { verify: 'deep', sandbox: true },
          );
          // Of two accesses that are both outside, a shared check may name the later one.
          expect(differences.filter((line) => !/expected a trap at .* got one at/.test(line))).toEqual([]);
        }),
        { numRuns: modules },
      );
    },
    60_000 + 500 * modules,
  );

  it(
    'end so where an interpreter enters their loops',
    () => {
      fc.assert(
        fc.property(accessPaths, ({ text, calls }) => {
          const module = moduleOfText(text);
          const replayed = calls.map((args) => ({ name: 'f', args: args.map((value) => ({ type: 'i32' as const, value })) }));
          expect(replayLoops(module, replayed, { isa, fuel: 100_000, verifier }).failures).toEqual([]);
        }),
        { numRuns: entered },
      );
    },
    60_000 + 500 * modules,
  );
});

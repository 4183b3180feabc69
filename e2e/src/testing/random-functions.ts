/** Properties of random functions: their code ends as the reference does, from its beginning and from loops that an interpreter enters. */
import type { Isa } from '@fireball/contracts';
import type { DeepVerifier } from '@fireball/jit';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { replayLoops } from '../osr/replay.js';
import { compareCalls } from './compare.js';
import { moduleOfText } from './native.js';

/** A module that exports `f`, and what that is called with. */
interface RandomFunction {
  readonly text: string;
  readonly calls: readonly (readonly number[])[];
}

/** With deep verification, and every access watched. */
export async function expectAsInReference(isa: Isa, functions: fc.Arbitrary<RandomFunction>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(functions, async ({ text, calls }) => {
      const differences = await compareCalls(
        isa,
        text,
        calls.map((args) => ({ name: 'f', args })),
        { verify: 'deep', sandbox: true },
      );
      // Of two accesses that are both outside, a shared check may name the later one.
      expect(differences.filter((line) => !/expected a trap at .* got one at/.test(line))).toEqual([]);
    }),
    { numRuns },
  );
}

/** Where an interpreter goes on in the code of a loop. */
export function expectSoWhereEntered(isa: Isa, functions: fc.Arbitrary<RandomFunction>, numRuns: number, verifier: DeepVerifier): void {
  fc.assert(
    fc.property(functions, ({ text, calls }) => {
      const replayed = calls.map((args) => ({ name: 'f', args: args.map((value) => ({ type: 'i32' as const, value })) }));
      expect(replayLoops(moduleOfText(text), replayed, { isa, fuel: 100_000, verifier }).failures).toEqual([]);
    }),
    { numRuns },
  );
}

import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InternalError, type Isa } from '@fireball/contracts';
import { load32 } from '@fireball/wasm';
import * as layout from '../core/layout/select.js';
import { placedWords } from '../core/layout/placed.js';
import { RegisterPressure } from '../select/temporaries.js';
import { targets } from '../testing/macro-assemblers.js';
import { operations } from '../testing/state/operations.js';
import { StateRun } from '../testing/state/run.js';
import { seen, seenInCore } from '../testing/state/seen.js';
import { refusalOf, takeAssembly } from './masm.js';

const names = Object.keys(operations);

/** One operation by both; false where they go no further. */
function step(r: StateRun): boolean {
  const name = r.draw.of(names);
  r.log.push(name);
  let thrown: unknown;
  try {
    operations[name]!(r);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    thrown = error;
  }
  const outcome = load32(layout.outcome);
  if (thrown !== undefined) {
    expect([outcome, r.log.at(-1)]).toEqual([thrown instanceof RegisterPressure ? layout.pressure : layout.internal, name]);
    return false;
  }
  if (outcome !== layout.selected) expect([outcome, load32(layout.internalError), r.log]).toEqual([]);
  return true;
}

/** Goes on with both until one cannot, or for so many operations. */
function runBoth(isa: Isa, seed: number, steps: number): number {
  const r = new StateRun(isa, seed);
  expect(seenInCore()).toEqual(seen(r));
  let done = 0;
  while (done < steps && step(r)) {
    done++;
    const [now, before] = [seenInCore(), seen(r)];
    if (JSON.stringify(now) !== JSON.stringify(before)) expect({ ...now, log: r.log }).toEqual({ ...before, log: r.log });
  }
  if (done < steps) return done;
  const { set, assembly, core: masm } = r.run;
  const placed = takeAssembly(masm.memory, set);
  const wordsOf = (words: Int32Array, count: number): Buffer => Buffer.from(words.slice(0, count * placedWords).buffer);
  expect(placed.count).toBe(assembly.count);
  if (!wordsOf(placed.words, placed.count).equals(wordsOf(assembly.words, assembly.count))) {
    expect({ log: r.log, words: [...placed.words.slice(0, placed.count * placedWords)] }).toEqual({
      log: r.log,
      words: [...assembly.words.slice(0, assembly.count * placedWords)],
    });
  }
  expect(refusalOf(masm.memory, 0)).toBeUndefined();
  return done;
}

it.each(targets)('the abstract machine of the core does for %s what that of objects does', (isa) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      runBoth(isa, seed, 60);
    }),
    { numRuns: 40 },
  );
});

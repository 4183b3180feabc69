import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liveByIteration, randomBodies, sourceOf, successors } from '../testing/bodies.js';
import { takeCore } from '../instance/core.js';
import { indicesOfInstructions, type Instruction } from '../testing/read-body.js';
import { LiveLocals } from './live-locals.js';

function reachable(body: readonly Instruction[]): Set<number> {
  const next = successors(body);
  const found = new Set<number>();
  const pending = [0];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (index >= body.length || found.has(index)) continue;
    found.add(index);
    pending.push(...(next[index] ?? []));
  }
  return found;
}

describe('live locals', () => {
  it('are those of the control-flow graph, in front of every reachable instruction', () => {
    fc.assert(
      fc.property(randomBodies, ({ body, source }) => {
        const count = source.locals.length;
        const found = new LiveLocals(source);
        const indices = indicesOfInstructions(takeCore());
        const expected = liveByIteration(body).before;
        for (const index of reachable(body)) {
          const live = [...Array(count).keys()].filter((local) => found.isLive(indices[index]!, local));
          expect({ index, live }).toEqual({ index, live: [...(expected[index] ?? [])].sort() });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('may be more than a machine word has bits', () => {
    const get = { op: 'local.get', offset: 0, a: 40, b: 0, blockType: 'empty', targets: [] } as const;
    const live = new LiveLocals(sourceOf([get, { ...get, op: 'end' }], 41));
    expect([40, 8, 39].map((local) => live.isLive(0, local))).toEqual([true, false, false]);
  });
});

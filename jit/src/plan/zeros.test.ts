import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBodies, successors, type RandomBody } from '../testing/bodies.js';
import { sourceOfText } from '../testing/module.js';
import { needsZero } from '../testing/analyses.js';

/** Words that some path reads before it writes them, by search over (place, assigned words). */
function readBeforeWritten({ body, source }: RandomBody): number[] {
  const next = successors(body);
  const seen = new Set<number>();
  const needs = source.locals.map(() => 0);
  const parameters = 2 ** source.type.params.length - 1;
  const work: (readonly [index: number, assigned: number])[] = [[0, parameters]];
  for (let place = work.pop(); place !== undefined; place = work.pop()) {
    const [index, assigned] = place;
    const { op, a } = body[index] ?? {};
    if (op === undefined || a === undefined || seen.has(256 * index + assigned)) continue;
    seen.add(256 * index + assigned);
    if (op === 'local.get' && (assigned & (1 << a)) === 0) needs[a] = 1;
    const after = op === 'local.set' || op === 'local.tee' ? assigned | (1 << a) : assigned;
    for (const successor of next[index] ?? []) work.push([successor, after]);
  }
  return needs;
}

describe('words that need their zero', () => {
  it('are those that some path reads first', () => {
    fc.assert(
      fc.property(randomBodies, (random) => {
        expect(needsZero(random.source)).toEqual(readBeforeWritten(random));
      }),
      { numRuns: 3000 },
    );
  });

  it('are all but those of parameters where there are too many to look at', () => {
    const source = sourceOfText(`(module (func (param i64) (local ${'i32 '.repeat(511)})))`);
    expect(needsZero(source)).toEqual([0, 0, ...Array<number>(511).fill(1)]);
  });

  it.each([
    {
      what: 'written in both arms',
      body: '(if (local.get 0) (then (local.set 1 (i32.const 1))) (else (local.set 1 (i32.const 2)))) (local.get 1)',
      needs: [0, 0],
    },
    { what: 'written in one arm', body: '(if (local.get 0) (then (local.set 1 (i32.const 1)))) (local.get 1)', needs: [0, 1] },
    { what: 'written behind a branch to the end', body: '(block (br_if 0 (local.get 0)) (local.set 1 (i32.const 1))) (local.get 1)', needs: [0, 1] },
    { what: 'written in a loop before the read', body: '(loop (local.set 1 (i32.const 1)) (br_if 0 (local.get 0))) (local.get 1)', needs: [0, 0] },
    {
      what: 'read in a loop before the write',
      body: '(loop (local.set 0 (local.get 1)) (local.set 1 (i32.const 1)) (br_if 0 (local.get 0))) (local.get 1)',
      needs: [0, 1],
    },
    { what: 'read only in unreachable code', body: '(return (i32.const 1)) (local.get 1)', needs: [0, 0] },
  ])('$what', ({ body, needs }) => {
    const source = sourceOfText(`(module (func (param i32) (result i32) (local i32) ${body}))`);
    expect(needsZero(source)).toEqual(needs);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liveByIteration, randomBodies, type RandomBody } from '../testing/bodies.js';
import { sourceOfText } from '../testing/module.js';
import { layOutLocals, readBody } from './body.js';
import { wordsLiveAcrossCalls } from './liveness.js';

function analysed(
  { body, source }: RandomBody,
  routineCalls: ReadonlySet<number> = new Set(),
  groupAccesses: ReadonlyMap<number, number> = new Map(),
): number[] {
  return [...wordsLiveAcrossCalls(body, layOutLocals(source), routineCalls, groupAccesses)];
}

function bodyOfText(text: string): RandomBody {
  const source = sourceOfText(text);
  return { source, body: readBody(source) };
}

/** Words that are live behind some call, by iteration over the control-flow graph to its fixed point. */
function liveAcrossCalls(random: RandomBody): number[] {
  const { behind } = liveByIteration(random.body);
  const across = random.body.flatMap(({ op }, index) => (op === 'call' ? [...(behind[index] ?? [])] : []));
  return random.source.locals.map((_, word) => (across.includes(word) ? 1 : 0));
}

describe('liveness across calls', () => {
  it('finds every word that a call must preserve', () => {
    fc.assert(
      fc.property(randomBodies, (random) => {
        const found = analysed(random);
        liveAcrossCalls(random).forEach((isLive, word) => {
          expect(found[word]).toBeGreaterThanOrEqual(isLive);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('finds no other word where there is no loop', () => {
    fc.assert(
      fc.property(
        randomBodies.filter(({ body }) => !body.some(({ op }) => op === 'loop')),
        (random) => {
          expect(analysed(random)).toEqual(liveAcrossCalls(random));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    {
      what: 'a word written in one arm and read in the other',
      body: '(call $g) (if (i32.const 1) (then (local.set 0 (i32.const 1))) (else (drop (local.get 0))))',
      live: [1, 0],
    },
    {
      what: 'a word read where a loop is left at its head',
      body: '(block (loop (br_if 1 (i32.const 1)) (call $g) (br 0)) unreachable) (drop (local.get 0))',
      live: [1, 0],
    },
    { what: 'a word written again before it is read', body: '(call $g) (local.set 0 (i32.const 1)) (drop (local.get 0))', live: [0, 0] },
    { what: 'a word read before the call', body: '(drop (local.get 1)) (call $g)', live: [0, 0] },
    { what: 'a word read at the head of the loop that calls', body: '(loop (drop (local.get 1)) (call $g) (br_if 0 (i32.const 1)))', live: [0, 1] },
  ])('$what', ({ body, live }) => {
    expect(analysed(bodyOfText(`(module (func $g) (func (param i32 i32) ${body}))`))).toEqual(live);
  });

  it('counts both words of a pair', () => {
    expect(analysed(bodyOfText('(module (func $g) (func (param i32 i64) (call $g) (drop (local.get 1))))'))).toEqual([0, 1, 1]);
  });

  it('counts routine calls too', () => {
    expect(analysed(bodyOfText('(module (func (param i32) (result i32) (nop) (local.get 0)))'), new Set([0]))).toEqual([1]);
  });

  it('counts the local of an address that was taken in front of the call', () => {
    const body = bodyOfText('(module (memory 1) (func $g) (func (param i32) (result i32) (local.get 0) (call $g) (i32.load)))');
    expect(analysed(body)).toEqual([0]);
    expect(analysed(body, new Set(), new Map([[2, 0]]))).toEqual([1]);
  });
});

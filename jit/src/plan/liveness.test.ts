import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { takeCore } from '../instance/core.js';
import { usesOf } from '../testing/analyses.js';
import { liveByIteration, randomBodies, type RandomBody } from '../testing/bodies.js';
import { sourceOfText } from '../testing/module.js';
import { indicesOfInstructions } from '../testing/read-body.js';

/** Words that are live behind some call, by iteration over the control-flow graph to its fixed point. */
function liveAcrossCalls(random: RandomBody): number[] {
  const { behind } = liveByIteration(random.body);
  const across = random.body.flatMap(({ op }, index) => (op === 'call' ? [...(behind[index] ?? [])] : []));
  return random.source.locals.map((_, word) => (across.includes(word) ? 1 : 0));
}

describe('liveness across calls', () => {
  it('finds the words that a call must preserve', () => {
    fc.assert(
      fc.property(randomBodies, (random) => {
        expect(usesOf(random.source).acrossCalls).toEqual(liveAcrossCalls(random));
      }),
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
    expect(usesOf(sourceOfText(`(module (func $g) (func (param i32 i32) ${body}))`)).acrossCalls).toEqual(live);
  });

  it.each([1, 3])('finds nothing in %i loops of a function without locals', (count) => {
    expect(
      usesOf(sourceOfText(`(module (func $g) (func ${'(loop '.repeat(count)}(call $g) (br_if 0 (i32.const 1))${')'.repeat(count)}))`)).acrossCalls,
    ).toEqual([]);
  });

  it('counts both words of a pair', () => {
    expect(usesOf(sourceOfText('(module (func $g) (func (param i32 i64) (call $g) (drop (local.get 1))))')).acrossCalls).toEqual([0, 1, 1]);
  });

  it('counts routine calls too', () => {
    expect(usesOf(sourceOfText('(module (func (param i32) (result i32) (nop) (local.get 0)))'), [0, -1]).acrossCalls).toEqual([1]);
  });

  it('counts the local of an address that was taken in front of the call', () => {
    const source = sourceOfText('(module (memory 1) (func $g) (func (param i32) (result i32) (local.get 0) (call $g) (i32.load)))');
    expect(usesOf(source).acrossCalls).toEqual([0]);
    // The call has a record more.
    expect(usesOf(source, [3, 0]).acrossCalls).toEqual([1]);
  });
});

describe('words in conflict', () => {
  it('are those that are live where the other one is written, or both when the function begins', () => {
    fc.assert(
      fc.property(randomBodies, (random) => {
        const { before, behind } = liveByIteration(random.body);
        const words = random.source.locals.map((_, word) => word);
        const atEntry = [...(before[0] ?? [])];
        const conflicts = words.map((word) => new Set(atEntry.includes(word) ? atEntry : []));
        random.body.forEach(({ op, a }, index) => {
          if (op === 'local.set' || op === 'local.tee') behind[index]?.forEach((other) => conflicts[a]?.add(other));
        });
        const found = usesOf(random.source);
        const indices = indicesOfInstructions(takeCore());
        expect(found.conflicts).toEqual(conflicts.map((set) => [...set].sort()));
        expect(words.filter((word) => found.live.isWantedAtEntry(word))).toEqual(atEntry.sort());
        random.body.forEach(({ op, a }, index) => {
          if (op === 'local.get' && ['br_if', 'if'].includes(random.body[index + 1]?.op ?? ''))
            expect(found.live.isLastCondition(indices[index]!)).toBe(behind[index]?.has(a) === false);
          if (op === 'loop') expect(words.filter((word) => found.live.isWantedAtLoop(indices[index]!, word))).toEqual([...(before[index] ?? [])].sort());
        });
      }),
      { numRuns: 2000 },
    );
  });

  // Local 2 becomes a copy of local 0, and both are read.
  const copied = '(local.set 2 (local.get 0)) (drop (local.get 0)) (drop (local.get 2))';
  it.each([
    { what: 'another value while the first is wanted', body: copied, copies: [], conflicts: [[], [], [0]] },
    { what: 'none: a copy', body: copied, copies: [{ index: 1, word: 2, source: 0, weight: 1 }], conflicts: [[], [], []] },
    {
      what: 'a copy of what then changes',
      body: '(local.set 2 (local.get 0)) (local.set 0 (i32.const 1)) (drop (local.get 0)) (drop (local.get 2))',
      copies: [{ index: 1, word: 2, source: 0, weight: 1 }],
      conflicts: [[2], [], []],
    },
    {
      what: 'a copy here, another value there',
      body: `(local.set 2 (i32.const 1)) (drop (local.get 0)) (drop (local.get 2)) ${copied}`,
      copies: [{ index: 7, word: 2, source: 0, weight: 1 }],
      conflicts: [[], [], [0]],
    },
  ])('$what', ({ body, copies, conflicts }) => {
    const found = usesOf(sourceOfText(`(module (func (param i32 i32) (local i32) ${body}))`), [], copies);
    expect(found.conflicts.map((others, word) => others.filter((other) => other !== word))).toEqual(conflicts);
  });

  it('are the words of a pair, which are written at once', () => {
    expect(usesOf(sourceOfText('(module (func (local i64) (local.set 0 (i64.const 1))))')).conflicts).toEqual([[1], []]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { InterpreterFacts, Jump } from '@fireball/wasm';
import { moduleOfText } from '../../testing/module.js';

type Row = Jump | { readonly loop: number };

/** Of the last function. */
function factsOf(body: string, before = '', countsLoops = false): InterpreterFacts {
  const { functions } = moduleOfText(`(module ${before} (func (export "f") ${body}))`);
  return functions.at(-1)!.forInterpreter(countsLoops);
}

function jumpsOf(body: string, countsLoops = false): Row[] {
  const { jumps } = factsOf(body, '', countsLoops);
  return Array.from({ length: jumps.count }, (_, row) => jumps.row(row));
}

const manyLocals = '(local ' + 'i32 '.repeat(129) + ')';

describe('what an interpreter has to be ready for', () => {
  it.each([
    ['nothing wide', '(param i32) (drop (local.get 0))', '', 'narrow'],
    ['an i64 parameter', '(param i64)', '', 'wide'],
    ['an f64 result', '(result f64) unreachable', '', 'wide'],
    ['an i64 on the way', '(drop (i32.wrap_i64 (i64.const 1)))', '', 'wide'],
    ['an i64 that is passed on', '(call $g (call $h))', '(func $h (result i64) i64.const 1) (func $g (param i64))', 'wide'],
    ['an i64 global', '(global.set $g (global.get $g))', '(global $g (mut i64) (i64.const 1))', 'wide'],
    ['local 127', `${manyLocals} (local.set 127 (i32.const 1))`, '', 'narrow'],
    ['local 128', `${manyLocals} (local.set 128 (i32.const 1))`, '', 'narrow, general'],
    ['label 128', `${'(block '.repeat(129)} (br_if 128 (i32.const 1)) ${')'.repeat(129)}`, '', 'narrow, general'],
    ['an i64 load', '(drop (i32.wrap_i64 (i64.load (i32.const 1))))', '(memory 1)', 'wide'],
  ])('in a function with %s', (_name, body, before, expected) => {
    const { hasWideValues, hasLongImmediates } = factsOf(body, before);
    expect(`${hasWideValues ? 'wide' : 'narrow'}${hasLongImmediates ? ', general' : ''}`).toBe(expected);
  });
});

describe('jumps', () => {
  it.each<[string, string, Partial<Row>[]]>([
    ['an if without else goes behind its end', '(if (i32.const 1) (then nop))', [{ next: 1 }]],
    ['an if with else has an entry for each arm', '(if (i32.const 1) (then nop) (else nop))', [{ next: 2 }, { next: 2 }]],
    ['a loop goes back to its first entry', '(loop (br_if 0 (i32.const 1)))', [{ next: 0 }]],
    ['br_table has an entry per label', '(block (block (br_table 0 1 0 (i32.const 1))))', [{ next: 3 }, { next: 3 }, { next: 3 }]],
    ['what a branch leaves behind is dropped', '(block (result i32) i32.const 1 i32.const 2 i32.const 3 br 0) drop', [{ dropped: 2, kept: 1, next: 1 }]],
    ['nothing moves where the operands are in place', '(block (result i32) i32.const 3 br 0) drop', [{ dropped: 0, kept: 0 }]],
    ['a branch to the function is a return', 'i32.const 1 i32.const 2 br 0', [{ dropped: 0, kept: 0, next: 1 }]],
    ['branches in dead code have none', 'return br 0 (block (br 0) (br_if 0 (i32.const 1)))', [{ next: 1 }]],
  ])('%s', (_name, body, expected) => {
    const jumps = jumpsOf(body);
    expect(jumps).toHaveLength(expected.length);
    expect(jumps).toMatchObject(expected);
  });

  it('have a row for each loop where arrivals are counted, to which branches lead', () => {
    const [loop, again, behind] = jumpsOf('(loop (br_if 0 (i32.const 1)) (br_if 1 (i32.const 1)))', true);
    expect(loop).toEqual({ loop: expect.any(Number) });
    const { loop: start } = loop as { readonly loop: number };
    expect(again).toMatchObject({ offset: start, next: 0 });
    expect(behind).toMatchObject({ next: 3 });
  });
});

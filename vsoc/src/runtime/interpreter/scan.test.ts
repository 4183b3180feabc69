import { describe, expect, it } from '@jest/globals';
import { moduleOfText } from '../../testing/module.js';
import { scanFunction, type ScannedFunction } from './scan.js';

function scan(body: string, before = ''): ScannedFunction {
  const { module, functions } = moduleOfText(`(module ${before} (func (export "f") ${body}))`);
  const entry = functions.at(-1)!;
  return scanFunction(module, entry, false);
}

const manyLocals = '(local ' + 'i32 '.repeat(129) + ')';

describe('the set of handlers', () => {
  it.each([
    ['nothing wide', '(param i32) (drop (local.get 0))', '', 'narrow'],
    ['an i64 parameter', '(param i64)', '', 'wide'],
    ['an f64 result', '(result f64) unreachable', '', 'wide'],
    ['an i64 on the way', '(drop (i32.wrap_i64 (i64.const 1)))', '', 'wide'],
    ['an i64 that is passed on', '(call $g (call $h))', '(func $h (result i64) i64.const 1) (func $g (param i64))', 'wide'],
    ['an i64 global', '(global.set $g (global.get $g))', '(global $g (mut i64) (i64.const 1))', 'wide'],
    ['local 127', `${manyLocals} (local.set 127 (i32.const 1))`, '', 'narrow'],
    ['local 128', `${manyLocals} (local.set 128 (i32.const 1))`, '', 'general'],
  ])('of a function with %s', (_name, body, before, set) => {
    expect(scan(body, before).set).toBe(set);
  });
});

describe('branches', () => {
  it.each<[string, string, Partial<ScannedFunction['branches'][number]>[]]>([
    ['an if without else goes behind its end', '(if (i32.const 1) (then nop))', [{ entry: 1 }]],
    ['an if with else has an entry for each arm', '(if (i32.const 1) (then nop) (else nop))', [{ entry: 2 }, { entry: 2 }]],
    ['a loop goes back to its first entry', '(loop (br_if 0 (i32.const 1)))', [{ entry: 0 }]],
    ['br_table has an entry per label', '(block (block (br_table 0 1 0 (i32.const 1))))', [{ entry: 3 }, { entry: 3 }, { entry: 3 }]],
    ['what a branch leaves behind is dropped', '(block (result i32) i32.const 1 i32.const 2 i32.const 3 br 0) drop', [{ dropped: 2, kept: 1, entry: 1 }]],
    ['nothing moves where the operands are in place', '(block (result i32) i32.const 3 br 0) drop', [{ dropped: 0, kept: 0 }]],
    ['a branch to the function is a return', 'i32.const 1 i32.const 2 br 0', [{ dropped: 0, kept: 0, entry: 1 }]],
    ['branches in dead code have none', 'return br 0 (block (br 0) (br_if 0 (i32.const 1)))', [{ entry: 1 }]],
  ])('%s', (_name, body, expected) => {
    const { branches } = scan(body);
    expect(branches).toHaveLength(expected.length);
    expect(branches).toMatchObject(expected);
  });
});

/** Programs around what an entry at a loop has to get right. */
import type { ReplayCall } from './replay.js';

interface Program {
  readonly name: string;
  readonly text: string;
  readonly calls: readonly ReplayCall[];
}

const repeat = (count: number, each: (index: number) => string): string => Array.from({ length: count }, (_, index) => each(index)).join(' ');
const sum = (count: number): string => `${repeat(count, (index) => `(local.get ${index})`)} ${'i32.add '.repeat(count - 1)}`;

/** Goes round while local `counter` counts down, and does `body`. */
const countdown = (counter: number, body: string): string => `(loop ${body} (br_if 0 (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))))`;

function program(name: string, fields: string, ...calls: readonly (readonly (number | bigint)[])[]): Program {
  return {
    name,
    text: `(module ${fields})`,
    calls: calls.map((args) => ({ name: 'f', args: args.map((value) => (typeof value === 'bigint' ? { type: 'i64', value } : { type: 'i32', value })) })),
  };
}

const many = (count: number, first: number): number[] => [first, ...Array.from({ length: count - 1 }, (_, index) => 7 * index + 1)];

export const programs: readonly Program[] = [
  program(
    'operands below the loop',
    `(func (export "f") (param i32 i64) (result i32) (i32.mul (local.get 0) (i32.const 3)) (i32.const 77) (local.get 1)
    ${countdown(0, '(local.set 1 (i64.add (local.get 1) (i64.const 5)))')} (i32.wrap_i64 (i64.mul (local.get 1))) (i32.add) (i32.xor))`,
    [5, 0x1_0000_0001n],
  ),
  program(
    'parameters of the loop',
    `(func (export "f") (param i32) (result i64) (i64.const 1) (i32.const 9)
    (loop (param i64 i32) (result i64) (drop) (i64.mul (i64.const 3)) (local.get 0) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))) (drop)))`,
    [6],
  ),
  program(
    'operands below the loop that are the results, above which there is hardly room',
    `(func $f (param i32) (result i64 i64 i64) (i64.const 1) (i64.const 2) (i64.const 3) ${countdown(0, '')})
    (func (export "f") (param i32) (result i64) (local i64) (local.set 1 (i64.const 5)) (call $f (local.get 0)) (i64.mul) (i64.add) (i64.add (local.get 1)))`,
    [4],
  ),
  program(
    'bounded operands below the loop, used behind it',
    `(memory 1) (func (export "f") (param i32 i32) (result i32) (i32.and (local.get 1) (i32.const 0xfc))
    (i32.shl (i32.and (local.get 1) (i32.const 63)) (i32.const 2)) ${countdown(0, '(i32.store (i32.const 128) (local.get 0))')} (i32.load offset=64) (i32.add (i32.load)))`,
    [4, 129],
    [4, -1],
  ),
  program(
    'accesses that share a check in front of the loop and in it',
    `(memory 1) (func (export "f") (param i32 i32) (result i32)
    (i32.store (local.get 1) (i32.load offset=8 (local.get 1))) ${countdown(0, '(i32.store offset=12 (local.get 1) (i32.add (i32.load offset=4 (local.get 1)) (local.get 0)))')}
    (i32.load offset=12 (local.get 1)))`,
    [3, 1000],
    [3, 65524],
  ),
  program(
    'an operand that is a local plus a constant',
    `(memory 1) (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 1) (i32.const 16))
    ${countdown(0, '(i32.store (i32.const 40) (local.get 0))')} (i32.load))`,
    [3, 24],
    [3, 65530],
  ),
  program(
    'wide constants in registers',
    `(func (export "f") (param i32) (result i32) (local i32)
    ${countdown(0, '(local.set 1 (i32.xor (i32.mul (local.get 1) (i32.const 0x12345679)) (i32.xor (local.get 0) (i32.const 0x5bd1e995))))')} (local.get 1))`,
    [9],
  ),
  program(
    'stack arguments of a leaf',
    `(func (export "f") (param ${'i32 '.repeat(20)}) (result i32) ${countdown(0, '(local.set 19 (i32.add (local.get 19) (local.get 18)))')} ${sum(20)})`,
    many(20, 4),
  ),
  program(
    'so many stack arguments that a leaf must check the stack',
    `(func (export "f") (param ${'i32 '.repeat(90)}) (result i32) ${countdown(0, '(local.set 9 (i32.add (local.get 9) (local.get 80)))')} (i32.add (local.get 9) (local.get 89)))`,
    many(90, 3),
  ),
  program(
    'stack arguments of a function that calls',
    `(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
    (func (export "f") (param ${'i32 '.repeat(14)} i64) (result i64) ${countdown(0, '(local.set 13 (call $g (local.get 13)))')} ${sum(14)} (i64.extend_i32_s) (i64.add (local.get 14)))`,
    [...many(14, 3), -5n],
  ),
  program(
    'a tail call with more stack arguments',
    `(func $g (param ${'i32 '.repeat(24)}) (result i32) ${sum(24)})
    (func (export "f") (param ${'i32 '.repeat(12)}) (result i32) ${countdown(0, '(local.set 11 (i32.add (local.get 11) (local.get 10)))')} ${repeat(24, (index) => `(local.get ${index % 12})`)} (return_call $g))`,
    many(12, 3),
  ),
  program(
    'a tail call with fewer stack arguments',
    `(func $g (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func (export "f") (param ${'i32 '.repeat(16)}) (result i32) ${countdown(0, '(local.set 15 (i32.add (local.get 15) (local.get 10)))')} (return_call $g (local.get 15) (local.get 3)))`,
    many(16, 3),
  ),
  program(
    'an indirect tail call',
    `(type $t (func (param ${'i32 '.repeat(11)}) (result i32))) (table 2 funcref) (elem (i32.const 1) $g) (func $g (type $t) ${sum(11)})
    (func (export "f") (param i32 i32) (result i32) ${countdown(0, '(local.set 1 (i32.mul (local.get 1) (i32.const 5)))')} ${repeat(11, (index) => `(local.get ${index % 2})`)} (return_call_indirect (type $t) (i32.const 1)))`,
    [3, 8],
  ),
  program(
    'a call of itself',
    `(func $f (export "f") (param i32 ${'i32 '.repeat(9)}) (result i32) (local i32) (local.set 10 (local.get 0))
    (block (loop (br_if 1 (i32.eqz (local.get 10))) (local.set 10 (i32.sub (local.get 10) (i32.const 1)))
      (local.set 9 (i32.add (local.get 9) (call $f (local.get 10) ${repeat(9, (index) => `(local.get ${index + 1})`)}))) (br 0))) (i32.add (local.get 9) (local.get 5)))`,
    many(10, 4),
  ),
  program(
    'results beyond the registers',
    `(func (export "f") (param i32) (result i32 i64 i32 i64 i32) ${countdown(0, '(nop)')} (i32.const 1) (i64.const -2) (local.get 0) (i64.const 4) (i32.const 5))`,
    [3],
  ),
  program(
    'more locals than a load reaches',
    `(func (export "f") (param i32 i32) (result i32) (local ${'i32 '.repeat(1300)})
    ${repeat(1300, (index) => `(local.set ${index + 2} (i32.mul (local.get 1) (i32.const ${index + 5})))`)} ${countdown(
      0,
      repeat(30, (index) => `(local.set ${40 * index + 100} (i32.add (local.get ${40 * index + 100}) (local.get 1301)))`),
    )}
    ${repeat(1300, (index) => `(local.get ${index + 2})`)} ${'i32.add '.repeat(1299)})`,
    [3, 7],
  ),
  program(
    'operands in far slots',
    `(func (export "f") (param i32 i32) (result i32) ${repeat(700, (index) => `(i32.mul (local.get 1) (i32.const ${index + 3}))`)} ${countdown(0, '(local.set 1 (i32.add (local.get 1) (i32.const 1)))')} ${'i32.xor '.repeat(699)})`,
    [3, 7],
  ),
  program(
    'nested loops and a way round the inner one',
    `(memory 1) (func (export "f") (param i32 i32) (result i32) (local i32 i32)
    (loop $outer (local.set 2 (local.get 1)) (loop $inner (local.set 3 (i32.add (local.get 3) (local.get 2))) (br_if $outer (i32.eqz (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (br_if $inner (local.tee 2 (i32.sub (local.get 2) (i32.const 1))))) (br_if $outer (i32.gt_s (local.get 0) (i32.const 0)))) (local.get 3))`,
    [9, 4],
  ),
  program(
    'a loop reached by a branch table',
    `(func (export "f") (param i32) (result i32) (local i32)
    (block $out (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0))) (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_table $out $l $l (i32.gt_s (local.get 0) (i32.const 0))))) (local.get 1))`,
    [9],
  ),
  program(
    'a trap behind the loop',
    `(memory 1) (func (export "f") (param i32) (result i32) (local i32) ${countdown(0, '(local.set 1 (i32.add (local.get 1) (i32.const 30000)))')} (i32.load offset=8 (local.get 1)))`,
    [3],
  ),
  program(
    'a local that is written before it is read',
    `(func (export "f") (param i32) (result i32) (local i32 i32 i64)
    ${countdown(0, '(local.set 1 (i32.mul (local.get 0) (i32.const 7))) (local.set 3 (i64.extend_i32_s (local.get 1))) (local.set 2 (i32.add (local.get 2) (i32.wrap_i64 (i64.shl (local.get 3) (i64.const 2)))))')} (local.get 2))`,
    [4],
  ),
  program(
    'locals that are named where hardly any branch leads',
    `(func (export "f") (param i32 i32) (result i32) (local i32 i32)
    ${countdown(0, `(block ${'(br_if 0 (local.get 3)) '.repeat(1100)} (local.set 2 (i32.add (local.get 2) (local.get 1))))`)} (local.get 2))`,
    [3, 5],
  ),
  program(
    'memory that grows in the loop',
    `(memory 1 3) (func (export "f") (param i32) (result i32) ${countdown(0, '(drop (memory.grow (i32.const 1))) (i32.store offset=65536 (i32.mul (local.get 0) (i32.const 8)) (memory.size))')} (memory.size))`,
    [2],
  ),
  program(
    'references in locals',
    `(table 2 funcref) (elem declare func $g) (func $g) (func (export "f") (param i32) (result i32) (local funcref)
    ${countdown(0, '(local.set 1 (ref.func $g))')} (table.set (i32.const 1) (local.get 1)) (ref.is_null (table.get (i32.const 1))))`,
    [2],
  ),
];

import { bits, func, row, type Family } from './row.js';

const list = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join(' ');

export const locals: Family = {
  name: 'locals',
  rows: [
    func('zero at first', '(result i32) (local i32 i64 f32 f64)', '(i32.add (i32.add (local.get 0) (i32.wrap_i64 (local.get 1))) (i32.add (i32.reinterpret_f32 (local.get 2)) (i32.wrap_i64 (i64.reinterpret_f64 (local.get 3)))))', [[[], 0], [[], 0]]),
    func('zero at first, integers', '(result i64) (local i32 i64)', '(i64.add (i64.extend_i32_u (local.get 0)) (local.get 1))', [[[], 0n], [[], 0n]]),
    row('zero at first, behind a call that left something else', '(module (func $dirt (param i32) (result i32) (local i32 i32 i32 i32 i32 i32) (local.set 1 (local.get 0)) (local.set 2 (i32.mul (local.get 0) (i32.const 3))) (local.set 3 (i32.const -1)) (local.set 4 (i32.const -1)) (local.set 5 (i32.const -1)) (local.set 6 (i32.const -1)) (i32.add (local.get 1) (i32.add (local.get 2) (i32.add (local.get 3) (i32.add (local.get 4) (i32.add (local.get 5) (local.get 6))))))) (func $clean (param i32) (result i32) (local i32 i32 i32 i32 i32 i32) (if (local.get 0) (then (local.set 3 (i32.const 1)))) (i32.or (local.get 1) (i32.or (local.get 2) (i32.or (local.get 3) (i32.or (local.get 4) (i32.or (local.get 5) (local.get 6))))))) (func (export "f") (param i32) (result i32) (drop (call $dirt (i32.const 12345))) (call $clean (local.get 0))))', [['f', [0], 0], ['f', [1], 1]]),
    func('local.tee gives and keeps', '(param i32) (result i32)', '(i32.add (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.mul (local.get 0) (i32.const 10)))', [[[4], 55]]),
    func('local.get before local.tee', '(param i32) (result i32)', '(i32.sub (local.get 0) (local.tee 0 (i32.const 3)))', [[[10], 7]]),
    func('local.tee before local.get', '(param i32) (result i32)', '(i32.sub (local.tee 0 (i32.const 3)) (local.get 0))', [[[10], 0]]),
    func('the old value under a new one', '(param i32) (result i32)', '(local.get 0) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (local.get 0) (local.set 0 (i32.mul (local.get 0) (i32.const 2))) (local.get 0) (i32.mul) (i32.sub)', [[[5], -67]]),
    func('the old value in a pending comparison', '(param i32 i32) (result i32)', '(i32.lt_s (local.get 0) (local.get 1)) (local.set 0 (i32.const 0)) (local.set 1 (i32.const 0)) (i32.mul (i32.const 10)) (i32.add (i32.add (local.get 0) (local.get 1)))', [[[1, 2], 10], [[2, 1], 0]]),
    func('the old value in an operand of an enclosing block', '(param i32) (result i32)', '(local.get 0) (block (br_if 0 (i32.eqz (local.get 0))) (local.set 0 (i32.const 100))) (i32.add (local.get 0))', [[[5], 105], [[0], 0]]),
    func('the old value in an operand below a loop', '(param i32) (result i32)', '(local.get 0) (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))) (i32.sub (local.get 0))', [[[7], 7]]),
    func('swap', '(param i32 i32) (result i32)', '(local.get 0) (local.get 1) (local.set 0) (local.set 1) (i32.sub (local.get 0) (local.get 1))', [[[10, 3], -7]]),
    func('rotate three', '(param i32 i32 i32) (result i32)', '(local.get 0) (local.get 1) (local.get 2) (local.set 1) (local.set 0) (local.set 2) (i32.add (i32.mul (local.get 0) (i32.const 100)) (i32.add (i32.mul (local.get 1) (i32.const 10)) (local.get 2)))', [[[1, 2, 3], 231]]),
    func('swap of i64', '(param i64 i64) (result i64)', '(local.get 0) (local.get 1) (local.set 0) (local.set 1) (i64.sub (local.get 0) (local.get 1))', [[[0x1_0000_0000n, 1n], -0xffff_ffffn]]),
    func('set in one arm only', '(param i32) (result i32) (local i32)', '(local.set 1 (i32.const 7)) (if (local.get 0) (then (local.set 1 (i32.const 8)))) (local.get 1)', [[[0], 7], [[1], 8]]),
    func('set in both arms', '(param i32) (result i32) (local i32)', '(if (local.get 0) (then (local.set 1 (i32.const 8))) (else (local.set 1 (i32.const 9)))) (local.get 1)', [[[0], 9], [[1], 8]]),
    func('a copy that outlives its source', '(param i32) (result i32) (local i32)', '(local.set 1 (local.get 0)) (local.set 0 (i32.const 0)) (i32.add (local.get 1) (local.get 0))', [[[6], 6]]),
    func('a constant in a local', '(result i32) (local i32)', '(local.set 0 (i32.const 0x12345678)) (i32.add (local.get 0) (i32.add (local.get 0) (local.get 0)))', [[[], 0x369d_0368]]),
    func('100 locals', `(param i32) (result i32) (local ${'i32 '.repeat(100)})`, `${list(100, (n) => `(local.set ${n + 1} (i32.add (local.get 0) (i32.const ${n})))`)} ${list(100, (n) => `(local.get ${n + 1})`)} ${'(i32.add)'.repeat(99)}`, [[[0], 4950], [[1], 5050]]),
    func('50 locals of i64', `(param i64) (result i64) (local ${'i64 '.repeat(50)})`, `${list(50, (n) => `(local.set ${n + 1} (i64.mul (local.get 0) (i64.const ${n})))`)} ${list(50, (n) => `(local.get ${n + 1})`)} ${'(i64.add)'.repeat(49)}`, [[[1n], 1225n], [[0x1_0000_0000n], 1225n * 0x1_0000_0000n]]),
    func('2,000 locals', `(param i32) (result i32) (local ${'i32 '.repeat(2000)})`, '(local.set 2000 (local.get 0)) (local.set 1 (i32.const 1)) (local.set 1000 (i32.const 10)) (i32.add (i32.add (local.get 1) (local.get 1000)) (i32.add (local.get 2000) (local.get 1999)))', [[[100], 111]]),
    func('120 locals of all types, zero although the last call left something there', `(param i32) (result i32) (local ${'i32 i64 f64 '.repeat(40)})`, `(local.set 0 (i32.add (local.get 0) (i32.const 1))) ${list(40, (n) => `(local.set 0 (i32.add (local.get 0) (i32.or (local.get ${3 * n + 1}) (i32.or (i32.wrap_i64 (i64.shr_u (local.get ${3 * n + 2}) (i64.const 32))) (i32.wrap_i64 (i64.reinterpret_f64 (local.get ${3 * n + 3}))))))) (local.set ${3 * n + 1} (i32.const -1)) (local.set ${3 * n + 2} (i64.const -1)) (local.set ${3 * n + 3} (f64.const 0.1))`)} (i32.add (local.get 0) (i32.add (local.get 1) (i32.wrap_i64 (local.get 119))))`, [[[0], -1], [[8], 7], [[8], 7]]),
    func('locals of all types in turn', `(param i32) (result f64) (local ${'i32 i64 f32 f64 '.repeat(8)})`, `${list(8, (n) => `(local.set ${4 * n + 1} (i32.add (local.get 0) (i32.const ${n}))) (local.set ${4 * n + 2} (i64.const ${n})) (local.set ${4 * n + 3} (f32.const ${n})) (local.set ${4 * n + 4} (f64.const ${n}))`)} ${list(8, (n) => `(f64.add (f64.convert_i32_s (local.get ${4 * n + 1})) (f64.add (f64.convert_i64_s (local.get ${4 * n + 2})) (f64.add (f64.promote_f32 (local.get ${4 * n + 3})) (local.get ${4 * n + 4}))))`)} ${'(f64.add)'.repeat(7)}`, [[[1], 120]]),
  ],
};

export const pressure: Family = {
  name: 'many live values',
  rows: [
    func('20 operands, added from the top', '(param i32) (result i32)', `${list(20, (n) => `(i32.add (local.get 0) (i32.const ${n}))`)} ${'(i32.add)'.repeat(19)}`, [[[0], 190], [[100], 2190]]),
    func('20 operands, subtracted from the top', '(param i32) (result i32)', `${list(20, (n) => `(i32.mul (local.get 0) (i32.const ${n + 1}))`)} ${'(i32.sub)'.repeat(19)}`, [[[1], -10], [[7], -70]]),
    func('12 operands of i64', '(param i64) (result i64)', `${list(12, (n) => `(i64.shl (local.get 0) (i64.const ${n * 5}))`)} ${'(i64.xor)'.repeat(11)}`, [[[1n], 0x0084_2108_4210_8421n], [[-1n], 0x007c_1f07_c1f0_7c1fn]]),
    func('a balanced tree of sums', '(param i32) (result i32)', (function tree(depth: number, at: number): string {
      return depth === 0 ? `(i32.mul (local.get 0) (i32.const ${at}))` : `(i32.add ${tree(depth - 1, 2 * at)} ${tree(depth - 1, 2 * at + 1)})`;
    })(6, 1), [[[1], 6112], [[0], 0]]),
    func('a tree with differences', '(param i32 i32) (result i32)', '(i32.sub (i32.mul (i32.add (local.get 0) (i32.const 1)) (i32.sub (local.get 1) (i32.const 2))) (i32.mul (i32.sub (local.get 0) (local.get 1)) (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.mul (local.get 1) (local.get 1)))))', [[[5, 3], -62], [[3, 5], 80]]),
    func('live across a loop', '(param i32) (result i32) (local $i i32) (local $s i32)', `${list(10, (n) => `(i32.add (local.get 0) (i32.const ${n}))`)} (local.set $i (i32.const 5)) (loop (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $i)))) (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1))))) (local.get $s) ${'(i32.add)'.repeat(10)}`, [[[0], 100], [[1], 110]]),
    func('live across an if', '(param i32 i32) (result i32)', `${list(10, (n) => `(i32.add (local.get 0) (i32.const ${n}))`)} (if (result i32) (local.get 1) (then (i32.mul (local.get 0) (i32.const 1000))) (else (i32.const 7))) ${'(i32.sub)'.repeat(10)}`, [[[1, 1], 995], [[1, 0], 2]]),
    row('live across calls', `(module (func $id (param i32) (result i32) (local.get 0)) (func (export "f") (param i32) (result i32) ${list(12, (n) => `(call $id (i32.add (local.get 0) (i32.const ${n})))`)} ${'(i32.sub)'.repeat(11)}))`, [['f', [0], -6], ['f', [100], -6]]),
    func('14 locals in a loop', `(param i32) (result i32) (local ${'i32 '.repeat(14)})`, `${list(14, (n) => `(local.set ${n + 1} (i32.const ${n + 1}))`)} (loop ${list(13, (n) => `(local.set ${n + 1} (i32.add (local.get ${n + 1}) (local.get ${n + 2})))`)} (local.set 14 (i32.xor (local.get 14) (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) ${list(14, (n) => `(local.get ${n + 1})`)} ${'(i32.add)'.repeat(13)}`, [[[1], 208], [[5], 3248]]),
    func('a shuffle of operands through memory', '(param i32 i32 i32) (result i32)', '(i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.store (i32.const 8) (local.get 2)) (i32.load (i32.const 8)) (i32.load (i32.const 0)) (i32.load (i32.const 4)) (i32.store (i32.const 0) (i32.const 0)) (i32.sub) (i32.mul)', [[[10, 4, 7], 42]], '(memory 1 1)'),
    func('a load before a store to the same place', '(param i32) (result i32)', '(i32.load (local.get 0)) (i32.store (local.get 0) (i32.const 5)) (i32.load (local.get 0)) (i32.sub)', [[[0], -5], [[0], 0]], '(memory 1 1)'),
    func('a global read before it is written', '(result i32)', '(global.get $g) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g) (i32.mul)', [[[], 12], [[], 20]], '(global $g (mut i32) (i32.const 3))'),
    row('a global read before a call that writes it', '(module (global $g (mut i32) (i32.const 3)) (func $set (global.set $g (i32.const 50))) (func (export "f") (result i32) (global.get $g) (call $set) (global.get $g) (i32.sub)))', [['f', [], -47], ['f', [], 0]]),
    row('a load before a call that stores', '(module (memory 1 1) (func $set (i32.store (i32.const 0) (i32.const 50))) (func (export "f") (result i32) (i32.load (i32.const 0)) (call $set) (i32.load (i32.const 0)) (i32.sub)))', [['f', [], -50], ['f', [], 0]]),
  ],
};

export const selects: Family = {
  name: 'select',
  rows: [
    func('of i32', '(param i32 i32 i32) (result i32)', '(select (local.get 0) (local.get 1) (local.get 2))', [[[1, 2, 1], 1], [[1, 2, 0], 2], [[1, 2, -1], 1], [[1, 2, 0x100], 1], [[1, 2, -0x8000_0000], 1]]),
    func('of i64', '(param i64 i64 i32) (result i64)', '(select (local.get 0) (local.get 1) (local.get 2))', [[[0x1_0000_0002n, 0x3_0000_0004n, 1], 0x1_0000_0002n], [[0x1_0000_0002n, 0x3_0000_0004n, 0], 0x3_0000_0004n]]),
    func('of f32', '(param f32 f32 i32) (result f32)', '(select (local.get 0) (local.get 1) (local.get 2))', [[[bits(0x7fa0_0001), 2, 1], bits(0x7fa0_0001)], [[1, -0, 0], -0]]),
    func('of f64', '(param f64 f64 i32) (result f64)', '(select (local.get 0) (local.get 1) (local.get 2))', [[[1.5, 2.5, 1], 1.5], [[1.5, bits(0x7ff4_0000_0000_0001n), 0], bits(0x7ff4_0000_0000_0001n)]]),
    func('with its type', '(param i32 i32 i32) (result i32)', '(select (result i32) (local.get 0) (local.get 1) (local.get 2))', [[[1, 2, 1], 1], [[1, 2, 0], 2]]),
    func('of constants', '(param i32) (result i32)', '(select (i32.const 0x12345678) (i32.const -1) (local.get 0))', [[[1], 0x1234_5678], [[0], -1]]),
    func('of 1 and 0', '(param i32) (result i32)', '(select (i32.const 1) (i32.const 0) (local.get 0))', [[[5], 1], [[0], 0]]),
    func('of 0 and 1', '(param i32) (result i32)', '(select (i32.const 0) (i32.const 1) (local.get 0))', [[[5], 0], [[0], 1]]),
    func('by a comparison of its operands: minimum', '(param i32 i32) (result i32)', '(select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1)))', [[[1, 2], 1], [[2, 1], 1], [[-1, 1], -1], [[-0x8000_0000, 0x7fff_ffff], -0x8000_0000]]),
    func('by a comparison of its operands: unsigned maximum', '(param i32 i32) (result i32)', '(select (local.get 0) (local.get 1) (i32.gt_u (local.get 0) (local.get 1)))', [[[1, 2], 2], [[-1, 1], -1]]),
    func('by a comparison of i64', '(param i64 i64) (result i64)', '(select (local.get 0) (local.get 1) (i64.lt_s (local.get 0) (local.get 1)))', [[[-1n, 1n], -1n], [[0x1_0000_0000n, 5n], 5n]]),
    func('by a comparison of floats', '(param f32 f32) (result i32)', '(select (i32.const 1) (i32.const 2) (f32.le (local.get 0) (local.get 1)))', [[[1, 2], 1], [[2, 1], 2], [[NaN, 1], 2]]),
    func('by eqz', '(param i32 i32) (result i32)', '(select (local.get 0) (local.get 1) (i32.eqz (local.get 0)))', [[[0, 9], 0], [[5, 9], 9]]),
    func('both operands the same', '(param i32 i32) (result i32)', '(select (local.get 0) (local.get 0) (local.get 1))', [[[4, 0], 4], [[4, 1], 4]]),
    func('the condition is one of the operands', '(param i32 i32) (result i32)', '(select (local.get 0) (local.get 1) (local.get 0))', [[[0, 9], 9], [[5, 9], 5]]),
    func('both sides are computed', '(param i32) (result i32)', '(select (i32.const 1) (i32.div_s (i32.const 4) (local.get 0)) (i32.const 1))', [[[0], 'integer divide by zero'], [[2], 1]]),
    func('a condition that is a constant', '(param i32 i32) (result i32)', '(i32.sub (select (local.get 0) (local.get 1) (i32.const 0)) (select (local.get 0) (local.get 1) (i32.const 7)))', [[[1, 10], 9]]),
    func('nested', '(param i32 i32 i32) (result i32)', '(select (select (i32.const 1) (i32.const 2) (local.get 0)) (select (i32.const 3) (i32.const 4) (local.get 1)) (local.get 2))', [[[1, 0, 1], 1], [[0, 0, 1], 2], [[0, 1, 0], 3], [[0, 0, 0], 4]]),
    func('as an address', '(param i32) (result i32)', '(i32.load (select (i32.const 4) (i32.const 65533) (local.get 0)))', [[[1], 9], [[0], 'out of bounds memory access']], '(memory 1 1) (data (i32.const 4) "\\09")'),
    func('clamp', '(param i32) (result i32)', '(select (i32.const 0) (select (i32.const 255) (local.get 0) (i32.gt_s (local.get 0) (i32.const 255))) (i32.lt_s (local.get 0) (i32.const 0)))', [[[-5], 0], [[0], 0], [[100], 100], [[255], 255], [[256], 255], [[0x7fff_ffff], 255]]),
  ],
};

export const constants: Family = {
  name: 'constants',
  rows: [
    ...[0, 1, 255, 256, 2047, 2048, -2048, -2049, 4095, 4096, 0xffff, 0x1_0000, 0x00ff_00ff, 0xff00_ff00, 0xabab_abab, 0x0003_fc00, 0x7fff_f800, 0x8000_0000, 0xffff_ff00, 0x1234_5678, 0x7fff_ffff, -1].map((value) => func(`i32.const ${value}`, '(result i32)', `(i32.const ${value})`, [[[], value]])),
    ...[0n, 1n, -1n, 0xffff_ffffn, 0x1_0000_0000n, -0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n, 0x1234_5678_9abc_def0n].map((value) => func(`i64.const ${value}`, '(result i64)', `(i64.const ${value})`, [[[], value]])),
    func('several results, one of them a constant that a loop keeps in a result register', '(param i32) (result i32 i64 i32 i32) (local i32)', '(loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 7)))) (i32.const 0) (i64.const 0) (i32.const 7) (i32.const 0)', [[[1], [0, 0n, 7, 0]]]),
    func('f32.const', '(result f32 f32 f32 f32)', '(f32.const 1.5) (f32.const -0) (f32.const inf) (f32.const nan:0x200001)', [[[], [1.5, -0, Infinity, bits(0x7fa0_0001)]]]),
    func('f64.const', '(result f64 f64 f64 f64)', '(f64.const 0.1) (f64.const -0) (f64.const -inf) (f64.const -nan:0x4000000000001)', [[[], [0.1, -0, -Infinity, bits(0xfff4_0000_0000_0001n)]]]),
  ],
};

export const globals: Family = {
  name: 'globals',
  rows: [
    row('of every number type', '(module (global $a (mut i32) (i32.const 1)) (global $b (mut i64) (i64.const 2)) (global $c (mut f32) (f32.const 3)) (global $d (mut f64) (f64.const 4)) (func (export "get") (result i32 i64 f32 f64) (global.get $a) (global.get $b) (global.get $c) (global.get $d)) (func (export "set") (param i32 i64 f32 f64) (global.set $a (local.get 0)) (global.set $b (local.get 1)) (global.set $c (local.get 2)) (global.set $d (local.get 3))))', [['get', [], [1, 2n, 3, 4]], ['set', [-1, 0x1_0000_0000n, bits(0x7fa0_0001), -0], []], ['get', [], [-1, 0x1_0000_0000n, bits(0x7fa0_0001), -0]]]),
    row('of i32 and i64', '(module (global $a (mut i32) (i32.const 1)) (global $b (mut i64) (i64.const -2)) (func (export "a") (result i32) (global.get $a)) (func (export "b") (result i64) (global.get $b)) (func (export "set") (param i32 i64) (global.set $a (local.get 0)) (global.set $b (local.get 1))))', [['a', [], 1], ['b', [], -2n], ['set', [-1, 0x1_0000_0000n], []], ['a', [], -1], ['b', [], 0x1_0000_0000n]]),
    row('that cannot change', '(module (global $a i32 (i32.const 0x12345678)) (func (export "f") (result i32) (i32.add (global.get $a) (global.get $a))))', [['f', [], 0x2468_acf0]]),
    row('set to itself plus one, in a loop', '(module (global $a (mut i32) (i32.const 0)) (func (export "f") (param i32) (result i32) (loop (global.set $a (i32.add (global.get $a) (i32.const 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (global.get $a)))', [['f', [10], 10], ['f', [5], 15]]),
    row('1,000 of them', `(module ${list(1000, (n) => `(global $g${n} (mut i32) (i32.const ${n}))`)} (func (export "f") (result i32) (global.set $g999 (i32.add (global.get $g500) (global.get $g999))) (global.get $g999)))`, [['f', [], 1499], ['f', [], 1999]]),
    row('extended constants', '(module (global $a i32 (i32.add (i32.const 40) (i32.mul (i32.const 2) (i32.sub (i32.const 4) (i32.const 3))))) (global $b i64 (i64.sub (i64.const 0) (i64.mul (i64.const 0x100000000) (i64.const 3)))) (func (export "a") (result i32) (global.get $a)) (func (export "b") (result i64) (global.get $b)))', [['a', [], 42], ['b', [], -0x3_0000_0000n]]),
    row('extended constants in segments', '(module (memory 1 1) (data (i32.add (i32.const 4) (i32.const 4)) "\\07") (func (export "f") (result i32) (i32.load8_u (i32.const 8))))', [['f', [], 7]]),
  ],
};

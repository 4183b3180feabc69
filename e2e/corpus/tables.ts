import { func, row, type Family } from './row.js';

const undefinedElement = 'undefined element';
const uninitialized = 'uninitialized element';
const mismatch = 'indirect call type mismatch';
const outOfBounds = 'out of bounds table access';

/** Functions 0 to 3 return 10 to 13; `$wide` returns an i64. */
const functions = '(type $i (func (result i32))) (type $l (func (result i64))) (func $f0 (result i32) (i32.const 10)) (func $f1 (result i32) (i32.const 11)) (func $f2 (result i32) (i32.const 12)) (func $f3 (result i32) (i32.const 13)) (func $wide (result i64) (i64.const 14)) (elem declare func $f0 $f1 $f2 $f3 $wide)';
const callIt = '(func (export "call") (param i32) (result i32) (call_indirect (type $i) (local.get 0)))';

export const indirect: Family = {
  name: 'call_indirect',
  rows: [
    row('each element', `(module ${functions} (table 4 4 funcref) (elem (i32.const 0) $f0 $f1 $f2 $f3) ${callIt})`, [['call', [0], 10], ['call', [3], 13], ['call', [4], undefinedElement], ['call', [-1], undefinedElement], ['call', [0x4000_0000], undefinedElement], ['call', [-0x8000_0000], undefinedElement]]),
    row('another type, and none', `(module ${functions} (table 6 6 funcref) (elem (i32.const 1) $f0 $wide $f2) ${callIt})`, [['call', [0], uninitialized], ['call', [1], 10], ['call', [2], mismatch], ['call', [3], 12], ['call', [4], uninitialized], ['call', [6], undefinedElement]]),
    row('types are equal by structure', '(module (type $a (func (param i32) (result i32))) (type $b (func (param i32) (result i32))) (type $c (func (param i64) (result i32))) (table funcref (elem $f $g)) (func $f (type $b) (i32.add (local.get 0) (i32.const 1))) (func $g (type $c) (i32.wrap_i64 (local.get 0))) (func (export "f") (param i32) (result i32) (call_indirect (type $a) (i32.const 5) (local.get 0))))', [['f', [0], 6], ['f', [1], mismatch]]),
    row('an empty table', `(module ${functions} (table 0 0 funcref) ${callIt})`, [['call', [0], undefinedElement], ['call', [-1], undefinedElement]]),
    row('arguments and the index keep their order', '(module (type $t (func (param i32 i32) (result i32))) (table funcref (elem $sub $div)) (func $sub (type $t) (i32.sub (local.get 0) (local.get 1))) (func $div (type $t) (i32.div_s (local.get 0) (local.get 1))) (func (export "f") (param i32 i32 i32) (result i32) (call_indirect (type $t) (local.get 0) (local.get 1) (local.get 2))))', [['f', [20, 5, 0], 15], ['f', [20, 5, 1], 4], ['f', [20, 0, 1], 'integer divide by zero'], ['f', [20, 0, 2], undefinedElement]]),
    row('many arguments', '(module (type $t (func (param i32 i64 i32 i64 i32 i64) (result i64))) (table funcref (elem $f)) (func $f (type $t) (i64.sub (i64.add (local.get 1) (local.get 3)) (i64.mul (local.get 5) (i64.extend_i32_u (i32.sub (local.get 4) (i32.add (local.get 0) (local.get 2))))))) (func (export "f") (param i64) (result i64) (call_indirect (type $t) (i32.const 1) (local.get 0) (i32.const 2) (i64.const 100) (i32.const 5) (i64.const 7) (i32.const 0))))', [['f', [0x1_0000_0000n], 0x1_0000_0000n + 86n]]),
    row('several results', '(module (type $t (func (result i32 i64))) (table funcref (elem $f)) (func $f (type $t) (i32.const 3) (i64.const 4)) (func (export "f") (param i32) (result i32 i64) (call_indirect (type $t) (local.get 0))))', [['f', [0], [3, 4n]], ['f', [1], undefinedElement]]),
    row('recursion through a table', '(module (type $t (func (param i32) (result i32))) (table funcref (elem $fac)) (func $fac (export "fac") (type $t) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.mul (local.get 0) (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))))', [['fac', [5], 120], ['fac', [12], 479001600]]),
    row('endless recursion through a table', '(module (type $t (func (result i32))) (table funcref (elem $f)) (func $f (export "f") (type $t) (i32.add (i32.const 1) (call_indirect (type $t) (i32.const 0)))))', [['f', [], 'call stack exhausted']]),
    row('the second table', `(module ${functions} (table $a 1 1 funcref) (table $b 2 2 funcref) (elem (table $a) (i32.const 0) func $f0) (elem (table $b) (i32.const 0) func $f2 $f3) (func (export "call") (param i32) (result i32) (call_indirect $b (type $i) (local.get 0))))`, [['call', [0], 12], ['call', [1], 13], ['call', [2], undefinedElement]]),
    row('operands live across', `(module ${functions} (table 2 2 funcref) (elem (i32.const 0) $f0 $f1) (func (export "f") (param i32 i32) (result i32) (i32.sub (i32.mul (local.get 0) (i32.const 100)) (i32.add (call_indirect (type $i) (local.get 1)) (call_indirect (type $i) (i32.sub (i32.const 1) (local.get 1)))))))`, [['f', [1, 0], 79], ['f', [2, 1], 179], ['f', [2, 2], undefinedElement]]),
    row('a constant index', `(module ${functions} (table 2 2 funcref) (elem (i32.const 0) $f0) (func (export "good") (result i32) (call_indirect (type $i) (i32.const 0))) (func (export "empty") (result i32) (call_indirect (type $i) (i32.const 1))) (func (export "past") (result i32) (call_indirect (type $i) (i32.const 2))))`, [['good', [], 10], ['empty', [], uninitialized], ['past', [], undefinedElement]]),
    row('an element changed after the call was compiled', `(module ${functions} (table 2 2 funcref) (elem (i32.const 0) $f0) ${callIt} (func (export "set") (param i32) (if (local.get 0) (then (table.set (i32.const 0) (ref.func $f3))) (else (table.set (i32.const 0) (ref.null func))))))`, [['call', [0], 10], ['set', [1], []], ['call', [0], 13], ['set', [0], []], ['call', [0], uninitialized]]),
    row('a table that has grown', `(module ${functions} (table 1 4 funcref) (elem (i32.const 0) $f0) ${callIt} (func (export "grow") (param i32) (result i32) (table.grow (ref.func $f2) (local.get 0))))`, [['call', [1], undefinedElement], ['grow', [2], 1], ['call', [2], 12], ['call', [3], undefinedElement], ['grow', [2], -1], ['grow', [1], 3], ['call', [3], 12]]),
  ],
};

const get = '(func (export "null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))';

export const tables: Family = {
  name: 'tables',
  rows: [
    row('table.get and table.set', '(module (table $t 3 3 externref) (func (export "set") (param i32 externref) (table.set $t (local.get 0) (local.get 1))) (func (export "get") (param i32) (result externref) (table.get $t (local.get 0))))', [['get', [0], null], ['set', [1, 7], []], ['get', [1], 7], ['get', [3], outOfBounds], ['set', [3, 7], outOfBounds], ['get', [-1], outOfBounds], ['set', [1, null], []], ['get', [1], null]]),
    row('table.size', '(module (table $a 3 externref) (table $b 7 funcref) (func (export "a") (result i32) (table.size $a)) (func (export "b") (result i32) (table.size $b)))', [['a', [], 3], ['b', [], 7]]),
    row('table.grow', `(module (table $t 1 5 externref) ${get} (func (export "grow") (param externref i32) (result i32) (table.grow $t (local.get 0) (local.get 1))) (func (export "size") (result i32) (table.size $t)))`, [['grow', [3, 2], 1], ['null', [0], 1], ['null', [2], 0], ['null', [3], outOfBounds], ['grow', [null, 3], -1], ['grow', [null, -1], -1], ['grow', [null, 2], 3], ['null', [4], 1], ['size', [], 5], ['grow', [null, 0], 5]]),
    row('table.fill', `(module (table $t 5 5 externref) ${get} (func (export "fill") (param i32 externref i32) (table.fill $t (local.get 0) (local.get 1) (local.get 2))))`, [['fill', [1, 9, 2], []], ['null', [0], 1], ['null', [1], 0], ['null', [2], 0], ['null', [3], 1], ['fill', [3, 9, 3], outOfBounds], ['null', [3], 1], ['fill', [5, 9, 0], []], ['fill', [6, 9, 0], outOfBounds], ['fill', [0, null, 5], []], ['null', [1], 1]]),
    row('table.copy, overlapping', `(module ${functions} (table $t 6 6 funcref) (elem (i32.const 0) $f0 $f1 $f2) ${callIt} (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2))))`, [['copy', [1, 0, 3], []], ['call', [0], 10], ['call', [1], 10], ['call', [3], 12], ['copy', [0, 1, 4], []], ['call', [2], 12], ['call', [3], uninitialized], ['copy', [4, 0, 3], outOfBounds], ['copy', [0, 4, 3], outOfBounds], ['copy', [6, 0, 0], []], ['copy', [7, 0, 0], outOfBounds], ['copy', [0, 0, -1], outOfBounds], ['call', [4], uninitialized]]),
    row('table.copy between tables', `(module ${functions} (table $t 3 3 funcref) (table $s 3 3 funcref) (elem (table $s) (i32.const 0) func $f2 $f3) ${callIt} (func (export "copy") (param i32 i32 i32) (table.copy $t $s (local.get 0) (local.get 1) (local.get 2))))`, [['call', [1], uninitialized], ['copy', [1, 0, 2], []], ['call', [1], 12], ['call', [2], 13], ['copy', [2, 0, 2], outOfBounds], ['call', [2], 13]]),
    row('table.init and elem.drop', `(module ${functions} (table $t 3 3 funcref) (elem $e func $f1 $f2 $f3) ${callIt} (func (export "init") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2))) (func (export "drop") (elem.drop $e)))`, [['init', [0, 1, 2], []], ['call', [0], 12], ['call', [1], 13], ['call', [2], uninitialized], ['init', [2, 0, 2], outOfBounds], ['call', [2], uninitialized], ['init', [0, 3, 1], outOfBounds], ['init', [3, 3, 0], []], ['drop', [], []], ['init', [0, 0, 0], []], ['init', [0, 0, 1], outOfBounds]]),
    row('an active segment is dropped', `(module ${functions} (table $t 3 3 funcref) (elem $e (i32.const 1) $f1) ${callIt} (func (export "init") (param i32) (table.init $t $e (i32.const 0) (i32.const 0) (local.get 0))))`, [['call', [1], 11], ['init', [0], []], ['init', [1], outOfBounds], ['call', [0], uninitialized]]),
    row('segments of expressions', `(module ${functions} (table 4 4 funcref) (elem (i32.const 0) funcref (ref.func $f0) (ref.null func) (ref.func $f3) (ref.func $f1)) ${callIt})`, [['call', [0], 10], ['call', [1], uninitialized], ['call', [2], 13], ['call', [3], 11]]),
    { name: 'a segment that does not fit', modules: [{ name: 'main', wat: `(module ${functions} (table 2 2 funcref) (elem (i32.const 1) $f0 $f1))`, trap: outOfBounds }], calls: [] },
  ],
};

export const references: Family = {
  name: 'references',
  rows: [
    func('ref.null and ref.is_null', '(result i32)', '(i32.add (ref.is_null (ref.null func)) (ref.is_null (ref.null extern)))', [[[], 2]]),
    func('ref.is_null of a parameter', '(param externref) (result i32)', '(ref.is_null (local.get 0))', [[[null], 1], [[0], 0], [[5], 0]]),
    row('ref.func', '(module (elem declare func $f) (func $f) (func (export "f") (result i32) (ref.is_null (ref.func $f))))', [['f', [], 0]]),
    func('passed through', '(param externref) (result externref)', '(local.get 0)', [[[null], null], [[5], 5]]),
    func('in a local, null at first', '(param externref) (result i32) (local externref funcref)', '(ref.is_null (local.get 1)) (local.set 1 (local.get 0)) (i32.mul (ref.is_null (local.get 1)) (i32.const 10)) (i32.mul (ref.is_null (local.get 2)) (i32.const 100)) (i32.add) (i32.add)', [[[null], 111], [[4], 101]]),
    func('selected', '(param externref externref i32) (result externref)', '(select (result externref) (local.get 0) (local.get 1) (local.get 2))', [[[1, 2, 1], 1], [[1, 2, 0], 2], [[null, 2, 5], null]]),
    func('of a block', '(param i32 externref) (result externref)', '(block (result externref) (drop (br_if 0 (local.get 1) (local.get 0))) (ref.null extern))', [[[1, 8], 8], [[0, 8], null]]),
    row('in a global', '(module (global $g (mut externref) (ref.null extern)) (func (export "set") (param externref) (global.set $g (local.get 0))) (func (export "get") (result externref) (global.get $g)))', [['get', [], null], ['set', [6], []], ['get', [], 6], ['set', [null], []], ['get', [], null]]),
    row('a function through a global into a table', '(module (type $i (func (result i32))) (global $g (mut funcref) (ref.func $f)) (table $t 1 1 funcref) (func $f (result i32) (i32.const 3)) (func (export "move") (table.set $t (i32.const 0) (global.get $g)) (global.set $g (ref.null func))) (func (export "call") (result i32) (call_indirect (type $i) (i32.const 0))))', [['call', [], uninitialized], ['move', [], []], ['call', [], 3], ['move', [], []], ['call', [], uninitialized]]),
  ],
};

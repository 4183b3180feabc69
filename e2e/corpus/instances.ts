import type { Call, Family, Row, RowModule } from './row.js';

const outOfBounds = 'out of bounds memory access';

function linked(name: string, modules: readonly RowModule[], calls: readonly Call[]): Row {
  return { name, modules, calls };
}

const counter = '(module (global $n (mut i32) (i32.const 0)) (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)) (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))';

/** Instances that share functions, tables, memories and globals: who is at home where (hazard 12). */
export const imports: Family = {
  name: 'instances',
  rows: [
    linked('an imported function', [{ name: 'a', wat: counter }, { name: 'b', wat: '(module (import "a" "add" (func $add (param i32 i32) (result i32))) (func (export "f") (param i32) (result i32) (call $add (local.get 0) (i32.const 5))))' }], [['f', [3], 8]]),
    linked('an imported function, exported again', [{ name: 'a', wat: counter }, { name: 'b', wat: '(module (import "a" "add" (func (param i32 i32) (result i32))) (export "plus" (func 0)))' }, { name: 'c', wat: '(module (import "b" "plus" (func $p (param i32 i32) (result i32))) (func (export "f") (result i32) (call $p (i32.const 2) (i32.const 3))))' }], [['f', [], 5], ['b.plus', [4, 5], 9]]),
    linked('each instance has its own globals', [{ name: 'a', wat: counter }, { name: 'b', wat: '(module (import "a" "next" (func $next (result i32))) (global $n (mut i32) (i32.const 100)) (func (export "f") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.add (i32.mul (global.get $n) (i32.const 1000)) (call $next))))' }], [['a.next', [], 1], ['f', [], 101_002], ['f', [], 102_003], ['a.next', [], 4]]),
    linked('own memory before and behind a call of another instance', [
      { name: 'a', wat: '(module (memory 1 1) (func (export "poke") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.load (i32.const 0))))' },
      { name: 'b', wat: '(module (import "a" "poke" (func $poke (param i32) (result i32))) (memory 1 1) (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (i32.const 7)) (i32.add (i32.mul (call $poke (local.get 0)) (i32.const 100)) (i32.load (i32.const 0)))))' },
    ], [['f', [5], 507], ['a.poke', [9], 9], ['f', [6], 607]]),
    linked('a memory that another instance grows', [
      { name: 'a', wat: '(module (memory (export "m") 1 3) (func (export "grow") (result i32) (memory.grow (i32.const 1))))' },
      { name: 'b', wat: '(module (import "a" "m" (memory 1)) (import "a" "grow" (func $grow (result i32))) (func (export "f") (param i32) (result i32) (drop (call $grow)) (i32.store8 (local.get 0) (i32.const 3)) (i32.load8_u (local.get 0))) (func (export "size") (result i32) (memory.size)))' },
    ], [['size', [], 1], ['f', [65536], 3], ['size', [], 2], ['f', [196607], 3], ['f', [196608], outOfBounds], ['size', [], 3]]),
    linked('a shared memory', [
      { name: 'a', wat: '(module (memory (export "m") 1 1) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))' },
      { name: 'b', wat: '(module (import "a" "m" (memory 1 1)) (data (i32.const 8) "\\05") (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))' },
    ], [['a.load', [8], 5], ['store', [65532, 77], []], ['a.load', [65532], 77], ['store', [65533, 1], outOfBounds], ['a.load', [65533], outOfBounds]]),
    linked('a shared global', [
      { name: 'a', wat: '(module (global (export "g") (mut i64) (i64.const 5)) (func (export "get") (result i64) (global.get 0)))' },
      { name: 'b', wat: '(module (import "a" "g" (global $g (mut i64))) (func (export "set") (param i64) (global.set $g (local.get 0))) (func (export "get") (result i64) (global.get $g)))' },
    ], [['b.get', [], 5n], ['set', [0x1_0000_0001n], []], ['a.get', [], 0x1_0000_0001n], ['b.get', [], 0x1_0000_0001n]]),
    linked('constants from imported globals', [
      { name: 'a', wat: '(module (global (export "base") i32 (i32.const 16)))' },
      { name: 'b', wat: '(module (import "a" "base" (global $base i32)) (global $next i32 (i32.add (global.get $base) (i32.const 4))) (memory 1 1) (data (global.get $base) "\\2a") (func (export "f") (result i32) (i32.add (i32.load8_u (i32.const 16)) (global.get $next))))' },
    ], [['f', [], 62]]),
    linked('through a shared table into another instance and back', [
      { name: 'a', wat: '(module (type $t (func (param i32) (result i32))) (table (export "t") 4 4 funcref) (global $g (mut i32) (i32.const 1000)) (memory 1 1) (data (i32.const 0) "\\01") (elem (i32.const 0) $own) (func $own (type $t) (i32.add (global.get $g) (i32.add (local.get 0) (i32.load (i32.const 0))))) (func (export "call") (param i32 i32) (result i32) (i32.add (call_indirect (type $t) (local.get 1) (local.get 0)) (i32.mul (i32.const 100) (i32.load (i32.const 0))))))' },
      { name: 'b', wat: '(module (type $t (func (param i32) (result i32))) (import "a" "t" (table 4 4 funcref)) (global $g (mut i32) (i32.const 2000)) (memory 1 1) (data (i32.const 0) "\\02") (elem (i32.const 1) $own $back) (func $own (type $t) (i32.add (global.get $g) (i32.add (local.get 0) (i32.load (i32.const 0))))) (func $back (type $t) (i32.add (i32.mul (i32.const 10) (i32.load (i32.const 0))) (call_indirect (type $t) (local.get 0) (i32.const 0)))) (func (export "call") (param i32 i32) (result i32) (i32.add (call_indirect (type $t) (local.get 1) (local.get 0)) (i32.mul (i32.const 100) (i32.load (i32.const 0))))))' },
    ], [['a.call', [0, 5], 1106], ['a.call', [1, 5], 2107], ['a.call', [2, 5], 1126], ['b.call', [0, 5], 1206], ['b.call', [1, 5], 2207], ['b.call', [2, 5], 1226], ['b.call', [3, 5], 'uninitialized element'], ['a.call', [4, 5], 'undefined element']]),
    linked('a call of own code, which leaves by a tail call', [
      { name: 'c', wat: '(module (memory 1 1) (data (i32.const 0) "\\03") (func (export "end") (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0)))))' },
      { name: 'a', wat: '(module (import "c" "end" (func $end (param i32) (result i32))) (memory 1 1) (data (i32.const 0) "\\0a") (func $b (param i32) (result i32) (return_call $end (i32.add (local.get 0) (i32.load (i32.const 0))))) (func (export "f") (param i32) (result i32) (i32.add (call $b (local.get 0)) (i32.mul (i32.const 100) (i32.load (i32.const 0))))))' },
    ], [['f', [1], 1014]]),
    linked('a tail call through a shared table into another instance', [
      { name: 'c', wat: '(module (type $t (func (param i32) (result i32))) (table (export "t") 1 1 funcref) (elem (i32.const 0) $end) (memory 1 1) (data (i32.const 0) "\\03") (func $end (type $t) (i32.add (local.get 0) (i32.load (i32.const 0)))))' },
      { name: 'a', wat: '(module (type $t (func (param i32) (result i32))) (import "c" "t" (table 1 1 funcref)) (memory 1 1) (data (i32.const 0) "\\0a") (func $b (param i32) (result i32) (return_call_indirect (type $t) (i32.add (local.get 0) (i32.load (i32.const 0))) (i32.const 0))) (func (export "f") (param i32) (result i32) (i32.add (call $b (local.get 0)) (i32.mul (i32.const 100) (i32.load (i32.const 0))))))' },
    ], [['f', [1], 1014]]),
    linked('tail calls from instance to instance, in constant stack', [
      { name: 'a', wat: '(module (type $t (func (param i32 i32) (result i32))) (table (export "t") 2 2 funcref) (elem (i32.const 0) $ping) (func $ping (type $t) (if (result i32) (local.get 0) (then (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)) (i32.const 1))) (else (local.get 1)))) (func (export "f") (param i32) (result i32) (call $ping (local.get 0) (i32.const 0))))' },
      { name: 'b', wat: '(module (type $t (func (param i32 i32) (result i32))) (import "a" "t" (table 2 2 funcref)) (elem (i32.const 1) $pong) (func $pong (type $t) (return_call_indirect (type $t) (local.get 0) (i32.add (local.get 1) (i32.const 10)) (i32.const 0))))' },
    ], [['a.f', [5000], 55_000]]),
    linked('types of different modules are equal by structure', [
      { name: 'a', wat: '(module (type $x (func)) (type $t (func (param i64) (result i32))) (table (export "t") 2 2 funcref) (elem (i32.const 0) $f $g) (func $f (type $t) (i32.wrap_i64 (local.get 0))) (func $g (type $x)))' },
      { name: 'b', wat: '(module (type $t (func (param i64) (result i32))) (import "a" "t" (table 2 2 funcref)) (func (export "f") (param i32) (result i32) (call_indirect (type $t) (i64.const 0x100000005) (local.get 0))))' },
    ], [['f', [0], 5], ['f', [1], 'indirect call type mismatch']]),
    linked('a trap in another instance', [
      { name: 'a', wat: '(module (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))' },
      { name: 'b', wat: '(module (import "a" "div" (func $div (param i32 i32) (result i32))) (memory 1 1) (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (i32.const 5)) (call $div (i32.const 10) (local.get 0))) (func (export "load") (result i32) (i32.load (i32.const 0))))' },
    ], [['load', [], 0], ['f', [0], 'integer divide by zero'], ['load', [], 5], ['f', [3], 3]]),
    linked('functions of an instantiation that failed stay callable', [
      { name: 'a', wat: '(module (type $t (func (result i32))) (table (export "t") 2 2 funcref) (memory (export "m") 1 1) (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))' },
      { name: 'b', wat: '(module (import "a" "t" (table 2 2 funcref)) (import "a" "m" (memory 1 1)) (global $g (mut i32) (i32.const 41)) (elem (i32.const 0) $f) (data (i32.const 65536) "x") (func $f (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))', trap: outOfBounds },
    ], [['a.call', [0], 42], ['a.call', [0], 43], ['a.call', [1], 'uninitialized element']]),
    linked('a start function that traps behind the segments', [
      { name: 'a', wat: '(module (type $t (func (result i32))) (table (export "t") 1 1 funcref) (memory (export "m") 1 1) (func (export "call") (result i32) (call_indirect (type $t) (i32.const 0))) (func (export "load") (result i32) (i32.load8_u (i32.const 3))))' },
      { name: 'b', wat: '(module (import "a" "t" (table 1 1 funcref)) (import "a" "m" (memory 1 1)) (elem (i32.const 0) $f) (data (i32.const 3) "\\09") (func $f (result i32) (i32.const 8)) (func $start (i32.store8 (i32.const 4) (i32.const 1)) (unreachable)) (start $start))', trap: 'unreachable' },
    ], [['a.call', [], 8], ['a.load', [], 9]]),
    linked('the same module twice', [{ name: 'a', wat: counter }, { name: 'b', wat: counter }], [['a.next', [], 1], ['a.next', [], 2], ['b.next', [], 1], ['a.next', [], 3]]),
    linked('a table that another instance writes', [
      { name: 'a', wat: '(module (type $t (func (result i32))) (table (export "t") 3 3 funcref) (elem (i32.const 0) $x) (func $x (result i32) (i32.const 1)) (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))' },
      { name: 'b', wat: '(module (import "a" "t" (table $t 3 3 funcref)) (table $own 1 1 funcref) (elem $e func $y) (func $y (result i32) (i32.const 2)) (func (export "init") (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 1))) (func (export "copy") (table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 1))) (func (export "clear") (table.set $t (i32.const 0) (ref.null func))))' },
    ], [['a.call', [1], 'uninitialized element'], ['init', [], []], ['a.call', [1], 2], ['copy', [], []], ['a.call', [2], 1], ['clear', [], []], ['a.call', [0], 'uninitialized element'], ['a.call', [2], 1]]),
    linked('i64 and many arguments across instances', [
      { name: 'a', wat: '(module (func (export "f") (param i64 i32 i64 i32 i64 i32 i64) (result i64) (i64.sub (i64.add (local.get 0) (i64.add (local.get 2) (local.get 4))) (i64.add (local.get 6) (i64.extend_i32_s (i32.add (local.get 1) (i32.add (local.get 3) (local.get 5))))))))' },
      { name: 'b', wat: '(module (import "a" "f" (func $f (param i64 i32 i64 i32 i64 i32 i64) (result i64))) (func (export "g") (param i64) (result i64) (call $f (local.get 0) (i32.const 1) (i64.const 0x100000000) (i32.const 2) (i64.const 10) (i32.const 3) (i64.const 4))))' },
    ], [['g', [0x2_0000_0000n], 0x3_0000_0000n]]),
    linked('endless recursion across instances', [
      { name: 'a', wat: '(module (type $t (func (result i32))) (table (export "t") 1 1 funcref) (func (export "f") (result i32) (i32.add (i32.const 1) (call_indirect (type $t) (i32.const 0)))) (func (export "fine") (result i32) (i32.const 6)))' },
      { name: 'b', wat: '(module (import "a" "t" (table 1 1 funcref)) (import "a" "f" (func $f (result i32))) (elem (i32.const 0) $g) (func $g (export "g") (result i32) (i32.add (i32.const 1) (call $f))))' },
    ], [['g', [], 'call stack exhausted'], ['a.f', [], 'call stack exhausted'], ['a.fine', [], 6]]),
  ],
};

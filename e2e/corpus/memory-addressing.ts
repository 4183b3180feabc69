import { func, row, type Family } from './row.js';

const outOfBounds = 'out of bounds memory access';

/** Four words at 0, so that an access that wraps around shows what it finds. */
const numbered = '(memory 1 1) (data (i32.const 0) "\\01\\00\\00\\00\\02\\00\\00\\00\\03\\00\\00\\00\\04\\00\\00\\00")';

/** How addresses are made: what wraps at 32 bits and what must not (hazard 5). */
export const addressing: Family = {
  name: 'addresses',
  rows: [
    func('negative index plus constant', '(param i32) (result i32)', '(i32.load (i32.add (local.get 0) (i32.const 16)))', [[[-16], 1], [[-12], 2], [[-4], 4], [[-17], outOfBounds], [[-0x8000_0000], outOfBounds], [[0], 0]], numbered),
    func('negative index plus constant and offset', '(param i32) (result i32)', '(i32.load offset=4 (i32.add (local.get 0) (i32.const 16384)))', [[[-16384], 2], [[-16380], 3], [[-16388], outOfBounds], [[-16385], outOfBounds]], numbered),
    func('index minus constant', '(param i32) (result i32)', '(i32.load (i32.sub (local.get 0) (i32.const 4)))', [[[4], 1], [[8], 2], [[0], outOfBounds], [[3], outOfBounds], [[65536], 0], [[65537], outOfBounds]], numbered),
    func('a loop with a negative index', '(result i32) (local $i i32) (local $sum i32)', '(local.set $i (i32.const -16)) (loop $l (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (i32.load (i32.add (local.get $i) (i32.const 16))))) (br_if $l (local.tee $i (i32.add (local.get $i) (i32.const 4))))) (local.get $sum)', [[[], 1234]], numbered),
    func('sum that wraps, then offset', '(param i32 i32) (result i32)', '(i32.load offset=8 (i32.add (local.get 0) (local.get 1)))', [[[-1, 1], 3], [[-0x8000_0000, -0x8000_0000], 3], [[-4, 0], outOfBounds], [[-8, 0], outOfBounds], [[-8, 8], 3]], numbered),
    func('scaled index', '(param i32) (result i32)', '(i32.load (i32.shl (local.get 0) (i32.const 2)))', [[[0], 1], [[3], 4], [[16383], 0], [[16384], outOfBounds], [[0x4000_0001], 2], [[-1], outOfBounds]], numbered),
    func('base plus scaled index', '(param i32 i32) (result i32)', '(i32.load (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2))))', [[[0, 3], 4], [[4, 1], 3], [[65536, -1], 0], [[65540, -1], outOfBounds], [[8, -2], 1]], numbered),
    func('base plus scaled index with offset', '(param i32 i32) (result i32)', '(i32.load offset=4 (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 4))))', [[[0, 2], 4], [[8, -2], 2], [[0, -1], outOfBounds], [[65532, 0], outOfBounds], [[65528, 0], 0]], numbered),
    func('offset that is larger than the memory', '(param i32) (result i32)', '(i32.load8_u offset=65536 (local.get 0))', [[[0], outOfBounds], [[-65536], outOfBounds], [[-1], outOfBounds]], numbered),
    func('offsets around what instructions can hold', '(param i32) (result i32)', '(i32.add (i32.load8_u offset=31 (local.get 0)) (i32.add (i32.load8_u offset=32 (local.get 0)) (i32.add (i32.load8_u offset=255 (local.get 0)) (i32.add (i32.load8_u offset=256 (local.get 0)) (i32.add (i32.load8_u offset=2047 (local.get 0)) (i32.add (i32.load8_u offset=2048 (local.get 0)) (i32.add (i32.load8_u offset=4095 (local.get 0)) (i32.load8_u offset=4096 (local.get 0)))))))))', [[[0], 255], [[61439], 0], [[61440], outOfBounds], [[-1], outOfBounds]], '(memory 1 1) (data (i32.const 31) "\\01\\02") (data (i32.const 255) "\\04\\08") (data (i32.const 2047) "\\10\\20") (data (i32.const 4095) "\\40\\80")'),
    func('address from memory', '(param i32) (result i32)', '(i32.load (i32.load (local.get 0)))', [[[0], 2], [[12], outOfBounds], [[65532], 2]], '(memory 1 1) (data (i32.const 0) "\\04\\00\\00\\00\\02\\00\\00\\00\\00\\00\\00\\00\\ff\\ff\\ff\\ff") (data (i32.const 65532) "\\04\\00\\00\\00")'),
    func('a memory of no pages', '(param i32) (result i32)', '(i32.load8_u (local.get 0))', [[[0], outOfBounds], [[-1], outOfBounds]], '(memory 0 0)'),
    func('a memory of several pages', '(param i32) (result i32)', '(i32.store (local.get 0) (i32.const 7)) (i32.load (local.get 0))', [[[65536], 7], [[131071], 7], [[196604], 7], [[196605], outOfBounds], [[65534], 7]], '(memory 3 3)'),
    func('an access whose result is dropped still traps', '(param i32) (result i32)', '(drop (i32.load (local.get 0))) (i32.const 1)', [[[0], 1], [[65533], outOfBounds], [[65532], 1]], numbered),
    func('wrapped address of 64 bits', '(param i64) (result i32)', '(i32.load (i32.wrap_i64 (local.get 0)))', [[[0x1_0000_0004n], 2], [[-1n], outOfBounds], [[0xffff_0000_0000n], 1]], numbered),
    func('masked index', '(param i32) (result i32)', '(i32.load8_u (i32.and (local.get 0) (i32.const 0xffff)))', [[[0x1_0004], 2], [[-1], 0], [[0xf_ffff], 0], [[-0x1_0000], 1]], numbered),
    func('masked index with offset', '(param i32) (result i32)', '(i32.load8_u offset=1 (i32.and (local.get 0) (i32.const 0xffff)))', [[[3], 2], [[-1], outOfBounds], [[0xfffe], 0]], numbered),
    func('index from a byte', '(param i32) (result i32)', '(i32.load (i32.load8_u (local.get 0)))', [[[4], 0x2_0000], [[8], 0x200], [[16], 1]], numbered),
  ],
};

/** Several accesses off one base: which of them traps, and what those before it did. */
export const groups: Family = {
  name: 'groups of accesses',
  rows: [
    row('stores to p[0], p[4], p[8]: the last ones out of bounds', '(module (memory 1 1) (func (export "store") (param $p i32) (i32.store (local.get $p) (i32.const 1)) (i32.store offset=4 (local.get $p) (i32.const 2)) (i32.store offset=8 (local.get $p) (i32.const 3))) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', [
      ['store', [65524], []], ['load', [65532], 3],
      ['store', [65528], outOfBounds], ['load', [65528], 1], ['load', [65532], 2],
      ['store', [65532], outOfBounds], ['load', [65532], 1],
      ['store', [65529], outOfBounds], ['load', [65532], 0],
      ['store', [-4], outOfBounds], ['load', [0], 0], ['store', [-8], outOfBounds], ['load', [0], 0],
    ]),
    row('stores in falling order', '(module (memory 1 1) (func (export "store") (param $p i32) (i32.store offset=8 (local.get $p) (i32.const 3)) (i32.store offset=4 (local.get $p) (i32.const 2)) (i32.store (local.get $p) (i32.const 1))) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', [
      ['store', [65528], outOfBounds], ['load', [65528], 0], ['load', [65532], 0],
      ['store', [65524], []], ['load', [65524], 1], ['load', [65528], 2],
    ]),
    row('a loop over pairs that runs past the end', '(module (memory 1 1) (func (export "fill") (param $p i32) (param $n i32) (loop $l (i32.store (local.get $p) (local.get $n)) (i32.store offset=4 (local.get $p) (i32.const -1)) (local.set $p (i32.add (local.get $p) (i32.const 8))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', [
      ['fill', [65516, 2], []], ['load', [65516], 2], ['load', [65524], 1], ['load', [65528], -1],
      ['fill', [65516, 9], outOfBounds], ['load', [65524], 8], ['load', [65528], -1], ['load', [65532], 7],
      ['fill', [65512, 9], outOfBounds], ['load', [65512], 9], ['load', [65520], 8], ['load', [65528], 7], ['load', [65532], -1],
    ]),
    row('loads and stores mixed: the load in the middle traps', '(module (memory 1 1) (global $g (export "g") (mut i32) (i32.const 0)) (func (export "run") (param $p i32) (result i32) (i32.store8 (local.get $p) (i32.const 5)) (global.set $g (i32.load offset=4 (local.get $p))) (i32.store8 offset=1 (local.get $p) (i32.const 6)) (global.get $g)) (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0))) (func (export "global") (result i32) (global.get $g)))', [
      ['run', [0], 0], ['byte', [1], 6],
      ['run', [65529], outOfBounds], ['byte', [65529], 5], ['byte', [65530], 0], ['global', [], 0],
    ]),
    row('four loads with falling widths', '(module (memory 1 1) (data (i32.const 65528) "\\01\\02\\03\\04\\05\\06\\07\\08") (func (export "sum") (param $p i32) (result i64) (i64.add (i64.load (local.get $p)) (i64.add (i64.load32_u offset=8 (local.get $p)) (i64.add (i64.load16_u offset=12 (local.get $p)) (i64.load8_u offset=14 (local.get $p)))))))', [
      ['sum', [65520], 0x0403_0201n + 0x0605n + 7n], ['sum', [65521], 0x0100_0000_0000_0000n + 0x0504_0302n + 0x0706n + 8n], ['sum', [65522], outOfBounds], ['sum', [65529], outOfBounds], ['sum', [-8], outOfBounds],
    ]),
    row('a 32-bit store in two halves', '(module (memory 1 1) (func (export "store") (param $p i32) (param $v i32) (i32.store16 (local.get $p) (local.get $v)) (i32.store16 offset=2 (local.get $p) (i32.shr_u (local.get $v) (i32.const 16)))) (func (export "load") (param i32) (result i32) (i32.load16_u (local.get 0))))', [
      ['store', [65532, 0x1234_5678], []], ['load', [65534], 0x1234],
      ['store', [65534, 0x9abc_def0], outOfBounds], ['load', [65534], 0xdef0],
      ['store', [65533, 0x7777_6666], outOfBounds], ['load', [65533], 0x6666],
    ]),
    row('a loop that reads three neighbours', '(module (memory 1 1) (data (i32.const 65520) "\\01\\00\\00\\00\\02\\00\\00\\00\\03\\00\\00\\00\\04\\00\\00\\00") (func (export "sum") (param $p i32) (param $n i32) (result i32) (local $s i32) (loop $l (local.set $s (i32.add (local.get $s) (i32.add (i32.load (local.get $p)) (i32.add (i32.load offset=4 (local.get $p)) (i32.load offset=8 (local.get $p)))))) (local.set $p (i32.add (local.get $p) (i32.const 4))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $s)))', [
      ['sum', [65520, 1], 6], ['sum', [65520, 2], 15], ['sum', [65520, 3], outOfBounds], ['sum', [65512, 3], 1 + 3 + 6], ['sum', [-12, 1], outOfBounds],
    ]),
    row('the same address, checked once, then changed', '(module (memory 1 1) (func (export "run") (param $p i32) (result i32) (drop (i32.load (local.get $p))) (local.set $p (i32.add (local.get $p) (i32.const 4))) (i32.load (local.get $p))))', [
      ['run', [0], 0], ['run', [65528], 0], ['run', [65532], outOfBounds],
    ]),
    row('a check in one branch says nothing about the other', '(module (memory 1 1) (func (export "run") (param $p i32) (param $c i32) (result i32) (if (local.get $c) (then (drop (i32.load offset=8 (local.get $p))))) (i32.load offset=4 (local.get $p))))', [
      ['run', [65524, 0], 0], ['run', [65524, 1], 0], ['run', [65528, 0], 0], ['run', [65528, 1], outOfBounds], ['run', [65532, 0], outOfBounds],
    ]),
  ],
};

/** memory.size, memory.grow, and what the check of an access must see of them. */
export const growth: Family = {
  name: 'memory.grow',
  rows: [
    row('memory.size', '(module (memory 2 2) (func (export "f") (result i32) (memory.size)))', [['f', [], 2]]),
    row('grows up to its limit', '(module (memory 1 3) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))) (func (export "size") (result i32) (memory.size)))', [
      ['grow', [0], 1], ['grow', [1], 1], ['size', [], 2], ['grow', [2], -1], ['grow', [-1], -1], ['grow', [0x1_0000], -1], ['grow', [1], 2], ['grow', [1], -1], ['grow', [0], 3], ['size', [], 3],
    ]),
    row('grows from nothing', '(module (memory 0 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', [
      ['load', [0], outOfBounds], ['grow', [1], 0], ['load', [0], 0], ['load', [65532], 0], ['load', [65533], outOfBounds],
    ]),
    row('keeps the content and adds zeros', '(module (memory 1 2) (data (i32.const 65535) "\\2a") (func (export "grow") (result i32) (memory.grow (i32.const 1))) (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))', [
      ['load', [65536], outOfBounds], ['grow', [], 1], ['load', [65535], 42], ['load', [65536], 0], ['load', [131071], 0], ['load', [131072], outOfBounds],
    ]),
    row('grows between two accesses of one function', '(module (memory 1 2) (func (export "run") (param $p i32) (result i32) (i32.store8 (i32.const 0) (i32.const 9)) (drop (memory.grow (i32.const 1))) (i32.store8 (local.get $p) (i32.const 5)) (i32.add (i32.load8_u (local.get $p)) (i32.load8_u (i32.const 0)))))', [
      ['run', [65536], 14], ['run', [131071], 14], ['run', [131072], outOfBounds],
    ]),
    row('grows in a callee and in a loop', '(module (memory 1 4) (func $grow (drop (memory.grow (i32.const 1)))) (func (export "run") (param $n i32) (result i32) (local $p i32) (loop $l (i32.store (local.get $p) (local.get $n)) (call $grow) (local.set $p (i32.add (local.get $p) (i32.const 65536))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (memory.size)))', [
      ['run', [3], 4], ['run', [5], outOfBounds],
    ]),
  ],
};

export const bulk: Family = {
  name: 'bulk memory',
  rows: [
    row('memory.fill', '(module (memory 1 1) (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))) (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))', [
      ['fill', [1, 0x1ff, 3], []], ['load', [0], 0], ['load', [1], 255], ['load', [3], 255], ['load', [4], 0],
      ['fill', [65530, 7, 6], []], ['load', [65535], 7], ['fill', [65530, 8, 7], outOfBounds], ['load', [65530], 7],
      ['fill', [65536, 1, 0], []], ['fill', [65537, 1, 0], outOfBounds], ['fill', [0, 1, -1], outOfBounds], ['fill', [-1, 1, 2], outOfBounds], ['load', [0], 0],
      ['fill', [0, 5, 65536], []], ['load', [32768], 5],
    ]),
    row('memory.copy', '(module (memory 1 1) (data (i32.const 0) "\\01\\02\\03\\04\\05") (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))) (func (export "load") (param i32) (result i64) (i64.load (local.get 0))))', [
      ['copy', [1, 0, 5], []], ['load', [0], 0x0504_0302_0101n], ['copy', [0, 1, 5], []], ['load', [0], 0x0505_0403_0201n],
      ['copy', [65536, 0, 0], []], ['copy', [65537, 0, 0], outOfBounds], ['copy', [0, 65537, 0], outOfBounds], ['copy', [65535, 0, 2], outOfBounds], ['copy', [0, 65535, 2], outOfBounds], ['copy', [0, -1, 1], outOfBounds], ['copy', [0, 1, -1], outOfBounds],
      ['load', [0], 0x0505_0403_0201n], ['load', [65528], 0n], ['copy', [65531, 0, 5], []], ['load', [65528], 0x0504_0302_0100_0000n],
    ]),
    row('memory.init and data.drop', '(module (memory 1 1) (data $d "\\01\\02\\03\\04") (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2))) (func (export "drop") (data.drop $d)) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', [
      ['init', [0, 1, 3], []], ['load', [0], 0x04_0302], ['init', [0, 2, 3], outOfBounds], ['init', [65533, 0, 4], outOfBounds], ['load', [65532], 0], ['init', [65532, 0, 4], []], ['load', [65532], 0x0403_0201],
      ['init', [0, 4, 0], []], ['init', [0, 5, 0], outOfBounds], ['init', [65536, 0, 0], []], ['init', [65537, 0, 0], outOfBounds], ['drop', [], []], ['drop', [], []], ['init', [0, 0, 0], []], ['init', [0, 0, 1], outOfBounds],
    ]),
    row('an active segment is dropped', '(module (memory 1 1) (data $d (i32.const 0) "\\01\\02") (func (export "init") (param i32) (memory.init $d (i32.const 8) (i32.const 0) (local.get 0))) (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))', [
      ['load', [1], 2], ['init', [0], []], ['init', [1], outOfBounds], ['load', [8], 0],
    ]),
    { name: 'segments before one that does not fit stay written', modules: [
      { name: 'owner', wat: '(module (memory (export "m") 1 1) (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))' },
      { name: 'writer', wat: '(module (memory (import "owner" "m") 1 1) (data (i32.const 0) "\\07") (data (i32.const 65535) "\\08\\09") (data (i32.const 1) "\\0a"))', trap: outOfBounds },
    ], calls: [['owner.load', [0], 7], ['owner.load', [1], 0], ['owner.load', [65535], 0]] },
  ],
};

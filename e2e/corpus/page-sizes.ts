import type { Pages } from '../src/testing/pages.js';
import type { Call, Family, Row } from './row.js';

const outOfBounds = 'out of bounds memory access';

/** A row whose memory has pages of one byte. The text's `(memory 1 1)` only says where the memory is. */
function paged(name: string, min: number, max: number | undefined, fields: string, calls: readonly Call[]): Row {
  const pages: Pages = { min, pageSize: 1, ...(max === undefined ? {} : { max }) };
  return { name, modules: [{ name: 'main', wat: `(module (memory 1 1) ${fields})`, pages }], calls };
}

const accesses = `(data (i32.const 1) "\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c")
  (func (export "size") (result i32) (memory.size)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0))) (func (export "half") (param i32) (result i32) (i32.load16_u (local.get 0)))
  (func (export "word") (param i32) (result i32) (i32.load (local.get 0))) (func (export "wide") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "put") (param i32 i32) (i32.store (local.get 0) (local.get 1))) (func (export "putWide") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "static") (result i32) (i32.load (i32.const 9))) (func (export "beyond") (result i32) (i32.load (i32.const 10)))
  (func (export "masked") (param i32) (result i32) (i32.load8_u (i32.and (local.get 0) (i32.const 15))))
  (func (export "three") (param i32) (result i32) (i32.add (i32.load8_u (local.get 0)) (i32.add (i32.load8_u offset=4 (local.get 0)) (i32.load8_u offset=8 (local.get 0)))))`;

/** Memories whose size is any number of bytes (the custom page sizes proposal). */
export const pageSizes: Family = {
  name: 'page sizes',
  rows: [
    paged('13 bytes', 13, 13, accesses, [
      ['size', [], 13], ['grow', [0], 13], ['grow', [1], -1], ['byte', [12], 12], ['byte', [13], outOfBounds], ['half', [11], 0x0c0b], ['half', [12], outOfBounds],
      ['word', [9], 0x0c0b0a09], ['word', [10], outOfBounds], ['word', [-1], outOfBounds], ['wide', [5], 0x0c0b0a0908070605n], ['wide', [6], outOfBounds],
      ['put', [10, -1], outOfBounds], ['word', [9], 0x0c0b0a09], ['putWide', [6, -1n], outOfBounds], ['wide', [5], 0x0c0b0a0908070605n], ['put', [9, 7], []], ['word', [9], 7],
      ['static', [], 7], ['beyond', [], outOfBounds], ['masked', [12 + 16], 0], ['masked', [13], outOfBounds], ['masked', [15], outOfBounds], ['three', [4], 4 + 8], ['three', [5], outOfBounds],
    ]),
    paged('grows by bytes', 13, 70_000, accesses, [
      ['word', [10], outOfBounds], ['grow', [1], 13], ['size', [], 14], ['word', [10], 0x000c0b0a], ['word', [11], outOfBounds], ['grow', [69_987], -1], ['grow', [69_986], 14], ['size', [], 70_000],
      ['word', [69_996], 0], ['word', [69_997], outOfBounds], ['putWide', [69_992, -1n], []], ['wide', [69_992], -1n], ['putWide', [69_993, 0n], outOfBounds], ['half', [69_998], 0xffff], ['grow', [-1], -1],
    ]),
    paged('of nothing', 0, 4, '(func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))) (func (export "word") (param i32) (result i32) (i32.load (local.get 0))) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))', [
      ['load', [0], outOfBounds], ['load', [-1], outOfBounds], ['grow', [1], 0], ['load', [0], 0], ['load', [1], outOfBounds], ['grow', [3], 1], ['word', [0], 0], ['word', [1], outOfBounds], ['grow', [1], -1],
    ]),
    paged('bulk instructions at its end', 100, 100, '(data $d "abcdef") (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1))) (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))) (func (export "init") (param i32) (memory.init $d (local.get 0) (i32.const 0) (i32.const 6))) (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))', [
      ['fill', [90, 10], []], ['fill', [91, 10], outOfBounds], ['fill', [100, 0], []], ['fill', [101, 0], outOfBounds], ['byte', [99], 7], ['copy', [0, 98, 2], []], ['copy', [0, 99, 2], outOfBounds],
      ['copy', [99, 0, 2], outOfBounds], ['byte', [1], 7], ['init', [94], []], ['byte', [99], 102], ['init', [95], outOfBounds],
    ]),
    {
      name: 'a segment that does not fit',
      modules: [{ name: 'main', wat: '(module (memory 1 1) (data (i32.const 3) "abc"))', pages: { min: 5, max: 5, pageSize: 1 }, trap: outOfBounds }],
      calls: [],
    },
    {
      name: 'shared, and grown by the importer',
      modules: [
        { name: 'owner', wat: '(module (memory (export "memory") 1 1) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))', pages: { min: 6, max: 9, pageSize: 1 } },
        { name: 'main', wat: '(module (import "owner" "memory" (memory 1 1)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))) (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1))))', pages: { min: 6, max: 9, pageSize: 1 } },
      ],
      calls: [['owner.load', [2], 0], ['owner.load', [3], outOfBounds], ['store', [3, 5], outOfBounds], ['grow', [1], 6], ['store', [3, 5], []], ['owner.load', [3], 5], ['owner.load', [4], outOfBounds], ['grow', [3], -1], ['grow', [2], 7], ['owner.load', [5], 0]],
    },
  ],
};

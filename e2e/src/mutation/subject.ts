/** Modules whose code is damaged on purpose: every kind of memory access, calls, tables, globals. */
import type { ValidatedModule } from '@fireball/wasm';
import { moduleOfText } from '../testing/native.js';
import type { Call } from './pipeline.js';

const body = `
  (type $binary (func (param i32 i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) func $add $sum)
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 256) "the quick brown fox jumps over the lazy dog and back again")
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sum (export "sum") (type $binary) (local i32)
    (block (loop
      (br_if 1 (i32.eqz (local.get 1)))
      (local.set 2 (i32.add (local.get 2) (i32.load8_u (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
      (br 0)))
    (local.get 2))
  (func (export "copy") (param i32 i32 i32) (result i32)
    (block (loop
      (br_if 1 (i32.eqz (local.get 2)))
      (i32.store16 offset=2 (local.get 0) (i32.load16_u (local.get 1)))
      (local.set 0 (i32.add (local.get 0) (i32.const 2)))
      (local.set 1 (i32.add (local.get 1) (i32.const 2)))
      (local.set 2 (i32.sub (local.get 2) (i32.const 1)))
      (br 0)))
    (i32.load (i32.const 4096)))
  (func (export "fields") (param i32) (result i32)
    (i32.store offset=4 (local.get 0) (i32.add (i32.load (local.get 0)) (i32.load8_s offset=9 (local.get 0))))
    (i32.store offset=12 (local.get 0) (i32.load16_u offset=18 (local.get 0)))
    (i32.add (i32.load offset=4 (local.get 0)) (i32.load (i32.add (local.get 0) (i32.const -8)))))
  (func (export "masked") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.add (global.get $count)
      (i32.load offset=256 (i32.shl (i32.and (local.get 0) (i32.const 15)) (i32.const 2)))))
  (func $dispatch (export "dispatch") (param i32 i32) (result i32)
    (i32.add (i32.const 1)
      (call_indirect (type $binary) (i32.const 256) (local.get 1) (local.get 0))))
  (func $nest (export "nest") (param i32 i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (call $dispatch (i32.const 0) (local.get 1)))
      (else (i32.add (local.get 1) (call $nest (i32.sub (local.get 0) (i32.const 1)) (i32.load (local.get 1)))))))
  (func (export "choose") (param i32) (result i32)
    (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
      (return (i32.load8_u offset=65535 (local.get 0))))
      (return (i32.load offset=250 (local.get 0))))
      (return (i32.div_s (i32.const 100) (i32.sub (local.get 0) (i32.const 2)))))
    (i64.store offset=65500 (local.get 0) (i64.const -2))
    (i32.load16_s offset=65500 (local.get 0)))`;

export interface Subject {
  readonly name: string;
  readonly module: ValidatedModule;
  readonly calls: readonly Call[];
}

const edges = [0, 1, 8, 255, 256, 4096, 65500, 65520, 65527, 65532, 65535, 65536, 0x10004, 0x7fff_ffff, -4, -8, -2147483648];

const calls: readonly Call[] = [
  ...edges.flatMap((edge) => [
    { name: 'sum', args: [edge, 5] },
    { name: 'fields', args: [edge] },
    { name: 'masked', args: [edge] },
    { name: 'copy', args: [edge, 256, 3] },
    { name: 'copy', args: [4096, edge, 2] },
    { name: 'choose', args: [edge] },
  ]),
  ...[0, 1, 2, 3, 4, -1, 0x4000_0000].map((index) => ({ name: 'dispatch', args: [index, 7] })),
  ...[2, 3, 36].map((index) => ({ name: 'choose', args: [index] })),
  { name: 'nest', args: [4, 256] },
  { name: 'nest', args: [3, 65532] },
];

export const subjects: readonly Subject[] = [
  { name: 'fixed memory', module: moduleOfText(`(module (memory 1) ${body})`), calls },
  {
    name: 'growing memory',
    module: moduleOfText(`(module (memory 1 3) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))) ${body})`),
    calls: [...calls, { name: 'grow', args: [1] }, ...calls],
  },
];

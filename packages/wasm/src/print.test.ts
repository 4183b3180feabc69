import { describe, expect, it } from '@jest/globals';
import { decodeInstruction } from './binary/instruction.js';
import { formatInstruction } from './print.js';
import { op } from './testing/module-builder.js';

describe.each([
  ['i32.add', op('i32.add')],
  ['block', op('block', 0x40)],
  ['block (result i64)', op('block', 0x7e)],
  ['loop (type 3)', op('loop', 3)],
  ['br_table 1 0 2', op('br_table', 2, 1, 0, 2)],
  ['call 128', op('call', 0x80, 0x01)],
  ['call_indirect (type 4)', op('call_indirect', 4, 0)],
  ['return_call_indirect 1 (type 4)', op('return_call_indirect', 4, 1)],
  ['select (result funcref)', op('select_t', 1, 0x70)],
  ['i32.load offset=4', op('i32.load', 2, 4)],
  ['i32.load', op('i32.load', 2, 0)],
  ['i64.store32 offset=8 align=1', op('i64.store32', 0, 8)],
  ['memory.grow', op('memory.grow', 0)],
  ['i32.const -1', op('i32.const', 0x7f)],
  ['i64.const -2', op('i64.const', 0x7e)],
  ['f32.const 1.5', op('f32.const', 0, 0, 0xc0, 0x3f)],
  ['f32.const -0', op('f32.const', 0, 0, 0, 0x80)],
  ['f32.const nan', op('f32.const', 0, 0, 0xc0, 0x7f)],
  ['f32.const -nan:0x200001', op('f32.const', 1, 0, 0xa0, 0xff)],
  ['f64.const -inf', op('f64.const', 0, 0, 0, 0, 0, 0, 0xf0, 0xff)],
  ['ref.null extern', op('ref.null', 0x6f)],
  ['memory.init 3', op('memory.init', 3, 0)],
  ['table.init 3', op('table.init', 3, 0)],
  ['table.copy 1 2', op('table.copy', 1, 2)],
  ['i64.trunc_sat_f64_u', op('i64.trunc_sat_f64_u')],
] as const)('%s', (text, bytes) => {
  it('is printed', () => {
    const reader = decodeInstruction(Uint8Array.from(bytes), 0);
    expect(formatInstruction(reader)).toBe(text);
    expect(reader.next).toBe(bytes.length);
  });
});

import { bits, row, type Call, type Family, type Literal, type Row } from './row.js';

const outOfBounds = 'out of bounds memory access';
const pageBytes = 65536;

/** The page's last bytes, in order of address; sign and size of what is loaded show. */
const lastBytes = [0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0xc8];

/**
 * A load of `size` bytes: from address 0, from misaligned ones, of the last bytes, one past them, and far outside; with the
 * address from a local, as a constant, and as offset.
 */
function load(op: string, size: number, result: string, atStart: Literal, misaligned: Literal, last: Literal): Row {
  const end = pageBytes - size;
  const data = lastBytes.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  const start = '\\80\\91\\a2\\b3\\c4\\d5\\e6\\f7\\08';
  const functions = [
    `(func (export "at") (param i32) (result ${result}) (${op} (local.get 0)))`,
    `(func (export "constant") (result ${result}) (${op} (i32.const ${end})))`,
    `(func (export "constant-past") (result ${result}) (${op} (i32.const ${end + 1})))`,
    `(func (export "offset") (param i32) (result ${result}) (${op} offset=${end} (local.get 0)))`,
    `(func (export "offset-4") (param i32) (result ${result}) (${op} offset=4 (local.get 0)))`,
    `(func (export "constant-offset") (result ${result}) (${op} offset=${end} (i32.const 0)))`,
    `(func (export "far") (param i32) (result ${result}) (${op} offset=4294967295 (local.get 0)))`,
  ];
  const calls: Call[] = [
    ['at', [0], atStart],
    ['at', [1], misaligned],
    ['at', [end], last],
    ['at', [end + 1], outOfBounds],
    ['at', [pageBytes - 1], size === 1 ? last : outOfBounds],
    ['at', [pageBytes], outOfBounds],
    ['at', [-1], outOfBounds],
    ['at', [-size], outOfBounds],
    ['at', [-0x8000_0000], outOfBounds],
    ['constant', [], last],
    ['constant-past', [], outOfBounds],
    ['offset', [0], last],
    ['offset', [1], outOfBounds],
    // The sum has 33 bits: it does not wrap to a low address.
    ['offset', [-1], outOfBounds],
    ['offset', [-end], outOfBounds],
    ['offset-4', [end - 4], last],
    ['offset-4', [-4], outOfBounds],
    ['offset-4', [-3], outOfBounds],
    ['constant-offset', [], last],
    ['far', [0], outOfBounds],
    ['far', [1], outOfBounds],
    ['far', [-1], outOfBounds],
  ];
  return row(op, `(module (memory 1 1) (data (i32.const 0) "${start}") (data (i32.const 65528) "${data}") ${functions.join('\n')})`, calls);
}

/**
 * A store of `size` bytes: the bytes around it stay; one that is out of bounds, even if only with its tail, changes nothing
 * (hazard 21). `value` is stored, `written` the 8 bytes at 65528 behind it when it ends with the memory.
 */
function store(op: string, size: number, type: string, value: Literal, written: bigint, around: bigint): Row {
  const end = pageBytes - size;
  const functions = [
    `(func (export "to") (param i32 ${type}) (${op} (local.get 0) (local.get 1)))`,
    `(func (export "to-offset") (param i32 ${type}) (${op} offset=${end} (local.get 0) (local.get 1)))`,
    `(func (export "to-constant") (param ${type}) (${op} (i32.const ${end}) (local.get 0)))`,
    `(func (export "past-constant") (param ${type}) (${op} (i32.const ${end + 1}) (local.get 0)))`,
    '(func (export "clear") (i64.store (i32.const 65528) (i64.const -1)) (i64.store (i32.const 0) (i64.const -1)) (i64.store (i32.const 8) (i64.const -1)))',
    '(func (export "end") (result i64) (i64.load (i32.const 65528)))',
    '(func (export "start") (result i64) (i64.load (i32.const 1)))',
  ];
  const partial: Call[] = Array.from({ length: size - 1 }, (_, n) => ['to', [end + 1 + n, value], outOfBounds]);
  const calls: Call[] = [
    ['clear', [], []],
    ['to', [end, value], []],
    ['end', [], written],
    ['clear', [], []],
    ...partial,
    ['to', [pageBytes, value], outOfBounds],
    ['to', [-1, value], outOfBounds],
    ['to-offset', [1, value], outOfBounds],
    ['to-offset', [-1, value], outOfBounds],
    ['past-constant', [value], outOfBounds],
    ['end', [], -1n],
    ['start', [], -1n],
    ['to-offset', [0, value], []],
    ['end', [], written],
    ['clear', [], []],
    ['to-constant', [value], []],
    ['end', [], written],
    // Misaligned, in the middle of ones.
    ['to', [3, value], []],
    ['start', [], around],
  ];
  return row(op, `(module (memory 1 1) ${functions.join('\n')})`, calls);
}

export const loads: Family = {
  name: 'loads',
  rows: [
    load('i32.load8_s', 1, 'i32', -128, -111, -56),
    load('i32.load8_u', 1, 'i32', 0x80, 0x91, 0xc8),
    load('i32.load16_s', 2, 'i32', -28288, -23919, -14329),
    load('i32.load16_u', 2, 'i32', 0x9180, 0xa291, 0xc807),
    load('i32.load', 4, 'i32', 0xb3a2_9180, 0xc4b3_a291, 0xc807_8605),
    load('i64.load8_s', 1, 'i64', -128n, -111n, -56n),
    load('i64.load8_u', 1, 'i64', 0x80n, 0x91n, 0xc8n),
    load('i64.load16_s', 2, 'i64', -28288n, -23919n, -14329n),
    load('i64.load16_u', 2, 'i64', 0x9180n, 0xa291n, 0xc807n),
    load('i64.load32_s', 4, 'i64', -0x4c5d_6e80n, -0x3b4c_5d6fn, -0x37f8_79fbn),
    load('i64.load32_u', 4, 'i64', 0xb3a2_9180n, 0xc4b3_a291n, 0xc807_8605n),
    load('i64.load', 8, 'i64', -0x0819_2a3b_4c5d_6e80n, 0x08f7_e6d5_c4b3_a291n, -0x37f8_79fa_7bfc_7dffn),
    load('f32.load', 4, 'f32', bits(0xb3a2_9180), bits(0xc4b3_a291), bits(0xc807_8605)),
    load('f64.load', 8, 'f64', bits(0xf7e6_d5c4_b3a2_9180n), bits(0x08f7_e6d5_c4b3_a291n), bits(0xc807_8605_8403_8201n)),
  ],
};

export const stores: Family = {
  name: 'stores',
  rows: [
    store('i32.store8', 1, 'i32', 0x1234_5678, 0x78ff_ffff_ffff_ffffn, -0x87_0001n),
    store('i32.store16', 2, 'i32', 0x1234_5678, 0x5678_ffff_ffff_ffffn, -0xa987_0001n),
    store('i32.store', 4, 'i32', 0x1234_5678, 0x1234_5678_ffff_ffffn, -0xedcb_a987_0001n),
    store('i64.store8', 1, 'i64', 0x1234_5678_9abc_def0n, -0x0f00_0000_0000_0001n, -0x0f_0001n),
    store('i64.store16', 2, 'i64', 0x1234_5678_9abc_def0n, -0x210f_0000_0000_0001n, -0x210f_0001n),
    store('i64.store32', 4, 'i64', 0x1234_5678_9abc_def0n, -0x6543_210f_0000_0001n, -0x6543_210f_0001n),
    store('i64.store', 8, 'i64', 0x1234_5678_9abc_def0n, 0x1234_5678_9abc_def0n, 0x5678_9abc_def0_ffffn),
    store('f32.store', 4, 'f32', bits(0x7fa0_0001), 0x7fa0_0001_ffff_ffffn, -0x805f_fffe_0001n),
    store('f64.store', 8, 'f64', bits(0x7ff4_0000_0000_0001n), 0x7ff4_0000_0000_0001n, 0x1_ffffn),
  ],
};

import { binary, compare, unary, type Family } from './row.js';

const min = -0x8000_0000_0000_0000n;
const max = 0x7fff_ffff_ffff_ffffn;
const divideByZero = 'integer divide by zero';
const overflow = 'integer overflow';

/** Cases look at the border between the halves: carries, borrows, shifts by and beyond 32. */
export const i64: Family = {
  name: 'i64',
  rows: [
    binary('i64.add', 'i64', [[1n, 2n, 3n], [max, 1n, min], [min, -1n, max], [0xffff_ffffn, 1n, 0x1_0000_0000n], [-1n, 1n, 0n], [0x1_ffff_ffffn, 0x1_0000_0001n, 0x3_0000_0000n], [0x7fff_ffffn, 1n, 0x8000_0000n]]),
    binary('i64.sub', 'i64', [[1n, 2n, -1n], [min, 1n, max], [0x1_0000_0000n, 1n, 0xffff_ffffn], [0n, min, min], [5n, 5n, 0n], [0n, 0x1_0000_0000n, -0x1_0000_0000n], [0x8000_0000n, 1n, 0x7fff_ffffn]]),
    binary('i64.mul', 'i64', [[3n, 4n, 12n], [max, 2n, -2n], [min, -1n, min], [0x1_0000_0000n, 0x1_0000_0000n, 0n], [0xffff_ffffn, 0xffff_ffffn, -0x1_ffff_ffffn], [-7n, 9n, -63n], [0x1234_5678_9abc_def0n, 1n, 0x1234_5678_9abc_def0n], [0x1_0000_0001n, 0x1_0000_0001n, 0x2_0000_0001n], [5n, 0n, 0n]]),
    binary('i64.div_s', 'i64', [[7n, 2n, 3n], [-7n, 2n, -3n], [7n, -2n, -3n], [1n, 0n, divideByZero], [0n, 0n, divideByZero], [min, -1n, overflow], [min, 0n, divideByZero], [min, 1n, min], [min, 2n, -0x4000_0000_0000_0000n], [max, 10n, 922337203685477580n], [-0x1_0000_0000n, 0x1_0000n, -0x1_0000n], [0x1_0000_0000n, 3n, 0x5555_5555n], [min, min, 1n], [5n, min, 0n]]),
    binary('i64.div_u', 'i64', [[7n, 2n, 3n], [-1n, 2n, max], [1n, 0n, divideByZero], [min, -1n, 0n], [-1n, 0xffff_ffffn, 0x1_0000_0001n], [-1n, 10n, 1844674407370955161n], [0x1_0000_0000n, 0x1_0000_0000n, 1n], [0xffff_ffffn, 0x1_0000_0000n, 0n], [-1n, -1n, 1n], [-1n, 0x8000_0000n, 0x1_ffff_ffffn]]),
    binary('i64.rem_s', 'i64', [[7n, 2n, 1n], [-7n, 2n, -1n], [7n, -2n, 1n], [1n, 0n, divideByZero], [min, -1n, 0n], [min, 7n, -1n], [max, 10n, 7n], [-0x1_0000_0001n, 0x1_0000n, -1n], [0x1_0000_0001n, 0x1_0000_0000n, 1n]]),
    binary('i64.rem_u', 'i64', [[7n, 2n, 1n], [-1n, 2n, 1n], [1n, 0n, divideByZero], [min, -1n, min], [-1n, 10n, 5n], [-1n, 0x1_0000_0000n, 0xffff_ffffn], [min, 7n, 1n], [5n, -1n, 5n]]),
    binary('i64.and', 'i64', [[0xff00n, 0x0ff0n, 0x0f00n], [-1n, -0x1_0000_0000n, -0x1_0000_0000n], [-1n, 0xffff_ffffn, 0xffff_ffffn], [0x1234_5678_9abc_def0n, 0xf0f0_f0f0n, 0x90b0_d0f0n], [min, max, 0n]]),
    binary('i64.or', 'i64', [[0xff00n, 0x0ff0n, 0xfff0n], [0x1_0000_0000n, 1n, 0x1_0000_0001n], [min, max, -1n], [0x1234_5678_0000_0000n, 0x9abc_def0n, 0x1234_5678_9abc_def0n], [0n, 0n, 0n]]),
    binary('i64.xor', 'i64', [[0xff00n, 0x0ff0n, 0xf0f0n], [-1n, -1n, 0n], [0x1234_5678_9abc_def0n, -1n, -0x1234_5678_9abc_def1n], [min, max, -1n], [0x1_0000_0001n, 1n, 0x1_0000_0000n]]),
    binary('i64.shl', 'i64', [[1n, 0n, 1n], [1n, 1n, 2n], [1n, 31n, 0x8000_0000n], [1n, 32n, 0x1_0000_0000n], [1n, 33n, 0x2_0000_0000n], [1n, 63n, min], [1n, 64n, 1n], [1n, -1n, min], [0x8000_0000n, 1n, 0x1_0000_0000n], [0xabcd_ef01n, 20n, 0xa_bcde_f010_0000n], [1n, 0x1_0000_0001n, 2n]]),
    binary('i64.shr_s', 'i64', [[min, 0n, min], [min, 1n, -0x4000_0000_0000_0000n], [min, 31n, -0x1_0000_0000n], [min, 32n, -0x8000_0000n], [min, 33n, -0x4000_0000n], [min, 63n, -1n], [min, 64n, min], [max, 62n, 1n], [max, 32n, 0x7fff_ffffn], [0x1_0000_0000n, 1n, 0x8000_0000n], [-1n, -1n, -1n]]),
    binary('i64.shr_u', 'i64', [[min, 0n, min], [min, 1n, 0x4000_0000_0000_0000n], [min, 31n, 0x1_0000_0000n], [min, 32n, 0x8000_0000n], [min, 33n, 0x4000_0000n], [min, 63n, 1n], [min, 64n, min], [-1n, 32n, 0xffff_ffffn], [0x1_0000_0000n, 1n, 0x8000_0000n], [-1n, 4n, 0x0fff_ffff_ffff_ffffn]]),
    binary('i64.rotl', 'i64', [[1n, 0n, 1n], [1n, 1n, 2n], [1n, 32n, 0x1_0000_0000n], [1n, 63n, min], [1n, 64n, 1n], [min, 1n, 1n], [0x0123_4567_89ab_cdefn, 8n, 0x2345_6789_abcd_ef01n], [0x0123_4567_89ab_cdefn, 32n, -0x7654_3210_fedc_ba99n], [0x0123_4567_89ab_cdefn, 36n, -0x6543_210f_edcb_a988n]]),
    binary('i64.rotr', 'i64', [[1n, 0n, 1n], [1n, 1n, min], [1n, 32n, 0x1_0000_0000n], [1n, 63n, 2n], [1n, 64n, 1n], [min, 63n, 1n], [0x0123_4567_89ab_cdefn, 8n, -0x10fe_dcba_9876_5433n], [0x0123_4567_89ab_cdefn, 32n, -0x7654_3210_fedc_ba99n], [2n, -1n, 4n]]),
    unary('i64.clz', 'i64', 'i64', [[0n, 64n], [1n, 63n], [-1n, 0n], [min, 0n], [max, 1n], [0xffff_ffffn, 32n], [0x1_0000_0000n, 31n]]),
    unary('i64.ctz', 'i64', 'i64', [[0n, 64n], [1n, 0n], [-1n, 0n], [min, 63n], [0x1_0000_0000n, 32n], [0x8000_0000n, 31n], [0x2_0000_0000n, 33n]]),
    unary('i64.popcnt', 'i64', 'i64', [[0n, 0n], [1n, 1n], [-1n, 64n], [min, 1n], [max, 63n], [0x1_0000_0001n, 2n], [0x1234_5678_9abc_def0n, 32n]]),
    unary('i64.extend8_s', 'i64', 'i64', [[0n, 0n], [0x7fn, 127n], [0x80n, -128n], [0xffn, -1n], [0x0123_4567_89ab_cd00n, 0n], [0x0123_4567_89ab_cd80n, -128n]]),
    unary('i64.extend16_s', 'i64', 'i64', [[0n, 0n], [0x7fffn, 32767n], [0x8000n, -32768n], [0xffffn, -1n], [0x0123_4567_89ab_8000n, -32768n]]),
    unary('i64.extend32_s', 'i64', 'i64', [[0n, 0n], [0x7fff_ffffn, 0x7fff_ffffn], [0x8000_0000n, -0x8000_0000n], [0xffff_ffffn, -1n], [0x0123_4567_8000_0000n, -0x8000_0000n], [0x0123_4567_0000_0000n, 0n]]),
    unary('i64.eqz', 'i64', 'i32', [[0n, 1], [1n, 0], [-1n, 0], [min, 0], [0x1_0000_0000n, 0], [0xffff_ffffn, 0]]),
    compare('i64.eq', 'i64', [[0n, 0n, 1], [1n, 0n, 0], [0x1_0000_0000n, 0n, 0], [0x1_0000_0000n, 0x1_0000_0000n, 1], [0x1_0000_0001n, 1n, 0], [-1n, 0xffff_ffffn, 0], [min, max, 0], [-1n, -1n, 1]]),
    compare('i64.ne', 'i64', [[0n, 0n, 0], [1n, 0n, 1], [0x1_0000_0000n, 0n, 1], [0x1_0000_0000n, 0x1_0000_0000n, 0], [0x1_0000_0001n, 1n, 1], [-1n, 0xffff_ffffn, 1], [min, max, 1], [-1n, -1n, 0]]),
    compare('i64.lt_s', 'i64', [[0n, 0n, 0], [0n, 1n, 1], [-1n, 0n, 1], [min, max, 1], [max, min, 0], [0x1_0000_0000n, 0xffff_ffffn, 0], [0xffff_ffffn, 0x1_0000_0000n, 1], [0x1_0000_0000n, 0x1_8000_0000n, 1], [-0x1_0000_0000n, -0xffff_ffffn, 1], [0x8000_0000n, 0x7fff_ffffn, 0]]),
    compare('i64.lt_u', 'i64', [[0n, 0n, 0], [0n, 1n, 1], [-1n, 0n, 0], [0n, -1n, 1], [min, max, 0], [0x1_0000_0000n, 0xffff_ffffn, 0], [0xffff_ffffn, 0x1_0000_0000n, 1], [0x1_0000_0000n, 0x1_8000_0000n, 1], [-2n, -1n, 1]]),
    compare('i64.gt_s', 'i64', [[0n, 0n, 0], [1n, 0n, 1], [0n, -1n, 1], [min, max, 0], [max, min, 1], [0x1_0000_0000n, 0xffff_ffffn, 1], [0x1_8000_0000n, 0x1_7fff_ffffn, 1], [-1n, -2n, 1]]),
    compare('i64.gt_u', 'i64', [[0n, 0n, 0], [1n, 0n, 1], [0n, -1n, 0], [min, max, 1], [max, min, 0], [0x1_0000_0000n, 0xffff_ffffn, 1], [0x1_8000_0000n, 0x1_7fff_ffffn, 1], [-1n, -2n, 1]]),
    compare('i64.le_s', 'i64', [[0n, 0n, 1], [0n, 1n, 1], [1n, 0n, 0], [min, max, 1], [max, min, 0], [0xffff_ffffn, 0x1_0000_0000n, 1], [0x1_0000_0001n, 0x1_0000_0000n, 0], [min, min, 1]]),
    compare('i64.le_u', 'i64', [[0n, 0n, 1], [0n, 1n, 1], [1n, 0n, 0], [min, max, 0], [max, min, 1], [0xffff_ffffn, 0x1_0000_0000n, 1], [0x1_0000_0001n, 0x1_0000_0000n, 0], [-1n, -1n, 1]]),
    compare('i64.ge_s', 'i64', [[0n, 0n, 1], [0n, 1n, 0], [1n, 0n, 1], [min, max, 0], [max, min, 1], [0x1_0000_0000n, 0xffff_ffffn, 1], [0x1_0000_0000n, 0x1_0000_0001n, 0], [max, max, 1]]),
    compare('i64.ge_u', 'i64', [[0n, 0n, 1], [0n, 1n, 0], [1n, 0n, 1], [min, max, 1], [max, min, 0], [0x1_0000_0000n, 0xffff_ffffn, 1], [0x1_0000_0000n, 0x1_0000_0001n, 0], [-1n, -1n, 1]]),
  ],
};

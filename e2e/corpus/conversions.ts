import { bits, func, unary, type Family, type Row } from './row.js';

const { NaN: nan } = Number;
const inf = Infinity;
const invalid = 'invalid conversion to integer';
const overflow = 'integer overflow';

const min32 = -0x8000_0000;
const max32 = 0x7fff_ffff;
const min64 = -0x8000_0000_0000_0000n;
const max64 = 0x7fff_ffff_ffff_ffffn;

const payload32 = bits(0x7fa0_0001);
const payload64 = bits(0x7ff4_0000_0000_0001n);

const truncations: readonly Row[] = [
  unary('i32.trunc_f32_s', 'f32', 'i32', [[0, 0], [-0, 0], [1.5, 1], [-1.5, -1], [2147483520, 2147483520], [2147483648, overflow], [-2147483648, min32], [-2147483904, overflow], [nan, invalid], [payload32, invalid], [inf, overflow], [-inf, overflow]]),
  unary('i32.trunc_f32_u', 'f32', 'i32', [[0, 0], [-0.5, 0], [1.5, 1], [-1, overflow], [4294967040, -256], [4294967296, overflow], [2147483648, min32], [nan, invalid], [-inf, overflow]]),
  unary('i32.trunc_f64_s', 'f64', 'i32', [[0, 0], [1.9, 1], [-1.9, -1], [2147483647, max32], [2147483647.9, max32], [2147483648, overflow], [-2147483648.9, min32], [-2147483649, overflow], [nan, invalid], [payload64, invalid], [inf, overflow]]),
  unary('i32.trunc_f64_u', 'f64', 'i32', [[0, 0], [-0.9, 0], [1.9, 1], [-1, overflow], [4294967295, -1], [4294967295.9, -1], [4294967296, overflow], [2147483648, min32], [nan, invalid], [-inf, overflow]]),
  unary('i64.trunc_f32_s', 'f32', 'i64', [[0, 0n], [-1.5, -1n], [4294967296, 0x1_0000_0000n], [9223371487098961920, 0x7fff_ff80_0000_0000n], [9223372036854775808, overflow], [-9223372036854775808, min64], [-9223373136366403584, overflow], [nan, invalid], [inf, overflow]]),
  unary('i64.trunc_f32_u', 'f32', 'i64', [[0, 0n], [-0.5, 0n], [-1, overflow], [4294967296, 0x1_0000_0000n], [9223372036854775808, min64], [18446742974197923840, -0x100_0000_0000n], [18446744073709551616, overflow], [nan, invalid], [inf, overflow]]),
  unary('i64.trunc_f64_s', 'f64', 'i64', [[0, 0n], [-1.9, -1n], [4294967296.5, 0x1_0000_0000n], [9223372036854774784, 0x7fff_ffff_ffff_fc00n], [9223372036854775808, overflow], [-9223372036854775808, min64], [-9223372036854777856, overflow], [nan, invalid], [-inf, overflow]]),
  unary('i64.trunc_f64_u', 'f64', 'i64', [[0, 0n], [-0.9, 0n], [-1, overflow], [4294967296.5, 0x1_0000_0000n], [9223372036854775808, min64], [18446744073709549568, -0x800n], [18446744073709551616, overflow], [nan, invalid], [inf, overflow]]),
  unary('i32.trunc_sat_f32_s', 'f32', 'i32', [[0, 0], [-1.5, -1], [2147483648, max32], [-2147483904, min32], [nan, 0], [payload32, 0], [inf, max32], [-inf, min32], [2147483520, 2147483520]]),
  unary('i32.trunc_sat_f32_u', 'f32', 'i32', [[1.5, 1], [-0.5, 0], [-1, 0], [4294967296, -1], [4294967040, -256], [nan, 0], [inf, -1], [-inf, 0]]),
  unary('i32.trunc_sat_f64_s', 'f64', 'i32', [[-1.9, -1], [2147483647.9, max32], [2147483648, max32], [-2147483649, min32], [nan, 0], [inf, max32], [-inf, min32]]),
  unary('i32.trunc_sat_f64_u', 'f64', 'i32', [[1.9, 1], [-1, 0], [4294967295.9, -1], [4294967296, -1], [nan, 0], [inf, -1], [-inf, 0], [2147483648, min32]]),
  unary('i64.trunc_sat_f32_s', 'f32', 'i64', [[-1.5, -1n], [9223372036854775808, max64], [-9223373136366403584, min64], [nan, 0n], [inf, max64], [-inf, min64]]),
  unary('i64.trunc_sat_f32_u', 'f32', 'i64', [[1.5, 1n], [-1, 0n], [18446744073709551616, -1n], [9223372036854775808, min64], [nan, 0n], [inf, -1n], [-inf, 0n]]),
  unary('i64.trunc_sat_f64_s', 'f64', 'i64', [[-1.9, -1n], [9223372036854775808, max64], [-9223372036854777856, min64], [nan, 0n], [payload64, 0n], [inf, max64], [-inf, min64]]),
  unary('i64.trunc_sat_f64_u', 'f64', 'i64', [[1.9, 1n], [-1, 0n], [18446744073709551616, -1n], [18446744073709549568, -0x800n], [nan, 0n], [inf, -1n], [-inf, 0n]]),
];

const toFloats: readonly Row[] = [
  unary('f32.convert_i32_s', 'i32', 'f32', [[0, 0], [1, 1], [-1, -1], [max32, 2147483648], [min32, -2147483648], [16777217, 16777216], [16777219, 16777220], [-16777217, -16777216]]),
  unary('f32.convert_i32_u', 'i32', 'f32', [[0, 0], [1, 1], [-1, 4294967296], [min32, 2147483648], [16777217, 16777216], [16777219, 16777220], [0xffff_ff7f, 4294967040]]),
  unary('f64.convert_i32_s', 'i32', 'f64', [[0, 0], [-1, -1], [max32, 2147483647], [min32, -2147483648]]),
  unary('f64.convert_i32_u', 'i32', 'f64', [[0, 0], [-1, 4294967295], [max32, 2147483647], [min32, 2147483648]]),
  // Through f64 the last ones would round twice, and to the wrong neighbour (hazard 11).
  unary('f32.convert_i64_s', 'i64', 'f32', [[0n, 0], [-1n, -1], [max64, 9223372036854775808], [min64, -9223372036854775808], [16777217n, 16777216], [0x1000_0010_0000_0001n, 2 ** 60 + 2 ** 37], [-0x1000_0010_0000_0001n, -(2 ** 60) - 2 ** 37]]),
  unary('f32.convert_i64_u', 'i64', 'f32', [[0n, 0], [-1n, 18446744073709551616], [max64, 9223372036854775808], [min64, 9223372036854775808], [16777217n, 16777216], [16777219n, 16777220], [0x1000_0010_0000_0001n, 2 ** 60 + 2 ** 37]]),
  unary('f64.convert_i64_s', 'i64', 'f64', [[0n, 0], [-1n, -1], [max64, 9223372036854775808], [min64, -9223372036854775808], [9007199254740993n, 9007199254740992], [9007199254740995n, 9007199254740996], [-9007199254740993n, -9007199254740992]]),
  unary('f64.convert_i64_u', 'i64', 'f64', [[0n, 0], [-1n, 18446744073709551616], [min64, 9223372036854775808], [9007199254740993n, 9007199254740992], [-0x401n, 18446744073709549568], [-0x400n, 18446744073709551616]]),
  unary('f32.demote_f64', 'f64', 'f32', [[0, 0], [-0, -0], [1.5, 1.5], [1e39, inf], [-1e39, -inf], [3.4028234663852886e38, 3.4028234663852886e38], [3.4028235677973366e38, inf], [1e-46, 0], [-1e-46, -0], [1.401298464324817e-45, 1.401298464324817e-45], [0.1, 0.10000000149011612], [nan, nan], [payload64, nan], [1 + 2 ** -24, 1], [1 + 3 * 2 ** -24, 1 + 2 ** -22]]),
  unary('f64.promote_f32', 'f32', 'f64', [[0, 0], [-0, -0], [1.5, 1.5], [3.4028234663852886e38, 3.4028234663852886e38], [1.401298464324817e-45, 1.401298464324817e-45], [inf, inf], [nan, nan], [payload32, nan]]),
];

const integers: readonly Row[] = [
  unary('i32.wrap_i64', 'i64', 'i32', [[0n, 0], [-1n, -1], [0x1_0000_0000n, 0], [0x1_8000_0000n, min32], [-0x8000_0001n, max32], [max64, -1], [min64, 0]]),
  unary('i64.extend_i32_s', 'i32', 'i64', [[0, 0n], [1, 1n], [-1, -1n], [min32, -0x8000_0000n], [max32, 0x7fff_ffffn]]),
  unary('i64.extend_i32_u', 'i32', 'i64', [[0, 0n], [1, 1n], [-1, 0xffff_ffffn], [min32, 0x8000_0000n], [max32, 0x7fff_ffffn]]),
  unary('i32.reinterpret_f32', 'f32', 'i32', [[0, 0], [-0, min32], [1, 0x3f80_0000], [inf, 0x7f80_0000], [payload32, 0x7fa0_0001], [bits(0xffff_ffff), -1]]),
  unary('i64.reinterpret_f64', 'f64', 'i64', [[0, 0n], [-0, min64], [1, 0x3ff0_0000_0000_0000n], [payload64, 0x7ff4_0000_0000_0001n], [bits(0xffff_ffff_ffff_ffffn), -1n]]),
  unary('f32.reinterpret_i32', 'i32', 'f32', [[0, 0], [min32, -0], [0x3f80_0000, 1], [0x7fa0_0001, payload32], [-1, bits(0xffff_ffff)]]),
  unary('f64.reinterpret_i64', 'i64', 'f64', [[0n, 0], [min64, -0], [0x3ff0_0000_0000_0000n, 1], [0x7ff4_0000_0000_0001n, payload64], [-1n, bits(0xffff_ffff_ffff_ffffn)]]),
  // The sign is masked: only the deterministic profile says what it is (hazard 10).
  func('a NaN that is made here is seen as canonical by integers', '(param f32) (result i32)', '(i32.and (i32.reinterpret_f32 (f32.add (f32.mul (local.get 0) (f32.const 0)) (f32.const 1))) (i32.const 0x7fffffff))', [[[inf], 0x7fc0_0000], [[-inf], 0x7fc0_0000], [[1], 0x3f80_0000]]),
  func('there and back', '(param i64) (result i64)', '(i64.extend_i32_s (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 16))))', [[[0x1234_8765_4321_0000n], -0x789a_bcdfn], [[-1n], -1n]]),
];

export const conversions: Family = { name: 'conversions', rows: [...truncations, ...toFloats, ...integers] };

import { binary, bits, compare, unary, type Family, type Literal, type Row } from './row.js';

const { NaN: nan } = Number;
const inf = Infinity;

/** What a type's limits are: largest, smallest normal and smallest number, the distance from 1 to the next number. */
interface Limits {
  readonly type: 'f32' | 'f64';
  readonly max: number;
  readonly normal: number;
  readonly least: number;
  readonly epsilon: number;
  /** NaNs: signalling with payload, the negative of the canonical one. */
  readonly signalling: Literal;
  readonly negativeNaN: Literal;
}

const single: Limits = {
  type: 'f32',
  max: 3.4028234663852886e38,
  normal: 1.1754943508222875e-38,
  least: 1.401298464324817e-45,
  epsilon: 1.1920928955078125e-7,
  signalling: bits(0x7fa0_0001),
  negativeNaN: bits(0xffc0_0000),
};
const double: Limits = {
  type: 'f64',
  max: Number.MAX_VALUE,
  normal: 2.2250738585072014e-308,
  least: Number.MIN_VALUE,
  epsilon: Number.EPSILON,
  signalling: bits(0x7ff4_0000_0000_0001n),
  negativeNaN: bits(0xfff8_0000_0000_0000n),
};

/** Every NaN result is the canonical one: the deterministic profile (hazard 10). */
function arithmetic({ type, max, normal, least, epsilon, signalling }: Limits): Row[] {
  return [
    binary(`${type}.add`, type, [[1, 2, 3], [0, -0, 0], [-0, -0, -0], [1, -1, 0], [max, max, inf], [inf, -inf, nan], [inf, inf, inf], [nan, 1, nan], [signalling, 1, nan], [least, least, 2 * least], [1, epsilon / 2, 1], [1, epsilon, 1 + epsilon], [1 + epsilon, epsilon / 2, 1 + 2 * epsilon], [0.5, 0.25, 0.75]]),
    binary(`${type}.sub`, type, [[1, 2, -1], [0, 0, 0], [-0, 0, -0], [0, -0, 0], [1, 1, 0], [inf, inf, nan], [max, -max, inf], [normal, least, normal - least], [nan, nan, nan], [1, signalling, nan], [1, epsilon / 4, 1]]),
    binary(`${type}.mul`, type, [[2, 3, 6], [0, -1, -0], [-0, -1, 0], [inf, 0, nan], [inf, -2, -inf], [max, 2, inf], [normal, 0.5, normal / 2], [least, 0.5, 0], [least, -0.5, -0], [least, 1.5, 2 * least], [nan, 0, nan], [1 + epsilon, 1 + epsilon, 1 + 2 * epsilon]]),
    binary(`${type}.div`, type, [[6, 3, 2], [1, 0, inf], [1, -0, -inf], [-1, 0, -inf], [0, 0, nan], [0, 5, 0], [inf, inf, nan], [1, inf, 0], [-1, inf, -0], [max, 0.5, inf], [least, 2, 0], [3 * least, 2, 2 * least], [nan, 2, nan], [1, signalling, nan], [7, 2, 3.5]]),
    binary(`${type}.min`, type, [[1, 2, 1], [0, -0, -0], [-0, 0, -0], [inf, 1, 1], [-inf, 1, -inf], [nan, 1, nan], [1, nan, nan], [signalling, -inf, nan], [-1, -2, -2], [5, 5, 5]]),
    binary(`${type}.max`, type, [[1, 2, 2], [0, -0, 0], [-0, 0, 0], [-0, -0, -0], [inf, 1, inf], [-inf, 1, 1], [nan, 1, nan], [1, nan, nan], [inf, signalling, nan], [-1, -2, -1]]),
    unary(`${type}.sqrt`, type, type, [[4, 2], [2.25, 1.5], [0, 0], [-0, -0], [-1, nan], [inf, inf], [-inf, nan], [nan, nan], [signalling, nan], [1, 1], [-least, nan]]),
    unary(`${type}.ceil`, type, type, [[1.5, 2], [-1.5, -1], [-0.5, -0], [0.5, 1], [-0, -0], [0, 0], [inf, inf], [nan, nan], [signalling, nan], [least, 1], [-least, -0], [1 / epsilon, 1 / epsilon]]),
    unary(`${type}.floor`, type, type, [[1.5, 1], [-1.5, -2], [-0.5, -1], [0.5, 0], [-0, -0], [-inf, -inf], [nan, nan], [signalling, nan], [least, 0], [-least, -1], [max, max]]),
    unary(`${type}.trunc`, type, type, [[1.75, 1], [-1.75, -1], [-0.5, -0], [0.5, 0], [-0, -0], [inf, inf], [nan, nan], [signalling, nan], [least, 0], [-max, -max]]),
    unary(`${type}.nearest`, type, type, [[0.5, 0], [-0.5, -0], [1.5, 2], [2.5, 2], [3.5, 4], [-2.5, -2], [4.25, 4], [-0, -0], [inf, inf], [nan, nan], [signalling, nan], [1 - epsilon / 2, 1], [0.5 - epsilon / 4, 0], [0.5 / epsilon - 0.5, 0.5 / epsilon]]),
  ];
}

/** These work on bits: the payload of a NaN stays. */
function signs({ type, max, least, signalling, negativeNaN }: Limits): Row[] {
  const wide = type === 'f64';
  const flipped = wide ? bits(0xfff4_0000_0000_0001n) : bits(0xffa0_0001);
  const canonical = wide ? bits(0x7ff8_0000_0000_0000n) : bits(0x7fc0_0000);
  return [
    unary(`${type}.abs`, type, type, [[1, 1], [-1, 1], [0, 0], [-0, 0], [-inf, inf], [-max, max], [-least, least], [negativeNaN, canonical], [signalling, signalling], [flipped, signalling]]),
    unary(`${type}.neg`, type, type, [[1, -1], [-1, 1], [0, -0], [-0, 0], [inf, -inf], [least, -least], [canonical, negativeNaN], [signalling, flipped], [flipped, signalling]]),
    binary(`${type}.copysign`, type, [[1, -2, -1], [-1, 2, 1], [0, -1, -0], [-0, 1, 0], [inf, -0, -inf], [canonical, -1, negativeNaN], [signalling, -1, flipped], [1, negativeNaN, -1], [-1, canonical, 1], [2, 0, 2]]),
  ];
}

/** With a NaN everything is false but `ne`; both zeros are equal. */
function comparisons({ type, max, least, signalling }: Limits): Row[] {
  return [
    compare(`${type}.eq`, type, [[1, 1, 1], [1, 2, 0], [0, -0, 1], [nan, nan, 0], [nan, 1, 0], [1, signalling, 0], [inf, inf, 1], [inf, -inf, 0], [least, 0, 0]]),
    compare(`${type}.ne`, type, [[1, 1, 0], [1, 2, 1], [0, -0, 0], [nan, nan, 1], [nan, 1, 1], [1, signalling, 1], [inf, inf, 0], [inf, -inf, 1], [least, -least, 1]]),
    compare(`${type}.lt`, type, [[1, 2, 1], [2, 1, 0], [1, 1, 0], [-0, 0, 0], [nan, 1, 0], [1, nan, 0], [signalling, nan, 0], [-inf, -max, 1], [max, inf, 1], [-least, least, 1]]),
    compare(`${type}.gt`, type, [[1, 2, 0], [2, 1, 1], [1, 1, 0], [0, -0, 0], [nan, 1, 0], [1, nan, 0], [-inf, -max, 0], [inf, max, 1], [least, 0, 1]]),
    compare(`${type}.le`, type, [[1, 2, 1], [2, 1, 0], [1, 1, 1], [0, -0, 1], [nan, 1, 0], [1, nan, 0], [nan, nan, 0], [-inf, -inf, 1], [least, 0, 0]]),
    compare(`${type}.ge`, type, [[1, 2, 0], [2, 1, 1], [1, 1, 1], [-0, 0, 1], [nan, 1, 0], [1, nan, 0], [nan, nan, 0], [inf, inf, 1], [-least, 0, 0]]),
  ];
}

const rowsOf = (limits: Limits): Row[] => [...arithmetic(limits), ...signs(limits), ...comparisons(limits)];

export const f32: Family = { name: 'f32', rows: rowsOf(single) };
export const f64: Family = { name: 'f64', rows: rowsOf(double) };

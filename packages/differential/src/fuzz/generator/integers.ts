import type { NumericOpName } from '@fireball/wasm';
import { apply, i32, node, type Node } from '../tree.js';
import { interestingI32 } from './constants.js';
import { canonicalised } from './canonical-nan.js';
import { pairOf } from './control.js';
import type { Choices, FunctionGenerator, ValueMaker } from './function.js';
import { loadOf } from './memory.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';
import { selection, tee } from './number-values.js';
import { tableValues } from './tables.js';

type Integer = 'i32' | 'i64';

const arithmetic = ['add', 'sub', 'mul', 'and', 'or', 'xor'] as const;
const shifts = ['shl', 'shr_s', 'shr_u', 'rotl', 'rotr'] as const;
const divisions = ['div_s', 'div_u', 'rem_s', 'rem_u'] as const;
const comparisons = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'] as const;
const bitCounts = ['clz', 'ctz', 'popcnt'] as const;
const floatComparisons = ['eq', 'ne', 'lt', 'gt', 'le', 'ge'] as const;

function constantOf(type: Integer, value: number): Node {
  return type === 'i32' ? i32(value) : node('i64.const', [], ['i64'], { wide: BigInt(value) });
}

const binary =
  (type: Integer): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const name = `${type}.${random.pick(arithmetic)}` as const;
    // A producer of two values feeds an operation as well as two producers do.
    const pair = random.chance(4) ? pairOf(generator, type, depth) : undefined;
    if (pair !== undefined) return apply(name, pair);
    if (random.chance(35)) return apply(name, generator.value(type, depth), constantOf(type, interestingI32(random)));
    return apply(name, ...generator.valuesOf([type, type], depth));
  };

const shift =
  (type: Integer): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const amount = random.chance(60)
      ? constantOf(
          type,
          random.weighted([
            [6, random.below(64)],
            [2, 0],
            [2, 32],
            [1, -1],
            [1, 31],
          ]),
        )
      : generator.value(type, depth);
    return apply(`${type}.${random.pick(shifts)}`, generator.value(type, depth), amount);
  };

const division =
  (type: Integer): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const divisor = random.weighted<() => Node>([
      [10, () => constantOf(type, random.pick([1, 2, 3, 4, 5, 7, 8, 10, 16, 100, 255, 1024, 65536, -1, -3, -8, 0x7fffffff, -0x80000000]))],
      // Never zero, and never the -1 that overflows.
      [10, () => apply(`${type}.and`, apply(`${type}.or`, generator.value(type, depth), constantOf(type, 1)), constantOf(type, 0x7fffffff))],
      [generator.isRisky ? 2 : 0.1, () => generator.value(type, depth)],
    ])();
    return apply(`${type}.${random.pick(divisions)}`, generator.value(type, depth), divisor);
  };

/** Shapes of several instructions that selection may fuse into one or two. */
const idiom =
  (type: Integer): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const value = (): Node => generator.value(type, depth);
    const amount = (): Node => constantOf(type, random.below(33));
    const number = (): Node => constantOf(type, interestingI32(random));
    return random.weighted<() => Node>([
      [2, () => apply(`${type}.and`, apply(`${type}.${random.pick(['shr_u', 'shr_s'])}`, value(), amount()), constantOf(type, (1 << random.below(32)) - 1))],
      [2, () => apply(`${type}.${random.pick(['shr_u', 'shr_s'])}`, apply(`${type}.shl`, value(), amount()), amount())],
      [3, () => apply(`${type}.${random.pick(arithmetic)}`, value(), apply(`${type}.${random.pick(shifts)}`, value(), amount()))],
      [1, () => apply(`${type}.${random.pick(arithmetic)}`, apply(`${type}.${random.pick(shifts)}`, value(), amount()), value())],
      [2, () => apply(`${type}.add`, apply(`${type}.mul`, value(), value()), value())],
      [2, () => apply(`${type}.sub`, value(), apply(`${type}.mul`, value(), value()))],
      [2, () => apply(`${type}.${random.pick(['and', 'or'])}`, value(), apply(`${type}.xor`, value(), constantOf(type, -1)))],
      [1, () => apply(`${type}.sub`, constantOf(type, 0), value())],
      [1, () => apply(`${type}.sub`, number(), value())],
      [1, () => apply(`${type}.add`, apply(`${type}.add`, value(), number()), number())],
      [1, () => apply(`${type}.xor`, value(), constantOf(type, -1))],
      [1, () => apply(`${type}.mul`, value(), constantOf(type, random.pick([3, 5, 7, 9, 10, 15, 17, 31, 33, 255, 257, -3, -4])))],
    ])();
  };

const extension =
  (type: Integer): ValueMaker =>
  (generator, depth) =>
    apply(
      type === 'i32'
        ? generator.random.pick(['i32.extend8_s', 'i32.extend16_s'] as const)
        : generator.random.pick(['i64.extend8_s', 'i64.extend16_s', 'i64.extend32_s'] as const),
      generator.value(type, depth),
    );

const bitCount =
  (type: Integer): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(bitCounts)}`, generator.value(type, depth));

const comparison =
  (type: Integer): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const right = random.chance(40) ? constantOf(type, random.chance(40) ? 0 : interestingI32(random)) : generator.value(type, depth);
    return apply(`${type}.${random.pick(comparisons)}`, generator.value(type, depth), right);
  };

const isZero =
  (type: Integer): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.eqz`, generator.value(type, depth));

const floatComparison =
  (type: 'f32' | 'f64'): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(floatComparisons)}`, ...generator.valuesOf([type, type], depth));

/** An operation whose operand is a float's bits or value: what a NaN looks like must not show. */
const fromFloat =
  (name: NumericOpName, type: 'f32' | 'f64'): ValueMaker =>
  (generator, depth) =>
    apply(name, canonicalised(generator, type, generator.value(type, depth)));

/** A trapping conversion, of a number that mostly fits. */
const truncation =
  (type: Integer, from: 'f32' | 'f64'): ValueMaker =>
  (generator, depth) => {
    const { random } = generator;
    const name = `${type}.trunc_${from}_${random.pick(['s', 'u'])}` as const;
    if (random.chance(generator.isRisky ? 20 : 1)) return apply(name, generator.value(from, depth));
    const small = apply('i32.and', generator.value('i32', depth), i32(0x7fffff));
    return apply(name, apply(`${from}.convert_i32_u`, small));
  };

const saturating =
  (type: Integer, from: 'f32' | 'f64'): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.trunc_sat_${from}_${generator.random.pick(['s', 'u'])}`, generator.value(from, depth));

function common(type: Integer, { features, memoryBytes }: ModulePlan, profile: Profile): Choices<ValueMaker> {
  const f32 = features.has('f32') ? profile.floats : 0;
  const f64 = features.has('f64') ? profile.floats : 0;
  const sat = features.has('saturating');
  return [
    [20, binary(type)],
    [8, shift(type)],
    [4, division(type)],
    [10, idiom(type)],
    [3, extension(type)],
    [features.has('bit-count') ? 3 : 0, bitCount(type)],
    [6, tee(type)],
    [5, selection(type)],
    [memoryBytes > 0 ? 6 + profile.memory : 0, (generator) => loadOf(generator, type)],
    [f32 / 2, truncation(type, 'f32')],
    [f64 / 2, truncation(type, 'f64')],
    [sat ? f32 : 0, saturating(type, 'f32')],
    [sat ? f64 : 0, saturating(type, 'f64')],
  ];
}

export function i32Makers(plan: ModulePlan, profile: Profile): Choices<ValueMaker> {
  const { features } = plan;
  const wide = features.has('i64') ? profile.wide : 0;
  const f32 = features.has('f32') ? profile.floats : 0;
  const f64 = features.has('f64') ? profile.floats : 0;
  return [
    ...common('i32', plan, profile),
    [12, comparison('i32')],
    [4, isZero('i32')],
    [wide * 2, comparison('i64')],
    [wide, isZero('i64')],
    [wide * 2, (generator, depth) => apply('i32.wrap_i64', generator.value('i64', depth))],
    [f32 * 2, floatComparison('f32')],
    [f64 * 2, floatComparison('f64')],
    [f32, fromFloat('i32.reinterpret_f32', 'f32')],
    [features.has('memory-size') && plan.memoryBytes > 0 ? 1 : 0, memorySize],
    ...tableValues(plan),
  ];
}

export function i64Makers(plan: ModulePlan, profile: Profile): Choices<ValueMaker> {
  return [
    ...common('i64', plan, profile),
    [6, (generator, depth) => apply(generator.random.pick(['i64.extend_i32_s', 'i64.extend_i32_u']), generator.value('i32', depth))],
    [plan.features.has('f64') ? profile.floats : 0, fromFloat('i64.reinterpret_f64', 'f64')],
  ];
}

/** Growing is rare and small: whether it succeeds is the same everywhere as long as limits are far. */
function memorySize(generator: FunctionGenerator): Node {
  if (generator.random.chance(85)) return node('memory.size', [], ['i32']);
  return node('memory.grow', [i32(generator.random.below(2))], ['i32']);
}

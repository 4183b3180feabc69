import { apply } from '../tree.js';
import { canonicalised } from './canonical-nan.js';
import type { Choices, ValueMaker } from './function.js';
import { loadOf } from './memory.js';
import { selection, tee } from './number-values.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

type Float = 'f32' | 'f64';

const unary = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'] as const;
const binary = ['add', 'sub', 'mul', 'div', 'min', 'max'] as const;

const unaryOf =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(unary)}`, generator.value(type, depth));

const binaryOf =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(binary)}`, ...generator.valuesOf([type, type], depth));

const copySign =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.copysign`, generator.value(type, depth), canonicalised(generator, type, generator.value(type, depth)));

const fromI32 =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(['convert_i32_s', 'convert_i32_u'])}`, generator.value('i32', depth));

const fromI64 =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    apply(`${type}.${generator.random.pick(['convert_i64_s', 'convert_i64_u'])}`, generator.value('i64', depth));

/** Any bits; a NaN among them is made canonical at once. */
const fromBits =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    canonicalised(
      generator,
      type,
      type === 'f32' ? apply('f32.reinterpret_i32', generator.value('i32', depth)) : apply('f64.reinterpret_i64', generator.value('i64', depth)),
    );

const fromOther =
  (type: Float): ValueMaker =>
  (generator, depth) =>
    type === 'f32' ? apply('f32.demote_f64', generator.value('f64', depth)) : apply('f64.promote_f32', generator.value('f32', depth));

export function floatMakers(type: Float, plan: ModulePlan, profile: Profile): Choices<ValueMaker> {
  const { features } = plan;
  const other = type === 'f32' ? 'f64' : 'f32';
  return [
    [16, binaryOf(type)],
    [8, unaryOf(type)],
    [2, copySign(type)],
    [5, fromI32(type)],
    [features.has('i64') ? 3 : 0, fromI64(type)],
    [type === 'f32' || features.has('i64') ? 2 : 0, fromBits(type)],
    [features.has(other) ? 4 : 0, fromOther(type)],
    [5, tee(type)],
    [5, selection(type)],
    [plan.memoryBytes > 0 ? 4 + profile.memory : 0, (generator) => loadOf(generator, type)],
  ];
}

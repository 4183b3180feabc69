import { canonicalNaN32, canonicalNaN64 } from '@fireball/wasm';
import { apply, localGet, localTee, node, type Node } from '../tree.js';
import type { Choices, FunctionGenerator, ValueMaker } from './function.js';
import { selection, tee } from './integers.js';
import { loadOf } from './memory.js';
import type { ModulePlan } from './plan.js';
import type { Profile } from './profile.js';

type Float = 'f32' | 'f64';

const unary = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'] as const;
const binary = ['add', 'sub', 'mul', 'div', 'min', 'max'] as const;

/**
 * The value, or the canonical NaN in place of any other: sign and payload of a NaN may differ between engines, so that
 * they must not reach memory, integers or signs (hazard 10).
 */
export function canonicalised(generator: FunctionGenerator, type: Float, value: Node): Node {
  const local = generator.scratchLocal(type);
  const kept = localTee(local, type, value);
  const nan = node(`${type}.const`, [], [type], { a: canonicalNaN32, wide: canonicalNaN64 });
  return node('select', [kept, nan, apply(`${type}.eq`, localGet(local, type), localGet(local, type))], [type]);
}

const unaryOf = (type: Float): ValueMaker => (generator, depth) =>
  apply(`${type}.${generator.random.pick(unary)}`, generator.value(type, depth));

const binaryOf = (type: Float): ValueMaker => (generator, depth) =>
  apply(`${type}.${generator.random.pick(binary)}`, ...generator.valuesOf([type, type], depth));

const copySign = (type: Float): ValueMaker => (generator, depth) =>
  apply(`${type}.copysign`, generator.value(type, depth), canonicalised(generator, type, generator.value(type, depth)));

const fromI32 = (type: Float): ValueMaker => (generator, depth) =>
  apply(`${type}.${generator.random.pick(['convert_i32_s', 'convert_i32_u'])}`, generator.value('i32', depth));

const fromI64 = (type: Float): ValueMaker => (generator, depth) =>
  apply(`${type}.${generator.random.pick(['convert_i64_s', 'convert_i64_u'])}`, generator.value('i64', depth));

/** Any bits; a NaN among them is made canonical at once. */
const fromBits = (type: Float): ValueMaker => (generator, depth) =>
  canonicalised(
    generator,
    type,
    type === 'f32'
      ? apply('f32.reinterpret_i32', generator.value('i32', depth))
      : apply('f64.reinterpret_i64', generator.value('i64', depth)),
  );

const fromOther = (type: Float): ValueMaker => (generator, depth) =>
  type === 'f32'
    ? apply('f32.demote_f64', generator.value('f64', depth))
    : apply('f64.promote_f32', generator.value('f32', depth));

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

import type { Isa } from '@fireball/contracts';
import type { OpName } from '@fireball/wasm';
import type { Feature, Features } from '../features.js';

export type FloatType = 'f32' | 'f64';
export type FloatBinary = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max';
export type FloatRounding = 'ceil' | 'floor' | 'trunc' | 'nearest';
export type FloatCond = 'eq' | 'lt' | 'le' | 'gt' | 'ge';

/** A float instruction by what the macro assembler calls it. */
export type FloatOperation = { readonly type: FloatType } & (
  | { readonly kind: 'binary'; readonly op: FloatBinary }
  | { readonly kind: 'sqrt' }
  | { readonly kind: 'round'; readonly op: FloatRounding }
  /** `holds`: the condition itself, or that it fails, as it does on NaN. */
  | { readonly kind: 'compare'; readonly cond: FloatCond; readonly holds: boolean }
  /** From a 32-bit integer. */
  | { readonly kind: 'convert'; readonly signed: boolean }
  /** To a 32-bit integer. */
  | { readonly kind: 'truncate'; readonly signed: boolean; readonly saturating: boolean }
  /** From the other float type. */
  | { readonly kind: 'precision' }
);

const families = (['f32', 'f64'] as const).flatMap((type): [OpName, FloatOperation][] => [
  [`${type}.add`, { type, kind: 'binary', op: 'add' }],
  [`${type}.sub`, { type, kind: 'binary', op: 'sub' }],
  [`${type}.mul`, { type, kind: 'binary', op: 'mul' }],
  [`${type}.div`, { type, kind: 'binary', op: 'div' }],
  [`${type}.min`, { type, kind: 'binary', op: 'min' }],
  [`${type}.max`, { type, kind: 'binary', op: 'max' }],
  [`${type}.sqrt`, { type, kind: 'sqrt' }],
  [`${type}.ceil`, { type, kind: 'round', op: 'ceil' }],
  [`${type}.floor`, { type, kind: 'round', op: 'floor' }],
  [`${type}.trunc`, { type, kind: 'round', op: 'trunc' }],
  [`${type}.nearest`, { type, kind: 'round', op: 'nearest' }],
  [`${type}.eq`, { type, kind: 'compare', cond: 'eq', holds: true }],
  [`${type}.ne`, { type, kind: 'compare', cond: 'eq', holds: false }],
  [`${type}.lt`, { type, kind: 'compare', cond: 'lt', holds: true }],
  [`${type}.le`, { type, kind: 'compare', cond: 'le', holds: true }],
  [`${type}.gt`, { type, kind: 'compare', cond: 'gt', holds: true }],
  [`${type}.ge`, { type, kind: 'compare', cond: 'ge', holds: true }],
  [`${type}.convert_i32_s`, { type, kind: 'convert', signed: true }],
  [`${type}.convert_i32_u`, { type, kind: 'convert', signed: false }],
  [`i32.trunc_${type}_s`, { type, kind: 'truncate', signed: true, saturating: false }],
  [`i32.trunc_${type}_u`, { type, kind: 'truncate', signed: false, saturating: false }],
  [`i32.trunc_sat_${type}_s`, { type, kind: 'truncate', signed: true, saturating: true }],
  [`i32.trunc_sat_${type}_u`, { type, kind: 'truncate', signed: false, saturating: true }],
]);

/** One row per wasm instruction that a floating-point unit carries out. */
export const floatOps: ReadonlyMap<OpName, FloatOperation> = new Map([
  ...families,
  ['f32.demote_f64', { type: 'f32', kind: 'precision' }],
  ['f64.promote_f32', { type: 'f64', kind: 'precision' }],
]);

/** The feature that the instruction takes on this target; undefined where no core has it. */
function featureFor(isa: Isa, { type, kind }: FloatOperation): Feature | undefined {
  if (isa === 'rv32') return type === 'f64' || kind === 'precision' ? 'd' : 'f';
  if (type === 'f64' || kind === 'precision') return undefined;
  return kind === 'round' ? 'fpv5' : 'fpv4';
}

/** Does the core's floating-point unit carry out the operation? */
export function hasFloat(operation: FloatOperation, isa: Isa, features: Features): boolean {
  const feature = featureFor(isa, operation);
  return feature !== undefined && features.has(feature);
}

/** Sign of a single, or of a double's upper word. */
export const signBit = -0x8000_0000;

export interface SignOperation {
  readonly type: FloatType;
  readonly op: 'abs' | 'neg' | 'copysign';
}

/** Instructions on sign bits: integer arithmetic on every core. NaNs keep their payload. */
export const signOps: Partial<Record<OpName, SignOperation>> = {
  'f32.abs': { type: 'f32', op: 'abs' },
  'f32.neg': { type: 'f32', op: 'neg' },
  'f32.copysign': { type: 'f32', op: 'copysign' },
  'f64.abs': { type: 'f64', op: 'abs' },
  'f64.neg': { type: 'f64', op: 'neg' },
  'f64.copysign': { type: 'f64', op: 'copysign' },
};

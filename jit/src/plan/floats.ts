import type { Isa } from '@fireball/contracts';
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

/** An instruction on sign bits: integer arithmetic on every core. NaNs keep their payload. */
export interface SignOperation {
  readonly type: FloatType;
  readonly op: 'abs' | 'neg' | 'copysign';
}

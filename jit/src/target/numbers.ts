/** What has names in TypeScript, and numbers in the core, beside the operations of `alu.ts`. */
import * as arithmetic from '../core/layout/arithmetic.js';
import * as machine from '../core/layout/machine.js';
import type { FloatBinary, FloatCond, FloatRounding, FloatType } from '../plan/floats.js';
import type { Cond, DivideOp, LoadOp, StoreOp, UnaryOp } from './operations.js';

/** Conditions of words. */
export const condNumbers: Readonly<Record<Cond, number>> = {
  eq: arithmetic.eq,
  ne: arithmetic.ne,
  lt_s: arithmetic.ltS,
  lt_u: arithmetic.ltU,
  gt_s: arithmetic.gtS,
  gt_u: arithmetic.gtU,
  le_s: arithmetic.leS,
  le_u: arithmetic.leU,
  ge_s: arithmetic.geS,
  ge_u: arithmetic.geU,
};

/** Conditions of floats. */
export const floatCondNumbers: Readonly<Record<FloatCond, number>> = {
  eq: machine.floatEq,
  lt: machine.floatLt,
  le: machine.floatLe,
  gt: machine.floatGt,
  ge: machine.floatGe,
};

/** Types of floats. */
export const typeNumbers: Readonly<Record<FloatType, number>> = { f32: machine.f32Type, f64: machine.f64Type };

/** Operations on two floats. */
export const binaryNumbers: Readonly<Record<FloatBinary, number>> = {
  add: machine.floatAdd,
  sub: machine.floatSub,
  mul: machine.floatMul,
  div: machine.floatDiv,
  min: machine.floatMin,
  max: machine.floatMax,
};

/** Roundings of floats. */
export const roundingNumbers: Readonly<Record<FloatRounding, number>> = {
  nearest: machine.nearest,
  trunc: machine.trunc,
  floor: machine.floor,
  ceil: machine.ceil,
};

/** Accesses to memory. */
export const accessNumbers: Readonly<Record<LoadOp | StoreOp, number>> = {
  load: machine.loadWord,
  load8_u: machine.load8U,
  load8_s: machine.load8S,
  load16_u: machine.load16U,
  load16_s: machine.load16S,
  store: machine.storeWord,
  store8: machine.store8,
  store16: machine.store16,
};

/** Divisions of words. */
export const divideNumbers: Readonly<Record<DivideOp, number>> = { div_s: machine.divS, div_u: machine.divU, rem_s: machine.remS, rem_u: machine.remU };

/** Operations on one word. */
export const unaryNumbers: Readonly<Record<UnaryOp, number>> = {
  clz: machine.clz,
  ctz: machine.ctz,
  extend8_s: machine.extend8S,
  extend16_s: machine.extend16S,
  extend8_u: machine.extend8U,
  extend16_u: machine.extend16U,
};

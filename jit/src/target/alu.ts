import * as arithmetic from '../core/layout/arithmetic.js';
import type { AluOp } from './operations.js';

/** Numbers of operations on words in the core, and of what else takes immediates. */
export const aluNumbers: Readonly<Record<AluOp | 'compare' | 'test', number>> = {
  add: arithmetic.add,
  sub: arithmetic.sub,
  and: arithmetic.and,
  or: arithmetic.or,
  xor: arithmetic.xor,
  shl: arithmetic.shl,
  shr_s: arithmetic.shrS,
  shr_u: arithmetic.shrU,
  rotr: arithmetic.rotr,
  mul: arithmetic.mul,
  compare: arithmetic.compare,
  test: arithmetic.test,
};

/** Lists of what has names in TypeScript, and numbers in the core. */
import type { FloatCond } from '../../plan/floats.js';
import { aluNumbers } from '../../target/alu.js';
import type { AluOp, ConditionalOp, LoadOp, PairShift, Shift, StoreOp } from '../../target/macro-assembler.js';
import type { Cond } from '../../target/conditions.js';
import { accessNumbers, condNumbers, floatCondNumbers } from '../../target/numbers.js';

export const conds = Object.keys(condNumbers) as Cond[];
export const floatConds = Object.keys(floatCondNumbers) as FloatCond[];
export const aluOps = (Object.keys(aluNumbers) as (keyof typeof aluNumbers)[]).filter((op): op is AluOp => op !== 'compare' && op !== 'test');
export const conditionalOps: readonly ConditionalOp[] = ['add', 'sub', 'or', 'xor'];
export const shifts: readonly Shift[] = ['shl', 'shr_s', 'shr_u', 'rotr'];
export const pairShifts: readonly PairShift[] = ['shl', 'shr_s', 'shr_u'];
export const keysOf = <Name extends string>(numbers: Readonly<Record<Name, number>>): readonly Name[] => Object.keys(numbers) as Name[];
export const loadOps = keysOf(accessNumbers).filter((op): op is LoadOp => op.startsWith('load'));
export const storeOps = keysOf(accessNumbers).filter((op): op is StoreOp => op.startsWith('store'));

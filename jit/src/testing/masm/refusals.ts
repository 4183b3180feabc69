/** Calls that have no meaning on a target: InternalErrors of the one macro assembler, refusals of the core's. */
import type { Isa } from '@fireball/contracts';
import * as arithmetic from '../../core/layout/arithmetic.js';
import * as machine from '../../core/layout/machine.js';
import type { Condition } from '../../target/conditions.js';
import { addressOf } from './conditions.js';
import type { MasmRun } from './run.js';

interface Refusal {
  readonly what: string;
  readonly isas: readonly Isa[];
  readonly place: (run: MasmRun) => readonly [old: () => void, now: () => void];
}

const held: Condition = { test: 'held', holds: true };
const both: readonly Isa[] = ['thumb2', 'rv32'];

export const refusals: readonly Refusal[] = [
  {
    what: 'multiplication by a constant',
    isas: both,
    place: ({ masm, core }) => [() => masm.alu('mul', 8, 8, { imm: 3 }), () => core.alu(arithmetic.mul, 8, 8, machine.immediate, 3, false)],
  },
  {
    what: 'a condition that nobody holds',
    isas: both,
    place: (run) => [() => run.masm.setIf(8, held), () => run.core.setIf(8, addressOf(run, held))],
  },
  {
    what: 'a branch on a condition that nobody holds',
    isas: both,
    place: (run) => [() => run.masm.branchIf(held, 0), () => run.core.branchIf(addressOf(run, held), 0)],
  },
  {
    what: 'a comparison while flags are held',
    isas: ['thumb2'],
    place: (run) => {
      const condition = { test: 'compare', cond: 'lt_u', a: 1, b: { reg: 2 } } as const;
      run.masm.holdCondition!(condition);
      run.core.holdCondition(addressOf(run, condition));
      return [() => run.masm.branchIf(condition, 0), () => run.core.branchIf(addressOf(run, condition), 0)];
    },
  },
  {
    what: 'a comparison of pairs while flags are held',
    isas: ['thumb2'],
    place: (run) => {
      const words = { test: 'compare', cond: 'lt_u', a: 1, b: { reg: 2 } } as const;
      const pairs = { test: 'pair', cond: 'lt_u', a: { low: 1, high: 2 }, b: { low: 3, high: 4 } } as const;
      run.masm.holdCondition!(words);
      run.core.holdCondition(addressOf(run, words));
      return [() => run.masm.branchIf(pairs, 0), () => run.core.branchIf(addressOf(run, pairs), 0)];
    },
  },
  {
    what: 'a joint check of no register',
    isas: ['thumb2'],
    place: (run) => [() => run.masm.jointChecks!.compare([], 16), () => run.core.compareJointly(run.list([]), 0, 16)],
  },
  {
    what: 'a shifted operand of a multiplication',
    isas: ['thumb2'],
    place: ({ masm, core }) => [() => masm.aluShifted('mul', 1, 2, 3, 'shl', 1), () => core.aluShifted(arithmetic.mul, 1, 2, 3, arithmetic.shl, 1)],
  },
  {
    what: 'double precision',
    isas: ['thumb2'],
    place: ({ masm, core }) => [() => masm.floatPrecision('f64', 1, 2), () => core.floatPrecision(machine.f64Type, 1, 2)],
  },
  {
    what: 'indexed addressing',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.load('load', 8, { base: 9, index: 10, shift: 0 }), () => core.accessIndexed(machine.loadWord, 8, 9, 10, 0)],
  },
  {
    what: 'a constant less a register',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.reverseSubtract(8, 9, 4), () => core.reverseSubtract(8, 9, 4)],
  },
  {
    what: 'shifted operands',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.aluShifted('add', 8, 9, 10, 'shl', 1), () => core.aluShifted(arithmetic.add, 8, 9, 10, arithmetic.shl, 1)],
  },
  {
    what: 'multiplication with addition',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.multiplyAccumulate('add', 8, 9, 10, 11), () => core.multiplyAccumulate(arithmetic.add, 8, 9, 10, 11)],
  },
  {
    what: 'long multiplication with addition',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.multiplyAddWords(false, { low: 8, high: 9 }, 10, 11), () => core.multiplyAddWords(false, 8, 9, 10, 11)],
  },
  {
    what: 'a bit field',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.extractField(8, 9, 3, 4), () => core.extractField(8, 9, 3, 4)],
  },
  {
    what: 'leading zeros',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.unary('clz', 8, 9), () => core.unary(machine.clz, 8, 9)],
  },
  {
    what: 'trailing zeros',
    isas: ['rv32'],
    place: ({ masm, core }) => [() => masm.unary('ctz', 8, 9), () => core.unary(machine.ctz, 8, 9)],
  },
  {
    what: 'a branch on a pair and a constant',
    isas: ['rv32'],
    place: (run) => {
      const condition = { test: 'pair', cond: 'lt_u', a: { low: 8, high: 9 }, b: { lowImm: 1, highImm: 0 } } as const;
      return [() => run.masm.branchIf(condition, 0), () => run.core.branchIf(addressOf(run, condition), 0)];
    },
  },
];

/** Faults of the kinds that code generators make, with what the divergence finder has to say of each. */
import type { Isa } from '@fireball/contracts';
import type { ValueDifference } from '@fireball/debugger';
import type { Template } from '@fireball/jit';
import type { Fault, Holes } from './planted.js';

export const text = `(module
  (memory 1 1) (global $g (mut i32) (i32.const 0)) (table 2 funcref) (elem (i32.const 0) $leaf $wide)
  (type $unary (func (param i32) (result i32)))
  (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func $wide (param i64) (result i64) (local.get 0))
  (func $busy (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (call $leaf (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "immediate") (param i32) (result i32) (i32.mul (i32.xor (local.get 0) (i32.const 77)) (i32.const 3)))
  (func (export "subtract") (param i32 i32) (result i32) (i32.mul (i32.sub (local.get 0) (local.get 1)) (i32.const 5)))
  (func (export "divide") (param i32 i32) (result i32) (i32.add (i32.div_u (local.get 0) (local.get 1)) (i32.const 1)))
  (func (export "load") (param i32) (result i32)
    (i32.store8 (local.get 0) (i32.const 200))
    (i32.shr_u (i32.load8_s (local.get 0)) (i32.const 1)))
  (func (export "within") (param i32) (result i32) (i32.add (i32.load offset=65000 (local.get 0)) (i32.const 1)))
  (func (export "branch") (param i32 i32) (result i32)
    (block (br_if 0 (i32.lt_s (local.get 0) (local.get 1))) (return (i32.const 1)))
    (i32.const 2))
  (func (export "store") (param i32 i32) (result i32)
    (i32.store offset=16 (local.get 0) (local.get 1))
    (i32.store offset=64 (local.get 0) (local.get 1))
    (i32.load offset=16 (local.get 0)))
  (func (export "global") (param i32) (result i32) (global.set $g (i32.shl (local.get 0) (i32.const 1))) (i32.const 4))
  (func (export "double") (param f64 f64) (result f64) (f64.mul (f64.add (local.get 0) (local.get 1)) (local.get 0)))
  (func (export "spill") (param i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.rotl (local.get 0) (local.get 0))) (call $leaf (local.get 0))))
  (func (export "keep") (param i32) (result i32) (local i32)
    (local.set 1 (i32.const 1))
    (loop (local.set 1 (i32.add (local.get 1) (call $busy (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $unary) (i32.const 7) (local.get 0)))
  (func $handOn (param i32) (result i32) (return_call $leaf (i32.const 1000)))
  (func (export "tail") (param i32) (result i32) (i32.add (call $handOn (local.get 0)) (i32.const 1)))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.xor (i32.mul (local.get 1) (i32.const 31)) (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

export interface Row {
  readonly fault: string;
  readonly function: string;
  /** The function in which it lies, where it is another one. */
  readonly inside?: number;
  readonly args: readonly number[];
  readonly type?: 'f64';
  /** The instruction that must be named. */
  readonly instruction: string;
  readonly kind: ValueDifference['kind'];
  /** Substring of the first difference's `what`. */
  readonly what?: string;
  readonly inPrologue?: boolean;
  readonly plant: Readonly<Record<Isa, Fault>>;
}

const set =
  (name: string, change: (value: number) => number) =>
  (holes: Holes): Holes => ({ ...holes, [name]: change(holes[name] ?? 0) });
const word =
  (name: string, value: string) =>
  (holes: Holes, template: Template): Holes => ({ ...holes, [name]: template.enumValue(name, value) });
const swap =
  (a: string, b: string) =>
  (holes: Holes): Holes => ({ ...holes, [a]: holes[b] ?? 0, [b]: holes[a] ?? 0 });
/** A branch to what follows it decides nothing. */
const dropped = (holes: Holes, template: Template): Holes => {
  const operand = template.operands.findIndex(({ name }) => name === 'target');
  return { ...holes, target: template.size - template.relativeOrigin(operand) };
};
const both = (fault: Fault): Record<Isa, Fault> => ({ thumb2: fault, rv32: fault });
const r4 = 1 << 4;
const r7 = 1 << 7;

export const rows: readonly Row[] = [
  {
    fault: 'wrong immediate',
    function: 'immediate',
    args: [1234],
    instruction: 'i32.xor',
    kind: 'operand',
    plant: both({ template: /^alu_rri$/, where: ({ imm }) => imm === 77, change: set('imm', (value) => value + 1) }),
  },
  {
    fault: 'wrong register',
    function: 'subtract',
    args: [1234, 99],
    instruction: 'i32.sub',
    kind: 'operand',
    plant: {
      thumb2: { template: /^addsub_rrr_n$/, change: set('rm', () => 0) },
      rv32: { template: /^alu_rrr$/, change: set('rs2', () => 10) },
    },
  },
  {
    fault: 'swapped operands',
    function: 'subtract',
    args: [1234, 99],
    instruction: 'i32.sub',
    kind: 'operand',
    plant: {
      thumb2: { template: /^addsub_rrr_n$/, change: swap('rn', 'rm') },
      rv32: { template: /^alu_rrr$/, change: swap('rs1', 'rs2') },
    },
  },
  {
    fault: 'inverted check for zero',
    function: 'divide',
    args: [1234, 0],
    instruction: 'i32.div_u',
    kind: 'trap',
    plant: { thumb2: { template: /^cbz$/, change: word('op', 'cbnz') }, rv32: { template: /^c_bz$/, change: word('op', 'c.bnez') } },
  },
  {
    fault: 'dropped bounds check',
    function: 'within',
    args: [65000],
    instruction: 'i32.load offset=65000',
    kind: 'crash',
    plant: { thumb2: { template: /^bcond_n$/, change: dropped }, rv32: { template: /^b_rr$/, change: dropped } },
  },
  {
    fault: 'missing extension',
    function: 'load',
    args: [40],
    instruction: 'i32.load8_s',
    kind: 'operand',
    plant: {
      thumb2: { template: /^ldst_r/, where: ({ op }) => op !== undefined, nth: -1, change: word('op', 'ldrb') },
      rv32: { template: /^load$/, change: word('op', 'lbu') },
    },
  },
  {
    fault: 'wrong branch condition',
    function: 'branch',
    args: [3, 4],
    instruction: 'i32.lt_s',
    kind: 'branch',
    plant: { thumb2: { template: /^bcond_n$/, change: word('cond', 'ge') }, rv32: { template: /^b_rr$/, change: word('op', 'bge') } },
  },
  {
    fault: 'wrong slot offset',
    function: 'spill',
    args: [5],
    instruction: 'call 0',
    kind: 'operand',
    plant: {
      thumb2: { template: /^ldst_sp_n$/, change: set('offset', (value) => value - 4) },
      rv32: { template: /^c_swsp$/, nth: 1, change: set('offset', (value) => value - 4) },
    },
  },
  {
    fault: 'wrong offset of a store',
    function: 'store',
    args: [32, 77],
    instruction: 'i32.store offset=16',
    kind: 'memory',
    what: 'memory 0 at 0x30',
    plant: {
      thumb2: { template: /^ldst_word_n$/, where: ({ offset }) => offset === 16, change: set('offset', (value) => value + 4) },
      rv32: { template: /^c_ldst$/, where: ({ offset }) => offset === 16, change: set('offset', (value) => value + 4) },
    },
  },
  {
    fault: 'wrong offset of a global',
    function: 'global',
    args: [9],
    instruction: 'global.set 0',
    kind: 'global',
    what: 'global 0',
    plant: {
      thumb2: { template: /^ldst_ri12$/, change: set('offset', (value) => value + 4) },
      rv32: { template: /^store$/, change: set('offset', (value) => value + 4) },
    },
  },
  {
    fault: 'clobbered callee-saved register',
    function: 'keep',
    inside: 2,
    args: [3],
    instruction: 'end',
    kind: 'convention',
    what: 'callee-saved',
    plant: {
      thumb2: { template: /^pop_[nw]$/, change: set('registers', (mask) => (mask & ~r4) | r7) },
      rv32: { template: /^c_lwsp$/, where: ({ rt }) => rt === 8, nth: -1, change: set('rt', () => 15) },
    },
  },
  {
    fault: 'wrong register saved',
    function: 'keep',
    inside: 2,
    args: [3],
    instruction: 'local.get 1',
    kind: 'convention',
    what: 'saved',
    inPrologue: true,
    plant: {
      thumb2: { template: /^push_[nw]$/, change: set('registers', (mask) => (mask & ~r4) | r7) },
      rv32: { template: /^c_swsp$/, where: ({ rt }) => rt === 8, change: set('rt', () => 15) },
    },
  },
  {
    fault: 'dropped check of a call',
    function: 'indirect',
    args: [1],
    instruction: 'call_indirect (type 0)',
    kind: 'trap',
    plant: { thumb2: { template: /^bcond_[nw]$/, nth: -1, change: dropped }, rv32: { template: /^b_rr$/, nth: -1, change: dropped } },
  },
  {
    fault: 'wrong argument of a tail call',
    function: 'tail',
    inside: 15,
    args: [7],
    instruction: 'return_call 0',
    kind: 'argument',
    plant: {
      thumb2: { template: /^mov_rimm$/, where: ({ imm }) => imm === 1000, change: set('imm', (value) => value + 8) },
      rv32: { template: /^alu_rri$/, where: ({ imm }) => imm === 1000, change: set('imm', (value) => value + 8) },
    },
  },
  {
    fault: 'wrong constant for a loop',
    function: 'loop',
    args: [3000],
    instruction: 'local.get 1',
    inPrologue: true,
    kind: 'constant',
    plant: both({ template: /^(mov_ri8_n|c_li)$/, where: ({ imm }) => imm === 31, change: set('imm', () => 30) }),
  },
];

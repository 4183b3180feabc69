/** jit/templates/rv32/alu.S */
import { operationOf } from '@fireball/wasm';
import type { Execution, ModelTable } from '../model.js';
import { i32, type Binary } from './arm-flags.js';

const add = i32('i32.add');
const and = i32('i32.and');
const or = i32('i32.or');
const xor = i32('i32.xor');
/** The hardware takes shift amounts modulo 32, as wasm does. */
const shl = i32('i32.shl');
const shrU = i32('i32.shr_u');
const shrS = i32('i32.shr_s');
const ltS = i32('i32.lt_s');
const ltU = i32('i32.lt_u');
const wideMul = operationOf('i64.mul');
const wideShift = operationOf('i64.shr_u');
const wrap = operationOf('i32.wrap_i64');

type Extension = 'i64.extend_i32_s' | 'i64.extend_i32_u';

/** Upper word of the 64-bit product. */
const mulh = (left: Extension, right: Extension): Binary => {
  const extendLeft = operationOf(left);
  const extendRight = operationOf(right);
  return (a, b) => Number(wrap(wideShift(wideMul(extendLeft(a), extendRight(b)), 32n)));
};

/**
 * RISC-V M: dividing by zero gives all ones and the dividend as remainder, INT_MIN / -1 gives
 * INT_MIN and remainder 0. Everything else is wasm's.
 */
const division =
  (name: 'i32.div_s' | 'i32.div_u' | 'i32.rem_s' | 'i32.rem_u', byZero: (a: number) => number): Binary =>
  (a, b) => {
    if (b === 0) return byZero(a);
    if (name === 'i32.div_s' && b === -1) return i32('i32.sub')(0, a);
    return i32(name)(a, b);
  };

const operations: Readonly<Record<string, Binary>> = {
  add,
  sub: i32('i32.sub'),
  sll: shl,
  slt: ltS,
  sltu: ltU,
  xor,
  srl: shrU,
  sra: shrS,
  or,
  and,
  mul: i32('i32.mul'),
  mulh: mulh('i64.extend_i32_s', 'i64.extend_i32_s'),
  mulhsu: mulh('i64.extend_i32_s', 'i64.extend_i32_u'),
  mulhu: mulh('i64.extend_i32_u', 'i64.extend_i32_u'),
  div: division('i32.div_s', () => -1),
  divu: division('i32.div_u', () => -1),
  rem: division('i32.rem_s', (a) => a),
  remu: division('i32.rem_u', (a) => a),
};

/** The register operation behind an immediate or compressed mnemonic: `c.srai`, `srai`, `sra`. */
function operation(mnemonic: string): Binary {
  const name = mnemonic.replace(/^c\./, '');
  const found = operations[name] ?? operations[name.replace(/i(u?)$/, '$1')];
  if (found === undefined) throw new RangeError(`no model of ${mnemonic}`);
  return found;
}

const apply = (x: Execution, a: string, b: number): void => x.write('rd', operation(x.choice('op'))(x.read(a), b));

export const rv32Alu = {
  alu_rrr: { run: (x) => apply(x, 'rs1', x.read('rs2')) },
  alu_rri: { run: (x) => apply(x, 'rs1', x.operand('imm')) },
  shift_rri: { run: (x) => apply(x, 'rs1', x.operand('amount')) },
  lui: { run: (x) => x.write('rd', shl(x.operand('imm'), 12)) },
  li_imm32: { run: (x) => x.write('rd', x.operand('value') | 0) },
  c_mv: { run: (x) => x.write('rd', x.read('rs2')) },
  c_add: { run: (x) => x.write('rd', add(x.read('rd'), x.read('rs2'))) },
  c_li: { run: (x) => x.write('rd', x.operand('imm')) },
  c_lui: { run: (x) => x.write('rd', shl(x.operand('imm'), 12)) },
  c_addi: { run: (x) => x.write('rd', add(x.read('rd'), x.operand('imm'))) },
  c_slli: { run: (x) => x.write('rd', shl(x.read('rd'), x.operand('amount'))) },
  c_shr: { run: (x) => apply(x, 'rd', x.operand('amount')) },
  c_andi: { run: (x) => x.write('rd', and(x.read('rd'), x.operand('imm'))) },
  c_alu: { run: (x) => apply(x, 'rd', x.read('rs2')) },
} as const satisfies ModelTable;

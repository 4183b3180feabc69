/** jit/templates/thumb2/alu.S */
import { operationOf } from '@fireball/wasm';
import type { Execution, ModelTable } from '../model.js';
import { add, i32, immediateCarry, process, shift, sub, subtracting } from './arm-flags.js';

const mul = i32('i32.mul');
const divS = i32('i32.div_s');
const divU = i32('i32.div_u');
const clz = operationOf('i32.clz');
const extend8 = operationOf('i32.extend8_s');
const extend16 = operationOf('i32.extend16_s');
const ctz = operationOf('i32.ctz');

const setsFlags = (x: Execution): boolean => x.choice('s') === 's';

/** rd = rn OP (rm shifted); a logical operation's carry is the shifter's. */
function shiftedOperand(x: Execution): void {
  const operand = shift(x.choice('sh'), x.read('rm'), x.operand('amount'), x.flags.c);
  process(x, 'rd', x.choice('op'), x.read('rn'), operand.value, operand.carry, setsFlags(x));
}

/** rd = value shifted; flags by the result. */
function shifted(x: Execution, kind: string, value: number, amount: number, setFlags: boolean): void {
  const result = shift(kind, value, amount, x.flags.c);
  process(x, 'rd', 'orr', result.value, 0, result.carry, setFlags);
}

function smallAlu(x: Execution): void {
  const op = x.choice('op');
  if (['lsl', 'lsr', 'asr', 'ror'].includes(op)) shifted(x, op, x.read('rd'), x.read('rm') & 0xff, true);
  else process(x, 'rd', op, x.read('rd'), x.read('rm'), x.flags.c, true);
}

const extensions: Readonly<Record<string, (value: number) => number>> = {
  sxtb: (value) => Number(extend8(value)),
  sxth: (value) => Number(extend16(value)),
  uxtb: (value) => value & 0xff,
  uxth: (value) => value & 0xffff,
};

function extended(x: Execution): void {
  const extend = extensions[x.choice('op')];
  if (extend === undefined) throw new RangeError(`no model of ${x.choice('op')}`);
  x.write('rd', extend(x.read('rm')));
}

function reversed(value: number): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) if ((value >>> bit) & 1) result |= 1 << (31 - bit);
  return result;
}

/** Armv7-M gives 0 for a division by zero and INT_MIN for INT_MIN / -1, where wasm traps. */
function divided(x: Execution): void {
  const a = x.read('rn');
  const b = x.read('rm');
  const signed = x.choice('op') === 'sdiv';
  if (b === 0) x.write('rd', 0);
  else if (signed && b === -1) x.write('rd', sub(0, a));
  else x.write('rd', signed ? divS(a, b) : divU(a, b));
}

export const thumb2Alu = {
  alu_rrr: { run: (x) => process(x, 'rd', x.choice('op'), x.read('rn'), x.read('rm'), x.flags.c, setsFlags(x)) },
  alu_rrsh: { run: shiftedOperand },
  alu_rri: {
    run: (x) => {
      const imm = x.operand('imm') | 0;
      process(x, 'rd', x.choice('op'), x.read('rn'), imm, immediateCarry(imm, x.flags.c), setsFlags(x));
    },
  },
  addsub_rri12: { run: (x) => process(x, 'rd', x.choice('op'), x.read('rn'), x.operand('imm'), 0, false) },
  alu_rr_n: { run: smallAlu },
  neg_rr_n: {
    run: (x) => {
      const { value, flags } = subtracting(0, x.read('rm'));
      x.flags = flags;
      x.write('rd', value);
    },
  },
  addsub_rrr_n: { run: (x) => process(x, 'rd', x.choice('op'), x.read('rn'), x.read('rm'), 0, true) },
  addsub_rri3_n: { run: (x) => process(x, 'rd', x.choice('op'), x.read('rn'), x.operand('imm'), 0, true) },
  addsub_ri8_n: { run: (x) => process(x, 'rd', x.choice('op'), x.read('rd'), x.operand('imm'), 0, true) },
  add_rr_n: { run: (x) => x.write('rd', add(x.read('rd'), x.read('rm'))) },
  shift_rri: { run: (x) => shifted(x, x.choice('sh'), x.read('rm'), x.operand('amount'), setsFlags(x)) },
  shift_rri_n: { run: (x) => shifted(x, x.choice('sh'), x.read('rm'), x.operand('amount'), true) },
  shift_rrr: { run: (x) => shifted(x, x.choice('sh'), x.read('rn'), x.read('rm') & 0xff, setsFlags(x)) },
  bits_rr: { run: extended },
  bits_rr_n: { run: extended },
  ubfx_rr: {
    run: (x) => x.write('rd', (x.read('rn') >>> x.operand('lsb')) & (2 ** x.operand('width') - 1)),
    // No field may reach beyond the word.
    samples: { lsb: [0, 1, 7, 16], width: [1, 8, 13, 16] },
  },
  clz_rr: { run: (x) => x.write('rd', Number(clz(x.read('rm')))) },
  rbit_rr: {
    run: (x) => {
      const value = reversed(x.read('rm'));
      // What it is for: clz of the reversed word is wasm's ctz.
      if (clz(value) !== ctz(x.read('rm'))) throw new RangeError('rbit is modelled wrongly');
      x.write('rd', value);
    },
  },
  mul_n: { run: (x) => process(x, 'rd', 'orr', mul(x.read('rn'), x.read('rd')), 0, x.flags.c, true) },
  mul_rrr: { run: (x) => x.write('rd', mul(x.read('rn'), x.read('rm'))) },
  mla_rrrr: {
    run: (x) => x.write('rd', (x.choice('op') === 'mla' ? add : sub)(x.read('ra'), mul(x.read('rn'), x.read('rm')))),
  },
  div_rrr: { run: divided },
} as const satisfies ModelTable;

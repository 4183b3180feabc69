/** jit/templates/thumb2/{compare,move}.S */
import type { Execution, ModelTable } from '../model.js';
import { sp } from '../state.js';
import { dataProcessing, holds, i32, immediateCarry, process } from './arm-flags.js';

const xor = i32('i32.xor');

/** Flags of a OP b, no result. */
function compare(x: Execution, op: string, a: number, b: number, carry: number): void {
  x.flags = dataProcessing(op, a, b, carry, x.flags).flags;
}

/** rd = rd OP operand under the condition. */
function conditionalAlu(x: Execution, op: string, operand: number): void {
  conditionally(x, () => x.write('rd', dataProcessing(op, x.read('rd'), operand, x.flags.c, x.flags).value));
}

/** Inside an IT block: nothing happens where the condition fails, and no flag changes where it holds. */
function conditionally(x: Execution, effect: () => void): void {
  if (holds(x.choice('cond'), x.flags)) effect();
}

export const thumb2Compare = {
  cmp_rr_n: { run: (x) => compare(x, 'cmp', x.read('rn'), x.read('rm'), 0) },
  cmp_hi_n: { run: (x) => compare(x, 'cmp', x.read('rn'), x.read('rm'), 0) },
  cmp_hi_low_n: { run: (x) => compare(x, 'cmp', x.read('rn'), x.read('rm'), 0) },
  cmp_rr: { run: (x) => compare(x, x.choice('op'), x.read('rn'), x.read('rm'), x.flags.c) },
  cmp_ri8_n: { run: (x) => compare(x, 'cmp', x.read('rn'), x.operand('imm'), 0) },
  cmp_ri: {
    run: (x) => {
      const imm = x.operand('imm') | 0;
      compare(x, x.choice('op'), x.read('rn'), imm, immediateCarry(imm, x.flags.c));
    },
  },
  tst_rr_n: { run: (x) => compare(x, 'tst', x.read('rn'), x.read('rm'), x.flags.c) },
  it_cmp_i: {
    run: (x) => {
      if (holds('lo', x.flags)) compare(x, 'cmp', x.read('rn'), x.operand('imm') | 0, 0);
    },
  },
  cmp_sp_i: { run: (x) => compare(x, 'cmp', x.state.register(sp), x.operand('imm') | 0, 0) },
} as const satisfies ModelTable;

export const thumb2Move = {
  mov_rr: { run: (x) => x.write('rd', x.read('rm')) },
  mov_ri8_n: { run: (x) => process(x, 'rd', 'orr', x.operand('imm'), 0, x.flags.c, true) },
  mov_rimm: { run: (x) => x.write('rd', x.choice('op') === 'mvn' ? xor(x.operand('imm') | 0, -1) : x.operand('imm') | 0) },
  movw: { run: (x) => x.write('rd', x.operand('imm')) },
  mov_imm32: { run: (x) => x.write('rd', x.operand('value') | 0) },
  mvn_rr: { run: (x) => x.write('rd', xor(x.read('rm'), -1)) },
  it_mov: { run: (x) => conditionally(x, () => x.write('rd', x.read('rm'))) },
  it_mov_i: { run: (x) => conditionally(x, () => x.write('rd', x.operand('imm') | 0)) },
  it_mov_i_n: { run: (x) => conditionally(x, () => x.write('rd', x.operand('imm'))) },
  it_alu: { run: (x) => conditionalAlu(x, x.choice('op'), x.read('rm')) },
  it_alu_i: { run: (x) => conditionalAlu(x, x.choice('op'), x.operand('imm') | 0) },
  it_add_n: { run: (x) => conditionalAlu(x, 'add', x.read('rm')) },
  it_add_i_n: { run: (x) => conditionalAlu(x, 'add', x.operand('imm')) },
} as const satisfies ModelTable;

/** jit/templates/thumb2/pairs.S */
import { operationOf } from '@fireball/wasm';
import type { ModelTable } from '../model.js';
import { i32, shift, subtracting } from './arm-flags.js';

const or = i32('i32.or');
const wideMul = operationOf('i64.mul');
const wideShift = operationOf('i64.shr_u');
const extend = operationOf('i64.extend_i32_u');
const extendSigned = operationOf('i64.extend_i32_s');
const wideAdd = operationOf('i64.add');
const wideOr = operationOf('i64.or');
const wideShiftLeft = operationOf('i64.shl');
const wrap = operationOf('i32.wrap_i64');
const r12 = 12;

export const thumb2Pairs = {
  umull: {
    run: (x) => {
      const product = wideMul(extend(x.read('rn')), extend(x.read('rm')));
      x.write('lo', Number(wrap(product)));
      x.write('hi', Number(wrap(wideShift(product, 32n))));
    },
  },
  long_multiply: {
    run: (x) => {
      const isSigned = x.choice('op') !== 'umlal';
      const factor = isSigned ? extendSigned : extend;
      const product = wideMul(factor(x.read('rn')), factor(x.read('rm')));
      const before = wideOr(wideShiftLeft(extend(x.read('hi')), 32n), extend(x.read('lo')));
      const result = x.choice('op') === 'smull' ? product : wideAdd(before, product);
      x.write('lo', Number(wrap(result)));
      x.write('hi', Number(wrap(wideShift(result, 32n))));
    },
  },
  // Operands are read before r12 is written, whatever registers they are in.
  pair_shr_s_tail: {
    run: (x) => {
      const [lo, n, high] = [x.read('lo'), x.read('n'), x.read('high')];
      const { value: beyond, flags } = subtracting(n, 32);
      x.flags = flags;
      x.state.setRegister(r12, beyond);
      if (flags.n === 1) return;
      const shifted = shift('asr', high, beyond & 0xff, 0).value;
      x.state.setRegister(r12, shifted);
      x.write('lo', or(lo, shifted));
    },
  },
} as const satisfies ModelTable;

/** jit/templates/thumb2/floats*.S: what wasm's operations say, with FPSCR.DN = 1. */
import { operationOf } from '@fireball/wasm';
import { initialSp, type Flags } from '../state.js';
import type { Execution, ModelTable } from '../model.js';
import { flagsOf } from '../state.js';
import { adding, subtracting } from './arm-flags.js';

type Binary = (a: number, b: number) => number;
type Unary = (a: number) => number;
type Name = Parameters<typeof operationOf>[0];

/** A wasm operation on one-word values. */
const one = (name: Name): Unary => {
  const operation = operationOf(name);
  return (a) => Number(operation(a));
};
const two = (name: Name): Binary => {
  const operation = operationOf(name);
  return (a, b) => Number(operation(a, b));
};

const r12 = 12;
const lt = two('f32.lt');
const eq = two('f32.eq');
const min = two('f32.min');
const max = two('f32.max');

const binary: Readonly<Record<string, Binary>> = {
  vmul: two('f32.mul'),
  vadd: two('f32.add'),
  vsub: two('f32.sub'),
  vdiv: two('f32.div'),
  vminnm: min,
  vmaxnm: max,
};
const unary: Readonly<Record<string, Unary>> = {
  vmov: (bits) => bits,
  vabs: one('f32.abs'),
  vneg: one('f32.neg'),
  vsqrt: one('f32.sqrt'),
  vrintn: one('f32.nearest'),
  vrintp: one('f32.ceil'),
  vrintm: one('f32.floor'),
  vrintz: one('f32.trunc'),
};
const fromInteger: Readonly<Record<string, Unary>> = { s32: one('f32.convert_i32_s'), u32: one('f32.convert_i32_u') };
const toInteger: Readonly<Record<string, Unary>> = { s32: one('i32.trunc_sat_f32_s'), u32: one('i32.trunc_sat_f32_u') };

function named<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new RangeError(`no model of ${name}`);
  return found;
}

/** NZCV of a comparison (Armv7-M ARM, table A2-10): equal, less, greater, unordered. */
function compared(a: number, b: number): Flags {
  if (eq(a, b) === 1) return flagsOf(0b0110);
  if (lt(a, b) === 1) return flagsOf(0b1000);
  return flagsOf(lt(b, a) === 1 ? 0b0010 : 0b0011);
}

const combine = (x: Execution, operation: Binary): void => x.setSingle('sd', operation(x.single('sn'), x.single('sm')));

/** Equal operands are told apart by the first one's sign, in r12. */
function lesserOrGreater(x: Execution, operation: Binary, ofSign: (bits: number) => Flags): void {
  const [a, b] = [x.single('sn'), x.single('sm')];
  x.flags = compared(a, b);
  if (eq(a, b) === 1) {
    x.state.setRegister(r12, a | 0);
    x.flags = ofSign(a | 0);
  }
  combine(x, operation);
}

export const thumb2Floats = {
  vfp_rrr: { run: (x) => combine(x, named(binary, x.choice('op'))) },
  vfp_rr: { run: (x) => x.setSingle('sd', named(unary, x.choice('op'))(x.single('sm'))) },
  vfp_min: { run: (x) => lesserOrGreater(x, min, (bits) => subtracting(bits, 0).flags) },
  vfp_max: { run: (x) => lesserOrGreater(x, max, (bits) => adding(bits, 1).flags) },
  vfp_minmax: {
    run: (x) => {
      x.flags = compared(x.single('sn'), x.single('sm'));
      combine(x, named(binary, x.choice('op')));
    },
  },
  vfp_round: { run: (x) => x.setSingle('sd', named(unary, x.choice('op'))(x.single('sm'))) },
  vfp_cmp: { run: (x) => (x.flags = compared(x.single('sn'), x.single('sm'))) },
  vmov_to: { run: (x) => x.setSingle('sd', x.read('rt')) },
  vmov_from: { run: (x) => x.write('rt', x.single('sn') | 0) },
  vmov_imm: { run: (x) => x.setSingle('sd', x.operand('bits')), samples: { bits: shortConstants() } },
  // An integer is bits like any other.
  vcvt_from_int: { run: (x) => x.setSingle('sd', named(fromInteger, x.choice('type'))(x.single('sm') | 0)) },
  vcvt_to_int: { run: (x) => x.setSingle('sd', named(toInteger, x.choice('type'))(x.single('sm'))) },
  vldst_sp: {
    run: (x) => {
      const address = initialSp + x.operand('offset');
      if (x.choice('op') === 'vldr') x.setSingle('sd', x.state.load(address, 4));
      else x.state.store(address, 4, x.single('sd'));
    },
  },
  fpu_start: { run: (x) => x.state.setRegister(0, 0x0200_0000), modes: 0x00c0_0000 },
} as const satisfies ModelTable;

/** All that VMOV can encode: 16 mantissas, 8 exponents, both signs. */
function shortConstants(): number[] {
  const bits = new DataView(new ArrayBuffer(4));
  return Array.from({ length: 256 }, (_, code) => {
    const value = ((16 + (code & 15)) / 16) * 2 ** (((code >> 4) & 7) - 3);
    bits.setFloat32(0, code >> 7 ? -value : value);
    return bits.getUint32(0);
  });
}

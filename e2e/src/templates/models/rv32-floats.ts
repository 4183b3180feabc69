/** jit/templates/rv32/{floats,doubles}.S: what wasm's operations say. Each model is written once for both widths. */
import { operationOf } from '@fireball/wasm';
import type { Execution, ModelTable, TemplateModel } from '../model.js';
import { dataAddress } from './access.js';

type Bits = number | bigint;
type Binary = (a: Bits, b: Bits) => Bits;
type Unary = (a: Bits) => Bits;
type Name = Parameters<typeof operationOf>[0];

const t1 = 6;
const t2 = 7;
const f31 = 31;

const binary = (name: Name): Binary => operationOf(name);
const unary = (name: Name): Unary => operationOf(name);

/** One width: how its registers are read, and what its names mean. */
interface Width {
  readonly type: 'f32' | 'f64';
  readonly prefix: 'f' | 'd';
  readonly read: (x: Execution, name: string) => Bits;
  readonly write: (x: Execution, name: string, bits: Bits) => void;
  readonly writeScratch: (x: Execution, bits: Bits) => void;
  /** 2^23 or 2^52: numbers from there on are whole. */
  readonly whole: Bits;
}

const singles: Width = {
  type: 'f32',
  prefix: 'f',
  read: (x, name) => x.single(name),
  write: (x, name, bits) => x.setSingle(name, Number(bits)),
  writeScratch: (x, bits) => x.state.setSingle(f31, Number(bits)),
  whole: 0x4b00_0000,
};
const doubles: Width = {
  type: 'f64',
  prefix: 'd',
  read: (x, name) => x.double(name),
  write: (x, name, bits) => x.setDouble(name, BigInt(bits)),
  writeScratch: (x, bits) => (x.state.floats[f31] = BigInt(bits)),
  whole: 0x4330_0000_0000_0000n,
};

const roundings: Readonly<Record<string, 'nearest' | 'trunc' | 'floor' | 'ceil'>> = { rne: 'nearest', rtz: 'trunc', rdn: 'floor', rup: 'ceil' };

function modelsOf(width: Width): Record<string, TemplateModel> {
  const { type, read, write, whole } = width;
  const op = (name: string): Binary => binary(`${type}.${name}` as Name);
  const one = (name: string): Unary => unary(`${type}.${name}` as Name);
  const isNumber = (bits: Bits): number => Number(op('eq')(bits, bits));
  const negative = (bits: Bits): boolean => one('abs')(bits) !== bits;
  const toInteger = (x: Execution, onNaN: (unsigned: boolean) => number): void => {
    const bits = read(x, 'fs1');
    const unsigned = x.choice('op').includes('wu');
    x.write('rd', isNumber(bits) === 1 ? Number(unary(`i32.trunc_sat_${type}_${unsigned ? 'u' : 's'}`)(bits)) : onNaN(unsigned));
  };
  const models: Record<string, TemplateModel> = {
    rrr: { run: (x) => write(x, 'fd', op(x.choice('op').slice(1))(read(x, 'fs1'), read(x, 'fs2'))) },
    sqrt: { run: (x) => write(x, 'fd', one('sqrt')(read(x, 'fs1'))) },
    sign: {
      run: (x) => {
        const [a, b] = [read(x, 'fs1'), read(x, 'fs2')];
        const sign = { fsgnj: negative(b), fsgnjn: !negative(b), fsgnjx: negative(a) !== negative(b) }[x.choice('op')] === true;
        write(x, 'fd', sign ? one('neg')(one('abs')(a)) : one('abs')(a));
      },
    },
    minmax: {
      run: (x) => {
        const [a, b] = [read(x, 'fs1'), read(x, 'fs2')];
        x.state.setRegister(t1, isNumber(a) & isNumber(b));
        x.state.setRegister(t2, isNumber(b));
        write(x, 'fd', op(x.choice('op').slice(1))(a, b));
      },
    },
    round: {
      run: (x) => {
        const bits = read(x, 'fs1');
        const isSmall = Number(op('lt')(one('abs')(bits), whole));
        x.state.setRegister(t1, isSmall);
        width.writeScratch(x, isSmall === 1 ? op('copysign')(whole, bits) : whole);
        write(x, 'fd', one(roundings[x.choice('mode')] ?? '')(bits));
      },
    },
    cmp: { run: (x) => x.write('rd', Number(op(x.choice('op').slice(1))(read(x, 'fs1'), read(x, 'fs2')))) },
    to_int: { run: (x) => toInteger(x, (unsigned) => (unsigned ? -1 : 0x7fff_ffff)) },
    to_int_sat: {
      run: (x) => {
        const number = isNumber(read(x, 'fs1'));
        toInteger(x, () => 0);
        x.state.setRegister(t1, -number | 0);
      },
    },
    from_int: {
      run: (x) => write(x, 'fd', unary(`${type}.convert_i32_${x.choice('op').includes('wu') ? 'u' : 's'}`)(x.read('rs1'))),
      // Every other number lies between two singles.
      prepare: (x, random) => (random() % 2 === 0 ? x.write('rs1', (random() & 0x3fff_ff80) | 0x4000_0040) : undefined),
    },
  };
  return Object.fromEntries(Object.entries(models).map(([name, model]) => [`${width.prefix}_${name}`, { ...model, floats: type }]));
}

/** sp or t1 holds an address whose offset stays in the data. */
function slot(bytes: 4 | 8): Required<Pick<TemplateModel, 'prepare'>> {
  return { prepare: (x, random) => x.write('rs1', dataAddress(random, bytes) - x.operand('offset')) };
}
const addressOf = (x: Execution): number => x.read('rs1') + x.operand('offset');

export const rv32Floats = {
  ...modelsOf(singles),
  ...modelsOf(doubles),
  d_demote: { run: (x) => x.setSingle('fd', Number(unary('f32.demote_f64')(x.double('fs1')))), floats: 'f64' },
  d_promote: { run: (x) => x.setDouble('fd', BigInt(unary('f64.promote_f32')(x.single('fs1')))) },
  fmv_to: { run: (x) => x.setSingle('fd', x.read('rs1')) },
  fmv_from: { run: (x) => x.write('rd', Number(BigInt.asIntN(32, x.double('fs1')))), floats: 'f64' },
  flw: { ...slot(4), run: (x) => x.setSingle('fd', x.state.load(addressOf(x), 4)) },
  fsw: { ...slot(4), run: (x) => x.state.store(addressOf(x), 4, Number(BigInt.asUintN(32, x.double('fs2')))), floats: 'f64' },
  fld: {
    ...slot(8),
    run: (x) => x.setDouble('fd', (BigInt(x.state.load(addressOf(x) + 4, 4)) << 32n) | BigInt(x.state.load(addressOf(x), 4))),
    floats: 'f64',
  },
  fsd: {
    ...slot(8),
    run: (x) => {
      const bits = x.double('fs2');
      x.state.store(addressOf(x), 4, Number(bits & 0xffff_ffffn));
      x.state.store(addressOf(x) + 4, 4, Number(bits >> 32n));
    },
    floats: 'f64',
  },
} as const satisfies ModelTable;

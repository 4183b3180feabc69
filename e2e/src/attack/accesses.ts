import type { NumberType } from '@fireball/wasm';
import type { Pages } from '../testing/pages.js';
import { boundaries, type Attack, type AttackFunction, type Random } from './program.js';

/** A memory, its size and what a module says of it. */
interface MemoryShape {
  readonly name: string;
  readonly text: string;
  readonly pages?: Pages;
  readonly bytes: number;
  /** Largest argument of memory.grow worth trying; undefined where the module has none. */
  readonly grows?: number;
}

export const memoryShapes: readonly MemoryShape[] = [
  { name: 'fixed', text: '(memory 1 1)', bytes: 65536 },
  { name: 'fixed, three pages', text: '(memory 3 3)', bytes: 196608 },
  { name: 'of no pages', text: '(memory 0 0)', bytes: 0 },
  { name: 'growing', text: '(memory 1 3)', bytes: 65536, grows: 3 },
  { name: 'growing from nothing', text: '(memory 0 2)', bytes: 0, grows: 2 },
  { name: 'of 13 bytes', text: '(memory 1 1)', pages: { min: 13, max: 13, pageSize: 1 }, bytes: 13 },
  { name: 'of one byte', text: '(memory 1 1)', pages: { min: 1, max: 1, pageSize: 1 }, bytes: 1 },
  { name: 'growing by bytes', text: '(memory 1 1)', pages: { min: 5, max: 4099, pageSize: 1 }, bytes: 5, grows: 2000 },
  { name: 'of 70000 bytes', text: '(memory 1 1)', pages: { min: 70_000, max: 70_000, pageSize: 1 }, bytes: 70_000 },
];

interface AccessOp {
  readonly op: string;
  readonly type: NumberType;
  readonly width: number;
  readonly isStore: boolean;
}

/** All loads and stores: name, width. */
const widths: Readonly<Record<string, number>> = {
  'i32.load': 4,
  'i64.load': 8,
  'f32.load': 4,
  'f64.load': 8,
  'i32.load8_s': 1,
  'i32.load8_u': 1,
  'i32.load16_s': 2,
  'i32.load16_u': 2,
  'i64.load8_s': 1,
  'i64.load8_u': 1,
  'i64.load16_s': 2,
  'i64.load16_u': 2,
  'i64.load32_s': 4,
  'i64.load32_u': 4,
  'i32.store': 4,
  'i64.store': 8,
  'f32.store': 4,
  'f64.store': 8,
  'i32.store8': 1,
  'i32.store16': 2,
  'i64.store8': 1,
  'i64.store16': 2,
  'i64.store32': 4,
};
export const accessOps: readonly AccessOp[] = Object.entries(widths).map(([op, width]) => ({
  op,
  width,
  type: op.slice(0, 3) as NumberType,
  isStore: op.includes('store'),
}));

/** An address made of the parameters 0 and 1, and which values of parameter 0 bring it to an address. */
interface AddressForm {
  readonly text: string;
  readonly displacement: number;
}

/** Ways to make an index: what a compiler may fold, bound or share. */
export const addressForms = ['local', 'plus', 'minus', 'scaled', 'sum', 'based', 'masked', 'shifted', 'constant'] as const;
type FormName = (typeof addressForms)[number];

function addressForm(form: FormName, constant: number): AddressForm {
  const c = `(i32.const ${constant | 0})`;
  switch (form) {
    case 'local':
      return { text: '(local.get 0)', displacement: 0 };
    case 'plus':
      return { text: `(i32.add (local.get 0) ${c})`, displacement: constant };
    case 'minus':
      return { text: `(i32.sub (local.get 0) ${c})`, displacement: -constant };
    case 'scaled':
      return { text: `(i32.shl (local.get 0) (i32.const ${constant & 3}))`, displacement: 0 };
    case 'sum':
      return { text: '(i32.add (local.get 0) (local.get 1))', displacement: 0 };
    case 'based':
      return { text: `(i32.add (local.get 1) (i32.shl (local.get 0) (i32.const ${constant & 3})))`, displacement: 0 };
    case 'masked':
      return { text: `(i32.and (local.get 0) ${c})`, displacement: 0 };
    case 'shifted':
      return { text: `(i32.shr_u (local.get 0) (i32.const ${constant & 31}))`, displacement: 0 };
    case 'constant':
      return { text: c, displacement: 0 };
  }
}

/** Offsets of memory instructions: small, at the end of memory, at the ends of immediates and of 32 bits. */
export function offsetsFor(bytes: number): number[] {
  const near = [0, 1, 3, 4, 31, 124, 127, 255, 2044, 2047, 2048, 4092, 4095, 4096, 65528, 65535, 65536];
  const end = Array.from({ length: 10 }, (_, index) => bytes - 9 + index).filter((offset) => offset >= 0);
  return [...near, ...end, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 65536, 2 ** 32 - 8, 2 ** 32 - 4, 2 ** 32 - 1];
}

interface AccessChoice {
  readonly op: AccessOp;
  readonly form: FormName;
  readonly constant: number;
  readonly offset: number;
}

/** The access as an expression (a load) or instruction (a store) of the function's parameters. */
function accessText({ op, form, constant, offset }: AccessChoice, value: string): string {
  const { text } = addressForm(form, constant);
  return `(${op.op} offset=${offset} ${text}${op.isStore ? ` ${value}` : ''})`;
}

/** A function of one access. Parameters: index, base, and the value that a store stores. */
export function accessFunction(name: string, shape: MemoryShape, choice: AccessChoice): { text: string; function: AttackFunction } {
  const { op, form, constant, offset } = choice;
  const { displacement } = addressForm(form, constant);
  const params: NumberType[] = op.isStore ? ['i32', 'i32', op.type] : ['i32', 'i32'];
  const result = op.isStore ? '' : `(result ${op.type})`;
  const aim = [...boundaries(shape.bytes, offset), ...boundaries(shape.bytes, offset + displacement)];
  return {
    text: `(func (export "${name}") (param ${params.join(' ')}) ${result} ${accessText(choice, '(local.get 2)')})`,
    function: { name, params, aims: [aim, [0, 0, 4, -1, -offset | 0, shape.bytes]] },
  };
}

function randomChoice(random: Random, { bytes }: MemoryShape): AccessChoice {
  return {
    op: random.pick(accessOps),
    form: random.pick(addressForms),
    constant: random.pick(boundaries(bytes)),
    offset: random.pick(offsetsFor(bytes)),
  };
}

/** Several accesses of one local with different constants: they share a check; stores must be seen only as far as they got. */
function groupFunction(name: string, random: Random, shape: MemoryShape): { text: string; function: AttackFunction } {
  const base = random.pick([0, 0, 4, shape.bytes - 16, -16, 2 ** 31 - 8, -(2 ** 31)]);
  const stride = random.pick([1, 4, 8, 124, 2048, 4096, -4, 0x4000_0000]);
  const members = Array.from({ length: 2 + random.below(5) }, (_, index) => {
    const op = random.pick(accessOps);
    const constant = (base + index * stride) | 0;
    const offset = random.below(3) === 0 ? random.pick(offsetsFor(shape.bytes)) : 4 * random.below(8);
    const access = accessText({ op, form: random.pick(['plus', 'minus', 'local']), constant, offset }, `(${op.type}.const ${random.below(256)})`);
    return op.isStore ? access : `(drop ${access})`;
  });
  if (random.below(3) === 0) members.splice(1, 0, '(call $id (local.get 0)) (local.set 0)');
  return {
    text: `(func (export "${name}") (param i32) ${members.join('\n')})`,
    function: { name, params: ['i32'], aims: [[...boundaries(shape.bytes), ...boundaries(shape.bytes, base), ...boundaries(shape.bytes, base + stride)]] },
  };
}

/** A pointer that walks over the end, or around the address space. */
function walkFunction(name: string, random: Random, shape: MemoryShape): { text: string; function: AttackFunction } {
  const step = random.pick([1, 2, 4, 8, 4096, -1, -4, -8, 0x1000_0000]);
  const choice = {
    op: random.pick(accessOps.filter(({ isStore }) => isStore)),
    form: random.pick(['local', 'plus'] as const),
    constant: random.pick([4, -16, 16384]),
    offset: random.pick([0, 0, 4, 65528]),
  };
  return {
    text: `(func (export "${name}") (param i32) (local i32) (loop ${accessText(choice, `(${choice.op.type}.const 77)`)}
      (local.set 0 (i32.add (local.get 0) (i32.const ${step})))
      (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 24)))))`,
    function: { name, params: ['i32'], aims: [boundaries(shape.bytes, choice.offset + 12 * step)] },
  };
}

/** Loads and stores at every boundary, alone, in groups and in loops. */
export function accessAttack(random: Random, shape: MemoryShape = random.pick(memoryShapes)): Attack {
  const makers = [
    ...Array.from({ length: 10 }, () => (name: string) => accessFunction(name, shape, randomChoice(random, shape))),
    ...Array.from({ length: 3 }, () => (name: string) => groupFunction(name, random, shape)),
    (name: string) => walkFunction(name, random, shape),
  ];
  const made = makers.map((make, index) => make(`f${index}`));
  const functions = made.map((one) => one.function);
  const texts = made.map(({ text }) => text);
  if (shape.grows !== undefined) {
    texts.push('(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))');
    functions.push({ name: 'grow', params: ['i32'], aims: [[0, 1, 1, shape.grows, shape.grows + 1, -1, 65536, 1 << 31]] });
  }
  const text = `(module ${shape.text} (global (mut i64) (i64.const 7)) (func $id (param i32) (result i32) (local.get 0)) ${texts.join('\n')})`;
  return { modules: [{ name: 'main', text, ...(shape.pages === undefined ? {} : { pages: shape.pages }) }], functions };
}

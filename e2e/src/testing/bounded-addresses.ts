/** Addresses whose computation bounds them, in the forms that compilers make: for the range analyses of planner and deep verifier. */
import fc from 'fast-check';

/** An i32 expression over the locals 0 to 2 (i32, anything), 3 (i64, anything) and bytes of memory. */
interface Form {
  /** In the text format; local 4 is free for temporaries. */
  readonly text: string;
  /** One of its values. `draw` gives an unsigned word for each value that the expression reads. */
  readonly value: (draw: () => number) => number;
}

const form = (text: string, value: Form['value']): Form => ({ text, value });
const u32 = (value: number): number => value >>> 0;
const constant = (value: number): string => `(i32.const ${value | 0})`;

const anything: fc.Arbitrary<Form> = fc.nat(2).map((local) => form(`(local.get ${local})`, (draw) => draw()));
const shortAmount = fc.integer({ min: 1, max: 12 });
/** Low ones, byte patterns, holes, and masks that are long on one of the targets. */
const masks = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((bits) => 2 ** bits - 1),
  fc.constantFrom(0xff, 0xffff, 0xfffc, 0xff00, 0xf0f0, 0x7fff, 0xffffff, 0x7ff_ffff, 0x5555, 12, 1023),
  fc.nat(0xf_ffff),
);
const factors = fc.oneof(fc.constantFrom(2, 3, 4, 5, 8, 12, 16, 20, 24, 28, 40, 100, 255, 256, 1000), fc.nat(5000));
const addends = fc.oneof(fc.constantFrom(0, 1, 4, 7, 8, 255, 256, 2047, 2048, 4095, 4096, 10920, 65535), fc.nat(20_000));

/** Bounds that one instruction gives. */
const bounded: fc.Arbitrary<Form> = fc.oneof(
  fc.tuple(anything, masks).map(([a, mask]) => form(`(i32.and ${a.text} ${constant(mask)})`, (draw) => u32(a.value(draw) & mask))),
  fc.tuple(anything, fc.integer({ min: 8, max: 31 })).map(([a, n]) => form(`(i32.shr_u ${a.text} ${constant(n)})`, (draw) => a.value(draw) >>> n)),
  fc.tuple(anything, fc.integer({ min: 1, max: 3000 })).map(([a, n]) => form(`(i32.rem_u ${a.text} ${constant(n)})`, (draw) => a.value(draw) % n)),
  fc.tuple(anything, fc.constantFrom('eq', 'lt_s', 'gt_u', 'le_u', 'ge_s')).map(([a, op]) => form(`(i32.${op} ${a.text} (local.get 1))`, (draw) => draw() & 1)),
  fc.nat(200).map((at) => form(`(i32.load8_u ${constant(at)})`, (draw) => draw() & 0xff)),
  fc.nat(200).map((at) => form(`(i32.load16_u ${constant(at)})`, (draw) => draw() & 0xffff)),
  fc.nat(200).map((at) => form(`(i32.wrap_i64 (i64.load8_u ${constant(at)}))`, (draw) => draw() & 0xff)),
  masks.map((mask) => form(`(i32.wrap_i64 (i64.and (local.get 3) (i64.const ${mask})))`, (draw) => u32(draw() & mask))),
  masks.map((mask) => form(`(i32.and (i32.wrap_i64 (i64.shr_u (local.get 3) (i64.const 7))) ${constant(mask)})`, (draw) => u32(draw() & mask))),
  fc
    .tuple(anything, masks)
    .map(([a, mask]) => form(`(i32.and (i32.extend8_s ${a.text}) ${constant(mask)})`, (draw) => u32(((a.value(draw) << 24) >> 24) & mask))),
);

type Pair = readonly [Form, Form];
const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => u32(a + b),
  sub: (a, b) => u32(a - b),
  mul: (a, b) => u32(Math.imul(a, b)),
  and: (a, b) => u32(a & b),
  or: (a, b) => u32(a | b),
  xor: (a, b) => u32(a ^ b),
  shl: (a, b) => u32(a << b),
  shr_u: (a, b) => a >>> (b & 31),
  shr_s: (a, b) => u32(a >> b),
  rotl: (a, b) => u32((a << b) | (a >>> (-b & 31))),
};

const combine = (op: string, [a, b]: Pair): Form =>
  form(`(i32.${op} ${a.text} ${b.text})`, (draw) => {
    const left = a.value(draw);
    return binary[op]!(left, b.value(draw));
  });
const withConstant = (op: string, a: Form, c: number): Form => form(`(i32.${op} ${a.text} ${constant(c)})`, (draw) => binary[op]!(a.value(draw), c));

/** Nested forms; most of them stay small, some wrap: what is not bounded is checked, and both must pass. */
const boundedForm: fc.Arbitrary<Form> = fc.letrec<{ form: Form }>((tie) => ({
  form: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    bounded,
    bounded,
    fc.tuple(tie('form'), fc.integer({ min: 0, max: 6 })).map(([a, n]) => withConstant('shl', a, n)),
    fc.tuple(tie('form'), factors).map(([a, c]) => withConstant('mul', a, c)),
    fc.tuple(tie('form'), addends).map(([a, c]) => withConstant('add', a, c)),
    fc.tuple(tie('form'), factors, addends).map(([a, factor, c]) => withConstant('add', withConstant('mul', a, factor), c)),
    fc.tuple(tie('form'), tie('form')).map((pair) => combine('add', pair)),
    fc.tuple(tie('form'), tie('form'), shortAmount).map(([a, b, n]) => combine('add', [a, withConstant('shl', b, n)])),
    fc.tuple(tie('form'), tie('form'), factors).map(([a, b, c]) => combine('add', [withConstant('mul', a, c), b])),
    fc.tuple(tie('form'), tie('form'), fc.constantFrom('or', 'xor', 'and', 'mul', 'sub')).map(([a, b, op]) => combine(op, [a, b])),
    fc.tuple(tie('form'), shortAmount, fc.constantFrom('shr_u', 'shr_s', 'rotl')).map(([a, n, op]) => withConstant(op, a, n)),
    fc.tuple(tie('form'), anything, fc.constantFrom('shr_u', 'and')).map(([a, b, op]) => combine(op, [a, b])),
    fc.tuple(tie('form'), addends).map(([a, c]) => withConstant('sub', a, c)),
    fc.tuple(tie('form'), tie('form')).map(([a, b]) => form(`(select ${a.text} ${b.text} (local.get 2))`, (draw) => (draw() & 1 ? a : b).value(draw))),
    tie('form').map((a) => form(`(local.tee 4 ${a.text})`, a.value)),
  ),
})).form;

/** A load or store at a bounded address. */
interface BoundedAccess {
  readonly form: Form;
  readonly offset: number;
  readonly width: number;
  /** The body of a function. */
  readonly text: string;
}

const accesses = [
  { op: 'i32.load', width: 4 },
  { op: 'i32.load8_s', width: 1 },
  { op: 'i32.load8_u', width: 1 },
  { op: 'i32.load16_s', width: 2 },
  { op: 'i32.load16_u', width: 2 },
  { op: 'i64.load', width: 8 },
  { op: 'i64.load32_u', width: 4 },
  { op: 'i32.store', width: 4, value: '(local.get 1)' },
  { op: 'i32.store8', width: 1, value: '(local.get 0)' },
  { op: 'i32.store16', width: 2, value: '(i32.const 5)' },
  { op: 'i64.store', width: 8, value: '(local.get 3)' },
] as const;

const offsets = fc.oneof(fc.constant(0), addends, fc.nat(300_000));

export const boundedAccess: fc.Arbitrary<BoundedAccess> = fc.tuple(boundedForm, offsets, fc.constantFrom(...accesses)).map(([address, offset, access]) => {
  const operation = `${access.op} offset=${offset}${access.width === 1 ? '' : ' align=1'} ${address.text}`;
  return { form: address, offset, width: access.width, text: 'value' in access ? `(${operation} ${access.value})` : `(drop (${operation}))` };
});

/** A greatest byte count that the access needs, as far as trying tells: of boundary and random values. */
export function bytesNeeded({ form: address, offset, width }: BoundedAccess, random: () => number, tries: number): number {
  let most = 0;
  for (let round = 0; round < tries; round++) {
    const value = address.value(() => (round === 0 || random() % 3 === 0 ? 0xffff_ffff : random() % 3 === 0 ? 0 : random() >>> 0));
    most = Math.max(most, value);
  }
  return most + offset + width;
}

/** Functions f0, f1, .. of three i32 parameters with these bodies; the memory has so many pages at first and at most. */
export function moduleOf(bodies: readonly string[], pages: string): string {
  const begin = '(param i32 i32 i32) (local i64 i32) (local.set 3 (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 0x100003)))';
  return `(module (memory ${pages}) ${bodies.map((body, index) => `(func (export "f${index}") ${begin} ${body})`).join('\n')})`;
}

/** Every i32 operation in every operand form, on both targets, against the operation's definition. */
import { isNumericOp, opcodes, operationOf, Trap, type NumericOpName } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { callI32, moduleOfText, targets, whereSupported, withNative, type I32Outcome } from './testing/native.js';

const min = -0x8000_0000;
/** Operand values at which operations, immediates and shift amounts change their behaviour. */
const boundaries = [0, 1, 2, 7, 8, 31, 32, 33, 255, 256, 4095, 4096, 0xffff, 0x10000, 0x1234_5678, 0x7fff_ffff, min, -1, -2, -31, -256, -2048, -2049, -4096];
/** Constants of every immediate form that the two machines have, and beyond them. */
const constants = [
  ...boundaries,
  3,
  5,
  6,
  15,
  16,
  30,
  -32,
  -33,
  -255,
  2047,
  2048,
  0xff00,
  0x00ff_00ff,
  -0x00ff_0100,
  0xff00_ff00 | 0,
  0xabab_abab | 0,
  0x3fc,
  0x0001_fe00,
  -4095,
  -4097,
  0x7fff_f800,
  0xffff_0000 | 0,
];
const few = [0, 1, 31, 255, 0x1234_5678, 0x7fff_ffff, min, -1, -4096];

/** What a form computes of the operation's value. */
type Consumer = (value: number, a: number, b: number) => number;

interface Form {
  readonly name: string;
  /** Body for operands x and y, which are expressions. Parameters: 0 = a, 1 = b, 2 = always 0; local 3 is free. */
  readonly body: (op: (x: string, y: string) => string) => string;
  /** The operation's operands, by the parameters. */
  readonly operands?: (a: number, b: number) => readonly [x: number, y: number];
  readonly consumer?: Consumer;
}

const a = '(local.get 0)';
const b = '(local.get 1)';
/** The same values out of a computation that nothing can see through. */
const ta = `(i32.xor ${a} (local.get 2))`;
const tb = `(i32.xor ${b} (local.get 2))`;

/** Locals with so many uses that the parameters and local 3 live in their home slots. */
const fillers = Array.from({ length: 26 }, (_, index) => index + 4);
const use = fillers.map((local) => `(local.set ${local} (i32.add (local.get ${local}) (i32.const ${local})))`).join(' ');
const underPressure = (body: string): string =>
  `${use} ${use} ${use} (local.set 3 ${body}) ${use} ${use} (local.get 3) ${fillers.map((local) => `(i32.add (local.get ${local})) (i32.sub (i32.const ${5 * local}))`).join(' ')}`;

const forms: readonly Form[] = [
  { name: 'local, local', body: (op) => op(a, b) },
  { name: 'temporary, temporary', body: (op) => op(ta, tb) },
  { name: 'local, temporary', body: (op) => op(a, tb) },
  { name: 'temporary, local', body: (op) => op(ta, b) },
  { name: 'the same local twice', body: (op) => op(a, a), operands: (x) => [x, x] },
  { name: 'the same temporary twice', body: (op) => `(local.set 3 ${ta}) ${op('(local.get 3)', '(local.get 3)')}`, operands: (x) => [x, x] },
  { name: 'local.set of a third', body: (op) => `(local.set 3 ${op(a, b)}) (local.get 3)` },
  { name: 'local.set of the first operand', body: (op) => `(local.set 0 ${op(a, b)}) (local.get 0)` },
  { name: 'local.set of the second operand', body: (op) => `(local.set 1 ${op(a, b)}) (local.get 1)` },
  {
    name: 'local.set while the old value is pending',
    body: (op) => `${a} (local.set 0 ${op(a, b)}) (i32.sub (local.get 0))`,
    consumer: (value, x) => x - value,
  },
  {
    name: 'local.set while a sum of the old value is pending',
    body: (op) => `(i32.add ${b} (i32.const 70001)) (local.set 1 ${op(a, b)}) (i32.sub (local.get 1))`,
    consumer: (value, _x, y) => y + 70001 - value,
  },
  { name: 'local.tee', body: (op) => `(i32.sub (local.tee 3 ${op(a, b)}) (i32.xor (local.get 3) (i32.const -1)))`, consumer: (value) => value - ~value },
  {
    name: 'local.tee of an operand',
    body: (op) => `(i32.xor (local.tee 0 ${op(a, b)}) (i32.add (local.get 0) (i32.const 1)))`,
    consumer: (value) => value ^ (value + 1),
  },
  { name: 'operands in home slots', body: (op) => underPressure(op(a, b)) },
  {
    name: 'sum of a home slot as operand',
    body: (op) => underPressure(op(`(i32.add ${a} (i32.const 305419896))`, b)),
    operands: (x, y) => [(x + 0x1234_5678) | 0, y],
  },
  { name: 'left of a multiply-add', body: (op) => `(i32.add (i32.mul ${a} ${b}) ${op(a, b)})`, consumer: (value, x, y) => Math.imul(x, y) + value },
  { name: 'shifted right operand', body: (op) => `(i32.sub ${b} (i32.shl ${op(a, b)} (i32.const 3)))`, consumer: (value, _x, y) => y - (value << 3) },
  { name: 'plus a constant', body: (op) => `(i32.add ${op(a, b)} (i32.const 4097))`, consumer: (value) => value + 4097 },
  { name: 'if', body: (op) => `${op(a, b)} (if (result i32) (then (i32.const 1)) (else (i32.const 2)))`, consumer: (value) => (value === 0 ? 2 : 1) },
  { name: 'eqz, if', body: (op) => `(i32.eqz ${op(a, b)}) (if (result i32) (then ${a}) (else ${b}))`, consumer: (value, x, y) => (value === 0 ? x : y) },
  { name: 'if without else', body: (op) => `${op(a, b)} (if (then (local.set 3 (i32.const 77)))) (local.get 3)`, consumer: (value) => (value === 0 ? 0 : 77) },
  { name: 'br_if', body: (op) => `(block (br_if 0 ${op(a, b)}) (return (i32.const 5))) (i32.const 9)`, consumer: (value) => (value === 0 ? 5 : 9) },
  {
    name: 'eqz, br_if',
    body: (op) => `(block (br_if 0 (i32.eqz ${op(a, b)})) (return (i32.const 5))) (i32.const 9)`,
    consumer: (value) => (value === 0 ? 9 : 5),
  },
  {
    name: 'br_if with a value',
    body: (op) => `(block (result i32) (br_if 0 ${a} ${op(a, b)}) drop (i32.const -5))`,
    consumer: (value, x) => (value === 0 ? -5 : x),
  },
  { name: 'br_if out of the function', body: (op) => `${b} (br_if 0 ${op(a, b)}) drop ${a}`, consumer: (value, x, y) => (value === 0 ? x : y) },
  { name: 'eqz', body: (op) => `(i32.eqz ${op(a, b)})`, consumer: (value) => (value === 0 ? 1 : 0) },
  { name: 'eqz, eqz', body: (op) => `(i32.eqz (i32.eqz ${op(a, b)}))`, consumer: (value) => (value === 0 ? 0 : 1) },
  {
    name: 'eqz, eqz, eqz, br_if',
    body: (op) => `(block (br_if 0 (i32.eqz (i32.eqz (i32.eqz ${op(a, b)})))) (return (i32.const 5))) (i32.const 9)`,
    consumer: (value) => (value === 0 ? 9 : 5),
  },
  { name: 'select of locals', body: (op) => `(select ${a} ${b} ${op(a, b)})`, consumer: (value, x, y) => (value === 0 ? y : x) },
  {
    name: 'select of constants',
    body: (op) => `(select (i32.const 1) (i32.const 305419896) ${op(a, b)})`,
    consumer: (value) => (value === 0 ? 0x1234_5678 : 1),
  },
  { name: 'select of temporaries', body: (op) => `(select ${ta} ${tb} ${op(a, b)})`, consumer: (value, x, y) => (value === 0 ? y : x) },
  {
    name: "select into the condition's operand",
    body: (op) => `(local.set 0 (select ${b} (i32.const -7) ${op(a, b)})) (local.get 0)`,
    consumer: (value, _x, y) => (value === 0 ? -7 : y),
  },
  {
    name: 'select into an operand that is also a value',
    body: (op) => `(local.set 1 (select ${a} ${b} (i32.eqz ${op(a, b)}))) (local.get 1)`,
    consumer: (value, x, y) => (value === 0 ? x : y),
  },
  {
    name: 'select of a number or nothing, to be added',
    body: (op) => `(local.set 1 (i32.add ${b} (select ${a} (i32.const 0) ${op(a, b)}))) (local.get 1)`,
    consumer: (value, x, y) => y + (value === 0 ? 0 : x),
  },
  {
    name: 'select of nothing or a number, added to a local behind it',
    body: (op) => `(local.set 0 (i32.add (select (i32.const 0) ${tb} ${op(a, b)}) (local.get 0))) (local.get 0)`,
    consumer: (value, x, y) => x + (value === 0 ? y : 0),
  },
  {
    name: 'select of a constant or nothing, subtracted',
    body: (op) => `(i32.sub ${ta} (select (i32.const 77) (i32.const 0) ${op(a, b)}))`,
    consumer: (value, x) => x - (value === 0 ? 0 : 77),
  },
  {
    name: 'a count',
    body: (op) => `(local.set 3 (i32.const -9)) (local.set 3 (i32.add (local.get 3) (i32.ne ${op(a, b)} (i32.const 0)))) (i32.xor ${a} (local.get 3))`,
    consumer: (value, x) => x ^ (value === 0 ? -9 : -8),
  },
  {
    name: 'select of the value itself',
    body: (op) => `(select (local.tee 3 ${op(a, b)}) ${b} (local.get 3))`,
    consumer: (value, _x, y) => (value === 0 ? y : value),
  },
  {
    name: 'loop until zero',
    body: (op) => `(loop (br_if 0 (i32.eqz (i32.or (local.tee 3 (i32.add (local.get 3) (i32.const 1))) (i32.mul (local.get 2) ${op(a, b)}))))) (local.get 3)`,
    consumer: () => 1,
  },
];

const i32Operations = opcodes.flatMap(({ name, signature }) =>
  name.startsWith('i32.') && isNumericOp(name) && signature?.params.every((type) => type === 'i32') === true
    ? [{ name, binary: signature.params.length === 2 }]
    : [],
);

function expression(name: NumericOpName, binary: boolean): (x: string, y: string) => string {
  return (x, y) => (binary ? `(${name} ${x} ${y})` : `(${name} ${x})`);
}

function expected(name: NumericOpName, binary: boolean, x: number, y: number, consumer: (value: number) => number): I32Outcome {
  try {
    const value = operationOf(name)(...(binary ? [x, y] : [x]));
    return consumer(Number(value) | 0) | 0;
  } catch (error) {
    if (error instanceof Trap) return error.kind;
    throw error;
  }
}

interface Case {
  readonly body: string;
  readonly label: string;
  readonly calls: readonly (readonly [a: number, b: number])[];
  readonly expected: (x: number, y: number) => I32Outcome;
}

const pairs = boundaries.flatMap((x) => boundaries.map((y) => [x, y] as const));
const fewPairs = few.flatMap((x) => few.map((y) => [x, y] as const));

function casesOf(name: NumericOpName, binary: boolean): Case[] {
  const op = expression(name, binary);
  const list: Case[] = forms.map(({ name: label, body, operands = (x, y) => [x, y], consumer = (value) => value }, index) => ({
    label,
    body: body(op),
    calls: index < 4 ? pairs : fewPairs,
    expected: (x, y) => {
      const [left, right] = operands(x, y);
      return expected(name, binary, left, right, (value) => consumer(value, x, y));
    },
  }));
  if (!binary) {
    for (const value of constants)
      list.push({
        label: `constant ${value}`,
        body: op(`(i32.const ${value})`, ''),
        calls: [[0, 0]],
        expected: () => expected(name, false, value, 0, (result) => result),
      });
    return list;
  }
  for (const value of constants) {
    const constant = `(i32.const ${value})`;
    const calls = boundaries.map((x) => [x, x] as const);
    list.push(
      { label: `local, constant ${value}`, body: op(a, constant), calls, expected: (x) => expected(name, true, x, value, (result) => result) },
      { label: `constant ${value}, local`, body: op(constant, a), calls, expected: (x) => expected(name, true, value, x, (result) => result) },
      {
        label: `temporary, constant ${value} in place`,
        body: `(local.set 0 ${op(ta, constant)}) ${a}`,
        calls,
        expected: (x) => expected(name, true, x, value, (result) => result),
      },
      {
        label: `local, constant ${value}, if`,
        body: `${op(a, constant)} (if (result i32) (then (i32.const 3)) (else (i32.const 4)))`,
        calls,
        expected: (x) => expected(name, true, x, value, (result) => (result === 0 ? 4 : 3)),
      },
    );
  }
  for (const value of few)
    list.push({
      label: `constants 255, ${value}`,
      body: op('(i32.const 255)', `(i32.const ${value})`),
      calls: [[0, 0]],
      expected: () => expected(name, true, 255, value, (result) => result),
    });
  return list;
}

function moduleOf(cases: readonly Case[]): string {
  const locals = `(local ${'i32 '.repeat(27)})`;
  return `(module ${cases.map(({ body }, index) => `(func (export "${index}") (param i32 i32 i32) (result i32) ${locals} ${body})`).join('\n')})`;
}

describe.each(targets)('i32 on %s', (isa) => {
  it.each(i32Operations)('$name computes what its definition says, in every operand form', ({ name, binary }) => {
    const cases = casesOf(name, binary);
    const module = moduleOfText(moduleOf(cases));
    const wrong: string[] = [];
    whereSupported(name, () => {
      withNative(isa, module, (instance) => {
        cases.forEach(({ label, calls, expected: want }, index) => {
          for (const [x, y] of calls) {
            const got = callI32(instance, String(index), [x, y, 0]);
            if (got !== want(x, y)) wrong.push(`${label}: a=${x} b=${y}: ${got}, not ${want(x, y)}`);
          }
        });
      });
    });
    expect(wrong).toEqual([]);
  });
});

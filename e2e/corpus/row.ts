import type { TrapKind } from '@fireball/wasm';
import type { Pages } from '../src/testing/pages.js';

/** Raw bits of a float that no number of JavaScript stands for: a NaN with payload or sign. */
export interface Bits {
  readonly bits: number | bigint;
}

/**
 * A value in a row; the function's type says what it is. i32 and floats are numbers, i64 are bigints, references null.
 * `NaN` is the canonical one.
 */
export type Literal = number | bigint | null | Bits;

/** What a call must end with: one result, several, none (`[]`), or a trap. */
export type Expected = Literal | readonly Literal[] | TrapKind;

/** Export to call, `MODULE.EXPORT` where it is not of the last module; arguments; how it ends. */
export type Call = readonly [name: string, args: readonly Literal[], expected: Expected];

export interface RowModule {
  /** Name under which later modules of the row import from it. */
  readonly name: string;
  readonly wat: string;
  /** Limits of its memory in place of those in the text, which cannot write them. */
  readonly pages?: Pages;
  /** The trap that instantiation ends with; what it did before stays done. */
  readonly trap?: TrapKind;
}

/** A program and calls, in order: one test on every engine. */
export interface Row {
  readonly name: string;
  readonly modules: readonly RowModule[];
  readonly calls: readonly Call[];
}

/** Rows of one family of instructions. */
export interface Family {
  readonly name: string;
  readonly rows: readonly Row[];
}

export const bits = (value: number | bigint): Bits => ({ bits: value });

/** A row of one module. */
export function row(name: string, wat: string, calls: readonly Call[]): Row {
  return { name, modules: [{ name: 'main', wat }], calls };
}

/** Arguments and how the call ends. */
type Case = readonly [args: readonly Literal[], expected: Expected];

/** A row of one function. `signature` also declares locals; `fields` are the module's other fields. */
export function func(name: string, signature: string, body: string, cases: readonly Case[], fields = ''): Row {
  return row(
    name,
    `(module ${fields} (func (export "f") ${signature} ${body}))`,
    cases.map(([args, expected]) => ['f', args, expected]),
  );
}

type NumberType = 'i32' | 'i64' | 'f32' | 'f64';

function constant(type: NumberType, value: Literal): string {
  if (typeof value === 'object') throw new TypeError('only numbers can be constants of a generated form');
  if (typeof value === 'bigint') return `(${type}.const ${value})`;
  // Number.prototype.toString gives what the text format reads, but for these.
  const text = Object.is(value, -0) ? '-0' : Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf');
  return `(${type}.const ${text})`;
}

const isPlain = (value: Literal): boolean => typeof value === 'number' || typeof value === 'bigint';

/**
 * An operator with two operands: each case runs with both operands in locals, with either as a constant, and with both,
 * because compilers select different code for each.
 */
export function binary(op: string, type: NumberType, cases: readonly (readonly [a: Literal, b: Literal, expected: Expected])[], result: NumberType = type): Row {
  const functions = [`(func (export "rr") (param ${type} ${type}) (result ${result}) (${op} (local.get 0) (local.get 1)))`];
  const calls: Call[] = [];
  cases.forEach(([a, b, expected], n) => {
    calls.push(['rr', [a, b], expected]);
    if (isPlain(b)) {
      functions.push(`(func (export "rk${n}") (param ${type}) (result ${result}) (${op} (local.get 0) ${constant(type, b)}))`);
      calls.push([`rk${n}`, [a], expected]);
    }
    if (isPlain(a)) {
      functions.push(`(func (export "kr${n}") (param ${type}) (result ${result}) (${op} ${constant(type, a)} (local.get 0)))`);
      calls.push([`kr${n}`, [b], expected]);
    }
    if (isPlain(a) && isPlain(b)) {
      functions.push(`(func (export "kk${n}") (result ${result}) (${op} ${constant(type, a)} ${constant(type, b)}))`);
      calls.push([`kk${n}`, [], expected]);
    }
  });
  return row(op, `(module ${functions.join('\n')})`, calls);
}

/** A comparison: as a value, as the condition of `if`, `br_if` and `select`, and negated; each also against a constant. */
export function compare(op: string, type: NumberType, cases: readonly (readonly [a: Literal, b: Literal, expected: 0 | 1])[]): Row {
  const forms: readonly (readonly [name: string, body: (comparison: string) => string])[] = [
    ['value', (comparison) => comparison],
    ['not', (comparison) => `(i32.sub (i32.const 1) (i32.eqz ${comparison}))`],
    ['if', (comparison) => `(if (result i32) ${comparison} (then (i32.const 1)) (else (i32.const 0)))`],
    ['br_if', (comparison) => `(block (br_if 0 ${comparison}) (return (i32.const 0))) (i32.const 1)`],
    ['br_if-not', (comparison) => `(block (br_if 0 (i32.eqz ${comparison})) (return (i32.const 1))) (i32.const 0)`],
    ['select', (comparison) => `(select (i32.const 1) (i32.const 0) ${comparison})`],
  ];
  const functions = forms.map(
    ([name, body]) => `(func (export "${name}") (param ${type} ${type}) (result i32) ${body(`(${op} (local.get 0) (local.get 1))`)})`,
  );
  const calls: Call[] = [];
  cases.forEach(([a, b, expected], n) => {
    for (const [name] of forms) calls.push([name, [a, b], expected]);
    if (!isPlain(b)) return;
    const [name, body] = forms[n % forms.length]!;
    functions.push(`(func (export "${name}${n}") (param ${type}) (result i32) ${body(`(${op} (local.get 0) ${constant(type, b)})`)})`);
    calls.push([`${name}${n}`, [a], expected]);
  });
  return row(op, `(module ${functions.join('\n')})`, calls);
}

/** An operator with one operand, of a local and of a constant. */
export function unary(op: string, from: NumberType, to: NumberType, cases: readonly (readonly [operand: Literal, expected: Expected])[]): Row {
  const functions = [`(func (export "r") (param ${from}) (result ${to}) (${op} (local.get 0)))`];
  const calls: Call[] = [];
  cases.forEach(([operand, expected], n) => {
    calls.push(['r', [operand], expected]);
    if (!isPlain(operand)) return;
    functions.push(`(func (export "k${n}") (result ${to}) (${op} ${constant(from, operand)}))`);
    calls.push([`k${n}`, [], expected]);
  });
  return row(op, `(module ${functions.join('\n')})`, calls);
}

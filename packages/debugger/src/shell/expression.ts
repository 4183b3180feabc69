import { UsageError } from '@fireball/contracts';
import type { SourceObject } from '../variables/object.js';

/** What an expression may be: a whole number, one with a fraction, or a variable of the source with its type. */
export type ExpressionValue = bigint | number | SourceObject;

/** What names mean in an expression, in 64 bits, signed. */
export interface Names {
  /** A variable of the source; undefined where there is none of the name. */
  object?(name: string): SourceObject | undefined;
  /** Of `l0`, `g1`, `o2`, `sp` and so on. @throws UsageError where it has no value, or there is none of the name */
  value(name: string): bigint;
  /** `[ADDRESS]`: the word of memory, signed. @throws UsageError where there is no memory */
  word(address: bigint): bigint;
}

type Operation = (a: bigint, b: bigint) => bigint;
/** Of numbers with fractions; absent where they have none. */
type FloatOperation = (a: number, b: number) => number | boolean;

/** By how tightly they bind, loosest first. */
const levels: readonly Readonly<Record<string, Operation>>[] = [
  { '||': (a, b) => truth(a !== 0n || b !== 0n) },
  { '&&': (a, b) => truth(a !== 0n && b !== 0n) },
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => truth(a === b), '!=': (a, b) => truth(a !== b) },
  {
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
  },
  { '<<': (a, b) => a << BigInt.asUintN(6, b), '>>': (a, b) => a >> BigInt.asUintN(6, b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / divisor(b), '%': (a, b) => a % divisor(b) },
];
const ofFloats: Readonly<Record<string, FloatOperation>> = {
  '||': (a, b) => a !== 0 || b !== 0,
  '&&': (a, b) => a !== 0 && b !== 0,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const token = /\s*(0x[\da-f]+|\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|\d+|'(?:\\.|[^'\\])'|\$?[a-z_][\w.]*|\|\||&&|->|[=!<>]=|<<|>>|[-+*/%&|^<>()[\]@!~.])/iy;
/** Deepest nesting of brackets. */
const deepest = 100;
const escapes: Readonly<Record<string, number>> = { '0': 0, n: 10, r: 13, t: 9, '\\': 92, "'": 39 };

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

function divisor(value: bigint): bigint {
  if (value === 0n) throw new UsageError('a division by zero');
  return value;
}

/** What it counts as: of a variable of the source, what that holds. @throws UsageError where that is no number, or gone */
export function scalarOf(value: ExpressionValue): bigint | number {
  return typeof value === 'object' ? value.scalar() : value;
}

/** @throws UsageError where it is no whole number */
export function wholeOf(value: ExpressionValue): bigint {
  const scalar = scalarOf(value);
  if (typeof scalar === 'bigint') return scalar;
  if (!Number.isInteger(scalar)) throw new UsageError(`${scalar} is no whole number`);
  return BigInt(scalar);
}

/**
 * The value of an expression as a whole number of 64 bits, signed.
 * @throws UsageError where it is none
 */
export function evaluate(text: string, names: Names): bigint {
  return BigInt.asIntN(64, wholeOf(new Evaluation(text, names).value()));
}

/**
 * The value of an expression: numbers, names, `[address]` for a word of memory, `@offset` for the address of an offset in linear memory 0, members and elements
 * of variables of the source, and operators as in C.
 * @throws UsageError where it is none
 */
export function evaluateValue(text: string, names: Names): ExpressionValue {
  return new Evaluation(text, names).value();
}

/** @throws UsageError for what is no expression, whatever its names are */
export function checkSyntax(text: string): void {
  new Evaluation(text, undefined).value();
}

/** One expression, read from left to right. Without names, only its form counts. */
class Evaluation {
  readonly #tokens: readonly { readonly text: string; readonly index: number }[];
  #at = 0;
  #depth = 0;
  /** Right sides of && and || around here that the left ones have decided. */
  #passing = 0;

  constructor(
    private readonly text: string,
    private readonly allNames: Names | undefined,
  ) {
    this.#tokens = tokensOf(text);
  }

  /** Undefined where a part has no influence on the value: of that, too, only its form counts. */
  get names(): Names | undefined {
    return this.#passing === 0 ? this.allNames : undefined;
  }

  value(): ExpressionValue {
    const value = this.#level(0);
    if (this.#at < this.#tokens.length) throw this.#wrong(`'${this.#tokens[this.#at]!.text}' is too much`);
    return value;
  }

  /** Columns count from 1. */
  #wrong(problem: string): UsageError {
    return new UsageError(`${problem} in '${this.text}', column ${(this.#tokens[this.#at]?.index ?? this.text.trimEnd().length) + 1}`);
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at]?.text;
  }

  #take(wanted: string): void {
    const found = this.#next;
    if (found !== wanted) throw this.#wrong(`expected '${wanted}'${found === undefined ? '' : `, not '${found}'`}`);
    this.#at++;
  }

  #nested(end: string): ExpressionValue {
    if (++this.#depth > deepest) throw new UsageError('the expression is nested too deeply');
    const value = this.#level(0);
    this.#depth--;
    this.#take(end);
    return value;
  }

  #level(index: number): ExpressionValue {
    const operators = levels[index];
    if (operators === undefined) return this.#unary();
    let value = this.#level(index + 1);
    for (;;) {
      const name = this.#next ?? '';
      const operation = operators[name];
      if (operation === undefined) return value;
      this.#at++;
      const decided = this.names !== undefined && (name === '&&' || name === '||') && (Number(scalarOf(value)) !== 0) === (name === '||');
      if (decided) this.#passing++;
      const right = this.#level(index + 1);
      if (decided) this.#passing--;
      value = decided ? truth(name === '||') : this.names === undefined ? 0n : apply(name, operation, value, right);
    }
  }

  /** What stands before a value, and how it changes that. */
  readonly #prefixes: Readonly<Record<string, (value: ExpressionValue, names: Names) => ExpressionValue>> = {
    '-': (value) => -scalarOf(value),
    '!': (value) => truth(Number(scalarOf(value)) === 0),
    '~': (value) => ~wholeOf(value),
    '@': (value, names) => names.value('@') + wholeOf(value),
    '*': (value) => objectOf(value).pointee(),
    '&': (value) => objectOf(value).pointer(),
  };

  #unary(): ExpressionValue {
    const next = this.#next;
    if (next === undefined) throw this.#wrong('a value is missing');
    const prefix = this.#prefixes[next];
    if (prefix === undefined) return this.#postfix(this.#primary(next));
    this.#at++;
    if (++this.#depth > deepest) throw new UsageError('the expression is nested too deeply');
    const value = this.#unary();
    this.#depth--;
    return this.names === undefined ? 0n : prefix(value, this.names);
  }

  #primary(next: string): ExpressionValue {
    const isName = /^[$a-z_]/i.test(next);
    if (!isName && !/^['([\d]/.test(next)) throw this.#wrong(`'${next}' is no value`);
    this.#at++;
    if (next === '(') return this.#nested(')');
    if (next === '[') {
      const address = this.#nested(']');
      return this.names === undefined ? 0n : this.names.word(wholeOf(address));
    }
    if (isName) return this.names === undefined ? 0n : named(next, this.names);
    if (next.startsWith("'")) return BigInt(next[1] === '\\' ? (escapes[next[2]!] ?? next.codePointAt(2)!) : next.codePointAt(1)!);
    return /^0x/i.test(next) || !/[.e]/i.test(next) ? BigInt(next) : Number(next);
  }

  /** Members and elements. */
  #postfix(first: ExpressionValue): ExpressionValue {
    let value = first;
    for (;;) {
      const next = this.#next;
      if (next === '[') {
        this.#at++;
        const index = this.#nested(']');
        value = this.names === undefined ? 0n : objectOf(value).element(wholeOf(index));
      } else if (next === '.' || next === '->') {
        this.#at++;
        const name = this.#next;
        if (name === undefined || !/^[a-z_]/i.test(name)) throw this.#wrong('the name of a member is missing');
        this.#at++;
        for (const part of name.split('.')) value = this.names === undefined ? 0n : objectOf(value).member(part);
      } else return value;
    }
  }
}

function apply(name: string, operation: Operation, left: ExpressionValue, right: ExpressionValue): ExpressionValue {
  if (typeof left === 'object' && (name === '+' || name === '-')) {
    const by = typeof right === 'bigint' ? right : undefined;
    const moved = by === undefined ? undefined : left.moved(name === '+' ? by : -by);
    if (moved !== undefined) return moved;
  }
  const [a, b] = [scalarOf(left), scalarOf(right)];
  if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asIntN(64, operation(a, b));
  const float = ofFloats[name];
  if (float === undefined) throw new UsageError(`'${name}' wants whole numbers`);
  const result = float(Number(a), Number(b));
  return typeof result === 'boolean' ? truth(result) : result;
}

/** Variables of the source come first; `$` says that it is something else. Names of symbols may have dots, too. */
function named(name: string, names: Names): ExpressionValue {
  if (name.startsWith('$')) return names.value(name.slice(1));
  const [first = '', ...members] = name.split('.');
  const object = names.object?.(first);
  if (object === undefined) return names.value(name);
  return members.reduce((whole, member) => whole.member(member), object);
}

function objectOf(value: ExpressionValue): SourceObject {
  if (typeof value !== 'object') throw new UsageError('only variables of the source have members, elements and addresses');
  return value;
}

/** The parts of an expression, and where each begins. */
function tokensOf(text: string): { readonly text: string; readonly index: number }[] {
  const tokens: { text: string; index: number }[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const from = token.lastIndex;
    const found = token.exec(text)?.[1];
    if (found === undefined) {
      const rest = text.slice(from).trim();
      throw new UsageError(`'${rest}' is no part of an expression, column ${text.indexOf(rest, from) + 1}`);
    }
    tokens.push({ text: found, index: token.lastIndex - found.length });
  }
  return tokens;
}

import { UsageError } from '@fireball/contracts';

/** What names mean in an expression, in 64 bits, signed. */
export interface Names {
  /** Of `l0`, `g1`, `o2`, `sp` and so on. @throws UsageError where it has no value, or there is none of the name */
  value(name: string): bigint;
  /** `[ADDRESS]`: the word of memory, signed. @throws UsageError where there is no memory */
  word(address: bigint): bigint;
}

/** By how tightly they bind, loosest first. */
const levels: readonly Readonly<Record<string, (a: bigint, b: bigint) => bigint>>[] = [
  { '||': (a, b) => truth(a !== 0n || b !== 0n) },
  { '&&': (a, b) => truth(a !== 0n && b !== 0n) },
  {
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
  },
  { '&': (a, b) => a & b, '|': (a, b) => a | b, '^': (a, b) => a ^ b },
  { '<<': (a, b) => a << BigInt.asUintN(6, b), '>>': (a, b) => a >> BigInt.asUintN(6, b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b },
];
const token = /\s*(0x[\da-f]+|\d+|\$?[a-z_][\w.]*|\|\||&&|[=!<>]=|<<|>>|[-+*&|^<>()[\]@])/iy;
/** Deepest nesting of brackets. */
const deepest = 100;

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

/**
 * The value of an expression: numbers, names, `[address]` for a word of memory, `@offset` for the address of an offset in linear memory 0, and
 * operators as in C.
 * @throws UsageError where it is none
 */
export function evaluate(text: string, names: Names): bigint {
  const tokens = tokensOf(text);
  let at = 0;
  let depth = 0;
  /** Columns count from 1. */
  const wrong = (problem: string): UsageError => new UsageError(`${problem} in '${text}', column ${(tokens[at]?.index ?? text.trimEnd().length) + 1}`);
  const take = (wanted: string): void => {
    const found = tokens[at]?.text;
    if (found !== wanted) throw wrong(`expected '${wanted}'${found === undefined ? '' : `, not '${found}'`}`);
    at++;
  };
  const nested = (end: string): bigint => {
    if (++depth > deepest) throw new UsageError('the expression is nested too deeply');
    const value = level(0);
    depth--;
    take(end);
    return value;
  };
  const unary = (): bigint => {
    const next = tokens[at]?.text;
    if (next === undefined) throw wrong('a value is missing');
    const isName = /^[$a-z_]/i.test(next);
    if (!isName && !/^[-@([\d]/.test(next)) throw wrong(`'${next}' is no value`);
    at++;
    if (next === '-') return -unary();
    if (next === '@') return names.value('@') + unary();
    if (next === '(') return nested(')');
    if (next === '[') return names.word(nested(']'));
    return isName ? names.value(next.replace(/^\$/, '')) : BigInt(next);
  };
  const level = (index: number): bigint => {
    const operators = levels[index];
    if (operators === undefined) return unary();
    let value = level(index + 1);
    for (;;) {
      const operator = operators[tokens[at]?.text ?? ''];
      if (operator === undefined) return value;
      at++;
      value = BigInt.asIntN(64, operator(value, level(index + 1)));
    }
  };
  const value = level(0);
  if (at < tokens.length) throw wrong(`'${tokens[at]!.text}' is too much`);
  return BigInt.asIntN(64, value);
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

import { UsageError } from '@fireball/contracts';
import { expect, it } from '@jest/globals';
import { checkSyntax, evaluate, type Names } from './expression.js';

const names: Names = {
  value: (name) => {
    if (name === 'l0') return 7n;
    if (name === '@') return 0x3000_0000n;
    throw new UsageError(`there is no ${name}`);
  },
  word: (address) => address + 1n,
};

it.each([
  ['1 + 2 * 3', 7n],
  ['(1 + 2) * 3', 9n],
  ['-l0 - -1', -6n],
  ['@16', 0x3000_0010n],
  ['[l0] == 8 && 1 < 2', 1n],
  ['0x7fffffffffffffff + 1', -(2n ** 63n)],
  ["'a' + '\\n'", 107n],
  ['7 / 2 % 2', 1n],
  ['!l0 + ~0', -1n],
  ['1.5 * 4 == 6', 1n],
  ['1 | 2 & 4', 1n],
  ['6 ^ 2 | 1', 5n],
  ['6 & 2 == 2', 0n],
  ['1 < 2 == 1', 1n],
  ['0 && 1 / 0', 0n],
  ['2 || l9 && 1 / 0', 1n],
  ['(0 && l9) + (1 || 1 / 0)', 1n],
  ['1e3 + 2.5e1', 1025n],
  ['0x1e3', 0x1e3n],
] as const)('%s is %s', (text, value) => {
  expect(evaluate(text, names)).toBe(value);
});

it.each([
  ['1 +', "a value is missing in '1 +', column 4"],
  ['', "a value is missing in '', column 1"],
  ['(1 + 2', "expected ')' in '(1 + 2', column 7"],
  ['[l0 )', "expected ']', not ')' in '[l0 )', column 5"],
  ['l0 * == 2', "'==' is no value in 'l0 * == 2', column 6"],
  ['l0  l0', "'l0' is too much in 'l0  l0', column 5"],
  ['l0 +  # 2', "'# 2' is no part of an expression, column 7"],
  ['  l9', 'there is no l9'],
  ['l0 / 0', 'a division by zero'],
  ['1.5', '1.5 is no whole number'],
  ['1.5 | 1', "'|' wants whole numbers"],
  ['1 && l9', 'there is no l9'],
  ['0 && (1', "expected ')' in '0 && (1', column 8"],
  ['l0.x[1]', 'there is no l0.x'],
  ['l0->', "the name of a member is missing in 'l0->', column 5"],
  ['*l0', 'only variables of the source have members, elements and addresses'],
])("'%s' is refused: %s", (text, problem) => {
  expect(() => evaluate(text, names)).toThrow(new UsageError(problem));
});

it.each(['p->x[', '*&', 'x->', '(a'])("'%s' is no condition, whatever its names are", (text) => {
  expect(() => {
    checkSyntax(text);
  }).toThrow(UsageError);
  checkSyntax('*p->x[3].y == -1.5 && ![@4]');
});

it('brackets are nested a hundred times at most', () => {
  expect(() => evaluate(`${'('.repeat(200)}1${')'.repeat(200)}`, names)).toThrow('nested too deeply');
  expect(() => evaluate(`${'-'.repeat(200)}1`, names)).toThrow('nested too deeply');
});

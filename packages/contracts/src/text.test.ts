import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeJson, formatCount, listNames, printable, printableLines } from './text.js';

// What terminals obey: C0, DEL, C1, and everything that Unicode calls a control of writing direction.
const harmful = /[\p{Cc}\p{Bidi_Control}]/u;

describe('a name in a line of text', () => {
  it.each([
    ['fib', 'fib'],
    ['é→😀', 'é→😀'],
    ['\u001b[31mX\u0007\nY', '\\u{1b}[31mX\\u{7}\\u{a}Y'],
    ['\u009b2J\u007f', '\\u{9b}2J\\u{7f}'],
    ['a\u202egnp\u2066\u200f\u061c', 'a\\u{202e}gnp\\u{2066}\\u{200f}\\u{61c}'],
    ['\u2028\ufeff\u200b', '\\u{2028}\\u{feff}\\u{200b}'],
  ])('%j is shown as %s', (name, shown) => {
    expect(printable(name)).toBe(shown);
  });

  it('holds nothing that a terminal obeys, whatever it is; text of ours keeps its lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(harmful);
        expect(printableLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(harmful);
        expect(printableLines(text).split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });
});

it('JSON has the same value, and nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeJson(JSON.stringify({ [text]: [text] }));
      expect(escaped).not.toMatch(harmful);
      expect(JSON.parse(escaped)).toEqual({ [text]: [text] });
    }),
  );
});

it.each([
  [[], 'none'],
  [['a', '\u001b'], 'a, \\u{1b}'],
  [Array.from({ length: 1500 }, (_, index) => `f${index}`), 'f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11 and 1,488 more'],
])('names are listed up to a number', (names, text) => {
  expect(listNames(names)).toBe(text);
});

it('whole numbers have thousands separators', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => formatCount(value) === value.toLocaleString('en-US')));
});

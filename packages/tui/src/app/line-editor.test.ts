import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineEditor } from './line-editor.js';

it.each([
  [['a', 'b', 'left', 'c'], 'acb', 2],
  [['a', 'b', 'home', 'delete'], 'b', 0],
  [['日', '本', 'backspace'], '日', 1],
  [['o', 'n', 'e', ' ', 't', 'w', 'o', 'ctrl-w', 'x'], 'one x', 5],
  [['a', 'b', 'left', 'ctrl-k', 'ctrl-u'], '', 0],
  [['n', 'up', 'up', 'up'], 'first', 5],
  [['n', 'up', 'down'], 'n', 1],
] as const)('%j', (keys, text, cursor) => {
  const editor = new LineEditor(['second', 'first']);
  for (const key of keys) editor.key(key);
  expect([editor.text, editor.cursor]).toEqual([text, cursor]);
});

it('keeps lines, once each time in a row', () => {
  const history = ['si'];
  const editor = new LineEditor(history);
  for (const line of ['c', 'c', ' ']) {
    editor.insert(line);
    expect(editor.enter()).toBe(line);
  }
  expect(history).toEqual(['c', 'si']);
});

it('has its cursor in the line, whatever is typed', () => {
  const keys = ['left', 'right', 'home', 'end', 'backspace', 'delete', 'ctrl-u', 'ctrl-k', 'ctrl-w', 'up', 'down', 'a', '😀', ' '];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys)), (typed) => {
      const editor = new LineEditor(['x y']);
      for (const key of typed) editor.key(key);
      expect(editor.cursor).toBeGreaterThanOrEqual(0);
      expect(editor.cursor).toBeLessThanOrEqual(editor.text.length);
      expect(Buffer.from(editor.text).toString()).toBe(editor.text);
    }),
  );
});

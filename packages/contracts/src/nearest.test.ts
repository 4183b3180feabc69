import { describe, expect, it } from '@jest/globals';
import { nearest, unknownName } from './nearest.js';

describe('nearest', () => {
  it.each([
    ['rnu', ['run', 'diff'], 'run'],
    ['interpreter', ['interp', 'v8'], 'interp'],
    ['thumb', ['thumb2', 'rv32'], 'thumb2'],
    ['THUMB2', ['thumb2', 'rv32'], 'thumb2'],
    ['x', ['thumb2', 'rv32'], undefined],
    ['anything', [], undefined],
  ])('%s among %p', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });
});

it('unknownName lists few names, and of many only the likely one', () => {
  expect(unknownName('engine', 'v9', ['v8', 'interp']).message).toBe("unknown engine 'v9' (did you mean v8?); known: v8, interp");
  const many = Array.from({ length: 40 }, (_, index) => `template${index}`);
  expect(unknownName('template', 'template3x', many).message).toBe("unknown template 'template3x' (did you mean template3?)");
});

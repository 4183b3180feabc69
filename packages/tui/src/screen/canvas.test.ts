import { expect, it } from '@jest/globals';
import { rangesOf } from '../panes/code.js';
import { Canvas } from './canvas.js';
import { layoutOf, type Contents } from './layout.js';
import { fit, widthOf } from './width.js';

it.each([
  ['abc', 'abc   ', 3],
  ['abcdefgh', 'abcde…', 8],
  ['日本語', '日本語', 6],
  ['日本語x', '日本… ', 7],
  ['⌚⭐x', '⌚⭐x ', 5],
  ['e\u0301\u200b', 'e\u0301     ', 1],
  ['\u001b[m', '·[m   ', 3],
])('%j in six columns', (text, fitted, width) => {
  expect(fit(text, 6)).toBe(fitted);
  expect(widthOf(text)).toBe(width);
});

it('cuts off what does not fit, and leaves the rest alone', () => {
  const canvas = new Canvas(8, 2);
  canvas.put(0, 0, [{ text: '--------', role: 'dim' }]);
  canvas.put(1, 0, [{ text: '日本語', role: 'plain' }], 5);
  canvas.put(4, 1, [{ text: 'long text', role: 'plain' }]);
  canvas.put(0, 5, [{ text: 'nowhere', role: 'plain' }]);
  expect(canvas.lines).toEqual(['-日本…--', '    lon…']);
});

it('gives every cell of a screen to one pane at most, at all sizes', () => {
  for (const [width, height] of [
    [80, 24],
    [100, 30],
    [116, 32],
    [120, 40],
    [150, 40],
    [200, 60],
    [300, 24],
    [80, 100],
  ] as const) {
    const has = (bits: number): Contents => ({ wasm: (bits & 1) > 0, source: (bits & 2) > 0, devices: (bits & 4) > 0, variables: (bits & 8) > 0 });
    for (let bits = 0; bits < 16; bits++) {
      const { slots } = layoutOf(width, height, has(bits));
      expect(slots.flatMap(({ panes }) => panes)).toHaveLength(7 + (bits >> 3) + ((bits >> 2) & 1) + ((bits >> 1) & 1));
      const taken = new Set<number>();
      const wrong: [number, number][] = [];
      for (const { rect } of slots) {
        expect(rect.width).toBeGreaterThan(10);
        expect(rect.height).toBeGreaterThan(2);
        for (let y = rect.y; y < rect.y + rect.height; y++) {
          for (let x = rect.x; x < rect.x + rect.width; x++) {
            const cell = y * width + x;
            if (taken.has(cell) || x >= width || y === 0 || y >= height - 2) wrong.push([x, y]);
            taken.add(cell);
          }
        }
      }
      expect(wrong).toEqual([]);
    }
  }
});

it.each([
  [0, ''],
  [1, '0'],
  [0xff, '7:0'],
  [0x80000001, '31,0'],
  [0x0700_1c07, '26:24,12:10,2:0'],
])('bits of %i', (mask, ranges) => {
  expect(rangesOf(mask)).toBe(ranges);
});

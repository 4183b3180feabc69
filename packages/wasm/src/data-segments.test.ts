import { expect, it } from '@jest/globals';
import { DataSegments } from './data-segments.js';
import { decodeModule } from './decoder.js';
import { header, leb, section } from './testing/module-builder.js';

/** `i32.const` with a number of so many bytes. */
function constant(bytes: number): number[] {
  return [0x41, ...Array.from({ length: bytes - 1 }, () => 0x81), 0x01, 0x0b];
}

/** What comes in front of a segment's size, of which the last bytes are its position, and the bytes of its size where they are not the shortest. */
interface Shape {
  readonly front: readonly number[];
  readonly position: number;
  readonly size: number;
  readonly wide?: boolean;
}

const sizes = [0, 1, 127, 128, 16_383, 16_384];
const shapes: readonly Shape[] = [
  ...sizes.flatMap((size) => [1, 2, 3, 4, 5].map((bytes): Shape => ({ front: [0, ...constant(bytes)], position: bytes + 2, size }))),
  ...sizes.map((size): Shape => ({ front: [1], position: 0, size })),
  ...sizes.map((size): Shape => ({ front: [2, 0, ...constant(3)], position: 5, size })),
  { front: [0, 0x23, 0, 0x0b], position: 3, size: 3 },
  { front: [0x80, 0, ...constant(2)], position: 4, size: 3 },
  { front: [0, ...constant(2)], position: 4, size: 5, wide: true },
];

/** Every shape, and in front of each one and behind it one that is plain. */
const all = shapes.flatMap((shape): Shape[] => [{ front: [0, ...constant(2)], position: 4, size: 2 }, shape]);

it('are what the section says, whatever their forms, those that are kept by their offsets alone included', () => {
  const expected: unknown[] = [];
  const content: number[] = [...leb(all.length)];
  // The section's size takes three bytes.
  const begin = header.length + 4;
  for (const { front, position, size, wide = false } of all) {
    const offset = begin + content.length;
    content.push(...front);
    const end = begin + content.length;
    content.push(...(wide ? [size | 0x80, 0] : leb(size)));
    const start = begin + content.length;
    for (let index = 0; index < size; index++) content.push(0x41);
    expected.push({
      mode: front[0] === 1 ? 'passive' : 'active',
      memory: 0,
      position: position === 0 ? undefined : { start: end - position, end },
      content: { start, end: start + size },
      offset,
    });
  }
  const { data } = decodeModule(Uint8Array.from([...header, ...section(11, content)]));
  expect([...data]).toEqual(expected);
  expect([...DataSegments.of(data)]).toEqual(expected);
  expect(data.length).toBe(all.length);
  // At least those that are not active, at a number of five bytes, or of another memory.
  expect(data.doubtful().length).toBeGreaterThan(2 * sizes.length);
  expect(data.doubtful().length).toBeLessThan(all.length / 2);
});

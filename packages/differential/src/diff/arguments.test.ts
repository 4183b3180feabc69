import { describe, expect, it } from '@jest/globals';
import { argumentLists } from './arguments.js';

describe('argumentLists', () => {
  it('calls a function without parameters once', () => {
    expect(argumentLists([], 48, 1)).toEqual([[]]);
  });

  it('repeats with its seed, and differs with another', () => {
    const lists = argumentLists(['i32', 'i64', 'f32', 'f64'], 48, 7);
    expect(argumentLists(['i32', 'i64', 'f32', 'f64'], 48, 7)).toEqual(lists);
    expect(argumentLists(['i32', 'i64', 'f32', 'f64'], 48, 8)).not.toEqual(lists);
  });

  it.each([
    ['i32', [0, -1, 0x7fffffff, -0x80000000, 32]],
    ['i64', [0n, -1n, 0x7fffffffffffffffn, -0x8000000000000000n, 64n]],
    ['f32', [0x80000000, 0x7f800000, 0x7fc00000, 0x7fa00000, 1]],
    ['f64', [0x8000000000000000n, 0x7ff0000000000000n, 0x7ff8000000000000n, 0x7ff4000000000000n, 1n]],
  ] as const)('reaches the boundaries of %s, and values beyond them', (type, wanted) => {
    const values = argumentLists([type], 64, 1).map(([value]) => value!.value);
    expect(values).toEqual(expect.arrayContaining([...wanted]));
    expect(new Set(values).size).toBeGreaterThan(24);
  });

  it('pairs boundaries differently for each parameter', () => {
    const lists = argumentLists(['i32', 'i32'], 32, 1);
    expect(lists.some(([a, b]) => a!.value !== b!.value)).toBe(true);
  });

  it('passes null for references', () => {
    expect(argumentLists(['funcref', 'externref'], 4, 1)).toContainEqual([
      { type: 'funcref', value: null },
      { type: 'externref', value: null },
    ]);
  });
});

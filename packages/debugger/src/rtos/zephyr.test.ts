import type { DebugTarget } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { Zephyr } from './zephyr.js';

const [kernel, table, countAt, first, second] = [0x1000, 0x2000, 0x2100, 0x3000, 0x4000];
/** A field that this build does not have. */
const none = 0xffff_ffff;
/** As the table says: of the kernel, of a thread. */
const offsets = [1, 8, 16, 60, 64, 13, 12, 14, 44, 68, 100, none, none];

function open(words: ReadonlyMap<number, number>, count?: number): Zephyr {
  const memory = new DataView(new ArrayBuffer(0x6000));
  offsets.forEach((offset, index) => memory.setUint32(table + 4 * index, offset, true));
  for (const [address, word] of words) memory.setUint32(address, word, true);
  if (count !== undefined) memory.setUint32(countAt, count, true);
  const target = {
    architecture: 'thumb2',
    readRegister: () => 0x77n,
    peek: (address: number, size: number) => (address + size > memory.byteLength ? undefined : new Uint8Array(memory.buffer, address, size)),
  } as unknown as DebugTarget;
  const symbols: Readonly<Record<string, number>> = {
    _kernel: kernel,
    _kernel_openocd_offsets: table,
    ...(count === undefined ? {} : { _kernel_openocd_num_offsets: countAt }),
  };
  return Zephyr.find(target, (name) => symbols[name])!;
}

describe('threads by the table', () => {
  it('has none before one runs, and the running one first', () => {
    expect(open(new Map()).threads()).toEqual([]);
    const threads = open(
      new Map([
        [kernel + 8, second],
        [kernel + 16, first],
        [first + 64, second],
        [first + 12, 0x0200],
        [first + 68, 0x0061_6263],
      ]),
    ).threads();
    expect(threads.map(({ id, name, state }) => ({ id, name, state }))).toEqual([
      { id: second, name: '0x4000', state: 'running' },
      { id: first, name: 'cba', state: 'pending' },
    ]);
  });

  it('ends where a list leads back into itself, or out of memory', () => {
    for (const next of [first, 0x7777_0000])
      expect(
        open(
          new Map([
            [kernel + 8, first],
            [kernel + 16, first],
            [first + 64, next],
          ]),
        ).threads().length,
      ).toBeLessThanOrEqual(2);
  });

  it.each([
    { what: 'as the table has no FPU', count: undefined, byte: 0, floats: false },
    { what: 'as the table has one field fewer', count: 13, byte: 0, floats: false },
    { what: 'as EXC_RETURN says', count: 14, byte: 0xed, floats: true },
    { what: 'as EXC_RETURN says, without', count: 14, byte: 0xfd, floats: false },
  ])('finds registers of a thread that does not run: $what', ({ count, byte, floats }) => {
    const psp = 0x5000;
    const words = new Map([
      [kernel + 8, second],
      [kernel + 16, first],
      [first + 44, psp],
      [first + 44 - 4, 11],
      [first + 44 - 32, 4],
      [psp + 24, 0x1234],
      [table + 4 * 13, 5],
      [first + 100 + 4, byte << 8],
    ]);
    const saved = open(words, count).threads()[1]!.saved!;
    expect(['r4', 'r11', 'pc', 'sp', 'msp', 's16'].map((name) => saved(name))).toEqual([4n, 11n, 0x1234n, BigInt(psp + (floats ? 104 : 32)), 0x77n, undefined]);
  });
});

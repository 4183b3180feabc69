/** How far memories and tables grow, at each boundary the same on every engine. */
import { decodeInput, engines, type EngineOptions, type LinkedInstance } from '@fireball/engines';
import { UnsupportedError } from '@fireball/contracts';
import { describe, expect, it } from '@jest/globals';
import { bytesOfText } from './testing/native.js';

interface Row {
  readonly name: string;
  readonly text: string;
  readonly maxPages?: number;
  /** Deltas that `grow` is called with, one after the other, and what it answers: the old size, or -1. */
  readonly steps: readonly (readonly [delta: number, old: number])[];
}

const growing = (memory: string): string =>
  `(module (memory (export "m") ${memory}) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
const table = (limits: string, type = 'funcref'): string =>
  `(module (table ${limits} ${type}) (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null ${type === 'funcref' ? 'func' : 'extern'}) (local.get 0))))`;

const rows: readonly Row[] = [
  {
    name: 'a memory without a maximum',
    text: growing('1'),
    maxPages: 16,
    steps: [
      [15, 1],
      [0, 16],
      [1, -1],
      [-1, -1],
      [0, 16],
    ],
  },
  {
    name: 'one page too much',
    text: growing('1'),
    maxPages: 16,
    steps: [
      [16, -1],
      [15, 1],
    ],
  },
  {
    name: 'a maximum below the option',
    text: growing('1 3'),
    maxPages: 16,
    steps: [
      [3, -1],
      [2, 1],
      [1, -1],
    ],
  },
  {
    name: 'a maximum beyond the option',
    text: growing('1 100'),
    maxPages: 16,
    steps: [
      [16, -1],
      [15, 1],
      [1, -1],
    ],
  },
  {
    name: 'a minimum beyond the option',
    text: growing('20'),
    maxPages: 16,
    steps: [
      [0, 20],
      [1, -1],
      [65516, -1],
      [0, 20],
    ],
  },
  {
    name: 'a minimum beyond the option, with a maximum',
    text: growing('20 30'),
    maxPages: 16,
    steps: [
      [1, -1],
      [0, 20],
    ],
  },
  {
    name: 'a memory of 512 MiB',
    text: growing('8192'),
    maxPages: 1024,
    steps: [
      [0, 8192],
      [1, -1],
    ],
  },
  {
    name: 'more than 64 MiB, asked for',
    text: growing('1'),
    maxPages: 2048,
    steps: [
      [2047, 1],
      [1, -1],
      [0, 2048],
    ],
  },
  {
    name: 'an option beyond what any engine grants',
    text: growing('1'),
    maxPages: 65_536,
    steps: [
      [16_384, -1],
      [-1, -1],
      [0, 1],
    ],
  },
  {
    name: 'an empty memory',
    text: growing('0 0'),
    maxPages: 16,
    steps: [
      [0, 0],
      [1, -1],
    ],
  },
  {
    name: 'an empty memory that grows',
    text: growing('0'),
    maxPages: 2,
    steps: [
      [3, -1],
      [2, 0],
      [1, -1],
    ],
  },
  {
    name: 'a table without a maximum',
    text: table('10'),
    steps: [
      [4097, -1],
      [4096, 10],
      [1, -1],
      [-1, -1],
      [0, 4106],
    ],
  },
  {
    name: 'a table with a maximum',
    text: table('10 20'),
    steps: [
      [11, -1],
      [10, 10],
      [1, -1],
    ],
  },
  {
    name: 'a table with a maximum beyond',
    text: table('0 100000', 'externref'),
    steps: [
      [4097, -1],
      [4096, 0],
      [1, -1],
    ],
  },
  {
    name: 'a large table',
    text: table('100000 100002'),
    steps: [
      [3, -1],
      [2, 100_000],
      [1, -1],
    ],
  },
];

function options(maxPages = 16): EngineOptions {
  return { fuel: 1_000_000, maxPages };
}

function grow(instance: Pick<LinkedInstance, 'invoke'>, delta: number): number {
  const { results, trap } = instance.invoke('grow', [{ type: 'i32', value: delta }]);
  expect(trap).toBeNull();
  return Number(results[0]!.value);
}

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (_name, engine) => {
  it.each(rows)('grows $name', async ({ text, maxPages, steps }) => {
    const instance = await engine.instantiate(decodeInput('test.wat', bytesOfText(text)), options(maxPages));
    try {
      expect(steps.map(([delta]) => grow(instance, delta))).toEqual(steps.map(([, old]) => old));
    } finally {
      instance.close();
    }
  });

  it.each([
    ['a memory beyond all address space', '(module (memory 45057))'],
    ['a table beyond what any engine has', '(module (table 10000001 funcref))'],
    ['tables beyond it together', `(module ${'(table 9000000 funcref)'.repeat(5)})`],
  ])('refuses %s by name', async (_case, text) => {
    await expect(engine.instantiate(decodeInput('test.wat', bytesOfText(text)), options())).rejects.toThrow(UnsupportedError);
  });

  it('has room for two thousand tables that grow', async () => {
    const text = `(module ${'(table 1 funcref)'.repeat(2000)} (func (export "grow") (param i32) (result i32) (table.grow 1999 (ref.null func) (local.get 0))))`;
    const instance = await engine.instantiate(decodeInput('test.wat', bytesOfText(text)), options());
    try {
      expect([grow(instance, 4096), grow(instance, 1), grow(instance, 0)]).toEqual([1, -1, 4097]);
    } finally {
      instance.close();
    }
  });

  it('grants memories of one store what is left, in the order of their creation', async () => {
    const linker = engine.createLinker(options(65_536));
    try {
      // Each has 64 MiB: the first takes 1 GiB of address space, the second 1 GiB that it begins with.
      const open = (text: string): Promise<LinkedInstance> => linker.load('test.wat', bytesOfText(text)).instantiate(() => undefined);
      const [first, second] = [await open(growing('1')), await open(growing('16384'))];
      expect([grow(first, 16_383), grow(second, 1)]).toEqual([1, -1]);
      const third = await open(growing('1'));
      expect([grow(third, 1024), grow(third, 1023)]).toEqual([-1, 1]);
      await expect(open(growing('12288'))).rejects.toThrow(UnsupportedError);
      expect(grow(await open(growing('2 3')), 1)).toBe(2);
    } finally {
      linker.close();
    }
  });

  it('hands on what was declared, not what is granted', async () => {
    const linker = engine.createLinker(options());
    try {
      const exporter = await linker
        .load('test.wat', bytesOfText('(module (memory (export "m") 1) (table (export "t") 1 funcref))'))
        .instantiate(() => undefined);
      const importing = (wanted: string): Promise<LinkedInstance> =>
        linker.load('test.wat', bytesOfText(`(module (import "a" ${wanted}))`)).instantiate((_module, name) => exporter.exports.get(name));
      await importing('"m" (memory 1)');
      await importing('"t" (table 1 funcref)');
      await expect(importing('"m" (memory 1 60000)')).rejects.toThrow('incompatible import type');
      await expect(importing('"t" (table 1 60000 funcref)')).rejects.toThrow('incompatible import type');
    } finally {
      linker.close();
    }
  });

  it('lets importers grow as far as the exporter', async () => {
    const linker = engine.createLinker(options(4));
    try {
      const host = linker.host.memory({ limits: { min: 1, max: undefined }, pageSize: 65_536 });
      const text = '(module (import "a" "m" (memory 1)) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))';
      const open = (): Promise<LinkedInstance> => linker.load('test.wat', bytesOfText(text)).instantiate(() => host);
      const [first, second] = [await open(), await open()];
      expect([grow(first, 2), grow(second, 2), grow(second, 1), grow(first, 1), grow(first, 0)]).toEqual([1, -1, 3, -1, 4]);
    } finally {
      linker.close();
    }
  });
});

/** `grow` as above, with a memory of pages of one byte. */
const bytePages = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x03, 0x02, 0x01, 0x00, 0x05, 0x04, 0x01, 0x08, 0x05, 0x00,
  0x07, 0x08, 0x01, 0x04, 0x67, 0x72, 0x6f, 0x77, 0x00, 0x00, 0x0a, 0x08, 0x01, 0x06, 0x00, 0x20, 0x00, 0x40, 0x00, 0x0b,
];

it.each(engines.filter(({ name }) => name !== 'v8').map((engine) => [engine.name, engine] as const))(
  '%s counts the option in pages of 64 KiB, whatever the memory has',
  async (_name, engine) => {
    const instance = await engine.instantiate(decodeInput('test.wasm', Uint8Array.from(bytePages)), options(1));
    try {
      expect([grow(instance, 65_532), grow(instance, 65_531), grow(instance, 1), grow(instance, 0)]).toEqual([-1, 5, -1, 65_536]);
    } finally {
      instance.close();
    }
  },
);

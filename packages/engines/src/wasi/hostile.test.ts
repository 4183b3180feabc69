import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ProgramExit, wasiFunctionTypes, type Volume } from '@fireball/wasm';
import fc from 'fast-check';
import { harvest, plant, type Tree } from '@fireball/testkit';
import { Guest } from '../testing/guest.js';
import { openFolders } from './folders.js';

const secret = 'never to be seen in there';
const outside: Tree = { secret, folder: { secret } };
const root: Tree = {
  file: '0123456789',
  dir: { inner: 'in', under: { deep: 'deep' }, out: '-> ../../outside/secret', up: '-> ..' },
  out: '-> ../outside',
  abs: '-> /etc/passwd',
  a: '-> b',
  b: '-> a',
  'to-dir': '-> dir/under/..',
  chain: '-> to-dir/out',
};

const known = ['file', 'dir', 'dir/inner', 'dir/under', 'dir/under/deep', 'to-dir', 'to-dir/inner', 'new', 'new', 'dir/new', 'new/new', 'new/', 'dir/under/'];
const waysOut = [
  'out',
  'out/secret',
  'out/new',
  'dir/out',
  'dir/up',
  'dir/up/secret',
  'abs',
  'chain',
  'a',
  '..',
  'new/../..',
  '../outside',
  '../outside/secret',
  '/etc/passwd',
];
const names = ['file', 'dir', 'inner', 'under', 'out', 'up', 'to-dir', 'chain', 'a', 'new', '.', '..', '', 'outside', 'secret'];
const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...known) },
  { weight: 3, arbitrary: fc.constantFrom(...waysOut) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')) },
  { weight: 1, arbitrary: fc.constantFrom('/', '', '.', 'x'.repeat(300), 'a\0b', '\ud800', './'.repeat(3000)) },
);

/** Texts lie here, each with its length in front of it. */
const textBase = 16384;
const textSize = 1024;
const textCount = 8;
/** Structures: iovecs and subscriptions, whose words are often an address and a length. */
const wordBase = 256;
const wordCount = 64;

const pointer = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 8, 64, wordBase, 1024, 4096, textBase) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -8, 65535, 65536, 65529, 0x7fffffff, -0x80000000) },
);
const count = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 8 }) }, { weight: 1, arbitrary: fc.constantFrom(1025, 65536, -1, 0x10000000) });
const descriptor = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 7 }) }, { weight: 1, arbitrary: fc.integer() });
const word = fc.oneof(descriptor, pointer, count);
// Between a few bytes and what no file has: how large one may be is not the same in memory and on a disk.
const long = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.constantFrom(1n << 33n, 1n << 63n, (1n << 64n) - 1n));

interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

const rights = (1n << 30n) - 1n;
const withoutWriting = rights - 0x40n;
const text = fc.integer({ min: 0, max: textCount - 1 });
const bit = fc.integer({ min: 0, max: 1 });
/** The folder, or something that has been opened. */
const folder = fc.oneof(
  { weight: 6, arbitrary: fc.constant(3) },
  { weight: 2, arbitrary: fc.constant(4) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 9 }) },
);
const opened = fc.integer({ min: 4, max: 9 });
const few = fc.integer({ min: 0, max: 3 });

function call(name: string, ...args: readonly fc.Arbitrary<number | bigint>[]): fc.Arbitrary<Call> {
  return fc.tuple(...args).map((given) => ({ name, args: given }));
}
const fixed = (value: number): fc.Arbitrary<number> => fc.constant(value);
/** A text's address and length, to be filled in. */
const path2 = [text.map((index) => -1 - index), fixed(0)] as const;

/** Calls that get somewhere: paths are texts, and what is opened may be used. */
const likely: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: call(
      'path_open',
      folder,
      bit,
      ...path2,
      fc.constantFrom(0, 0, 1, 1, 1, 2, 2, 5, 8, 9),
      fc.constantFrom(rights, withoutWriting, withoutWriting, 0n),
      fc.constant(rights),
      bit,
      fixed(0),
    ),
  },
  { weight: 2, arbitrary: call('path_create_directory', folder, ...path2) },
  call('path_remove_directory', folder, ...path2),
  call('path_unlink_file', folder, ...path2),
  { weight: 4, arbitrary: call('path_rename', folder, ...path2, folder, ...path2) },
  { weight: 2, arbitrary: call('path_link', folder, bit, ...path2, folder, ...path2) },
  { weight: 3, arbitrary: call('path_symlink', ...path2, folder, ...path2) },
  call('path_filestat_get', folder, bit, ...path2, fixed(1024)),
  call('path_filestat_set_times', folder, bit, ...path2, long, long, fc.integer({ min: 0, max: 15 })),
  call('path_readlink', folder, ...path2, fixed(1024), fixed(64), fixed(0)),
  call('fd_readdir', opened, fixed(4096), fc.integer({ min: 0, max: 400 }), long, fixed(0)),
  { weight: 2, arbitrary: call('fd_read', opened, fixed(wordBase), few, fixed(0)) },
  { weight: 2, arbitrary: call('fd_write', opened, fixed(wordBase), few, fixed(0)) },
  call('fd_pwrite', opened, fixed(wordBase), few, long, fixed(0)),
  call('fd_filestat_set_size', opened, long),
  call('fd_close', opened),
  call('fd_renumber', opened, opened),
);

/** Any function with any arguments. */
const anything: fc.Arbitrary<Call> = fc
  .constantFrom(...wasiFunctionTypes)
  .chain(([name, { params }]) => fc.record({ name: fc.constant(name), args: fc.tuple(...params.map((type) => (type === 'i64' ? long : word))) }));

const scenario = fc.record({
  from: fc.constantFrom('wasi_snapshot_preview1', 'wasi_unstable'),
  texts: fc.array(path, { minLength: textCount, maxLength: textCount }),
  words: fc.array(fc.oneof({ weight: 4, arbitrary: fc.tuple(fc.constantFrom(2048, 2056, 2060), fc.integer({ min: 0, max: 40 })) }, fc.tuple(word, word)), {
    minLength: wordCount / 2,
    maxLength: wordCount / 2,
  }),
  calls: fc.array(fc.oneof({ weight: 5, arbitrary: likely }, { weight: 1, arbitrary: anything }), { minLength: 20, maxLength: 40, size: 'max' }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

type VolumeNode = NonNullable<ReturnType<Volume['lookup']>>;

interface Ran {
  readonly answers: readonly string[];
  readonly memory: Uint8Array;
}

/** Names, links and sizes of files, as a folder of the disk has them. */
function onDisk(path: string): Tree {
  const describe = (name: string): string | Tree => {
    const stats = lstatSync(join(path, name));
    if (stats.isDirectory()) return onDisk(join(path, name));
    return stats.isSymbolicLink() ? `-> ${readlinkSync(join(path, name))}` : `${stats.size} bytes`;
  };
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, describe(name)]),
  );
}

/** The same as the program has it. */
function inVolume(volume: Volume, folder = volume.root): Tree {
  const describe = (node: VolumeNode): string | Tree => {
    if (node.kind === 'folder') return inVolume(volume, node);
    return node.kind === 'link' ? `-> ${node.target}` : node.kind === 'file' ? `${node.size} bytes` : node.kind;
  };
  return Object.fromEntries([...volume.entries(folder)].map(([name, { node }]) => [name, describe(node)]));
}

/** Runs a program below a folder of its own, and proves that it has not got out. */
async function run({ from, texts, words, calls }: Scenario, changes: 'through' | 'overlay'): Promise<Ran> {
  const home = mkdtempSync(join(tmpdir(), 'fireball-'));
  try {
    plant(home, { outside, root });
    const folders = openFolders([{ host: join(home, 'root'), guest: '/' }], changes);
    const guest = await Guest.create(folders, from);
    guest.open('dir', { folder: true });
    for (const name of ['file', 'dir/inner', 'file']) guest.open(name);
    const lengths = texts.map(
      (content, index) => new TextEncoder().encodeInto(content, guest.memory.subarray(textBase + index * textSize, textBase + (index + 1) * textSize)).written,
    );
    words.flat().forEach((value, index) => {
      guest.view.setInt32(wordBase + index * 4, value, true);
    });
    const answers = calls.map(({ name, args }) => {
      // A negative text stands for its address, the word behind for its length.
      const texted = name.startsWith('path_') ? args.map((_, index) => resolveText(args, index, lengths)) : args;
      try {
        return `${name} ${guest.call(name, ...texted)}`;
      } catch (error) {
        if (error instanceof ProgramExit) return `${name} ${error.message}`;
        throw error;
      }
    });
    guest.end();
    expect(Buffer.from(guest.memory).includes(secret)).toBe(false);
    expect(harvest(join(home, 'outside'))).toEqual(outside);
    if (changes === 'overlay') expect(harvest(join(home, 'root'))).toEqual(root);
    else expect(inVolume(folders[0]!.volume)).toEqual(onDisk(join(home, 'root')));
    return { answers, memory: guest.memory };
  } finally {
    rmSync(home, { recursive: true });
  }
}

function resolveText(args: readonly (number | bigint)[], index: number, lengths: readonly number[]): number | bigint {
  const isText = (at: number): boolean => typeof args[at] === 'number' && args[at] < 0 && args[at] >= -textCount;
  if (isText(index)) return textBase + (-1 - Number(args[index])) * textSize;
  return index > 0 && isText(index - 1) ? lengths[-1 - Number(args[index - 1])]! : args[index]!;
}

describe('hostile programs', () => {
  it('never get out, crash or hang, and find the same on the disk and in an overlay', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const [through, overlay] = [await run(given, 'through'), await run(given, 'overlay')];
        expect(overlay.answers).toEqual(through.answers);
        expect(Buffer.compare(overlay.memory, through.memory)).toBe(0);
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ProgramExit, wasiFunctionTypes } from '@fireball/wasm';
import fc from 'fast-check';
import { harvest, plant, type Tree } from '@fireball/testkit';
import { Guest } from '../testing/guest.js';
import { openFolders } from './folders.js';

const secret = 'never to be seen in there';
const outside: Tree = { secret, folder: { secret } };
const root: Tree = {
  file: '0123456789', dir: { inner: 'in', under: { deep: 'deep' }, out: '-> ../../outside/secret', up: '-> ..' },
  out: '-> ../outside', abs: '-> /etc/passwd', a: '-> b', b: '-> a', 'to-dir': '-> dir/under/..', chain: '-> to-dir/out',
};

const names = ['file', 'dir', 'inner', 'under', 'out', 'up', 'to-dir', 'chain', 'a', 'new', '.', '..', '', 'outside', 'secret'];
const path = fc.oneof(
  fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
  fc.constantFrom('/', '/etc/passwd', '../outside/secret', 'dir/../../outside/secret', 'x'.repeat(300), 'a\0b', '\ud800', './'.repeat(3000)),
);

/** Texts lie here, each with its length in front of it. */
const textBase = 8192;
const textSize = 1024;
const textCount = 4;
/** Structures: iovecs and subscriptions that random words fill. */
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
const long = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.constantFrom(1n << 33n, 1n << 63n, (1n << 64n) - 1n, (1n << 30n) - 1n - 0x42n));

interface Call {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

const rights = (1n << 30n) - 1n;
const text = fc.integer({ min: 0, max: textCount - 1 });
const flag = fc.integer({ min: 0, max: 17 });

/** Calls that get somewhere: paths are texts, and what is opened may be used. */
const likely: fc.Arbitrary<Call> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(descriptor, flag, text, flag, fc.constantFrom(0n, rights, rights - 0x40n), flag).map(([fd, follow, at, open, wanted, flags]) => ({ name: 'path_open', args: [fd, follow % 3, -1 - at, 0, open, wanted, rights, flags % 5, 0] })) },
  fc.tuple(fc.constantFrom('path_create_directory', 'path_remove_directory', 'path_unlink_file'), descriptor, text).map(([name, fd, at]) => ({ name, args: [fd, -1 - at, 0] })),
  fc.tuple(descriptor, text, descriptor, text).map(([fd, from, other, to]) => ({ name: 'path_rename', args: [fd, -1 - from, 0, other, -1 - to, 0] })),
  fc.tuple(descriptor, flag, text, descriptor, text).map(([fd, follow, from, other, to]) => ({ name: 'path_link', args: [fd, follow % 2, -1 - from, 0, other, -1 - to, 0] })),
  fc.tuple(text, descriptor, text).map(([target, fd, at]) => ({ name: 'path_symlink', args: [-1 - target, 0, fd, -1 - at, 0] })),
  fc.tuple(descriptor, flag, text).map(([fd, follow, at]) => ({ name: 'path_filestat_get', args: [fd, follow % 2, -1 - at, 0, 1024] })),
  fc.tuple(descriptor, text).map(([fd, at]) => ({ name: 'path_readlink', args: [fd, -1 - at, 0, 1024, 64, 0] })),
  fc.tuple(fc.constantFrom('fd_read', 'fd_write'), descriptor, count).map(([name, fd, vectors]) => ({ name, args: [fd, wordBase, vectors, 0] })),
);

/** Any function with any arguments. */
const anything: fc.Arbitrary<Call> = fc.constantFrom(...wasiFunctionTypes).chain(([name, { params }]) =>
  fc.record({ name: fc.constant(name), args: fc.tuple(...params.map((type) => (type === 'i64' ? long : word))) }),
);

const scenario = fc.record({
  from: fc.constantFrom('wasi_snapshot_preview1', 'wasi_unstable'),
  texts: fc.array(path, { minLength: textCount, maxLength: textCount }),
  words: fc.array(word, { minLength: wordCount, maxLength: wordCount }),
  calls: fc.array(fc.oneof({ weight: 3, arbitrary: likely }, { weight: 2, arbitrary: anything }), { minLength: 1, maxLength: 40 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Ran {
  readonly answers: readonly string[];
  readonly memory: Uint8Array;
  readonly after: Tree;
}

/** Runs a program below a folder of its own, and proves that it has not got out. */
async function run({ from, texts, words, calls }: Scenario, changes: 'through' | 'overlay'): Promise<Ran> {
  const home = mkdtempSync(join(tmpdir(), 'fireball-'));
  try {
    plant(home, { outside, root });
    const guest = await Guest.create(openFolders([{ host: join(home, 'root'), guest: '/' }], changes), from);
    const lengths = texts.map((content, index) => new TextEncoder().encodeInto(content, guest.memory.subarray(textBase + index * textSize, textBase + (index + 1) * textSize)).written);
    words.forEach((value, index) => {
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
    const { outside: left, root: after } = harvest(home);
    expect(left).toEqual(outside);
    if (changes === 'overlay') expect(after).toEqual(root);
    return { answers, memory: guest.memory, after: after as Tree };
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
      { numRuns: 300 },
    );
  }, 120_000);
});

import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { getuid } from 'node:process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '@fireball/contracts';
import { Volume, WasiError, type Content } from '@fireball/wasm';
import { harvest, plant } from '@fireball/testkit';
import { Guest, readingRights, type Stat } from '../testing/guest.js';
import { DiskStore } from './disk-store.js';
import { decodeInput } from '../inputs/module.js';
import { assembleText } from '../inputs/text-format.js';
import { interpEngine } from '../interp.js';
import { openFolders } from './folders.js';
import { createHost } from './host.js';
import { runProgram } from './program.js';

let home: string;
const at = (...names: readonly string[]): string => join(home, ...names);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fireball-'));
  plant(home, { outside: { secret: 'secret' }, root: { file: 'old', dir: { inner: 'in' } }, other: { file: 'other' } });
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const guestOf = (changes: 'through' | 'overlay'): Promise<Guest> => Guest.create(openFolders([{ host: at('root'), guest: '/' }], changes));

describe('what a program does is on the disk at once', () => {
  it('every kind of change', async () => {
    const guest = await guestOf('through');
    guest.write(guest.mustOpen('new', { create: true }), 'new');
    guest.write(guest.mustOpen('file'), 'n');
    guest.path('path_create_directory', 3, 'folder');
    guest.path('path_rename', 3, 'dir/inner', 3, 'folder/inner');
    guest.path('path_remove_directory', 3, 'dir');
    guest.path('path_symlink', 'file', 3, 'link');
    guest.path('path_link', 3, 0, 'file', 3, 'again');
    guest.path('path_filestat_set_times', 3, 0, 'new', 0n, 5_000_000_000n, 4);
    guest.call('fd_filestat_set_times', guest.mustOpen('again'), 0n, 7_000_000_000n, 4);
    expect(harvest(at('root'))).toEqual({ again: 'nld', file: 'nld', folder: { inner: 'in' }, link: '-> file', new: 'new' });
    expect([statSync(at('root', 'new')).mtimeMs, statSync(at('root', 'file')).mtimeMs]).toEqual([5000, 7000]);
    guest.end();
  });

  it('in an overlay nothing is, and another one starts anew', async () => {
    for (let round = 0; round < 2; round++) {
      const guest = await guestOf('overlay');
      expect(guest.names()).toEqual(['.', '..', 'dir', 'file']);
      guest.write(guest.mustOpen('file'), 'new');
      guest.path('path_unlink_file', 3, 'dir/inner');
      expect([guest.content('file'), guest.path('path_remove_directory', 3, 'dir')]).toEqual(['new', 'success']);
    }
    expect(harvest(at('root'))).toEqual({ dir: { inner: 'in' }, file: 'old' });
  });
});

describe.each(['through', 'overlay'] as const)('odd things on the disk, changes %s', (changes) => {
  it('two names of one file are one file', async () => {
    linkSync(at('root', 'file'), at('root', 'dir', 'again'));
    const guest = await guestOf(changes);
    const found = guest.stat('dir/again') as Stat;
    guest.write(guest.mustOpen('file'), 'new');
    expect([found.inode, guest.content('dir/again'), guest.stat('dir/again')]).toMatchObject([(guest.stat('file') as Stat).inode, 'new', { links: 2 }]);
    guest.end();
  });

  it('a name that is no UTF-8 is not seen, but its folder is not empty', async () => {
    writeFileSync(Buffer.concat([Buffer.from(at('root', 'dir', 'x')), Buffer.of(0xff)]), '');
    rmSync(at('root', 'dir', 'inner'));
    const guest = await guestOf(changes);
    expect([guest.names(guest.mustOpen('dir', { folder: true })), guest.path('path_remove_directory', 3, 'dir')]).toEqual([['.', '..'], 'notempty']);
    guest.end();
  });

  it('a FIFO is seen and not opened', async () => {
    expect(spawnSync('mkfifo', [at('root', 'fifo')]).status).toBe(0);
    const guest = await guestOf(changes);
    expect([guest.stat('fifo'), guest.open('fifo', { rights: readingRights }), guest.path('path_unlink_file', 3, 'fifo')]).toMatchObject([
      { filetype: 0 },
      'acces',
      'success',
    ]);
    guest.end();
  });

  // The superuser may do everything.
  (getuid!() === 0 ? it.skip : it)('what the user may not do, the program may not', async () => {
    chmodSync(at('root', 'file'), 0o444);
    writeFileSync(at('root', 'unreadable'), '', { mode: 0 });
    const guest = await guestOf(changes);
    expect([guest.open('unreadable'), guest.open('file', { rights: readingRights })]).toEqual(['acces', 4]);
    if (changes === 'through') expect(guest.open('file')).toBe('acces');
    guest.end();
  });
});

describe('somebody else changes the folder while a program runs', () => {
  it('a folder that is now a link out', async () => {
    const guest = await guestOf('through');
    expect(guest.content('dir/inner')).toBe('in');
    renameSync(at('root', 'dir'), at('was'));
    symlinkSync('../outside', at('root', 'dir'));
    expect([
      guest.open('dir/inner'),
      guest.open('dir/new', { create: true }),
      guest.path('path_create_directory', 3, 'dir/new'),
      guest.path('path_unlink_file', 3, 'dir/inner'),
    ]).toEqual(['notdir', 'notdir', 'notdir', 'notdir']);
    expect(harvest(at('outside'))).toEqual({ secret: 'secret' });
    guest.end();
  });

  it('a folder that is a link out before anybody looks into it', async () => {
    const guest = await guestOf('through');
    guest.names();
    renameSync(at('root', 'dir'), at('was'));
    symlinkSync('../outside', at('root', 'dir'));
    expect(guest.names(guest.mustOpen('dir', { folder: true }))).toBe('notdir');
    guest.end();
  });

  it.each(['through', 'overlay'] as const)('a file that is now a link out (%s)', async (changes) => {
    const guest = await guestOf(changes);
    guest.names();
    rmSync(at('root', 'file'));
    symlinkSync('../outside/secret', at('root', 'file'));
    expect([guest.content('file'), guest.open('file')]).toEqual(['loop', 'loop']);
    guest.end();
  });

  it.each(['through', 'overlay'] as const)('a file that is now a folder or a FIFO (%s)', async (changes) => {
    plant(at('root'), { second: '' });
    const guest = await guestOf(changes);
    guest.names();
    for (const name of ['file', 'second']) rmSync(at('root', name));
    mkdirSync(at('root', 'file'));
    expect(spawnSync('mkfifo', [at('root', 'second')]).status).toBe(0);
    expect([guest.open('file', { rights: readingRights }), guest.open('second')]).toEqual(['isdir', 'io']);
    guest.end();
  });

  it('a file that has gone', async () => {
    const guest = await guestOf('through');
    const fd = guest.mustOpen('file');
    rmSync(at('root', 'file'));
    expect([guest.read(fd), guest.call('fd_close', fd), guest.open('file'), guest.path('path_unlink_file', 3, 'file')]).toEqual([
      'old',
      'success',
      'noent',
      'noent',
    ]);
    guest.end();
  });
});

describe('several folders', () => {
  it('are devices of their own, between which nothing is renamed', async () => {
    const guest = await Guest.create(
      openFolders(
        [
          { host: at('root'), guest: '/a' },
          { host: at('other'), guest: '/b' },
        ],
        'through',
      ),
    );
    const device = (fd: number): bigint => {
      guest.call('fd_filestat_get', fd, 1024);
      return guest.view.getBigUint64(1024, true);
    };
    expect([device(3), device(4), device(1)]).toEqual([1n, 2n, 0n]);
    expect([guest.path('path_rename', 3, 'file', 4, 'new'), guest.path('path_link', 3, 0, 'file', 4, 'new')]).toEqual(['xdev', 'xdev']);
    guest.end();
  });

  it.each<[string, readonly (readonly [host: string, guest: string])[], RegExp]>([
    [
      'the same name twice',
      [
        ['root', '/'],
        ['other', '/'],
      ],
      /two folders have the name '\/'/,
    ],
    [
      'the same folder twice',
      [
        ['root', '/a'],
        ['./root', '/b'],
      ],
      /give one of the two/,
    ],
    [
      'one in the other',
      [
        ['root', '/a'],
        ['root/dir', '/b'],
      ],
      /give one of the two/,
    ],
    [
      'one in the other by a link',
      [
        ['root/dir', '/a'],
        ['shortcut', '/b'],
      ],
      /give one of the two/,
    ],
    ['no folder', [['root/file', '/']], /is no folder/],
    ['nothing', [['nowhere', '/']], /cannot be used: no such file/],
  ])('%s', (_, mappings, message) => {
    symlinkSync('root', at('shortcut'));
    const open = () =>
      openFolders(
        mappings.map(([host, guest]) => ({ host: at(host), guest })),
        'overlay',
      );
    expect(open).toThrow(UsageError);
    expect(open).toThrow(message);
  });

  it('neighbours whose names start the same', () => {
    mkdirSync(at('root2'));
    expect(
      openFolders(
        [
          { host: at('root'), guest: '/a' },
          { host: at('root2'), guest: '/b' },
        ],
        'overlay',
      ),
    ).toHaveLength(2);
  });
});

describe('a disk that cannot keep what was written', () => {
  /** Tells it when a file is closed, as network file systems do. */
  class FullDisk extends DiskStore {
    override createFile(path: readonly string[]): Content {
      const content = super.createFile(path);
      return {
        size: 0,
        writable: true,
        read: (offset, target) => content.read(offset, target),
        write: (offset, bytes) => {
          content.write(offset, bytes);
        },
        resize: (size) => {
          content.resize(size);
        },
        sync: () => {
          content.sync();
        },
        setTimes: (times) => {
          content.setTimes(times);
        },
        close: () => {
          content.close();
          throw new WasiError('nospc');
        },
      };
    }
  }
  const folders = () => [{ name: '/files', volume: new Volume(new FullDisk(at('root')), { changes: 'through' }) }];

  it('says so to a program that closes its file', async () => {
    const guest = await Guest.create(folders());
    expect(guest.call('fd_close', guest.mustOpen('new', { create: true }))).toBe('nospc');
  });

  it('is an error of the system for one that ends', async () => {
    const text = `(module (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 8) "new")
      (func (export "_start") (drop (call $open (i32.const 3) (i32.const 0) (i32.const 8) (i32.const 3) (i32.const 1) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))`;
    const loaded = decodeInput('new.wasm', await assembleText('new.wat', text));
    const run = runProgram(interpEngine, loaded, createHost({ args: [], seed: 0, folders: folders() }), { fuel: 1000, maxPages: 16 });
    await expect(run).rejects.toMatchObject({ exitStatus: 69, message: '/files: what the program wrote could not be kept: ENOSPC' });
    expect(harvest(at('root'))).toMatchObject({ new: '' });
  });
});

describe('memory of an overlay', () => {
  it('is limited, and comes back', async () => {
    writeFileSync(at('root', 'large'), Buffer.alloc(2000));
    const guest = await Guest.create([{ name: '/', volume: new Volume(new DiskStore(at('root')), { changes: 'overlay', memoryBytes: 1000 }) }]);
    const fd = guest.mustOpen('new', { create: true });
    expect([guest.open('large'), guest.call('fd_filestat_set_size', fd, 990n), guest.call('fd_filestat_set_size', fd, 1001n)]).toEqual([
      'nomem',
      'success',
      'nospc',
    ]);
    expect([guest.open('file'), guest.pwrite(fd, 'x'.repeat(20), 990n)]).toEqual([5, 'nospc']);
    guest.path('path_unlink_file', 3, 'new');
    guest.call('fd_close', fd);
    expect(guest.write(guest.mustOpen('again', { create: true }), 'x'.repeat(990))).toBe(990);
  });

  it('ends with 100,000 things made', async () => {
    const guest = await guestOf('overlay');
    const fd = guest.mustOpen('one', { create: true });
    guest.call('fd_close', fd);
    let made = 1;
    // One address is enough for both names.
    while (made < 200_000) {
      if (guest.path('path_link', 3, 0, 'one', 3, 'two') !== 'success') break;
      guest.path('path_unlink_file', 3, 'two');
      made++;
    }
    expect([made, guest.open('new', { create: true })]).toEqual([100_000, 'nospc']);
  }, 60_000);

  it('the disk stays as it is', () => {
    expect(readFileSync(at('root', 'file'), 'utf8')).toBe('old');
  });
});

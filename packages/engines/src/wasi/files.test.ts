import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { harvest, plant, type Tree } from '@fireball/testkit';
import { Guest, readingRights, rightsOf, usualFileRights, type Stat } from '../testing/guest.js';
import { openFolders } from './folders.js';

const secret = 'the secret outside';

/** What every row finds; `root` is the folder that the program has. */
const world: Tree = {
  outside: { secret, folder: { secret } },
  root: {
    file: '0123456789',
    empty: '',
    dir: { inner: 'in', under: { deep: 'deep' }, up: '-> ../file', out: '-> ../../outside/secret' },
    'to-file': '-> file',
    'to-dir': '-> dir',
    'to-dir-slash': '-> dir/',
    dangling: '-> nowhere',
    loop: '-> loop',
    ping: '-> pong',
    pong: '-> ping',
    'abs': '-> /etc/passwd',
    'out': '-> ../outside',
    'chain-a': '-> chain-b',
    'chain-b': '-> dir/../chain-c',
    'chain-c': '-> ../outside/secret',
    'ok-a': '-> ./dir/../ok-b',
    'ok-b': '-> dir/inner',
  },
  other: { file: 'of the other folder' },
};
const file = 4, folder = 3, link = 7;
const startOfTime = BigInt(Date.UTC(2025, 0, 1)) * 1_000_000n;
/** `fdflags`. */
const append = 1, nonblock = 4, sync = 16;

type Row = readonly [what: string, act: (guest: Guest) => unknown, expected: unknown];

const stat = (guest: Guest, path: string, follow = true): Stat => guest.stat(path, follow) as Stat;
const long = (count: number): string => 'x'.repeat(count);

const rows: Readonly<Record<string, readonly Row[]>> = {
  'paths that are as good as any': [
    ['dots and many slashes', (g) => g.content('dir/.//under/../../dir/under/../under///./deep'), 'deep'],
    ['a slash behind a folder', (g) => typeof g.open('dir///', { folder: true }), 'number'],
    ['the folder itself', (g) => typeof g.open('.', { folder: true }), 'number'],
    ['a link', (g) => g.content('to-file'), '0123456789'],
    ['a link in the middle', (g) => g.content('to-dir/inner'), 'in'],
    ['a link with a slash behind its target', (g) => g.content('to-dir-slash/inner'), 'in'],
    ['a link that leads up, and not out', (g) => g.content('dir/up'), '0123456789'],
    ['links to links', (g) => g.content('ok-a'), 'in'],
    ['40 links one after the other', (g) => {
      for (let index = 0; index < 40; index++) g.path('path_symlink', index === 0 ? 'file' : `l${index - 1}`, 3, `l${index}`);
      return g.content('l39');
    }, '0123456789'],
    ['a name that is no ASCII', (g) => [g.open('näme', { create: true }), (g.names() as string[]).at(-1)], [4, 'näme']],
    ['a name of 255 bytes', (g) => typeof g.open(long(255), { create: true }), 'number'],
  ],
  'nothing leads out': [
    ['an absolute path', (g) => g.open('/file'), 'notcapable'],
    ['an absolute path outside', (g) => g.open('/etc/passwd'), 'notcapable'],
    ['the folder above', (g) => g.open('..', { folder: true }), 'notcapable'],
    ['the folder above, and back', (g) => g.open('../root/file'), 'notcapable'],
    ['too many dots behind names', (g) => g.open('dir/under/../../../outside/secret'), 'notcapable'],
    ['a link out', (g) => g.open('out/secret'), 'notcapable'],
    ['a link out as a folder', (g) => g.open('out', { folder: true }), 'notcapable'],
    ['a link out with a slash, though links are not followed', (g) => g.open('out/', { folder: true, follow: false }), 'notcapable'],
    ['an absolute link', (g) => g.open('abs'), 'notcapable'],
    ['a chain of links', (g) => g.open('chain-a'), 'notcapable'],
    ['a link in a folder', (g) => g.open('dir/out'), 'notcapable'],
    ['a link in the middle, and up', (g) => g.open('to-dir/../../outside/secret'), 'notcapable'],
    ['a link made by the program', (g) => [g.path('path_symlink', '../outside', 3, 'mine'), g.open('mine/secret')], ['success', 'notcapable']],
    ['a link made by the program, renamed', (g) => [g.path('path_symlink', 'outside', 3, 'dir/x'), g.path('path_rename', 3, 'dir/x', 3, 'y'), g.open('y/secret')], ['success', 'success', 'noent']],
    ['an absolute link made by the program', (g) => g.path('path_symlink', '/etc', 3, 'mine'), 'notcapable'],
    ['up from a folder that is open', (g) => g.open('../file', { base: g.mustOpen('dir', { folder: true }) }), 'notcapable'],
    ['a link up from a folder that is open', (g) => g.open('up', { base: g.mustOpen('dir', { folder: true }) }), 'notcapable'],
    ['up from a folder that has moved', (g) => {
      const fd = g.mustOpen('dir/under', { folder: true });
      g.path('path_rename', 3, 'dir/under', 3, 'moved');
      return [g.open('../file', { base: fd }), g.content('moved/deep')];
    }, ['notcapable', 'deep']],
    ['creating through a link out', (g) => g.open('out/new', { create: true }), 'notcapable'],
    ['creating at the end of a link out', (g) => [g.path('path_symlink', '../outside/new', 3, 'l'), g.open('l', { create: true })], ['success', 'notcapable']],
    ['making a folder outside', (g) => g.path('path_create_directory', 3, '../new'), 'notcapable'],
    ['making a folder through a link', (g) => g.path('path_create_directory', 3, 'out/new'), 'notcapable'],
    ['removing outside', (g) => g.path('path_unlink_file', 3, 'out/secret'), 'notcapable'],
    ['removing a folder outside', (g) => g.path('path_remove_directory', 3, 'out/folder'), 'notcapable'],
    ['renaming from outside', (g) => g.path('path_rename', 3, 'out/secret', 3, 'mine'), 'notcapable'],
    ['renaming to outside', (g) => g.path('path_rename', 3, 'file', 3, '../outside/file'), 'notcapable'],
    ['a second name of what is outside', (g) => g.path('path_link', 3, 0, 'out/secret', 3, 'mine'), 'notcapable'],
    ['a second name of what a link leads to', (g) => g.path('path_link', 3, 1, 'dir/out', 3, 'mine'), 'notcapable'],
    ['a second name outside', (g) => g.path('path_link', 3, 0, 'file', 3, '../outside/file'), 'notcapable'],
    ['the attributes of what is outside', (g) => [g.stat('out'), g.stat('out/'), g.stat('out/secret')], ['notcapable', 'notcapable', 'notcapable']],
    ['the times of what is outside', (g) => g.path('path_filestat_set_times', 3, 1, 'out', 0n, 0n, 5), 'notcapable'],
    ['where a link in there leads', (g) => g.readlink('out/secret'), 'notcapable'],
  ],
  'paths that are wrong': [
    ['an empty path', (g) => g.open(''), 'noent'],
    ['a NUL behind', (g) => g.open('file\0'), 'inval'],
    ['a NUL within', (g) => g.path('path_create_directory', 3, 'a\0b'), 'inval'],
    ['no UTF-8', (g) => g.open(Uint8Array.of(0x66, 0xff), { create: true }), 'ilseq'],
    ['a surrogate in UTF-8', (g) => g.open(Uint8Array.of(0xed, 0xa0, 0x80), { create: true }), 'ilseq'],
    ['a name of 256 bytes', (g) => g.open(long(256), { create: true }), 'nametoolong'],
    ['a path of 4097 bytes', (g) => g.open('./'.repeat(2048) + 'x'), 'nametoolong'],
    ['a slash behind a file', (g) => g.open('file/'), 'notdir'],
    ['slashes behind a file', (g) => g.open('file///'), 'notdir'],
    ['a file in the middle', (g) => g.open('file/x'), 'notdir'],
    ['a dot behind a file', (g) => g.open('file/.'), 'notdir'],
    ['nothing in the middle', (g) => g.open('nowhere/x', { create: true }), 'noent'],
    ['a link to itself', (g) => g.open('loop'), 'loop'],
    ['two links to each other', (g) => g.open('ping/x'), 'loop'],
    ['41 links', (g) => {
      for (let index = 0; index < 41; index++) g.path('path_symlink', index === 0 ? 'file' : `l${index - 1}`, 3, `l${index}`);
      return g.content('l40');
    }, 'loop'],
    ['a descriptor that is no folder', (g) => g.open('x', { base: g.mustOpen('file') }), 'notdir'],
    ['the console as a folder', (g) => g.open('x', { base: 1 }), 'notdir'],
    ['a descriptor that is not open', (g) => g.open('x', { base: 99 }), 'badf'],
  ],
  path_open: [
    ['the lowest number that is free', (g) => [g.open('file'), g.open('empty'), g.call('fd_close', 4), g.open('file')], [4, 5, 'success', 4]],
    ['nothing there', (g) => g.open('nowhere'), 'noent'],
    ['creates', (g) => [g.open('new', { create: true }), g.content('new')], [4, '']],
    ['creates what is there', (g) => g.read(g.mustOpen('file', { create: true })), '0123456789'],
    ['exclusively creates what is there', (g) => g.open('file', { create: true, exclusive: true }), 'exist'],
    ['exclusively creates a link, whatever is behind', (g) => g.open('dangling', { create: true, exclusive: true }), 'exist'],
    ['creates what a link leads to', (g) => [g.write(g.mustOpen('dangling', { create: true }), 'x'), g.content('nowhere')], [1, 'x']],
    ['creates with a slash', (g) => g.open('new/', { create: true }), 'isdir'],
    ['creates a folder', (g) => g.open('new', { create: true, folder: true }), 'inval'],
    ['truncates', (g) => [g.read(g.mustOpen('file', { truncate: true })), stat(g, 'file').size], ['', 0]],
    ['a link that is not followed', (g) => g.open('to-file', { follow: false }), 'loop'],
    ['a link that is not followed, as a folder', (g) => g.open('to-dir', { follow: false, folder: true }), 'notdir'],
    ['a dangling link that is not followed', (g) => g.open('dangling', { follow: false }), 'loop'],
    ['a dangling link', (g) => g.open('dangling'), 'noent'],
    ['a file as a folder', (g) => g.open('to-file', { folder: true }), 'notdir'],
    ['a folder without any rights', (g) => typeof g.open('dir', { rights: 0n }), 'number'],
    ['a folder to write to', (g) => g.open('dir'), 'isdir'],
    ['a folder to truncate', (g) => g.open('dir', { rights: 0n, truncate: true }), 'isdir'],
    ['a folder does not get the right to seek', (g) => {
      const fd = g.mustOpen('dir', { folder: true, rights: rightsOf('seek', 'readdir') });
      return (g.fdstat(fd) as { rights: bigint }).rights;
    }, rightsOf('readdir')],
    ['rights that do not exist are not asked for', (g) => typeof g.open('file', { rights: 2n ** 64n - 1n, inheriting: 2n ** 64n - 1n }), 'number'],
    ['flags are kept', (g) => (g.fdstat(g.mustOpen('file', { flags: append | sync })) as { flags: number }).flags, append | sync],
    ['flags that do not exist', (g) => [g.open('file', { flags: 32 }), g.path('path_open', 3, 2, 'file', 0, 0n, 0n, 0, 0), g.path('path_open', 3, 0, 'file', 16, 0n, 0n, 0, 0)], ['inval', 'inval', 'inval']],
    ['1024 descriptors', (g) => {
      for (let fd = 4; fd < 1024; fd++) if (g.open('file', { rights: readingRights }) !== fd) return fd;
      return [g.open('file'), g.open('new', { create: true }), g.call('fd_close', 500), g.open('file'), g.stat('new')];
    }, ['mfile', 'mfile', 'success', 500, 'noent']],
  ],
  rights: [
    ['more than the folder passes on', (g) => g.open('inner', { base: g.mustOpen('dir', { folder: true, inheriting: readingRights }) }), 'notcapable'],
    ['as much as the folder passes on', (g) => typeof g.open('inner', { base: g.mustOpen('dir', { folder: true, inheriting: readingRights }), rights: readingRights }), 'number'],
    ['creating without the right', (g) => g.open('new', { base: g.mustOpen('dir', { folder: true, rights: rightsOf('open') }), create: true }), 'notcapable'],
    ['truncating without the right', (g) => g.open('inner', { base: g.mustOpen('dir', { folder: true, rights: rightsOf('open') }), truncate: true, rights: 0n }), 'notcapable'],
    ['opening without the right', (g) => g.open('inner', { base: g.mustOpen('dir', { folder: true, rights: 0n }) }), 'notcapable'],
    ['listing without the right', (g) => g.readdir(g.mustOpen('dir', { folder: true, rights: 0n })), 'notcapable'],
    ['writing what is open for reading', (g) => g.write(g.mustOpen('file', { rights: readingRights }), 'x'), 'badf'],
    ['reading what is open for writing', (g) => g.read(g.mustOpen('file', { rights: rightsOf('write') })), 'badf'],
    ['reading elsewhere without the right to seek', (g) => g.pread(g.mustOpen('file', { rights: rightsOf('read') }), 1, 0n), 'notcapable'],
    ['asking where one is, without the right to seek', (g) => {
      const fd = g.mustOpen('file', { rights: rightsOf('read', 'tell') });
      return [g.tell(fd), g.seek(fd, 0n, 'current'), g.seek(fd, 1n, 'current'), g.seek(fd, 0n, 'start')];
    }, [0, 0, 'notcapable', 'notcapable']],
    ['seeking implies telling', (g) => g.tell(g.mustOpen('file', { rights: rightsOf('seek') })), 0],
    ['given up, they do not come back', (g) => {
      const fd = g.mustOpen('file');
      const fewer = usualFileRights & ~rightsOf('write');
      return [g.call('fd_fdstat_set_rights', fd, fewer, 0n), g.write(fd, 'x'), g.call('fd_fdstat_set_rights', fd, usualFileRights, 0n), g.call('fd_fdstat_set_rights', fd, fewer, 1n)];
    }, ['success', 'badf', 'notcapable', 'notcapable']],
    ['the folder has those of folders, and passes on all', (g) => {
      const { rights, inheriting } = g.fdstat(3) as { rights: bigint; inheriting: bigint };
      return [rights & rightsOf('seek', 'tell', 'setSize', 'read', 'write'), inheriting];
    }, [0n, 2n ** 30n - 1n]],
  ],
  'reading, writing and seeking': [
    ['one after the other', (g) => {
      const fd = g.mustOpen('file');
      return [g.read(fd, 3), g.tell(fd), g.write(fd, 'abc'), g.seek(fd, -2n, 'current'), g.read(fd), g.read(fd), g.content('file')];
    }, ['012', 3, 3, 4, 'bc6789', '', '012abc6789']],
    ['from the end', (g) => { const fd = g.mustOpen('file'); return [g.seek(fd, -3n, 'end'), g.read(fd)]; }, [7, '789']],
    ['behind the end', (g) => { const fd = g.mustOpen('empty'); return [g.seek(fd, 4n, 'start'), g.read(fd), g.write(fd, 'x'), g.content('empty')]; }, [4, '', 1, '\0\0\0\0x']],
    ['in front of the start', (g) => g.seek(g.mustOpen('file'), -1n, 'start'), 'inval'],
    ['beyond every file', (g) => { const fd = g.mustOpen('file'); return [g.seek(fd, 2n ** 63n - 1n, 'start'), g.seek(fd, 1n, 'current'), g.read(fd), g.write(fd, 'x')]; }, [2 ** 63, 'inval', '', 'fbig']],
    ['no whence', (g) => g.call('fd_seek', g.mustOpen('file'), 0n, 3, 0), 'inval'],
    ['elsewhere, without moving', (g) => { const fd = g.mustOpen('file'); return [g.pwrite(fd, 'xy', 2n), g.pread(fd, 4, 1n), g.pread(fd, 4, 100n), g.tell(fd)]; }, [2, '1xy4', '', 0]],
    ['elsewhere, out of reach', (g) => [g.pwrite(g.mustOpen('file'), 'x', 2n ** 64n - 1n), g.pread(g.mustOpen('file'), 1, 2n ** 64n - 1n)], ['fbig', '']],
    ['two descriptors of one file', (g) => { const [a, b] = [g.mustOpen('file'), g.mustOpen('file')]; return [g.write(a, 'new'), g.read(b, 4), g.tell(a)]; }, [3, 'new3', 3]],
    ['several buffers, empty ones among them', (g) => {
      const fd = g.mustOpen('file');
      [[200, 2], [0, 0], [300, 3], [400, 9]].forEach(([address, length], index) => {
        g.view.setUint32(16 + index * 8, address!, true);
        g.view.setUint32(20 + index * 8, length!, true);
      });
      const text = (from: number, to: number): string => new TextDecoder().decode(g.memory.slice(from, to));
      const read = [g.call('fd_read', fd, 16, 4, 0), g.view.getUint32(0, true), text(200, 202), text(300, 303), text(400, 405)];
      return [...read, g.call('fd_write', fd, 16, 3, 0), g.content('file')];
    }, ['success', 10, '01', '234', '56789', 'success', '012345678901234']],
    ['buffers that overlap are filled in order', (g) => {
      [[200, 4], [202, 4]].forEach(([address, length], index) => {
        g.view.setUint32(16 + index * 8, address!, true);
        g.view.setUint32(20 + index * 8, length!, true);
      });
      return [g.call('fd_read', g.mustOpen('file'), 16, 2, 0), new TextDecoder().decode(g.memory.slice(200, 206))];
    }, ['success', '014567']],
    ['appends wherever it is', (g) => {
      const fd = g.mustOpen('file', { flags: append });
      const before = [g.write(fd, 'a'), g.seek(fd, 0n, 'start'), g.write(fd, 'b'), g.tell(fd)];
      return [...before, g.call('fd_fdstat_set_flags', fd, 0), g.seek(fd, 0n, 'start'), g.write(fd, 'c'), g.content('file')];
    }, [1, 0, 1, 12, 'success', 0, 1, 'c123456789ab']],
    ['flags that do not exist', (g) => [g.call('fd_fdstat_set_flags', g.mustOpen('file'), 32), g.call('fd_fdstat_set_flags', 1, nonblock)], ['inval', 'success']],
    ['a folder', (g) => [g.read(3), g.write(3, 'x'), g.pread(3, 1, 0n), g.pwrite(3, 'x', 0n), g.seek(3, 0n, 'current'), g.tell(3), g.call('fd_allocate', 3, 0n, 1n), g.call('fd_filestat_set_size', 3, 0n)], Array.from({ length: 8 }, () => 'isdir')],
    ['the console', (g) => [g.pread(0, 1, 0n), g.seek(1, 0n, 'current'), g.tell(1), g.write(1, 'hello'), g.output, g.read(0), g.write(0, 'x'), g.read(1), g.call('fd_sync', 1)], ['spipe', 'spipe', 'spipe', 5, 'hello', '', 'badf', 'badf', 'success']],
    ['growing and cutting', (g) => {
      const fd = g.mustOpen('file');
      return [g.call('fd_filestat_set_size', fd, 4n), g.call('fd_filestat_set_size', fd, 6n), g.content('file'), g.tell(fd), g.call('fd_filestat_set_size', fd, 2n ** 32n + 1n), g.call('fd_filestat_set_size', fd, 2n ** 64n - 1n)];
    }, ['success', 'success', '0123\0\0', 0, 'fbig', 'fbig']],
    ['allocating grows only', (g) => {
      const fd = g.mustOpen('file');
      const size = (): number => (g.descriptorStat(fd) as Stat).size;
      return [g.call('fd_allocate', fd, 0n, 4n), size(), g.call('fd_allocate', fd, 8n, 8n), size(), g.call('fd_allocate', fd, 0n, 0n), g.call('fd_allocate', fd, 2n ** 63n, 2n ** 63n)];
    }, ['success', 10, 'success', 16, 'inval', 'fbig']],
    ['advice, and being sure', (g) => {
      const fd = g.mustOpen('file');
      return [g.call('fd_advise', fd, 0n, 5n, 0), g.call('fd_advise', fd, 0n, 0n, 6), g.call('fd_sync', fd), g.call('fd_datasync', fd), g.call('fd_sync', 3), g.call('fd_advise', 1, 0n, 0n, 0)];
    }, ['success', 'inval', 'success', 'success', 'success', 'spipe']],
    ['a file whose name has gone', (g) => {
      const fd = g.mustOpen('file');
      return [g.path('path_unlink_file', 3, 'file'), g.read(fd, 4), g.write(fd, 'x'), (g.descriptorStat(fd) as Stat).links, g.stat('file'), g.call('fd_close', fd), g.open('file', { create: true }), g.content('file')];
    }, ['success', '0123', 1, 0, 'noent', 'success', 4, '']],
  ],
  descriptors: [
    ['renumbering closes what was there', (g) => {
      const [a, b] = [g.mustOpen('file'), g.mustOpen('empty')];
      return [g.call('fd_renumber', a, b), g.read(b, 2), g.call('fd_close', a), g.call('fd_renumber', b, a), g.call('fd_renumber', b, b), g.read(b, 2)];
    }, ['success', '01', 'badf', 'badf', 'success', '23']],
    ['over the console', (g) => [g.call('fd_renumber', g.mustOpen('new', { create: true }), 1), g.write(1, 'caught'), g.content('new'), g.output], ['success', 6, 'caught', '']],
    ['over the folder, and closing it', (g) => [g.call('fd_renumber', g.mustOpen('dir', { folder: true }), 3), g.content('inner'), g.call('fd_prestat_get', 3, 64), g.call('fd_close', 3), g.open('x')], ['success', 'in', 'badf', 'success', 'badf']],
    ['the name of the folder', (g) => [g.call('fd_prestat_get', 3, 64), [...g.memory.subarray(64, 72)], g.call('fd_prestat_dir_name', 3, 64, 5), g.call('fd_prestat_dir_name', 3, 64, 9), new TextDecoder().decode(g.memory.slice(64, 70))], ['success', [0, 0, 0, 0, 6, 0, 0, 0], 'nametoolong', 'success', '/guest']],
    ['no folder, no name', (g) => [g.call('fd_prestat_get', 4, 64), g.call('fd_prestat_get', 1, 64), g.call('fd_prestat_dir_name', 1, 64, 9)], ['badf', 'badf', 'badf']],
    ['closed ones are closed', (g) => { const fd = g.mustOpen('file'); return [g.call('fd_close', fd), g.call('fd_close', fd), g.read(fd), g.fdstat(fd), g.call('fd_close', -1)]; }, ['success', 'badf', 'badf', 'badf', 'badf']],
  ],
  attributes: [
    ['a file', (g) => stat(g, 'file'), { filetype: file, inode: expect.any(Number), links: 1, size: 10, accessed: startOfTime, modified: startOfTime, changed: startOfTime }],
    ['a folder', (g) => stat(g, 'dir').filetype, folder],
    ['a link, followed or not', (g) => [stat(g, 'to-file').filetype, stat(g, 'to-file', false).filetype, stat(g, 'to-file', false).size, stat(g, 'to-dir/', false).filetype, g.stat('dangling'), stat(g, 'dangling', false).filetype], [file, link, 4, folder, 'noent', link]],
    ['a slash behind a file', (g) => g.stat('file/'), 'notdir'],
    ['by descriptor and by name are the same', (g) => [g.descriptorStat(g.mustOpen('file')), g.stat('to-file')].map((found) => JSON.stringify(found, (_, value: unknown) => String(value))).every((text, _, [first]) => text === first), true],
    ['writing changes them', (g) => {
      g.call('clock_time_get', 0, 0n, 0);
      g.write(g.mustOpen('file'), 'x');
      const { accessed, modified, changed } = stat(g, 'file');
      return [accessed, modified, changed].map((time) => time - startOfTime);
    }, [0n, 1_000_000n, 1_000_000n]],
    ['setting them by name', (g) => [g.path('path_filestat_set_times', 3, 0, 'file', 5n, 7n, 1 | 4), stat(g, 'file').accessed, stat(g, 'file').modified], ['success', 5n, 7n]],
    ['setting one by descriptor', (g) => [g.call('fd_filestat_set_times', g.mustOpen('file'), 5n, 7n, 4), stat(g, 'file').accessed, stat(g, 'file').modified], ['success', startOfTime, 7n]],
    ['setting them to now', (g) => [g.call('clock_time_get', 0, 0n, 0), g.path('path_filestat_set_times', 3, 0, 'dir', 5n, 7n, 2 | 8), stat(g, 'dir').modified - startOfTime], ['success', 'success', 1_000_000n]],
    ['setting the ones of a link', (g) => [g.path('path_filestat_set_times', 3, 0, 'to-file', 5n, 7n, 4), stat(g, 'to-file', false).modified, stat(g, 'file').modified, g.path('path_filestat_set_times', 3, 1, 'to-file', 5n, 9n, 4), stat(g, 'file').modified], ['success', 7n, startOfTime, 'success', 9n]],
    ['to something and to now', (g) => [3, 12, 16].map((flags) => g.path('path_filestat_set_times', 3, 0, 'file', 5n, 7n, flags)), ['inval', 'inval', 'inval']],
    ['of the folder itself', (g) => [g.call('fd_filestat_set_times', 3, 5n, 7n, 5), (g.descriptorStat(3) as Stat).modified], ['success', 7n]],
    ['inodes differ, and are the same for two names', (g) => {
      const numbers = ['file', 'empty', 'dir', 'to-file'].map((name) => stat(g, name, false).inode);
      g.path('path_link', 3, 0, 'file', 3, 'dir/again');
      return [new Set(numbers).size, stat(g, 'dir/again').inode === numbers[0], stat(g, 'file').links];
    }, [4, true, 2]],
  ],
  fd_readdir: [
    ['dots first, then names in their order', (g) => g.names(g.mustOpen('dir', { folder: true })), ['.', '..', 'inner', 'out', 'under', 'up']],
    ['kinds and inodes', (g) => {
      const { entries } = g.readdir(g.mustOpen('dir', { folder: true })) as { entries: readonly { name: string; filetype: number; inode: number }[] };
      return [entries.map(({ filetype }) => filetype), entries.slice(2).every(({ name, inode }) => stat(g, `dir/${name}`, false).inode === inode), entries[0]!.inode === stat(g, 'dir').inode, entries[1]!.inode === stat(g, '.').inode];
    }, [[folder, folder, file, link, folder, link], true, true, true]],
    ['what lies above the folder is the folder itself', (g) => {
      const { entries } = g.readdir(3) as { entries: readonly { inode: number }[] };
      return entries[0]!.inode === entries[1]!.inode;
    }, true],
    ['in small pieces, by cookies', (g) => {
      const fd = g.mustOpen('dir', { folder: true });
      const names: string[] = [];
      for (let cookie = 0; ; ) {
        const { used, entries } = g.readdir(fd, cookie, 60) as { used: number; entries: readonly { name: string; next: number }[] };
        names.push(...entries.map(({ name }) => name));
        if (used < 60) return names;
        cookie = entries.at(-1)!.next;
      }
    }, ['.', '..', 'inner', 'out', 'under', 'up']],
    ['a buffer for less than one entry', (g) => [(g.readdir(3, 0, 10) as { used: number }).used, (g.readdir(3, 0, 0) as { used: number }).used], [10, 0]],
    ['a cookie behind the end', (g) => (g.readdir(3, 1_000_000) as { used: number }).used, 0],
    ['removing while reading leaves nothing out', (g) => {
      g.path('path_create_directory', 3, 'many');
      for (let index = 0; index < 100; index++) g.call('fd_close', g.mustOpen(`many/${index}`, { create: true }));
      const fd = g.mustOpen('many', { folder: true });
      for (let cookie = 2; ; ) {
        const { used, entries } = g.readdir(fd, cookie, 100) as { used: number; entries: readonly { name: string; next: number }[] };
        for (const { name } of entries) g.path('path_unlink_file', fd, name);
        if (used < 100) return [g.names(fd), g.path('path_remove_directory', 3, 'many')];
        cookie = entries.at(-1)!.next;
      }
    }, [['.', '..'], 'success']],
    ['a folder that has been removed', (g) => {
      g.path('path_create_directory', 3, 'gone');
      const fd = g.mustOpen('gone', { folder: true });
      return [g.path('path_remove_directory', 3, 'gone'), g.names(fd), g.open('new', { base: fd, create: true }), g.path('path_create_directory', fd, 'new')];
    }, ['success', ['.', '..'], 'noent', 'noent']],
    ['a file', (g) => g.readdir(g.mustOpen('file')), 'notdir'],
  ],
  'making and removing': [
    ['a folder', (g) => [g.path('path_create_directory', 3, 'new'), g.path('path_create_directory', 3, 'new/'), g.path('path_create_directory', 3, 'new/under/'), g.names(g.mustOpen('new', { folder: true }))], ['success', 'exist', 'success', ['.', '..', 'under']]],
    ['a folder that is there in some way', (g) => ['dir', 'file', 'dangling', '.', 'dir/..'].map((path) => g.path('path_create_directory', 3, path)), ['exist', 'exist', 'exist', 'exist', 'exist']],
    ['removing folders', (g) => ['dir', 'dir/under/', 'file', 'file/', 'to-dir', 'to-dir/', 'nowhere', '.', 'dir/..'].map((path) => g.path('path_remove_directory', 3, path)), ['notempty', 'notempty', 'notdir', 'notdir', 'notdir', 'notdir', 'noent', 'inval', 'notempty']],
    ['removing an empty folder, with a slash', (g) => [g.path('path_create_directory', 3, 'new'), g.path('path_remove_directory', 3, 'new/'), g.stat('new')], ['success', 'success', 'noent']],
    ['removing files', (g) => ['file/', 'dir', 'dir/', 'to-dir/', 'nowhere', '.', 'file', 'file'].map((path) => g.path('path_unlink_file', 3, path)), ['notdir', 'isdir', 'isdir', 'notdir', 'noent', 'isdir', 'success', 'noent']],
    ['removing a link leaves what it leads to', (g) => [g.path('path_unlink_file', 3, 'to-file'), g.path('path_unlink_file', 3, 'out'), g.content('file')], ['success', 'success', '0123456789']],
    ['257 folders in one another', (g) => {
      let base = 3;
      for (let depth = 0; ; depth++) {
        const made = g.path('path_create_directory', base, 'd');
        if (made !== 'success') return [depth, made];
        base = g.mustOpen('d', { base, folder: true });
      }
    }, [256, 'nametoolong']],
  ],
  path_rename: [
    ['a file, over another', (g) => [g.path('path_rename', 3, 'file', 3, 'dir/inner'), g.content('dir/inner'), g.stat('file')], ['success', '0123456789', 'noent']],
    ['a file that is open', (g) => { const fd = g.mustOpen('file'); g.path('path_rename', 3, 'file', 3, 'new'); return [g.write(fd, 'x'), g.content('new')]; }, [1, 'x123456789']],
    ['over a file that is open', (g) => { const fd = g.mustOpen('empty'); g.path('path_rename', 3, 'file', 3, 'empty'); return [g.write(fd, 'x'), g.content('empty')]; }, [1, '0123456789']],
    ['a folder with what is in it', (g) => [g.path('path_rename', 3, 'dir', 3, 'new'), g.content('new/under/deep'), g.content('new/up')], ['success', 'deep', '0123456789']],
    ['a folder nobody has looked into', (g) => [g.path('path_rename', 3, 'dir/under', 3, 'new'), g.content('new/deep'), g.path('path_rename', 3, 'dir', 3, 'new/under'), g.content('new/under/inner')], ['success', 'deep', 'success', 'in']],
    ['slashes behind folders', (g) => [g.path('path_rename', 3, 'dir/', 3, 'new'), g.path('path_rename', 3, 'new', 3, 'dir/'), g.path('path_rename', 3, 'dir/', 3, 'new/')], ['success', 'success', 'success']],
    ['slashes behind files', (g) => [g.path('path_rename', 3, 'file/', 3, 'new'), g.path('path_rename', 3, 'file', 3, 'new/')], ['notdir', 'notdir']],
    ['to itself', (g) => [g.path('path_rename', 3, 'file', 3, 'dir/../file'), g.path('path_rename', 3, 'dir', 3, 'dir')], ['success', 'success']],
    ['over another name of the same file does nothing', (g) => [g.path('path_link', 3, 0, 'file', 3, 'again'), g.path('path_rename', 3, 'file', 3, 'again'), stat(g, 'file').links], ['success', 'success', 2]],
    ['a folder into itself', (g) => g.path('path_rename', 3, 'dir', 3, 'dir/under/new'), 'inval'],
    ['a folder over what it lies in', (g) => g.path('path_rename', 3, 'dir/under', 3, 'dir'), 'notempty'],
    ['a folder over an empty one', (g) => [g.path('path_create_directory', 3, 'new'), g.path('path_rename', 3, 'dir', 3, 'new'), g.content('new/inner')], ['success', 'success', 'in']],
    ['a folder over a full one', (g) => [g.path('path_create_directory', 3, 'new'), g.path('path_rename', 3, 'new', 3, 'dir')], ['success', 'notempty']],
    ['a folder over a file', (g) => g.path('path_rename', 3, 'dir', 3, 'file'), 'notdir'],
    ['a file over a folder', (g) => g.path('path_rename', 3, 'file', 3, 'dir'), 'isdir'],
    ['a link, not what it leads to', (g) => [g.path('path_rename', 3, 'to-file', 3, 'new'), g.readlink('new')], ['success', 'file']],
    ['nothing', (g) => g.path('path_rename', 3, 'nowhere', 3, 'new'), 'noent'],
    ['dots', (g) => [g.path('path_rename', 3, '.', 3, 'new'), g.path('path_rename', 3, 'dir', 3, 'dir/under/..')], ['busy', 'busy']],
  ],
  'names and links': [
    ['a second name', (g) => [g.path('path_link', 3, 0, 'file', 3, 'dir/again'), g.write(g.mustOpen('dir/again'), 'x'), g.content('file'), g.path('path_unlink_file', 3, 'file'), g.content('dir/again'), stat(g, 'dir/again').links], ['success', 1, 'x123456789', 'success', 'x123456789', 1]],
    ['of what is there', (g) => ['file', 'empty', 'dir', 'dangling'].map((path) => g.path('path_link', 3, 0, 'file', 3, path)), ['exist', 'exist', 'exist', 'exist']],
    ['of a folder', (g) => g.path('path_link', 3, 0, 'dir', 3, 'new'), 'perm'],
    ['with slashes', (g) => [g.path('path_link', 3, 0, 'file', 3, 'new/'), g.path('path_link', 3, 0, 'file/', 3, 'new'), g.path('path_link', 3, 0, 'file', 3, 'empty/')], ['noent', 'notdir', 'notdir']],
    ['of a link', (g) => [g.path('path_link', 3, 0, 'dangling', 3, 'new'), g.readlink('new'), g.path('path_link', 3, 0, 'loop', 3, 'other')], ['success', 'nowhere', 'success']],
    ['of what a link leads to', (g) => [g.path('path_link', 3, 1, 'to-file', 3, 'new'), stat(g, 'new', false).filetype, g.path('path_link', 3, 1, 'dangling', 3, 'other')], ['success', file, 'noent']],
    ['making links', (g) => [g.path('path_symlink', 'file', 3, 'new'), g.content('new'), g.readlink('new'), g.path('path_symlink', '../file', 3, 'dir/new'), g.content('dir/new')], ['success', '0123456789', 'file', 'success', '0123456789']],
    ['links where something is', (g) => ['file', 'file/', 'dir', 'dir/', 'dangling', 'new/'].map((path) => g.path('path_symlink', 'x', 3, path)), ['exist', 'notdir', 'exist', 'exist', 'exist', 'noent']],
    ['a link to nothing at all', (g) => [g.path('path_symlink', '', 3, 'new'), g.path('path_symlink', 'a\0b', 3, 'new')], ['noent', 'inval']],
    ['reading links', (g) => [g.readlink('to-file'), g.readlink('to-file', 2), g.readlink('to-file', 0), g.readlink('file'), g.readlink('dir'), g.readlink('nowhere'), g.readlink('to-dir/')], ['file', 'fi', '', 'inval', 'inval', 'noent', 'inval']],
  ],
};

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fireball-'));
  plant(home, world);
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

describe.each([
  { from: 'wasi_snapshot_preview1', changes: 'through' },
  { from: 'wasi_snapshot_preview1', changes: 'overlay' },
  { from: 'wasi_unstable', changes: 'overlay' },
] as const)('$from, changes $changes', ({ from, changes }) => {
  describe.each(Object.entries(rows))('%s', (_group, group) => {
    it.each(group)('%s', async (_what, act, expected) => {
      const guest = await Guest.create(openFolders([{ host: join(home, 'root'), guest: '/guest' }], changes), from);
      try {
        expect(act(guest)).toEqual(expected);
      } finally {
        guest.end();
      }
      const after = harvest(home);
      if (changes === 'overlay') expect(after).toEqual(world);
      else expect(after['outside']).toEqual(world['outside']);
    });
  });
});

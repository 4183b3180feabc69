import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidInputError, SystemError, UsageError } from './errors.js';
import { mostInputBytes, readInputFile, readInputText } from './input-file.js';
import { GrowingFile, makeOutputFolder, writeOutputFile } from './output-file.js';

/** What `attempt` throws, without its cause. */
function refusalOf(attempt: () => unknown): { readonly name: string; readonly message: string } | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
}
const like = ({ name, message }: Error): { readonly name: string; readonly message: string } => ({ name, message });

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is no regular file, and how it comes to be. */
const odd: Readonly<Record<string, (path: string) => void>> = {
  folder: (path) => mkdirSync(path),
  pipe: (path) => execFileSync('mkfifo', [path]),
  'link to a pipe': (path) => {
    execFileSync('mkfifo', [`${path}.pipe`]);
    symlinkSync(`${path}.pipe`, path);
  },
  'link to nothing': (path) => symlinkSync('nowhere', path),
  'link to itself': (path) => symlinkSync(path, path),
};

describe('an input', () => {
  it.each([
    ['folder', 'cannot be read: is a folder'],
    ['pipe', 'cannot be read: is a pipe, and no regular file'],
    ['link to a pipe', 'cannot be read: is a pipe, and no regular file'],
    ['link to nothing', 'cannot be read: is a link to nothing'],
    ['link to itself', 'cannot be read: links that lead in a circle'],
  ])('that is a %s is refused: %s', (kind, problem) => {
    odd[kind]!(at('input'));
    expect(refusalOf(() => readInputFile(at('input')))).toEqual(like(new InvalidInputError(problem, { file: at('input') })));
  });

  it.each([
    ['/dev/zero', 'cannot be read: is a device, and no regular file'],
    ['/dev/null', 'cannot be read: is a device, and no regular file'],
    ['/nowhere/file', 'cannot be read: no such file'],
    ['/dev/null/file', 'cannot be read: a part of its path is no folder'],
    ['', 'cannot be read: no such file'],
    ['x'.repeat(300), 'cannot be read: its name is too long'],
    ['x/'.repeat(4000), 'cannot be read: its name is too long'],
    ['\0', 'cannot be read: no file can have this name'],
  ])('%j is refused: %s', (path, problem) => {
    expect(refusalOf(() => readInputFile(path))).toEqual(like(new InvalidInputError(problem, { file: path })));
  });

  it('that is a socket is refused', async () => {
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect(() => readInputFile(at('socket'))).toThrow('is a socket, and no regular file');
    } finally {
      server.close();
    }
  });

  it('whose name is not UTF-8 is refused for that', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), '');
    const [name] = readdirSync(folder);
    expect(() => readInputFile(at(name!))).toThrow('its name is not UTF-8; rename it');
  });

  it('that is too large is refused before it is read', () => {
    writeFileSync(at('large'), '');
    truncateSync(at('large'), 2 ** 40);
    expect(() => readInputFile(at('large'))).toThrow('is larger than 64 MiB, the largest input that is read');
    truncateSync(at('large'), mostInputBytes);
    expect(readInputFile(at('large'))).toHaveLength(mostInputBytes);
    expect(() => readInputFile(at('large'), mostInputBytes / 2)).toThrow('is larger than 32 MiB');
  });

  it('of the system that has no size is read to its end', () => {
    expect(statSync('/proc/self/status').size).toBe(0);
    expect(readInputText('/proc/self/status')).toMatch(/^Name:[^]*\n$/);
    expect(() => readInputFile('/proc/self/status', 10)).toThrow('is larger than');
  });

  // As a file does that shrinks before it is read: the system says a page, and gives a few bytes.
  const shorter = ['/sys/devices/system/cpu/online', '/sys/kernel/uevent_seqnum'].find((file) => existsSync(file));
  (shorter === undefined ? it.skip : it)(`that has less than the system says is as long as it is${shorter === undefined ? ' (no /sys here)' : ''}`, () => {
    const expected = readFileSync(shorter!);
    expect(expected.length).toBeLessThan(statSync(shorter!).size);
    expect(readInputFile(shorter!)).toEqual(new Uint8Array(expected));
  });
});

describe('a file without permission', () => {
  /** In a process that is not root: nothing is forbidden to that one. */
  const attempts = (lines: string): string => {
    const library = new URL('../dist/index.js', import.meta.url).href;
    const program = `import { readInputFile, makeOutputFolder, writeOutputFile } from '${library}';
      const folder = process.argv[1];
      const attempt = (act) => { try { act(); console.log('done'); } catch (error) { console.log(error.exitStatus + ' ' + error.message.replaceAll(folder, '')); } };
      if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
      ${lines}`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', program, folder], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  };

  it('is neither read nor replaced, and nothing is left in its folder', () => {
    chmodSync(folder, 0o755);
    for (const name of ['closed', 'fixed']) mkdirSync(at(name));
    for (const name of ['unreadable', 'closed/file', 'fixed/file']) writeFileSync(at(name), 'before');
    chmodSync(at('unreadable'), 0);
    chmodSync(at('fixed/file'), 0o444);
    chmodSync(at('fixed'), 0o555);
    chmodSync(at('closed'), 0);
    const seen = attempts(`
      for (const name of ['/unreadable', '/closed/file', '/fixed/file']) attempt(() => readInputFile(folder + name));
      for (const name of ['/closed/file', '/closed/new', '/fixed/file', '/fixed/new']) attempt(() => writeOutputFile(folder + name, 'after'));
      attempt(() => makeOutputFolder(folder + '/fixed/a/b'));`);
    chmodSync(at('closed'), 0o755);
    chmodSync(at('fixed'), 0o755);
    expect(seen.trim().split('\n')).toEqual([
      '65 /unreadable: cannot be read: permission denied',
      '65 /closed/file: cannot be read: permission denied',
      'done',
      '69 cannot write /closed/file: permission denied',
      '69 cannot write /closed/new: permission denied',
      '69 cannot write /fixed/file: permission denied',
      '69 cannot write /fixed/new: permission denied',
      '69 cannot write /fixed/a/b: permission denied',
    ]);
    for (const name of ['closed', 'fixed']) expect(readdirSync(at(name))).toEqual(['file']);
    for (const name of ['closed/file', 'fixed/file']) expect(readFileSync(at(name), 'utf8')).toBe('before');
  });
});

describe('an output', () => {
  /** A file size limit acts as a full disk does, in the middle of writing. */
  const limited = (path: string): string => {
    const helper = new URL('../dist/output-file.js', import.meta.url).href;
    const program = `import { writeOutputFile } from '${helper}'; try { writeOutputFile(process.argv[1], 'x'.repeat(100_000)); } catch (error) { console.log(error.name + ': ' + error.message); }`;
    return execFileSync('bash', ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath, '--input-type=module', '-e', program, path], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  };

  it('is written whole or not at all', () => {
    expect(limited(at('new'))).toBe(`SystemError: cannot write ${at('new')}: files may not become that large here\n`);
    writeFileSync(at('old'), 'before');
    expect(limited(at('old'))).toContain('SystemError');
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(at('old'), 'utf8')).toBe('before');
  });

  it('takes the place of a file, with its mode, behind a link too', () => {
    writeFileSync(at('file'), 'before, and longer');
    chmodSync(at('file'), 0o751);
    symlinkSync('file', at('link'));
    writeOutputFile(at('link'), 'after');
    expect(readlinkSync(at('link'))).toBe('file');
    expect(readFileSync(at('file'), 'utf8')).toBe('after');
    expect(statSync(at('file')).mode & 0o777).toBe(0o751);
    expect(readdirSync(folder).sort()).toEqual(['file', 'link']);
  });

  it.each([
    ['folder', 'it is a folder'],
    ['pipe', 'it is a pipe, and no regular file'],
    ['link to a pipe', 'it is a pipe, and no regular file'],
    ['link to nothing', 'it is a link to nothing'],
    ['link to itself', 'links that lead in a circle'],
  ])('is not written to a %s', (kind, reason) => {
    odd[kind]!(at('output'));
    const before = readdirSync(folder);
    expect(refusalOf(() => writeOutputFile(at('output'), 'x'))).toEqual(like(new UsageError(`cannot write ${at('output')}: ${reason}`)));
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each([
    ['/nowhere/file', 'no such file'],
    ['/dev/null/file', 'a part of its path is no folder'],
    ['', 'no such file'],
    ['x'.repeat(300), 'its name is too long'],
    ['\0', 'no file can have this name'],
  ])('is not written to %j', (path, reason) => {
    expect(refusalOf(() => writeOutputFile(path, 'x'))).toEqual(like(new UsageError(`cannot write ${path}: ${reason}`)));
  });

  it('may be a device', () => {
    writeOutputFile('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(refusalOf(() => writeOutputFile('/dev/full', 'x'))).toEqual(like(new SystemError('cannot write /dev/full: there is no room left on the device')));
  });

  it('gets its folder, where there can be one', () => {
    makeOutputFolder(at('a/b'));
    makeOutputFolder(at('a/b'));
    writeFileSync(at('file'), '');
    expect(() => makeOutputFolder(at('file/b'))).toThrow(UsageError);
    expect(() => makeOutputFolder(at('file'))).toThrow(UsageError);
  });
});

describe('a file that grows', () => {
  it('takes the place of what was there, and holds at once what was written', () => {
    writeFileSync(at('log'), 'a long line of an earlier run');
    const file = new GrowingFile(at('log'));
    file.write(Buffer.from('one '));
    expect(readFileSync(at('log'), 'utf8')).toBe('one ');
    file.write(Buffer.from('two'));
    file.close();
    expect(readFileSync(at('log'), 'utf8')).toBe('one two');
  });

  it('is no pipe that nobody reads: that would wait for ever', () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(refusalOf(() => new GrowingFile(at('pipe')))).toEqual(like(new UsageError(`cannot write ${at('pipe')}: nothing is at the other end of it`)));
  });

  it('may be a pipe whose reader is slow, and leaves', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    // More than a pipe holds.
    const bytes = 200_000;
    const reader = spawn('python3', [
      '-c',
      `import sys, time; f = open(sys.argv[1], 'rb'); time.sleep(0.3); sys.exit(f.read(${bytes}).count(b'x') != ${bytes})`,
      at('pipe'),
    ]);
    let file: GrowingFile | undefined;
    while (file === undefined) refusalOf(() => (file = new GrowingFile(at('pipe'))));
    file.write(Buffer.alloc(bytes, 'x'));
    expect(await once(reader, 'exit')).toEqual([0, null]);
    expect(refusalOf(() => file!.write(Buffer.from('more')))).toEqual(like(new SystemError(`cannot write ${at('pipe')}: nobody reads from it any more`)));
    file.close();
  });

  it.each(['folder', 'none/file', ''])('is not %j', (name) => {
    mkdirSync(at('folder'));
    expect(refusalOf(() => new GrowingFile(name === '' ? '' : at(name)))?.name).toBe('UsageError');
  });
});

import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SystemBus } from '../machine/bus.js';
import { Semihosting } from './semihosting.js';

const ramBase = 0x2000_0000;
const romBase = 0x1000;
const { ENOENT, EACCES, EBADF, EFAULT, EINVAL, EISDIR, EMFILE, ENOSYS } = constants.errno;
const op = {
  open: 1,
  close: 2,
  writec: 3,
  write0: 4,
  write: 5,
  read: 6,
  readc: 7,
  isError: 8,
  isTty: 9,
  seek: 10,
  flen: 12,
  tmpnam: 13,
  remove: 14,
  rename: 15,
  clock: 16,
  time: 17,
  system: 18,
  errno: 19,
  commandLine: 21,
  heapInfo: 22,
  exit: 24,
  exitExtended: 32,
  elapsed: 48,
  tickFrequency: 49,
};

let box: string;
beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), 'fireball-semihosting-'));
  mkdirSync(join(box, 'inside'));
});
afterEach(() => {
  rmSync(box, { recursive: true });
});

/** A machine's memory, and the console, as firmware finds them. */
function host(wordSize: 4 | 8, options: { readonly folder?: boolean; readonly input?: string; readonly commandLine?: string; readonly seconds?: number } = {}) {
  const bus = new SystemBus();
  const ram = new Uint8Array(4096);
  bus.addMemory({ name: 'ram', base: ramBase, bytes: ram, kind: 'ram' });
  bus.addMemory({ name: 'rom', base: romBase, bytes: new Uint8Array(64), kind: 'rom' });
  const input = [...Buffer.from(options.input ?? '')];
  const written: number[] = [];
  const warnings: string[] = [];
  const semihosting = new Semihosting({
    bus,
    wordSize,
    write: (bytes) => written.push(...bytes),
    read: () => input.shift(),
    waiting: () => input.length,
    ...(options.folder === false ? {} : { folder: join(box, 'inside') }),
    commandLine: options.commandLine ?? '',
    seconds: () => options.seconds ?? 0,
    heap: () => ({ base: ramBase + 0x400, limit: ramBase + 0x1000 }),
    warn: (message) => warnings.push(message),
  });
  const view = new DataView(ram.buffer);
  const put = (at: number, text: string): number => {
    ram.set(Buffer.from(`${text}\0`), at - ramBase);
    return at;
  };
  const call = (operation: number, ...words: number[]): number => {
    words.forEach((word, index) => {
      if (wordSize === 4) view.setUint32(index * 4, word, true);
      else view.setBigUint64(index * 8, BigInt(word), true);
    });
    const outcome = semihosting.handle(operation, ramBase);
    return 'result' in outcome ? outcome.result : NaN;
  };
  const open = (path: string, mode: number): number => call(op.open, put(ramBase + 0x100, path), mode, Buffer.byteLength(path));
  const errno = (): number => call(op.errno);
  const word = (index: number): number => (wordSize === 4 ? view.getUint32(index * 4, true) : Number(view.getBigUint64(index * 8, true)));
  return { semihosting, ram, put, call, open, errno, word, warnings, console: () => Buffer.from(written).toString() };
}

describe.each([4, 8] as const)('semihosting with words of %i bytes', (wordSize) => {
  it('writes characters, texts and buffers to the console', () => {
    const { semihosting, put, call, open, console } = host(wordSize);
    expect(semihosting.handle(op.writec, put(ramBase + 0x200, 'A'))).toEqual({ result: 0 });
    expect(semihosting.handle(op.write0, put(ramBase + 0x200, 'bcd'))).toEqual({ result: 0 });
    const out = open(':tt', 4);
    expect(out).toBeGreaterThan(0);
    expect(call(op.isTty, out)).toBe(1);
    expect(call(op.write, out, put(ramBase + 0x200, 'efgh'), 2)).toBe(0);
    expect(console()).toBe('Abcdef');
    expect(call(op.close, out)).toBe(0);
    expect(call(op.close, out)).toBe(-1);
  });

  it('reads the console byte by byte, and in a buffer what is there, up to its end', () => {
    const { ram, call, open } = host(wordSize, { input: 'abc' });
    expect(call(op.readc)).toBe(0x61);
    const input = open(':tt', 0);
    expect(call(op.read, input, ramBase + 0x200, 8)).toBe(6);
    expect(Buffer.from(ram.subarray(0x200, 0x202)).toString()).toBe('bc');
    expect(call(op.read, input, ramBase + 0x200, 8)).toBe(8);
    expect(call(op.readc)).toBe(-1);
  });

  it('says its features in a file', () => {
    const { ram, call, open } = host(wordSize, { folder: false });
    const file = open(':semihosting-features', 0);
    expect(call(op.flen, file)).toBe(5);
    expect(call(op.seek, file, 4)).toBe(0);
    expect(call(op.read, file, ramBase + 0x200, 1)).toBe(0);
    expect(ram[0x200]).toBe(3);
    expect(call(op.isTty, file)).toBe(0);
    expect(open(':semihosting-features', 4)).toBe(-1);
  });

  it('writes, appends to, reads, seeks in, renames and removes files of its folder', () => {
    const { ram, call, open, put, errno } = host(wordSize);
    const file = open('a.txt', 6);
    expect(call(op.write, file, put(ramBase + 0x200, 'hello'), 5)).toBe(0);
    expect(call(op.flen, file)).toBe(5);
    expect(call(op.seek, file, 1)).toBe(0);
    expect(call(op.read, file, ramBase + 0x300, 10)).toBe(6);
    expect(Buffer.from(ram.subarray(0x300, 0x304)).toString()).toBe('ello');
    expect(call(op.isTty, file)).toBe(0);
    expect(call(op.close, file)).toBe(0);
    const more = open('/a.txt', 8);
    expect(call(op.write, more, put(ramBase + 0x200, '!'), 1)).toBe(0);
    call(op.close, more);
    expect(readFileSync(join(box, 'inside', 'a.txt'), 'utf8')).toBe('hello!');
    expect(call(op.rename, put(ramBase + 0x200, 'a.txt'), 5, put(ramBase + 0x300, 'b.txt'), 5)).toBe(0);
    expect(open('a.txt', 0)).toBe(-1);
    expect(errno()).toBe(ENOENT);
    expect(call(op.remove, put(ramBase + 0x200, 'b.txt'), 5)).toBe(0);
    expect(existsSync(join(box, 'inside', 'b.txt'))).toBe(false);
    expect(call(op.remove, put(ramBase + 0x200, 'b.txt'), 5)).toBe(-1);
  });

  it('has no files without a folder', () => {
    const { open, errno } = host(wordSize, { folder: false });
    expect(open('a.txt', 4)).toBe(-1);
    expect(errno()).toBe(EACCES);
  });

  it('gives the command line, if there is room for it and its zero', () => {
    const { ram, call, errno, word } = host(wordSize, { commandLine: 'prog --fast' });
    expect(call(op.commandLine, ramBase + 0x200, 12)).toBe(0);
    expect(word(1)).toBe(11);
    expect(Buffer.from(ram.subarray(0x200, 0x20c)).toString()).toBe('prog --fast\0');
    expect(call(op.commandLine, ramBase + 0x200, 11)).toBe(-1);
    expect(errno()).toBe(constants.errno.E2BIG);
  });

  it('tells time in virtual seconds', () => {
    const { semihosting, ram, call } = host(wordSize, { seconds: 3.456_789 });
    expect(call(op.clock)).toBe(345);
    expect(call(op.time)).toBe(Date.UTC(2025, 0, 1) / 1000 + 3);
    expect(semihosting.handle(op.elapsed, ramBase + 8)).toEqual({ result: 0 });
    expect(Number(new DataView(ram.buffer).getBigUint64(8, true)) / call(op.tickFrequency)).toBeCloseTo(3.456_789, 9);
  });

  it('says where heap and stack may lie', () => {
    const { call, word } = host(wordSize);
    expect(call(op.heapInfo, ramBase)).toBe(0);
    expect([0, 1, 2, 3].map(word)).toEqual([ramBase + 0x400, ramBase + 0x1000, ramBase + 0x1000, ramBase + 0x400]);
  });

  it('knows errors, and what is none of its business', () => {
    const { semihosting, call, errno, warnings, put } = host(wordSize);
    expect(call(op.isError, wordSize === 4 ? 0xffff_ffff : 2 ** 63)).toBe(1);
    expect(call(op.isError, 5)).toBe(0);
    expect(call(op.system, put(ramBase + 0x200, 'rm'), 2)).toBe(-1);
    expect(errno()).toBe(ENOSYS);
    expect(semihosting.handle(0x99, 0)).toEqual({ result: -1 });
    expect(warnings).toEqual(['semihosting operation 0x99 does not exist']);
    expect(call(op.read, 7, ramBase, 4)).toBe(4);
    expect(errno()).toBe(EBADF);
    expect(call(op.seek, 7, 0)).toBe(-1);
  });

  it('ends with the status that the program names', () => {
    const { semihosting, ram } = host(wordSize);
    const view = new DataView(ram.buffer);
    const exit = (operation: number, reason: number, subcode: number): unknown => {
      if (wordSize === 4) [reason, subcode].forEach((value, index) => view.setUint32(index * 4, value, true));
      else [reason, subcode].forEach((value, index) => view.setBigUint64(index * 8, BigInt(value), true));
      return semihosting.handle(operation, operation === op.exit && wordSize === 4 ? reason : ramBase);
    };
    expect(exit(op.exitExtended, 0x2_0026, 42)).toEqual({ exit: 42 });
    expect(exit(op.exit, 0x2_0026, 7)).toEqual({ exit: wordSize === 4 ? 0 : 7 });
    expect(exit(op.exit, 0x2_0023, 0)).toEqual({ exit: 1 });
    expect(semihosting.exitReason).toBe('ADP_Stopped_RunTimeErrorUnknown');
    expect(exit(op.exitExtended, 1, 0)).toEqual({ exit: 1 });
    expect(semihosting.exitReason).toBe('reason 0x1');
  });

  it('refuses addresses outside of memory, and to write into ROM', () => {
    const { semihosting, call, errno, open, put } = host(wordSize);
    expect(semihosting.handle(op.write0, 0x4000_0000)).toEqual({ result: -1 });
    expect(errno()).toBe(EFAULT);
    expect(semihosting.handle(op.open, 0xffff_fffc)).toEqual({ result: -1 });
    const out = open(':tt', 4);
    expect(call(op.write, out, ramBase + 4090, 10)).toBe(10);
    const file = open('a', 6);
    call(op.write, file, put(ramBase + 0x200, 'xyz'), 3);
    call(op.seek, file, 0);
    expect(call(op.read, file, romBase, 3)).toBe(3);
    expect(errno()).toBe(EFAULT);
  });

  it('has 64 handles', () => {
    const { open, errno, semihosting } = host(wordSize);
    const handles = Array.from({ length: 65 }, () => open('a', 4));
    expect(new Set(handles.slice(0, 64)).size).toBe(64);
    expect(handles[64]).toBe(-1);
    expect(errno()).toBe(EMFILE);
    semihosting.close();
  });
});

describe('the folder of semihosting has no way out', () => {
  const cases: [what: string, path: string, error: number][] = [
    ['the file above', '../secret', ENOENT],
    ['an absolute path', '/etc/passwd', ENOENT],
    ['a link to a file outside', 'link-to-secret', EACCES],
    ['a link to a folder outside', 'link-to-box/secret', EACCES],
    ['a link to the root', 'link-to-root/etc/passwd', EACCES],
    ['the folder itself', '.', EISDIR],
    ['a folder', 'folder', EACCES],
    ['no name', '', ENOENT],
    ['a zero in a name', 'a\0b', ENOENT],
    ['below a file', 'plain/x', constants.errno.ENOTDIR],
    ['links that lead in a circle', 'circle', EACCES],
  ];
  it.each(cases)('%s', (_what, path, error) => {
    const inside = join(box, 'inside');
    writeFileSync(join(box, 'secret'), 'secret');
    symlinkSync('../secret', join(inside, 'link-to-secret'));
    symlinkSync('..', join(inside, 'link-to-box'));
    symlinkSync('/', join(inside, 'link-to-root'));
    symlinkSync('circle', join(inside, 'circle'));
    mkdirSync(join(inside, 'folder'));
    writeFileSync(join(inside, 'plain'), '');
    for (const mode of [0, 2]) {
      const { open, errno } = host(4);
      expect(open(path, mode)).toBe(-1);
      expect([error, constants.errno.EISDIR]).toContain(errno());
    }
    expect(readFileSync(join(box, 'secret'), 'utf8')).toBe('secret');
  });

  it('a link to nowhere makes no file outside', () => {
    symlinkSync('../new', join(box, 'inside', 'link'));
    const { open } = host(4);
    expect(open('link', 4)).toBe(-1);
    expect(existsSync(join(box, 'new'))).toBe(false);
  });

  it('links inside of it are followed', () => {
    mkdirSync(join(box, 'inside', 'folder'));
    writeFileSync(join(box, 'inside', 'folder', 'a'), 'x');
    symlinkSync('folder/a', join(box, 'inside', 'link'));
    symlinkSync('folder', join(box, 'inside', 'other'));
    const { open } = host(4);
    for (const path of ['link', 'other/a', 'other/../folder/a', '/link']) expect(open(path, 0)).toBeGreaterThan(0);
  });

  it('a removed link leaves what it leads to', () => {
    writeFileSync(join(box, 'secret'), 'secret');
    symlinkSync('../secret', join(box, 'inside', 'link'));
    const { call, put } = host(4);
    expect(call(op.remove, put(ramBase + 0x200, 'link'), 4)).toBe(0);
    expect(readFileSync(join(box, 'secret'), 'utf8')).toBe('secret');
  });
});

it('any call with any parameters is answered', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<4 | 8>(4, 8),
      fc.array(fc.tuple(fc.nat(0x33), fc.array(fc.oneof(fc.nat(70), fc.constantFrom(ramBase, ramBase + 64, romBase, 0xffff_ffff, EINVAL)), { maxLength: 4 })), {
        maxLength: 12,
      }),
      (wordSize, calls) => {
        const { call, semihosting } = host(wordSize, { folder: true, input: 'input' });
        for (const [operation, words] of calls) expect(typeof call(operation, ...words)).toBe('number');
        semihosting.close();
      },
    ),
    { numRuns: 300 },
  );
});

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { errnoOfCode, WasiError, type Content, type FileStore, type StoreEntry, type StoreListing, type StorePath, type StoreTimes } from '@fireball/wasm';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Refusals after which a file can still be read. */
const readOnlyReasons = ['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'];

/** Does something with the system, whose errors become those of WASI. */
function system<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WasiError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new WasiError(errnoOfCode(code), { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/**
 * A folder of this computer. Every name is opened in the folder above, by that folder's descriptor and without following links, as
 * openat does: whoever replaces a folder by a link while a program runs leads it nowhere.
 */
export class DiskStore implements FileStore {
  /** @param root an existing folder; links on the way to it are followed */
  constructor(private readonly root: string) {}

  list(folder: StorePath): StoreListing {
    return this.within(folder, (path) => {
      let hasOthers = false;
      const entries: StoreEntry[] = [];
      for (const name of readdirSync(path, { encoding: 'buffer' })) {
        const text = decodeName(name);
        const entry = text === undefined ? undefined : describe(path, text);
        if (entry === undefined) hasOthers = true;
        else entries.push(entry);
      }
      return { entries, hasOthers };
    });
  }

  open(path: StorePath): Content {
    return this.at(path, (at) => {
      try {
        return new DiskFile(openSync(at, O_RDWR | O_NOFOLLOW | O_NONBLOCK), true);
      } catch (error) {
        if (!readOnlyReasons.includes(codeOf(error) ?? '')) throw error;
        return new DiskFile(openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), false);
      }
    });
  }

  createFile(path: StorePath): Content {
    return this.at(path, (at) => new DiskFile(openSync(at, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW), true));
  }

  createFolder(path: StorePath): void {
    this.at(path, (at) => {
      mkdirSync(at);
    });
  }

  createLink(path: StorePath, target: string): void {
    this.at(path, (at) => {
      symlinkSync(target, at);
    });
  }

  addName(from: StorePath, to: StorePath): void {
    this.at(from, (fromAt) => {
      this.at(to, (toAt) => {
        linkSync(fromAt, toAt);
      });
    });
  }

  rename(from: StorePath, to: StorePath): void {
    this.at(from, (fromAt) => {
      this.at(to, (toAt) => {
        renameSync(fromAt, toAt);
      });
    });
  }

  removeFile(path: StorePath): void {
    this.at(path, (at) => {
      unlinkSync(at);
    });
  }

  removeFolder(path: StorePath): void {
    this.at(path, (at) => {
      rmdirSync(at);
    });
  }

  setTimes(path: StorePath, times: StoreTimes): void {
    if (path.length === 0) {
      this.within(path, (folder) => {
        const { accessed, modified } = secondsOf(times, lstatSync(`${folder}/.`));
        lutimesSync(`${folder}/.`, accessed, modified);
      });
      return;
    }
    this.at(path, (at) => {
      const { accessed, modified } = secondsOf(times, lstatSync(at));
      lutimesSync(at, accessed, modified);
    });
  }

  /** Gives `work` a path to something in its folder, which holds whatever happens to that folder. */
  private at<T>(path: StorePath, work: (at: string) => T): T {
    return this.within(path.slice(0, -1), (folder) => work(`${folder}/${path.at(-1)!}`));
  }

  private within<T>(folder: StorePath, work: (path: string) => T): T {
    return system(() => {
      let fd = openSync(this.root, O_RDONLY | O_DIRECTORY);
      try {
        for (const name of folder) {
          const next = openSync(`/proc/self/fd/${fd}/${name}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
          closeSync(fd);
          fd = next;
        }
        return work(`/proc/self/fd/${fd}`);
      } finally {
        closeSync(fd);
      }
    });
  }
}

/** A name as text; undefined where it is none. */
function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What has this name; undefined where it has gone meanwhile or a link leads to no text. */
function describe(folder: string, name: string): StoreEntry | undefined {
  const path = `${folder}/${name}`;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile()) return { kind: 'file', name, size: stats.size, identity: `${stats.dev}:${stats.ino}` };
  if (stats.isDirectory()) return { kind: 'folder', name };
  if (stats.isSymbolicLink()) {
    const target = decodeName(readlinkSync(path, { encoding: 'buffer' }));
    return target === undefined ? undefined : { kind: 'link', name, target };
  }
  return { kind: 'special', name, filetype: specialType(stats) };
}

function specialType(stats: Stats): Extract<StoreEntry, { kind: 'special' }>['filetype'] {
  if (stats.isBlockDevice()) return 'block-device';
  if (stats.isCharacterDevice()) return 'character-device';
  return stats.isSocket() ? 'socket' : 'unknown';
}

/** Times as Node takes them, which are those that are there where none is given. */
function secondsOf({ accessed, modified }: StoreTimes, { atimeMs, mtimeMs }: Stats): { accessed: number; modified: number } {
  const seconds = (nanoseconds: bigint | undefined, milliseconds: number): number =>
    nanoseconds === undefined ? milliseconds / 1000 : Number(nanoseconds) / 1e9;
  return { accessed: seconds(accessed, atimeMs), modified: seconds(modified, mtimeMs) };
}

/** An open file of the disk. */
class DiskFile implements Content {
  size: number;

  constructor(
    private readonly descriptor: number,
    readonly writable: boolean,
  ) {
    const stats = fstatSync(descriptor);
    this.size = stats.size;
    if (stats.isFile()) return;
    // Somebody has put something else in its place.
    closeSync(descriptor);
    throw new WasiError('io');
  }

  read(offset: number, target: Uint8Array): number {
    return system(() => {
      let done = 0;
      while (done < target.length) {
        const count = readSync(this.descriptor, target, done, target.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    });
  }

  write(offset: number, bytes: Uint8Array): void {
    system(() => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.descriptor, bytes, done, bytes.length - done, offset + done);
        this.size = Math.max(this.size, offset + done);
      }
    });
  }

  resize(size: number): void {
    system(() => {
      ftruncateSync(this.descriptor, size);
    });
    this.size = size;
  }

  sync(): void {
    system(() => {
      fsyncSync(this.descriptor);
    });
  }

  setTimes(times: StoreTimes): void {
    system(() => {
      const { accessed, modified } = secondsOf(times, fstatSync(this.descriptor));
      futimesSync(this.descriptor, accessed, modified);
    });
  }

  close(): void {
    system(() => {
      closeSync(this.descriptor);
    });
  }
}

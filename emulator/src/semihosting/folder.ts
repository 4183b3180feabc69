import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { join, sep } from 'node:path';
import { UsageError, systemReason } from '@fireball/contracts';

/** An operation on files failed; `code` is the system's name of the reason, `ENOENT`. */
export class FileError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Files of firmware do not fill disks. */
const longestFile = 1024 * 1024 * 1024;

/** How SYS_OPEN's modes 0 to 11 open, as `fopen` does with r, rb, r+, r+b, w, ... */
const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
const openFlags = [O_RDONLY, O_RDWR, O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_APPEND, O_RDWR | O_CREAT | O_APPEND];

/** The first of the four modes that append. */
const firstAppending = 8;

/** An open regular file. Its position is ours. */
export class OpenFile {
  #position = 0;

  /** @param path and mode of SYS_OPEN by which it was opened */
  constructor(
    private readonly descriptor: number,
    readonly path: string,
    readonly mode: number,
  ) {}

  get position(): number {
    return this.#position;
  }

  /** How many bytes came; 0 at the end. */
  read(into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const count = guarded(() => readSync(this.descriptor, into, done, into.length - done, this.#position));
      if (count === 0) break;
      done += count;
      this.#position += count;
    }
    return done;
  }

  write(bytes: Uint8Array): void {
    if ((this.mode & ~3) === firstAppending) this.#position = this.length;
    if (this.#position + bytes.length > longestFile) throw new FileError('EFBIG');
    for (let done = 0; done < bytes.length;) {
      const count = guarded(() => writeSync(this.descriptor, bytes, done, bytes.length - done, this.#position));
      done += count;
      this.#position += count;
    }
  }

  seek(position: number): void {
    if (position > longestFile) throw new FileError('EINVAL');
    this.#position = position;
  }

  get length(): number {
    return guarded(() => fstatSync(this.descriptor).size);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/**
 * The one folder that firmware sees, as its root and current folder alike. Nothing outside of it is reached: `..` ends at its root, links
 * are followed only inside, and each name is opened by the descriptor of the folder above without following links, in case somebody
 * exchanges one meanwhile.
 */
export class Folder {
  readonly #root: string;

  /** @throws UsageError where it is no folder */
  constructor(path: string) {
    try {
      this.#root = realpathSync(path);
      if (!statSync(this.#root).isDirectory()) throw new UsageError(`${path} is no folder`);
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError(`${path} cannot be used as a folder: ${systemReason(error)}`, { cause: error });
    }
  }

  /** @param mode SYS_OPEN's: 0 to 11 */
  open(path: string, mode: number): OpenFile {
    return this.#open(path, mode, openFlags[mode >> 1]);
  }

  /** Once more, as it was: what has been written to it meanwhile stays, and where it has been removed it is empty. */
  reopen(path: string, mode: number, position: number): OpenFile {
    const file = this.#open(path, mode, (openFlags[mode >> 1] ?? 0) & ~O_TRUNC);
    file.seek(position);
    return file;
  }

  #open(path: string, mode: number, flags: number | undefined): OpenFile {
    if (flags === undefined) throw new FileError('EINVAL');
    const descriptor = this.#within(path, true, (place) => openSync(place, flags | O_NOFOLLOW | O_NONBLOCK, 0o666));
    if (fstatSync(descriptor).isFile()) return new OpenFile(descriptor, path, mode);
    closeSync(descriptor);
    throw new FileError('EACCES');
  }

  remove(path: string): void {
    this.#within(path, false, (place) => {
      unlinkSync(place);
    });
  }

  rename(from: string, to: string): void {
    this.#within(from, false, (source) => {
      this.#within(to, false, (target) => {
        renameSync(source, target);
      });
    });
  }

  /** Calls `use` with a name that means the same place whatever happens to the folders above it. */
  #within<T>(path: string, followLast: boolean, use: (place: string) => T): T {
    const names = this.#resolve(path, followLast);
    const last = names.pop();
    if (last === undefined) throw new FileError('EISDIR');
    let folder = guarded(() => openSync(this.#root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    try {
      for (const name of names) {
        const next = guarded(() => openSync(`/proc/self/fd/${folder}/${name}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        closeSync(folder);
        folder = next;
      }
      return guarded(() => use(`/proc/self/fd/${folder}/${last}`));
    } finally {
      closeSync(folder);
    }
  }

  /** Names from the root on, links resolved. */
  #resolve(path: string, followLast: boolean): string[] {
    if (path === '' || path.includes('\0')) throw new FileError('ENOENT');
    const names: string[] = [];
    for (const name of path.split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    const last = names.pop();
    if (last === undefined) return [];
    const parent = this.#inside(guarded(() => realpathSync(join(this.#root, ...names))));
    if (!followLast) return [...parent, last];
    try {
      return this.#inside(realpathSync(join(this.#root, ...parent, last)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [...parent, last];
      throw error instanceof FileError ? error : new FileError(codeOf(error));
    }
  }

  #inside(real: string): string[] {
    if (real === this.#root) return [];
    const prefix = this.#root === sep ? sep : `${this.#root}${sep}`;
    if (!real.startsWith(prefix)) throw new FileError('EACCES');
    return real.slice(prefix.length).split(sep);
  }
}

function guarded<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(codeOf(error));
  }
}

/** A link in place of a file was put there by somebody else just now, or leads out. */
function codeOf(error: unknown): string {
  const { code = 'EIO' } = error as NodeJS.ErrnoException;
  return code === 'ELOOP' ? 'EACCES' : code;
}

import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SystemError, UsageError } from './errors.js';
import { specialKind } from './input-file.js';
import { untilReady } from './retry.js';
import { systemReason } from './system-errors.js';

/** Codes of a path that nothing can be written to, whoever asks: the user named another than was meant. */
const wrongPath = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL', 'EEXIST', 'ENXIO', 'ERR_INVALID_ARG_VALUE']);

/**
 * Writes a file, all of it or nothing: aside, then in place of what was there. Every file of ours that outlives the
 * process is written here. A device such as /dev/null is written to as it is; what a link names is replaced, not the link.
 * @throws UsageError where nothing can be written to this path
 * @throws SystemError where the system does not take it: a full disk, no permission
 */
export function writeOutputFile(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  attempt(file, () => {
    const status = statusOf(file);
    if (status?.isCharacterDevice()) {
      writeNew(file, 'w', bytes);
      return;
    }
    const kind = status === undefined ? undefined : specialKind(status);
    if (kind !== undefined) throw new UsageError(`cannot write ${file}: it is ${kind}`);
    // The rename would replace what may not be written.
    if (status !== undefined) accessSync(file, constants.W_OK);
    replace(status === undefined ? file : realpathSync(file), bytes, status?.mode);
  });
}

/** A file that grows while something runs: a log, a trace. What was there before is gone; a pipe or a terminal is written to as it is. */
export class GrowingFile {
  private readonly descriptor: number;

  /**
   * @throws UsageError where nothing can be written to this path, or nobody reads from the pipe
   * @throws SystemError where the system does not take it
   */
  constructor(private readonly file: string) {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK, O_NOCTTY } = constants;
    // Opening a pipe without a reader, or a terminal line without carrier, would block.
    this.descriptor = attempt(file, () => openSync(file, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY));
  }

  /**
   * Waits for a reader that is slow.
   * @throws SystemError where it is gone, or the disk is full
   */
  write(bytes: Uint8Array): void {
    attempt(this.file, () => {
      for (let done = 0; done < bytes.length;) done += untilReady(() => writeSync(this.descriptor, bytes, done));
    });
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/**
 * Makes a folder, and those that it lies in.
 * @throws UsageError, SystemError as `writeOutputFile`
 */
export function makeOutputFolder(folder: string): void {
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
}

/** Undefined where nothing has this name yet; a link to nothing counts as something. */
function statusOf(file: string): Stats | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined && lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    throw new UsageError(`cannot write ${file}: it is a link to nothing`);
  }
  return status;
}

function replace(file: string, bytes: Uint8Array, mode: number | undefined): void {
  const aside = join(dirname(file), `.fireball-${randomBytes(6).toString('hex')}`);
  try {
    writeNew(aside, 'wx', bytes);
    if (mode !== undefined) chmodSync(aside, mode);
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function writeNew(file: string, flags: 'w' | 'wx', bytes: Uint8Array): void {
  const descriptor = openSync(file, flags);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = `cannot write ${path}: ${systemReason(error)}`;
    throw wrongPath.has((error as NodeJS.ErrnoException).code ?? '') ? new UsageError(message, { cause: error }) : new SystemError(message, { cause: error });
  }
}

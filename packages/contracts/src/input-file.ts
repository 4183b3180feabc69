import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { InvalidInputError } from './errors.js';
import { untilReady } from './retry.js';
import { systemReason } from './system-errors.js';

/** Largest input in bytes: several times the largest modules that people have, and far less than a computer's memory. */
export const mostInputBytes = 64 * 1024 * 1024;

/** The name by which the command line means its standard input. */
export const standardInputName = '-';

const stdinDescriptor = 0;
const chunkBytes = 64 * 1024;

/**
 * Reads a whole regular file. Every file that a user names is read here: nothing else is waited for (a pipe blocks), and
 * nothing is read without end (`/dev/zero`).
 * @param limit most bytes of it
 * @throws InvalidInputError with the file and the reason
 */
export function readInputFile(file: string, limit = mostInputBytes): Uint8Array {
  const refuse = (problem: string, cause?: unknown): InvalidInputError => new InvalidInputError(problem, { file }, { cause });
  let descriptor: number;
  try {
    // Opening a pipe, or a terminal line without carrier, would block.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw refuse(unreadable(file, error), error);
  }
  try {
    const status = fstatSync(descriptor);
    const kind = specialKind(status);
    if (kind !== undefined) throw refuse(`cannot be read: is ${kind}`);
    if (status.size > limit) throw refuse(tooLarge(limit));
    return readToEnd(descriptor, status.size, limit, refuse);
  } catch (error) {
    throw error instanceof InvalidInputError ? error : refuse(unreadable(file, error), error);
  } finally {
    closeSync(descriptor);
  }
}

/** The text of a file, read as `readInputFile` does. */
export function readInputText(file: string, limit?: number): string {
  return new TextDecoder().decode(readInputFile(file, limit));
}

/**
 * Reads standard input to its end, and waits for that.
 * @throws InvalidInputError where it is longer than `limit`, or cannot be read
 */
export function readStandardInput(limit = mostInputBytes): Uint8Array {
  const refuse = (problem: string, cause?: unknown): InvalidInputError => new InvalidInputError(problem, { file: 'standard input' }, { cause });
  try {
    return readToEnd(stdinDescriptor, 0, limit, refuse);
  } catch (error) {
    throw error instanceof InvalidInputError ? error : refuse(`cannot be read: ${systemReason(error)}`, error);
  }
}

/** Why a path cannot be read. */
export function unreadable(path: string, error: unknown): string {
  return `cannot be read: ${detailOf(path, (error as NodeJS.ErrnoException).code) ?? systemReason(error)}`;
}

/** What the system's error code says too little about. */
function detailOf(path: string, code: string | undefined): string | undefined {
  if (code === 'ENXIO') return `is ${specialKind(statSync(path)) ?? 'a regular file'}`;
  if (code !== 'ENOENT') return undefined;
  // A name that is no UTF-8 reaches us with replacement characters, and is never found.
  if (path.includes('\ufffd')) return 'its name is not UTF-8; rename it';
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? 'is a link to nothing' : undefined;
}

/** What something is that is no regular file. */
export function specialKind(status: Stats): string | undefined {
  if (status.isFile()) return undefined;
  if (status.isDirectory()) return 'a folder';
  if (status.isFIFO()) return 'a pipe, and no regular file';
  if (status.isSocket()) return 'a socket, and no regular file';
  return 'a device, and no regular file';
}

function tooLarge(limit: number): string {
  return `is larger than ${limit / (1024 * 1024)} MiB, the largest input that is read`;
}

/**
 * Reads until the end: files below /proc have no size, others grow or shrink meanwhile.
 * @param expected bytes, as the system says
 */
function readToEnd(descriptor: number, expected: number, limit: number, refuse: (problem: string) => InvalidInputError): Uint8Array {
  let buffer = new Uint8Array(expected + 1);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(Math.max(2 * length, chunkBytes), limit + 1));
      larger.set(buffer);
      buffer = larger;
    }
    const count = readSome(descriptor, buffer.subarray(length));
    if (count === 0) return buffer.slice(0, length);
    length += count;
    if (length > limit) throw refuse(tooLarge(limit));
  }
}

function readSome(descriptor: number, place: Uint8Array): number {
  const read = (): number => readSync(descriptor, place);
  try {
    // Somebody may have made the standard input non-blocking.
    return descriptor === stdinDescriptor ? untilReady(read) : read();
  } catch (error) {
    // What Windows and some terminals say at the end of input.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}

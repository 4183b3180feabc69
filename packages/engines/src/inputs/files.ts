import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@fireball/contracts';

/** Reads a whole file; one that cannot be read is a wrong input, named with the system's reason. */
export function readInput(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Files among `paths`, and under those that are folders the ones whose name ends in one of `endings`, in name order. */
export function expandPaths(paths: readonly string[], endings: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!isDirectory(path)) return [path];
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => endings.some((ending) => name.endsWith(ending)))
      .sort()
      .map((name) => join(path, name));
    if (found.length === 0) {
      throw new InvalidInputError(`no ${endings.join(' or ')} file in this folder`, { file: path });
    }
    return found;
  });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
};

function unreadable(file: string, error: unknown): InvalidInputError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new InvalidInputError(`cannot be read: ${reasons[code ?? ''] ?? message}`, { file }, { cause: error });
}

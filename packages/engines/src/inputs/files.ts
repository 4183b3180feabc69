import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, readInputFile, readStandardInput, standardInputName, unreadable } from '@fireball/contracts';

/** Reads an input as the command line names it: a file, or `-` for standard input. */
export function readInput(file: string): Uint8Array {
  return file === standardInputName ? readStandardInput() : readInputFile(file);
}

/** Files among `paths`, and under those that are folders the ones whose name ends in one of `endings`, in name order. */
export function expandPaths(paths: readonly string[], endings: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === standardInputName || !isFolder(path)) return [path];
    const found: string[] = [];
    collect(path, endings, new Set(), found);
    if (found.length === 0) {
      throw new InvalidInputError(`no ${endings.join(' or ')} file in this folder`, { file: path });
    }
    return found.sort();
  });
}

/** Walks a folder, links included; `seen` are those walked already, by which a folder that links lead to twice is walked once. */
function collect(folder: string, endings: readonly string[], seen: Set<string>, found: string[]): void {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    const identity = `${dev}:${ino}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const isWanted = endings.some((ending) => entry.name.endsWith(ending));
      if (entry.isDirectory() || (entry.isSymbolicLink() && leadsToFolder(path))) collect(path, endings, seen, found);
      // What is no regular file is refused when it is read.
      else if (isWanted) found.push(path);
    }
  } catch (error) {
    throw error instanceof InvalidInputError ? error : new InvalidInputError(unreadable(folder, error), { file: folder }, { cause: error });
  }
}

/** Links to nothing lead to no folder. */
function leadsToFolder(link: string): boolean {
  try {
    return statSync(link).isDirectory();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new InvalidInputError(unreadable(path, error), { file: path }, { cause: error });
  }
}

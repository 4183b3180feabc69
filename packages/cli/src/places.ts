import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MissingPartError } from '@fireball/contracts';

const folders = new Map<string, string>();

/** Where a built file of one of our packages is, for the bundle: what was in that file finds its data, its workers and its packages from there. */
export function placeIn(owner: string, path: string): string {
  let folder = folders.get(owner);
  if (folder === undefined) {
    folder = `${pathToFileURL(folderOf(owner)).href}/dist/`;
    folders.set(owner, folder);
  }
  return folder + path;
}

function folderOf(owner: string): string {
  // From the bundle, and from src/.
  const own = import.meta.dirname.replace(/[\\/](dist[\\/]bundle|src)$/, '');
  if (owner === 'cli') return own;
  for (let place = own; ; place = dirname(place)) {
    const folder = join(place, 'node_modules', '@fireball', owner);
    if (existsSync(folder)) return realpathSync(folder);
    if (place === dirname(place)) throw new MissingPartError(`@fireball/${owner}`, `npm install @fireball/${owner}`);
  }
}

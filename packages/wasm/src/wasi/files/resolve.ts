import { WasiError } from '../errno.js';
import type { FolderNode, Node } from './node.js';
import type { Name, Volume } from './volume.js';

/** Links followed for one path, as in Linux; more is ELOOP. */
const maxLinks = 40;
/** Longest name in bytes, as NAME_MAX of most systems. */
const maxName = 255;

/** Where a path ends. */
export interface Place extends Name {
  /** What is there. */
  readonly node: Node | undefined;
  /** The path ends with a slash: only a folder may be there. */
  readonly wantsFolder: boolean;
  /** The path ends with `.` or `..`: `folder` is `node` itself, and `name` is no entry of it. */
  readonly isDots: boolean;
}

/** What happens to a link at the end of a path: it is followed, or only with a slash behind it (as lstat does), or never. */
export type LinkAtEnd = 'follow' | 'keep' | 'entry';

/**
 * Walks from `base` along a path. Links are resolved here, name by name, so that nothing outside of `base` is ever reached: an
 * absolute path or link, or a `..` above `base`, is ENOTCAPABLE.
 */
export function resolve(volume: Volume, base: FolderNode, path: string, atEnd: LinkAtEnd): Place {
  if (path === '') throw new WasiError('noent');
  const trail = [base];
  let wantsFolder = path.endsWith('/');
  let rest = namesOf(path);
  let links = 0;
  for (;;) {
    const folder = trail.at(-1)!;
    const [name, ...behind] = rest;
    const isLast = behind.length === 0;
    // Only slashes are absolute, so there is a name.
    if (name === '.' || name === '..') {
      if (name === '..') {
        if (trail.length === 1) throw new WasiError('notcapable');
        trail.pop();
      }
      const reached = trail.at(-1)!;
      if (isLast) return { folder: reached, name, node: reached, wantsFolder, isDots: true };
      rest = behind;
      continue;
    }
    if (new TextEncoder().encode(name).length > maxName) throw new WasiError('nametoolong');
    const at = { folder, name: name! };
    const node = volume.lookup(at);
    const follows = !isLast || atEnd === 'follow' || (atEnd === 'keep' && wantsFolder);
    if (node?.kind === 'link' && follows) {
      if (++links > maxLinks) throw new WasiError('loop');
      if (isLast) wantsFolder ||= node.target.endsWith('/');
      rest = [...namesOf(node.target), ...behind];
      continue;
    }
    if (isLast) return { ...at, node, wantsFolder, isDots: false };
    if (node === undefined) throw new WasiError('noent');
    if (node.kind !== 'folder') throw new WasiError('notdir');
    trail.push(node);
    rest = behind;
  }
}

function namesOf(path: string): string[] {
  if (path.startsWith('/')) throw new WasiError('notcapable');
  return path.split('/').filter((name) => name !== '');
}

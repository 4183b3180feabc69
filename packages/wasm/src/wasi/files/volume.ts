import { startOfTime } from '../clock.js';
import { WasiError } from '../errno.js';
import { MemoryBudget, MemoryContent } from './content.js';
import type { FileNode, FolderEntry, FolderNode, LinkNode, Node } from './node.js';
import type { Content, FileStore, StoreEntry, StorePath, StoreTimes } from './store.js';

/** A name in a folder, whether something is there or not. */
export interface Name {
  readonly folder: FolderNode;
  readonly name: string;
}

/** How a volume treats its store. */
export interface VolumeOptions {
  /**
   * `through`: every change is made in the store as well, before the call returns. `overlay`: changes live in memory; the store stays
   * as it is, so that several programs can each have a volume of their own on it.
   */
  readonly changes: 'through' | 'overlay';
  /** Bytes of memory for the contents of files. */
  readonly memoryBytes?: number;
}

const defaultMemoryBytes = 64 * 1024 * 1024;
/** Files, folders and links that a program can make. */
const maxCreated = 100_000;
/** Folders inside of one another. */
const maxDepth = 256;
/** `.` and `..` have the cookies before. */
const firstCookie = 2;

/**
 * A folder that a program sees, with what is in it. What is there is read from the store when the program first looks and not again,
 * and so are numbers: inodes in the order of looking, entries in the order of their names, times the start of the program's time.
 * So a program's results depend on names and contents only.
 */
export class Volume {
  readonly root: FolderNode;
  private lastInode = 0n;
  private created = 0;
  private readonly budget: MemoryBudget;
  /** Files by the store's identity. */
  private readonly files = new Map<string, FileNode>();
  private readonly opened = new Set<FileNode>();
  private readonly through: FileStore | undefined;

  constructor(
    private readonly store: FileStore,
    { changes, memoryBytes = defaultMemoryBytes }: VolumeOptions,
  ) {
    this.through = changes === 'through' ? store : undefined;
    this.budget = new MemoryBudget(memoryBytes);
    this.root = this.newFolder([], startOfTime);
    this.root.links = 1;
  }

  /** The entries of a folder, in the order of their cookies. */
  entries(folder: FolderNode): ReadonlyMap<string, FolderEntry> {
    return this.load(folder);
  }

  lookup({ folder, name }: Name): Node | undefined {
    return this.load(folder).get(name)?.node;
  }

  createFile(at: Name, now: bigint): FileNode {
    this.checkNew(at);
    const content = this.through?.createFile(this.pathOf(at)) ?? new MemoryContent(this.budget);
    const node: FileNode = { kind: 'file', ...this.facts(now), size: 0, content, opened: 0, origin: undefined };
    this.insert(at, node, now);
    this.opened.add(node);
    return node;
  }

  createFolder(at: Name, now: bigint): void {
    this.checkNew(at);
    this.through?.createFolder(this.pathOf(at));
    const node = this.newFolder(undefined, now);
    node.entries = new Map();
    node.parent = at;
    this.insert(at, node, now);
  }

  createLink(at: Name, target: string, now: bigint): void {
    this.checkNew(at);
    this.through?.createLink(this.pathOf(at), target);
    this.insert(at, { kind: 'link', ...this.facts(now), target }, now);
  }

  /** A second name for what is at `from`, which is no folder. */
  addName(from: Name, node: Exclude<Node, FolderNode>, to: Name, now: bigint): void {
    this.checkNew(to);
    this.through?.addName(this.pathOf(from), this.pathOf(to));
    node.links++;
    node.times.changed = now;
    this.insert(to, node, now);
  }

  /** Removes a name of something that is no folder. */
  removeFile(at: Name, node: Exclude<Node, FolderNode>, now: bigint): void {
    this.through?.removeFile(this.pathOf(at));
    this.remove(at, now);
    this.unlink(node, now);
  }

  /** @throws WasiError `notempty` */
  removeFolder(at: Name, node: FolderNode, now: bigint): void {
    this.checkEmpty(node);
    this.through?.removeFolder(this.pathOf(at));
    this.remove(at, now);
    this.unlink(node, now);
  }

  /**
   * Moves `node` from one name to another, and replaces what is there.
   * @throws WasiError as POSIX's rename
   */
  rename(from: Name, node: Node, to: Name, now: bigint): void {
    const replaced = this.lookup(to);
    if (replaced === node) return;
    if (node.kind === 'folder') {
      if (isInside(to.folder, node)) throw new WasiError('inval');
      if (replaced !== undefined && replaced.kind !== 'folder') throw new WasiError('notdir');
      if (replaced !== undefined) this.checkEmpty(replaced);
      if (depthOf(to.folder) >= maxDepth) throw new WasiError('nametoolong');
    } else if (replaced?.kind === 'folder') {
      throw new WasiError('isdir');
    }
    if (to.folder.removed) throw new WasiError('noent');
    this.through?.rename(this.pathOf(from), this.pathOf(to));
    this.remove(from, now);
    if (replaced !== undefined) {
      this.remove(to, now);
      this.unlink(replaced, now);
    }
    node.times.changed = now;
    if (node.kind === 'folder') node.parent = to;
    this.insert(to, node, now);
  }

  /** @param at a name of `node`; not needed of a folder, nor of a file that is open */
  setTimes(node: Node, times: StoreTimes, now: bigint, at?: Name): void {
    if (node.kind === 'folder') this.through?.setTimes(folderPath(node), times);
    else if (node.kind === 'file' && node.content !== undefined) node.content.setTimes(times);
    else if (at !== undefined) this.through?.setTimes(this.pathOf(at), times);
    node.times.accessed = times.accessed ?? node.times.accessed;
    node.times.modified = times.modified ?? node.times.modified;
    node.times.changed = now;
  }

  /** Makes a file's content available; each call wants one of `release`. */
  open(at: Name, node: FileNode): void {
    node.content ??= this.through?.open(this.pathOf(at)) ?? this.read(node);
    node.opened++;
    this.opened.add(node);
  }

  release(node: FileNode): void {
    node.opened--;
    if (node.opened > 0) return;
    // Of a volume in memory, contents are nowhere else.
    if (this.through !== undefined || node.links === 0) this.closeContent(node);
  }

  /**
   * Ends the use of the store: all that is open is closed.
   * @throws WasiError where the store could not keep something; the rest is closed nevertheless
   */
  close(): void {
    const failures: unknown[] = [];
    for (const node of this.opened) {
      try {
        this.closeContent(node);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  private closeContent(node: FileNode): void {
    this.opened.delete(node);
    if (node.content === undefined) return;
    const { content } = node;
    node.size = content.size;
    node.content = undefined;
    content.close();
  }

  /** The whole of a file of the store, as an own copy. */
  private read({ origin }: FileNode): Content {
    const stored = this.store.open(origin!);
    try {
      if (!this.budget.fits(stored.size)) throw new WasiError('nomem');
      const bytes = new Uint8Array(stored.size);
      return new MemoryContent(this.budget, bytes.subarray(0, stored.read(0, bytes)));
    } finally {
      stored.close();
    }
  }

  private load(folder: FolderNode): Map<string, FolderEntry> {
    if (folder.entries !== undefined) return folder.entries;
    const place = this.through === undefined ? folder.origin! : folderPath(folder);
    const { entries, hasOthers } = this.store.list(place);
    const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
    folder.hasOthers = hasOthers;
    folder.entries = new Map(sorted.map((entry) => [entry.name, { node: this.nodeOf(folder, entry, [...place, entry.name]), cookie: folder.nextCookie++ }]));
    return folder.entries;
  }

  private nodeOf(folder: FolderNode, entry: StoreEntry, origin: StorePath): Node {
    switch (entry.kind) {
      case 'folder': {
        const node = this.newFolder(origin, startOfTime);
        node.parent = { folder, name: entry.name };
        node.links = 1;
        return node;
      }
      case 'link':
        return { kind: 'link', ...this.facts(startOfTime), target: entry.target, links: 1 } satisfies LinkNode;
      case 'special':
        return { kind: 'special', ...this.facts(startOfTime), filetype: entry.filetype, links: 1 };
      case 'file': {
        const known = this.files.get(entry.identity);
        const node: FileNode = known ?? { kind: 'file', ...this.facts(startOfTime), size: entry.size, content: undefined, opened: 0, origin };
        this.files.set(entry.identity, node);
        node.links++;
        return node;
      }
    }
  }

  private newFolder(origin: StorePath | undefined, now: bigint): FolderNode {
    return {
      kind: 'folder',
      ...this.facts(now),
      parent: undefined,
      entries: undefined,
      nextCookie: firstCookie,
      hasOthers: false,
      removed: false,
      origin,
    };
  }

  private facts(now: bigint): Pick<Node, 'inode' | 'times' | 'links'> {
    return { inode: ++this.lastInode, times: { accessed: now, modified: now, changed: now }, links: 0 };
  }

  private checkNew({ folder }: Name): void {
    if (folder.removed) throw new WasiError('noent');
    if (this.created >= maxCreated) throw new WasiError('nospc');
    if (depthOf(folder) >= maxDepth) throw new WasiError('nametoolong');
    this.created++;
  }

  private checkEmpty(folder: FolderNode): void {
    if (this.load(folder).size > 0 || folder.hasOthers) throw new WasiError('notempty');
  }

  private insert({ folder, name }: Name, node: Node, now: bigint): void {
    this.load(folder).set(name, { node, cookie: folder.nextCookie++ });
    if (node.links === 0) node.links = 1;
    touch(folder, now);
  }

  private remove({ folder, name }: Name, now: bigint): void {
    this.load(folder).delete(name);
    touch(folder, now);
  }

  /** After a name has gone. */
  private unlink(node: Node, now: bigint): void {
    node.links--;
    node.times.changed = now;
    if (node.kind === 'folder') {
      node.removed = true;
      node.parent = undefined;
    }
    if (node.kind === 'file' && node.links === 0 && node.opened === 0) this.closeContent(node);
  }

  private pathOf({ folder, name }: Name): StorePath {
    return [...folderPath(folder), name];
  }
}

/** Notes that a file's or folder's content has changed. */
export function touch({ times }: Node, now: bigint): void {
  times.modified = now;
  times.changed = now;
}

/** Bytes of a file or of a link's target. */
export function sizeOf(node: Node): number {
  if (node.kind === 'file') return node.content?.size ?? node.size;
  return node.kind === 'link' ? new TextEncoder().encode(node.target).length : 0;
}

function folderPath(folder: FolderNode): StorePath {
  if (folder.removed) throw new WasiError('noent');
  const path: string[] = [];
  for (let at = folder.parent; at !== undefined; at = at.folder.parent) path.push(at.name);
  return path.reverse();
}

function depthOf(folder: FolderNode): number {
  let depth = 0;
  for (let at = folder.parent; at !== undefined; at = at.folder.parent) depth++;
  return depth;
}

function isInside(folder: FolderNode, outer: FolderNode): boolean {
  for (let at: FolderNode | undefined = folder; at !== undefined; at = at.parent?.folder) if (at === outer) return true;
  return false;
}

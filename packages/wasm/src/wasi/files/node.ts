import type { Content, StoreEntry, StorePath } from './store.js';

/** Nanoseconds since 1970. */
export interface Times {
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

/** What files, folders, links and the rest have in common. */
export interface NodeFacts {
  /** Numbered in the order in which the program comes across them, so that numbers repeat. */
  readonly inode: bigint;
  readonly times: Times;
  /** Names that it has; 0: it lives until the last descriptor is closed. */
  links: number;
}

/** A file of a volume. */
export interface FileNode extends NodeFacts {
  readonly kind: 'file';
  /** Bytes, while there is no content here. */
  size: number;
  content: Content | undefined;
  /** Descriptors that it is open in. */
  opened: number;
  /** Where the store had it, which is where a volume that writes nothing back still finds it. */
  readonly origin: StorePath | undefined;
}

/** A name in a folder. */
export interface FolderEntry {
  readonly node: Node;
  /** Grows with every entry added, so that a program can remove entries while it reads them. */
  readonly cookie: number;
}

/** A folder of a volume. */
export interface FolderNode extends NodeFacts {
  readonly kind: 'folder';
  /** Undefined for the root, and for what has been removed. */
  parent: { readonly folder: FolderNode; readonly name: string } | undefined;
  /** In the order of their cookies; undefined until somebody looks. */
  entries: Map<string, FolderEntry> | undefined;
  nextCookie: number;
  /** Whether the store has something here that programs do not see. */
  hasOthers: boolean;
  removed: boolean;
  readonly origin: StorePath | undefined;
}

/** A symbolic link of a volume. */
export interface LinkNode extends NodeFacts {
  readonly kind: 'link';
  readonly target: string;
}

/** Something else that has a name: a device, a socket. */
export interface SpecialNode extends NodeFacts {
  readonly kind: 'special';
  readonly filetype: Extract<StoreEntry, { kind: 'special' }>['filetype'];
}

/** Anything in a volume. */
export type Node = FileNode | FolderNode | LinkNode | SpecialNode;

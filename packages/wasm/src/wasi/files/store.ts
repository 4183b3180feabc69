/** Names from the root of a store down, the root itself being empty. No name is `.`, `..` or empty, or contains `/` or NUL. */
export type StorePath = readonly string[];

/** What a store has under a name. */
export type StoreEntry = { readonly name: string } & (
  | {
      readonly kind: 'file';
      /** Bytes. */
      readonly size: number;
      /** The same for two names of one file. */
      readonly identity: string;
    }
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string }
  /** Something that is seen and never opened. */
  | { readonly kind: 'special'; readonly filetype: 'block-device' | 'character-device' | 'socket' | 'unknown' }
);

/** What a folder holds. */
export interface StoreListing {
  readonly entries: readonly StoreEntry[];
  /** Whether there is also something whose name is no UTF-8, which programs therefore do not see. */
  readonly hasOthers: boolean;
}

/** Times in nanoseconds since 1970; undefined: as it is. */
export interface StoreTimes {
  readonly accessed: bigint | undefined;
  readonly modified: bigint | undefined;
}

/** What is in a file. Offsets are at most `maxFileBytes` (content.ts). Every function may throw WasiError. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** Whether `write` and `resize` are possible. */
  readonly writable: boolean;
  /** Fills `target` from its start with what is at `offset`, and returns how many bytes that were: fewer only at the end. */
  read(offset: number, target: Uint8Array): number;
  /** Writes all of `bytes`; what is between the end and `offset` becomes zeros. */
  write(offset: number, bytes: Uint8Array): void;
  /** Cuts, or adds zeros. */
  resize(size: number): void;
  /** Has everything on the disk before it returns. */
  sync(): void;
  setTimes(times: StoreTimes): void;
  /** Frees what it holds; nothing else is called afterwards. */
  close(): void;
}

/**
 * A tree of folders and files somewhere else, such as on this computer's disk. No function follows a link, whatever somebody else
 * does there meanwhile, so that nothing outside of the root is reached. Each throws WasiError where the system refuses.
 */
export interface FileStore {
  list(folder: StorePath): StoreListing;
  /** Opens a file for reading, and for writing where that is permitted. */
  open(path: StorePath): Content;
  /** Makes a new file and opens it. */
  createFile(path: StorePath): Content;
  createFolder(path: StorePath): void;
  createLink(path: StorePath, target: string): void;
  /** A second name for a file or link. */
  addName(from: StorePath, to: StorePath): void;
  /** Replaces what is at `to`. */
  rename(from: StorePath, to: StorePath): void;
  removeFile(path: StorePath): void;
  removeFolder(path: StorePath): void;
  setTimes(path: StorePath, times: StoreTimes): void;
}

import { decodeModule, errno, linkWasi, wasiFunctionTypes, type PreopenedFolder, type WasiFunction, type WasmModule } from '@fireball/wasm';
import { assembleText } from '../inputs/text-format.js';
import { createHost } from '../wasi/host.js';

const errnoNames = new Map(Object.entries(errno).map(([name, number]) => [number, name]));
const encoder = new TextEncoder();
const modules = new Map<string, Promise<WasmModule>>();

/** A module that imports every WASI function from `from`. */
function importingAll(from: string): Promise<WasmModule> {
  const imports = [...wasiFunctionTypes].map(([name, { params, results }]) => {
    const types = `${params.map((type) => `(param ${type})`).join(' ')} ${results.map((type) => `(result ${type})`).join(' ')}`;
    return `(import "${from}" "${name}" (func ${types}))`;
  });
  const made = modules.get(from) ?? assembleText('guest.wat', `(module ${imports.join('\n')})`).then(decodeModule);
  modules.set(from, made);
  return made;
}

/** Bits as in the witx. */
const rights = {
  datasync: 0,
  read: 1,
  seek: 2,
  setFlags: 3,
  sync: 4,
  tell: 5,
  write: 6,
  advise: 7,
  allocate: 8,
  createFile: 10,
  open: 13,
  readdir: 14,
  setSizeOfPath: 19,
  stat: 21,
  setSize: 22,
  setTimes: 23,
};
export function rightsOf(...names: readonly (keyof typeof rights)[]): bigint {
  return names.reduce((set, name) => set | (1n << BigInt(rights[name])), 0n);
}
/** What a program usually asks for, of a file and of a folder. */
export const usualFileRights =
  rightsOf('datasync', 'read', 'seek', 'setFlags', 'sync', 'tell', 'write', 'advise', 'allocate', 'stat', 'setSize', 'setTimes') | (1n << 27n);
export const readingRights = rightsOf('read', 'seek', 'tell', 'stat');
const allOfFolder = (1n << 30n) - 1n - rightsOf('write', 'read');

interface OpenWish {
  /** Descriptor of the folder that the path starts in. */
  readonly base?: number;
  readonly follow?: boolean;
  readonly create?: boolean;
  readonly folder?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly flags?: number;
}

export interface Stat {
  readonly filetype: number;
  readonly inode: number;
  readonly links: number;
  readonly size: number;
  /** Nanoseconds. */
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

interface DirectoryEntry {
  readonly name: string;
  readonly filetype: number;
  readonly inode: number;
  readonly next: number;
}

/** The result of a call that gives something, or the name of its error. */
type Answer<T> = T | string;

/** A program in the hand of a test: its memory, and calls with their arguments laid out in it. The first folder is descriptor 3. */
export class Guest {
  readonly memory = new Uint8Array(1 << 16);
  readonly view = new DataView(this.memory.buffer);
  private readonly functions: ReadonlyMap<string, WasiFunction>;
  output = '';
  /** Where the next thing is laid. */
  private next = 4096;

  private constructor(
    module: WasmModule,
    private readonly folders: readonly PreopenedFolder[],
    private readonly isOld: boolean,
  ) {
    const host = createHost({
      args: ['guest'],
      seed: 1,
      folders,
      stdout: (bytes) => {
        this.output += new TextDecoder().decode(bytes);
      },
    });
    this.functions = new Map([...linkWasi(module, host)].map(([{ name }, callee]) => [name, callee]));
  }

  static async create(folders: readonly PreopenedFolder[], from = 'wasi_snapshot_preview1'): Promise<Guest> {
    return new Guest(await importingAll(from), folders, from === 'wasi_unstable');
  }

  /** Closes what the program has open. */
  end(): void {
    for (const { volume } of this.folders) volume.close();
  }

  /** Calls a function as it is; the name of its error, which is `success` without one. */
  call(name: string, ...args: readonly (number | bigint)[]): string {
    const number = this.functions.get(name)!.call(this.memory, args);
    return errnoNames.get(number ?? 0)!;
  }

  /** As `call`, with texts among the arguments, each of which becomes an address and a length. */
  path(name: string, ...args: readonly (number | bigint | string | Uint8Array)[]): string {
    this.next = 4096;
    const laid = args.flatMap((arg) => (typeof arg === 'string' || arg instanceof Uint8Array ? this.lay(arg) : [arg]));
    return this.call(name, ...laid);
  }

  open(path: string | Uint8Array, wish: OpenWish = {}): Answer<number> {
    const { base = 3, follow = true, create = false, folder = false, exclusive = false, truncate = false, flags = 0 } = wish;
    const { rights: wanted = folder ? allOfFolder : usualFileRights, inheriting = folder ? (1n << 30n) - 1n : 0n } = wish;
    const openFlags = Number(create) + 2 * Number(folder) + 4 * Number(exclusive) + 8 * Number(truncate);
    return this.answer(this.path('path_open', base, Number(follow), path, openFlags, wanted, inheriting, flags, 0), () => this.view.getUint32(0, true));
  }

  /** Opens; what cannot be opened fails the test. */
  mustOpen(path: string, wish: OpenWish = {}): number {
    const fd = this.open(path, wish);
    if (typeof fd === 'string') throw new Error(`${path}: ${fd}`);
    return fd;
  }

  write(fd: number, text: string): Answer<number> {
    this.vectors(text);
    return this.answer(this.call('fd_write', fd, 16, 1, 0), () => this.view.getUint32(0, true));
  }

  read(fd: number, length = 1024): Answer<string> {
    this.next = 4096;
    this.vectors(new Uint8Array(length));
    return this.answer(this.call('fd_read', fd, 16, 1, 0), () => this.textAt(4096, this.view.getUint32(0, true)));
  }

  pwrite(fd: number, text: string, offset: bigint): Answer<number> {
    this.vectors(text);
    return this.answer(this.call('fd_pwrite', fd, 16, 1, offset, 0), () => this.view.getUint32(0, true));
  }

  pread(fd: number, length: number, offset: bigint): Answer<string> {
    this.vectors(new Uint8Array(length));
    return this.answer(this.call('fd_pread', fd, 16, 1, offset, 0), () => this.textAt(4096, this.view.getUint32(0, true)));
  }

  seek(fd: number, delta: bigint, whence: 'start' | 'current' | 'end'): Answer<number> {
    const order = this.isOld ? ['current', 'end', 'start'] : ['start', 'current', 'end'];
    return this.answer(this.call('fd_seek', fd, delta, order.indexOf(whence), 0), () => Number(this.view.getBigUint64(0, true)));
  }

  tell(fd: number): Answer<number> {
    return this.answer(this.call('fd_tell', fd, 0), () => Number(this.view.getBigUint64(0, true)));
  }

  stat(path: string, follow = true): Answer<Stat> {
    return this.answer(this.path('path_filestat_get', 3, Number(follow), path, 1024), () => this.statAt(1024));
  }

  descriptorStat(fd: number): Answer<Stat> {
    return this.answer(this.call('fd_filestat_get', fd, 1024), () => this.statAt(1024));
  }

  /** Filetype, flags and the two sets of rights. */
  fdstat(fd: number): Answer<{ filetype: number; flags: number; rights: bigint; inheriting: bigint }> {
    return this.answer(this.call('fd_fdstat_get', fd, 1024), () => ({
      filetype: this.view.getUint8(1024),
      flags: this.view.getUint16(1026, true),
      rights: this.view.getBigUint64(1032, true),
      inheriting: this.view.getBigUint64(1040, true),
    }));
  }

  /** The whole entries that fit into a buffer of `length` bytes, and how many bytes it holds. */
  readdir(fd: number, cookie = 0, length = 8192): Answer<{ used: number; entries: readonly DirectoryEntry[] }> {
    return this.answer(this.call('fd_readdir', fd, 8192, length, BigInt(cookie), 0), () => {
      const used = this.view.getUint32(0, true);
      const entries: DirectoryEntry[] = [];
      for (let at = 8192; at + 24 <= 8192 + used;) {
        const nameLength = this.view.getUint32(at + 16, true);
        if (at + 24 + nameLength > 8192 + used) break;
        entries.push({
          next: Number(this.view.getBigUint64(at, true)),
          inode: Number(this.view.getBigUint64(at + 8, true)),
          filetype: this.view.getUint8(at + 20),
          name: this.textAt(at + 24, nameLength),
        });
        at += 24 + nameLength;
      }
      return { used, entries };
    });
  }

  names(fd = 3): Answer<readonly string[]> {
    const found = this.readdir(fd);
    return typeof found === 'string' ? found : found.entries.map(({ name }) => name);
  }

  readlink(path: string, length = 256): Answer<string> {
    return this.answer(this.path('path_readlink', 3, path, 1024, length, 0), () => this.textAt(1024, this.view.getUint32(0, true)));
  }

  /** What is in a file, read anew. */
  content(path: string): Answer<string> {
    const fd = this.open(path, { rights: readingRights });
    if (typeof fd === 'string') return fd;
    const text = this.read(fd);
    this.call('fd_close', fd);
    return text;
  }

  private answer<T>(error: string, give: () => T): Answer<T> {
    return error === 'success' ? give() : error;
  }

  /** One iovec at 16, with its bytes at 4096. */
  private vectors(bytes: string | Uint8Array): void {
    this.next = 4096;
    const [address, length] = this.lay(bytes);
    this.view.setUint32(16, address, true);
    this.view.setUint32(20, length, true);
  }

  private lay(bytes: string | Uint8Array): [address: number, length: number] {
    const laid = typeof bytes === 'string' ? encoder.encode(bytes) : bytes;
    const address = this.next;
    this.memory.set(laid, address);
    this.next += laid.length;
    return [address, laid.length];
  }

  private statAt(at: number): Stat {
    const u64 = (offset: number): bigint => this.view.getBigUint64(at + offset, true);
    const size = this.isOld ? 24 : 32;
    return {
      inode: Number(u64(8)),
      filetype: this.view.getUint8(at + 16),
      links: this.isOld ? this.view.getUint32(at + 20, true) : Number(u64(24)),
      size: Number(u64(size)),
      accessed: u64(size + 8),
      modified: u64(size + 16),
      changed: u64(size + 24),
    };
  }

  private textAt(address: number, length: number): string {
    return new TextDecoder().decode(this.memory.slice(address, address + length));
  }
}

import { WasiError } from './errno.js';
import type { FileNode, FolderNode } from './files/node.js';
import type { Volume } from './files/volume.js';
import type { WasiHost } from './host.js';
import { allRights, consoleRights, folderRights, rightsOf, type RightName } from './rights.js';

interface DescriptorFacts {
  /** What may be done with it; `rights` bits. */
  rights: bigint;
  /** What may be done with what is opened in it. */
  inheriting: bigint;
  /** `fdflags` bits. */
  flags: number;
}

interface ConsoleDescriptor extends DescriptorFacts {
  readonly kind: 'console';
  readonly stream: 'stdin' | 'stdout' | 'stderr';
}

export interface FileDescriptor extends DescriptorFacts {
  readonly kind: 'file';
  readonly volume: Volume;
  readonly node: FileNode;
  /** In bytes from the file's start; may lie behind its end. */
  offset: bigint;
}

export interface FolderDescriptor extends DescriptorFacts {
  readonly kind: 'folder';
  readonly volume: Volume;
  readonly node: FolderNode;
  /** Its name, where it was open when the program started. */
  readonly preopened: string | undefined;
}

export type Descriptor = ConsoleDescriptor | FileDescriptor | FolderDescriptor;

/** `fdflags` bits. */
export const fdFlags = { append: 1, dsync: 2, rsync: 8, sync: 16 } as const;
/** Bits of `fdflags` that exist. */
export const fdFlagCount = 5;

/** Most descriptors that a program has open at once; one more is EMFILE. */
const maxDescriptors = 1024;

/** A program's open descriptors, by number. */
export class Descriptors {
  private readonly open: (Descriptor | undefined)[];
  /** Volumes in the order of their folders: their place tells their device number. */
  private readonly volumes: readonly Volume[];

  constructor({ folders }: Pick<WasiHost, 'folders'>) {
    this.volumes = folders.map(({ volume }) => volume);
    this.open = [
      { kind: 'console', stream: 'stdin', rights: consoleRights('fd_read'), inheriting: 0n, flags: 0 },
      { kind: 'console', stream: 'stdout', rights: consoleRights('fd_write'), inheriting: 0n, flags: 0 },
      { kind: 'console', stream: 'stderr', rights: consoleRights('fd_write'), inheriting: 0n, flags: 0 },
      ...folders.map(({ name, volume }): Descriptor => ({
        kind: 'folder',
        volume,
        node: volume.root,
        preopened: name,
        rights: folderRights,
        inheriting: allRights,
        flags: 0,
      })),
    ];
  }

  /** @throws WasiError `badf`; `notcapable` where a right is missing, of `fd_read` and `fd_write` `badf` as POSIX has it */
  get(fd: number, ...needed: readonly RightName[]): Descriptor {
    const found = this.open[fd];
    if (found === undefined) throw new WasiError('badf');
    const missing = needed.find((right) => (found.rights & rightsOf(right)) === 0n);
    if (missing !== undefined) throw new WasiError(missing === 'fd_read' || missing === 'fd_write' ? 'badf' : 'notcapable');
    return found;
  }

  /** The open file with this number. @throws WasiError `isdir` of a folder, `spipe` of the console */
  file(fd: number, ...needed: readonly RightName[]): FileDescriptor {
    const { kind } = this.get(fd);
    if (kind === 'folder') throw new WasiError('isdir');
    if (kind === 'console') throw new WasiError('spipe');
    return this.get(fd, ...needed) as FileDescriptor;
  }

  /** The open folder with this number. @throws WasiError `notdir` */
  folder(fd: number, ...needed: readonly RightName[]): FolderDescriptor {
    if (this.get(fd).kind !== 'folder') throw new WasiError('notdir');
    return this.get(fd, ...needed) as FolderDescriptor;
  }

  /** The lowest number that is free. @throws WasiError `mfile` */
  free(): number {
    const gap = this.open.indexOf(undefined);
    const fd = gap === -1 ? this.open.length : gap;
    if (fd >= maxDescriptors) throw new WasiError('mfile');
    return fd;
  }

  set(fd: number, descriptor: Descriptor): void {
    this.open[fd] = descriptor;
  }

  close(fd: number): void {
    const closed = this.get(fd);
    this.open[fd] = undefined;
    if (closed.kind === 'file') closed.volume.release(closed.node);
  }

  /** Gives `from` the number `to`, which is closed; both must be open. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    this.get(to);
    if (from === to) return;
    this.close(to);
    this.open[to] = moved;
    this.open[from] = undefined;
  }

  /** The number of a volume's device; 0 is the console. */
  deviceOf(volume: Volume): bigint {
    return BigInt(this.volumes.indexOf(volume) + 1);
  }
}

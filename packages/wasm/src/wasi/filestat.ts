import type { CallContext } from './call.js';
import { startOfTime } from './clock.js';
import type { Descriptor } from './descriptors.js';
import { WasiError } from './errno.js';
import type { Node } from './files/node.js';
import type { StoreTimes } from './files/store.js';
import { sizeOf, type Volume } from './files/volume.js';

/** `filetype` numbers. */
export const filetypes = {
  unknown: 0,
  'block-device': 1,
  'character-device': 2,
  folder: 3,
  file: 4,
  socket: 6,
  link: 7,
} as const;

export function filetypeOf(node: Node): number {
  return filetypes[node.kind === 'special' ? node.filetype : node.kind];
}

/** Writes a `filestat` of a file, folder or link. */
export function writeFilestat(context: CallContext, address: number, volume: Volume, node: Node): void {
  write(context, address, {
    device: context.descriptors.deviceOf(volume),
    inode: node.inode,
    filetype: filetypeOf(node),
    links: BigInt(node.links),
    bytes: BigInt(sizeOf(node)),
    ...node.times,
  });
}

/** Writes a `filestat` of anything open. */
export function writeDescriptorStat(context: CallContext, address: number, descriptor: Descriptor): void {
  if (descriptor.kind !== 'console') {
    writeFilestat(context, address, descriptor.volume, descriptor.node);
    return;
  }
  const times = { accessed: startOfTime, modified: startOfTime, changed: startOfTime };
  write(context, address, { device: 0n, inode: 0n, filetype: filetypes['character-device'], links: 1n, bytes: 0n, ...times });
}

interface Filestat {
  readonly device: bigint;
  readonly inode: bigint;
  readonly filetype: number;
  readonly links: bigint;
  readonly bytes: bigint;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

function write({ memory, dialect: { filestat: layout } }: CallContext, address: number, stat: Filestat): void {
  memory.slice(address, layout.size).fill(0);
  memory.writeU64(address, stat.device);
  memory.writeU64(address + 8, stat.inode);
  memory.writeU8(address + 16, stat.filetype);
  memory.writeU64(address + layout.links, stat.links);
  memory.writeU64(address + layout.bytes, stat.bytes);
  memory.writeU64(address + layout.accessed, stat.accessed);
  memory.writeU64(address + layout.modified, stat.modified);
  memory.writeU64(address + layout.changed, stat.changed);
}

/** `fstflags` bits. */
const timeFlags = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const;
const timeFlagCount = 4;

/** The times of `(.., accessed: u64, modified: u64, flags)`, whose first has this index. */
export function timesOf({ clock, u64, flags }: CallContext, index: number): StoreTimes {
  const chosen = flags(index + 2, timeFlagCount);
  const choose = (given: number, now: number, value: bigint): bigint | undefined => {
    if ((chosen & given) !== 0 && (chosen & now) !== 0) throw new WasiError('inval');
    if ((chosen & now) !== 0) return clock.now;
    return (chosen & given) === 0 ? undefined : value;
  };
  return {
    accessed: choose(timeFlags.accessed, timeFlags.accessedNow, u64(index)),
    modified: choose(timeFlags.modified, timeFlags.modifiedNow, u64(index + 1)),
  };
}

import type { CallContext, WasiCall } from './call.js';
import { fdFlagCount, fdFlags, type FolderDescriptor } from './descriptors.js';
import { WasiError } from './errno.js';
import type { FileNode, Node } from './files/node.js';
import { resolve, type Place } from './files/resolve.js';
import { touch } from './files/volume.js';
import { allRights, fileRights, folderRights, rightsOf, writingRights } from './rights.js';

/** `lookupflags` bits. */
export const lookupFollow = 1;
export const lookupFlagCount = 1;
/** `oflags` bits. */
const openFlags = { create: 1, folder: 2, exclusive: 4, truncate: 8 } as const;
const openFlagCount = 4;

interface Wish {
  readonly openFlags: number;
  readonly rights: bigint;
  readonly flags: number;
}

/** What the folder that a path starts in must allow. */
function checkRights({ rights, inheriting }: FolderDescriptor, wish: Wish, wantedInheriting: bigint): void {
  const needed =
    rightsOf('path_open') |
    (wish.openFlags & openFlags.create ? rightsOf('path_create_file') : 0n) |
    (wish.openFlags & openFlags.truncate ? rightsOf('path_filestat_set_size') : 0n);
  const neededInheriting =
    wish.rights |
    wantedInheriting |
    (wish.flags & fdFlags.dsync ? rightsOf('fd_datasync') : 0n) |
    (wish.flags & (fdFlags.rsync | fdFlags.sync) ? rightsOf('fd_sync') : 0n);
  if ((needed & ~rights) !== 0n || (neededInheriting & ~inheriting) !== 0n) throw new WasiError('notcapable');
}

/** Checks what is there against what is wanted; where nothing is, that it can be made. */
function checkPlace({ node, wantsFolder }: Place, wish: Wish): Node | undefined {
  const onlyFolder = wantsFolder || (wish.openFlags & openFlags.folder) !== 0;
  if (node === undefined) {
    if ((wish.openFlags & openFlags.create) === 0) throw new WasiError('noent');
    if (wantsFolder) throw new WasiError('isdir');
    return undefined;
  }
  if ((wish.openFlags & openFlags.exclusive) !== 0 && (wish.openFlags & openFlags.create) !== 0) throw new WasiError('exist');
  if (onlyFolder && node.kind !== 'folder') throw new WasiError('notdir');
  if (node.kind === 'link') throw new WasiError('loop');
  if (node.kind === 'special') throw new WasiError('acces');
  if (node.kind === 'folder') {
    const changes = (wish.openFlags & (openFlags.truncate | openFlags.create)) !== 0 || (wish.rights & rightsOf('fd_write')) !== 0n;
    if (changes) throw new WasiError('isdir');
  }
  return node;
}

function openFile(context: CallContext, { volume }: FolderDescriptor, place: Place, found: FileNode | undefined, wish: Wish): FileNode {
  const now = context.clock.now;
  const node = found ?? volume.createFile(place, now);
  volume.open(place, node);
  try {
    const writes = (wish.rights & writingRights) !== 0n || (wish.openFlags & openFlags.truncate) !== 0;
    if (writes && !node.content!.writable) throw new WasiError('acces');
    if ((wish.openFlags & openFlags.truncate) !== 0) {
      node.content!.resize(0);
      touch(node, now);
    }
    return node;
  } catch (error) {
    volume.release(node);
    throw error;
  }
}

export const openCalls = {
  path_open: {
    // (fd, lookup flags, path, length, open flags, base rights, inheriting rights, fd flags, opened: *u32)
    params: 'iiiiiIIii',
    call(context) {
      const { memory, descriptors, u32, u64, flags, text } = context;
      const base = descriptors.folder(u32(0), 'path_open');
      const follows = (flags(1, lookupFlagCount) & lookupFollow) !== 0;
      const path = text(2);
      // Rights that do not exist say nothing about what is opened: there are programs that ask for all 64.
      const wish: Wish = { openFlags: flags(4, openFlagCount), rights: u64(5) & allRights, flags: flags(7, fdFlagCount) };
      const inheriting = u64(6) & allRights;
      memory.check(u32(8), 4);
      checkRights(base, wish, inheriting);
      const creates = (wish.openFlags & openFlags.create) !== 0;
      if (creates && (wish.openFlags & openFlags.folder) !== 0) throw new WasiError('inval');
      const exclusive = creates && (wish.openFlags & openFlags.exclusive) !== 0;
      const place = resolve(base.volume, base.node, path, exclusive ? 'entry' : follows ? 'follow' : 'keep');
      const found = checkPlace(place, wish);
      const fd = descriptors.free();
      if (found?.kind === 'folder') {
        descriptors.set(fd, {
          kind: 'folder',
          volume: base.volume,
          node: found,
          preopened: undefined,
          rights: wish.rights & folderRights,
          inheriting,
          flags: wish.flags,
        });
      } else {
        const node = openFile(context, base, place, found as FileNode | undefined, wish);
        descriptors.set(fd, {
          kind: 'file',
          volume: base.volume,
          node,
          offset: 0n,
          rights: wish.rights & fileRights,
          inheriting: 0n,
          flags: wish.flags,
        });
      }
      memory.writeU32(u32(8), fd);
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;

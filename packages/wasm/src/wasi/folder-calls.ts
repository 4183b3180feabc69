import type { CallContext, WasiCall } from './call.js';
import type { FolderDescriptor } from './descriptors.js';
import { WasiError } from './errno.js';
import type { FolderEntry, FolderNode, Node } from './files/node.js';
import { resolve, type LinkAtEnd, type Place } from './files/resolve.js';
import { filetypeOf, timesOf, writeFilestat } from './filestat.js';
import { encodeText } from './guest-memory.js';
import { lookupFlagCount, lookupFollow } from './open.js';
import type { RightName } from './rights.js';

interface Located {
  readonly folder: FolderDescriptor;
  readonly place: Place;
}

/** Where a path leads, of the descriptor whose number is the argument `fd`, the path being `path` and the one behind. */
function locate({ descriptors, u32, text }: CallContext, fd: number, path: number, atEnd: LinkAtEnd, right: RightName): Located {
  const folder = descriptors.folder(u32(fd), right);
  return { folder, place: resolve(folder.volume, folder.node, text(path), atEnd) };
}

/** How a link at the end of a path is treated; the argument has the `lookupflags`. */
function linkAtEnd({ flags }: CallContext, index: number): LinkAtEnd {
  return (flags(index, lookupFlagCount) & lookupFollow) === 0 ? 'keep' : 'follow';
}

/** What is there. */
function existing({ node, wantsFolder }: Place): Node {
  if (node === undefined) throw new WasiError('noent');
  if (wantsFolder && node.kind !== 'folder') throw new WasiError('notdir');
  return node;
}

/** Proves that something that is no folder can be made there. */
function checkFree({ node, wantsFolder }: Place): void {
  if (node !== undefined) throw new WasiError(wantsFolder && node.kind !== 'folder' ? 'notdir' : 'exist');
  if (wantsFolder) throw new WasiError('noent');
}

/** Bytes of a `dirent` without its name: next cookie u64, inode u64, length of the name u32, filetype u8. */
const direntSize = 24;

function dirent(name: string, node: Node, next: number): Uint8Array {
  const text = encodeText(name);
  const bytes = new Uint8Array(direntSize + text.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(next), true);
  view.setBigUint64(8, node.inode, true);
  view.setUint32(16, text.length, true);
  view.setUint8(20, filetypeOf(node));
  bytes.set(text, direntSize);
  return bytes;
}

/** A folder's entries from `cookie` on; what lies above the folder of a descriptor's own is not shown. */
function* entriesFrom(folder: FolderNode, entries: ReadonlyMap<string, FolderEntry>, cookie: bigint): Generator<Uint8Array> {
  if (cookie <= 0n) yield dirent('.', folder, 1);
  if (cookie <= 1n) yield dirent('..', folder.parent?.folder ?? folder, 2);
  for (const [name, entry] of entries) if (entry.cookie >= cookie) yield dirent(name, entry.node, entry.cookie + 1);
}

/** What is in folders: names, and the attributes of what they stand for. */
export const folderCalls = {
  fd_readdir: {
    // (fd, buffer, length, cookie: u64, used: *u32)
    params: 'iiiIi',
    call({ memory, descriptors, u32, u64 }) {
      const { volume, node } = descriptors.folder(u32(0), 'fd_readdir');
      const [address, length] = [u32(1), u32(2)];
      memory.check(address, length);
      memory.check(u32(4), 4);
      let used = 0;
      // Nothing lives in a folder that has been removed.
      const entries = node.removed ? new Map<string, FolderEntry>() : volume.entries(node);
      for (const entry of entriesFrom(node, entries, u64(3))) {
        used += memory.writeSome(address + used, length - used, entry);
        if (used === length) break;
      }
      memory.writeU32(u32(4), used);
    },
  },
  path_create_directory: {
    params: 'iii',
    call(context) {
      const { folder, place } = locate(context, 0, 1, 'entry', 'path_create_directory');
      if (place.node !== undefined) throw new WasiError('exist');
      folder.volume.createFolder(place, context.clock.now);
    },
  },
  path_remove_directory: {
    params: 'iii',
    call(context) {
      const { folder, place } = locate(context, 0, 1, 'entry', 'path_remove_directory');
      const node = existing(place);
      if (node.kind !== 'folder') throw new WasiError('notdir');
      if (place.isDots) throw new WasiError(place.name === '.' ? 'inval' : 'notempty');
      folder.volume.removeFolder(place, node, context.clock.now);
    },
  },
  path_unlink_file: {
    params: 'iii',
    call(context) {
      const { folder, place } = locate(context, 0, 1, 'entry', 'path_unlink_file');
      const node = existing(place);
      if (node.kind === 'folder') throw new WasiError('isdir');
      folder.volume.removeFile(place, node, context.clock.now);
    },
  },
  path_rename: {
    // (fd, path, length, new fd, new path, length)
    params: 'iiiiii',
    call(context) {
      const from = locate(context, 0, 1, 'entry', 'path_rename_source');
      const to = locate(context, 3, 4, 'entry', 'path_rename_target');
      const node = existing(from.place);
      if (from.place.isDots || to.place.isDots) throw new WasiError('busy');
      if (from.folder.volume !== to.folder.volume) throw new WasiError('xdev');
      if (to.place.wantsFolder && node.kind !== 'folder') throw new WasiError('notdir');
      from.folder.volume.rename(from.place, node, to.place, context.clock.now);
    },
  },
  path_link: {
    // (fd, lookup flags, path, length, new fd, new path, length)
    params: 'iiiiiii',
    call(context) {
      const from = locate(context, 0, 2, linkAtEnd(context, 1), 'path_link_source');
      const to = locate(context, 4, 5, 'entry', 'path_link_target');
      const node = existing(from.place);
      if (node.kind === 'folder') throw new WasiError('perm');
      checkFree(to.place);
      if (from.folder.volume !== to.folder.volume) throw new WasiError('xdev');
      from.folder.volume.addName(from.place, node, to.place, context.clock.now);
    },
  },
  path_symlink: {
    // (target, length, fd, path, length)
    params: 'iiiii',
    call(context) {
      const target = context.text(0);
      const { folder, place } = locate(context, 2, 3, 'entry', 'path_symlink');
      if (target === '') throw new WasiError('noent');
      // Nothing would be found there, but a program outside would follow it.
      if (target.startsWith('/')) throw new WasiError('notcapable');
      checkFree(place);
      folder.volume.createLink(place, target, context.clock.now);
    },
  },
  path_readlink: {
    // (fd, path, length, buffer, length, used: *u32)
    params: 'iiiiii',
    call(context) {
      const { memory, u32 } = context;
      const { place } = locate(context, 0, 1, 'keep', 'path_readlink');
      const node = existing(place);
      if (node.kind !== 'link') throw new WasiError('inval');
      memory.check(u32(3), u32(4));
      memory.check(u32(5), 4);
      memory.writeU32(u32(5), memory.writeSome(u32(3), u32(4), encodeText(node.target)));
    },
  },
  path_filestat_get: {
    // (fd, lookup flags, path, length, filestat: *)
    params: 'iiiii',
    call(context) {
      const { folder, place } = locate(context, 0, 2, linkAtEnd(context, 1), 'path_filestat_get');
      writeFilestat(context, context.u32(4), folder.volume, existing(place));
    },
  },
  path_filestat_set_times: {
    // (fd, lookup flags, path, length, accessed: u64, modified: u64, flags)
    params: 'iiiiIIi',
    call(context) {
      const { folder, place } = locate(context, 0, 2, linkAtEnd(context, 1), 'path_filestat_set_times');
      folder.volume.setTimes(existing(place), timesOf(context, 4), context.clock.now, place);
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;

import type { WasiCall } from './call.js';
import { fdFlagCount } from './descriptors.js';
import { WasiError } from './errno.js';
import { maxFileBytes } from './files/content.js';
import { touch } from './files/volume.js';
import { filetypes, timesOf, writeDescriptorStat } from './filestat.js';
import { encodeText } from './guest-memory.js';
import { rightsOf } from './rights.js';

/** Offsets are signed in the interface. */
const maxOffset = 2n ** 63n - 1n;
/** `advice` numbers end here. */
const adviceCount = 6;

/** What a call does that has everything on the disk: a folder's and the console's changes are there at once. */
function sync(right: 'fd_sync' | 'fd_datasync'): WasiCall {
  return {
    params: 'i',
    call({ descriptors, u32 }) {
      if (descriptors.get(u32(0)).kind === 'console') return;
      const descriptor = descriptors.get(u32(0), right);
      if (descriptor.kind === 'file') descriptor.node.content!.sync();
    },
  };
}

/** Positions, attributes and numbers of descriptors. */
export const descriptorCalls = {
  fd_close: {
    params: 'i',
    call({ descriptors, u32 }) {
      descriptors.close(u32(0));
    },
  },
  fd_renumber: {
    params: 'ii',
    call({ descriptors, u32 }) {
      descriptors.renumber(u32(0), u32(1));
    },
  },
  fd_seek: {
    params: 'iIii',
    call({ memory, descriptors, dialect, u32, u64 }) {
      const delta = BigInt.asIntN(64, u64(1));
      const whence = dialect.whence[u32(2)];
      descriptors.get(u32(0));
      if (whence === undefined) throw new WasiError('inval');
      // To ask where one is needs the lesser right.
      const asks = whence === 'current' && delta === 0n;
      const anyRight = descriptors.file(u32(0)).rights & rightsOf('fd_seek', 'fd_tell');
      const descriptor = asks && anyRight !== 0n ? descriptors.file(u32(0)) : descriptors.file(u32(0), 'fd_seek');
      memory.check(u32(3), 8);
      const from = { start: 0n, current: descriptor.offset, end: BigInt(descriptor.node.content!.size) }[whence];
      const offset = from + delta;
      if (offset < 0n || offset > maxOffset) throw new WasiError('inval');
      descriptor.offset = offset;
      memory.writeU64(u32(3), offset);
    },
  },
  fd_tell: {
    params: 'ii',
    call({ memory, descriptors, u32 }) {
      const descriptor = descriptors.file(u32(0));
      if ((descriptor.rights & rightsOf('fd_seek', 'fd_tell')) === 0n) throw new WasiError('notcapable');
      memory.writeU64(u32(1), descriptor.offset);
    },
  },
  fd_advise: {
    params: 'iIIi',
    call({ descriptors, u32 }) {
      descriptors.file(u32(0), 'fd_advise');
      if (u32(3) >= adviceCount) throw new WasiError('inval');
    },
  },
  fd_allocate: {
    params: 'iII',
    call({ clock, descriptors, u32, u64 }) {
      const { node } = descriptors.file(u32(0), 'fd_allocate');
      if (u64(2) === 0n) throw new WasiError('inval');
      const end = u64(1) + u64(2);
      if (end > maxFileBytes) throw new WasiError('fbig');
      if (end <= node.content!.size) return;
      node.content!.resize(Number(end));
      touch(node, clock.now);
    },
  },
  fd_sync: sync('fd_sync'),
  fd_datasync: sync('fd_datasync'),
  fd_fdstat_get: {
    params: 'ii',
    /** Writes an `fdstat`: filetype u8, flags u16 at 2, base rights u64 at 8, inheriting rights u64 at 16. */
    call({ memory, descriptors, u32 }) {
      const { kind, flags, rights, inheriting } = descriptors.get(u32(0));
      const address = u32(1);
      memory.slice(address, 24).fill(0);
      memory.writeU8(address, kind === 'console' ? filetypes['character-device'] : filetypes[kind]);
      memory.writeU16(address + 2, flags);
      memory.writeU64(address + 8, rights);
      memory.writeU64(address + 16, inheriting);
    },
  },
  fd_fdstat_set_flags: {
    params: 'ii',
    call({ descriptors, u32, flags }) {
      descriptors.get(u32(0), 'fd_fdstat_set_flags').flags = flags(1, fdFlagCount);
    },
  },
  fd_fdstat_set_rights: {
    params: 'iII',
    call({ descriptors, u32, u64 }) {
      const descriptor = descriptors.get(u32(0));
      const [rights, inheriting] = [u64(1), u64(2)];
      if ((rights & ~descriptor.rights) !== 0n || (inheriting & ~descriptor.inheriting) !== 0n) throw new WasiError('notcapable');
      descriptor.rights = rights;
      descriptor.inheriting = inheriting;
    },
  },
  fd_filestat_get: {
    params: 'ii',
    call(context) {
      writeDescriptorStat(context, context.u32(1), context.descriptors.get(context.u32(0), 'fd_filestat_get'));
    },
  },
  fd_filestat_set_size: {
    params: 'iI',
    call({ clock, descriptors, u32, u64 }) {
      const { node } = descriptors.file(u32(0), 'fd_filestat_set_size');
      if (u64(1) > maxFileBytes) throw new WasiError('fbig');
      node.content!.resize(Number(u64(1)));
      touch(node, clock.now);
    },
  },
  fd_filestat_set_times: {
    params: 'iIIi',
    call(context) {
      const descriptor = context.descriptors.get(context.u32(0), 'fd_filestat_set_times');
      if (descriptor.kind === 'console') throw new WasiError('inval');
      descriptor.volume.setTimes(descriptor.node, timesOf(context, 1), context.clock.now);
    },
  },
  fd_prestat_get: {
    params: 'ii',
    /** Writes a `prestat`: the kind u8, which is 0 for a folder, and the length of its name u32 at 4. */
    call({ memory, descriptors, u32 }) {
      const descriptor = descriptors.get(u32(0));
      // libc asks for 3, 4, .. until it gets this.
      if (descriptor.kind !== 'folder' || descriptor.preopened === undefined) throw new WasiError('badf');
      memory.slice(u32(1), 8).fill(0);
      memory.writeU32(u32(1) + 4, encodeText(descriptor.preopened).length);
    },
  },
  fd_prestat_dir_name: {
    params: 'iii',
    call({ memory, descriptors, u32 }) {
      const descriptor = descriptors.get(u32(0));
      if (descriptor.kind !== 'folder' || descriptor.preopened === undefined) throw new WasiError('badf');
      const name = encodeText(descriptor.preopened);
      memory.check(u32(1), u32(2));
      if (u32(2) < name.length) throw new WasiError('nametoolong');
      memory.writeSome(u32(1), u32(2), name);
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;

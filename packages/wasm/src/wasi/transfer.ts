import type { CallContext, WasiCall } from './call.js';
import { fdFlags, type FileDescriptor } from './descriptors.js';
import { WasiError } from './errno.js';
import { maxFileBytes } from './files/content.js';
import { touch } from './files/volume.js';

/** Size of an `iovec`: address and length. */
const vectorSize = 8;
/** Most buffers of one call, as IOV_MAX of most systems. */
const maxVectors = 1024;
/** The sum of one call's lengths must stay below this (ssize_t of a 32-bit guest). */
const maxTransfer = 2 ** 31;
/** Bytes that one call reads from the console at most: a short read is allowed. */
const maxConsoleRead = 65536;

/** The buffers of `(fd, vectors: *iovec, count, ..., transferred: *u32)`, all checked, and the last one's address. */
function buffers({ memory, u32 }: CallContext, transferred: number): Uint8Array[] {
  const [vectors, count] = [u32(1), u32(2)];
  memory.check(u32(transferred), 4);
  if (count > maxVectors) throw new WasiError('inval');
  memory.check(vectors, count * vectorSize);
  const found = Array.from({ length: count }, (_, index) => {
    const address = vectors + index * vectorSize;
    return memory.slice(memory.readU32(address), memory.readU32(address + 4));
  });
  if (total(found) >= maxTransfer) throw new WasiError('inval');
  return found;
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** Fills the buffers one after the other; returns how many bytes there were. */
function readFile({ node }: FileDescriptor, offset: bigint, parts: readonly Uint8Array[]): number {
  const content = node.content!;
  if (offset >= content.size) return 0;
  let done = 0;
  for (const part of parts) {
    const count = content.read(Number(offset) + done, part);
    done += count;
    if (count < part.length) break;
  }
  return done;
}

function writeFile(context: CallContext, { node, flags }: FileDescriptor, offset: bigint, parts: readonly Uint8Array[]): number {
  const content = node.content!;
  const wanted = total(parts);
  if (wanted === 0) return 0;
  if (offset + BigInt(wanted) > maxFileBytes) throw new WasiError('fbig');
  let done = 0;
  try {
    for (const part of parts) {
      content.write(Number(offset) + done, part);
      done += part.length;
    }
  } catch (error) {
    // What is written is written; the next call meets the error again.
    if (done === 0 || !(error instanceof WasiError)) throw error;
  }
  touch(node, context.clock.now);
  if ((flags & (fdFlags.dsync | fdFlags.sync)) !== 0) content.sync();
  return done;
}

/** At most one read, so that nobody waits for more input while some is there. */
function readConsole({ host }: CallContext, parts: readonly Uint8Array[]): number {
  const wanted = Math.min(total(parts), maxConsoleRead);
  if (wanted === 0) return 0;
  const bytes = new Uint8Array(wanted);
  const count = host.stdin(bytes);
  let start = 0;
  for (const part of parts) {
    const end = Math.min(start + part.length, count);
    part.set(bytes.subarray(start, end));
    start = end;
  }
  return count;
}

/** Reading from and writing to descriptors, from several buffers or into them. */
export const transferCalls = {
  fd_read: {
    params: 'iiii',
    call(context) {
      const { memory, descriptors, u32 } = context;
      if (descriptors.get(u32(0)).kind === 'folder') throw new WasiError('isdir');
      const descriptor = descriptors.get(u32(0), 'fd_read');
      const parts = buffers(context, 3);
      let count: number;
      if (descriptor.kind === 'file') {
        count = readFile(descriptor, descriptor.offset, parts);
        descriptor.offset += BigInt(count);
      } else {
        count = readConsole(context, parts);
      }
      memory.writeU32(u32(3), count);
    },
  },
  fd_write: {
    params: 'iiii',
    call(context) {
      const { host, memory, descriptors, u32 } = context;
      if (descriptors.get(u32(0)).kind === 'folder') throw new WasiError('isdir');
      const descriptor = descriptors.get(u32(0), 'fd_write');
      const parts = buffers(context, 3);
      let count = 0;
      if (descriptor.kind === 'file') {
        if ((descriptor.flags & fdFlags.append) !== 0) descriptor.offset = BigInt(descriptor.node.content!.size);
        count = writeFile(context, descriptor, descriptor.offset, parts);
        descriptor.offset += BigInt(count);
      } else if (descriptor.kind === 'console') {
        for (const bytes of parts.filter(({ length }) => length > 0)) {
          if (descriptor.stream === 'stdout') host.stdout(bytes);
          else host.stderr(bytes);
          count += bytes.length;
        }
      }
      memory.writeU32(u32(3), count);
    },
  },
  fd_pread: {
    params: 'iiiIi',
    call(context) {
      const { memory, descriptors, u32, u64 } = context;
      const descriptor = descriptors.file(u32(0), 'fd_read', 'fd_seek');
      const parts = buffers(context, 4);
      memory.writeU32(u32(4), readFile(descriptor, u64(3), parts));
    },
  },
  fd_pwrite: {
    params: 'iiiIi',
    call(context) {
      const { memory, descriptors, u32, u64 } = context;
      const descriptor = descriptors.file(u32(0), 'fd_write', 'fd_seek');
      const parts = buffers(context, 4);
      memory.writeU32(u32(4), writeFile(context, descriptor, u64(3), parts));
    },
  },
} as const satisfies Readonly<Record<string, WasiCall>>;

import type { WasiArguments, WasiCall } from './call.js';
import { errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';

const stdin = 0;
const stdout = 1;
const stderr = 2;
export const consoleDescriptors = [stdin, stdout, stderr] as const;

/** `filetype` 2: a character device. Without the rights to seek and tell, libc takes it for a terminal and buffers by line. */
const characterDevice = 2;
/** `rights` bits. */
const rights = { read: 1n << 1n, write: 1n << 6n } as const;
/** Size of an `iovec`: address and length. */
const vectorSize = 8;
/** Most buffers of one call, as IOV_MAX of most systems. */
const maxVectors = 1024;
/** The sum of one call's lengths must stay below this (ssize_t of a 32-bit guest). */
const maxTransfer = 2 ** 31;

/** The buffers of `(fd, vectors: *iovec, count, transferred: *u32)`, all checked; undefined where there are too many. */
function buffers(memory: GuestMemory, args: WasiArguments): Uint8Array[] | undefined {
  const [vectors, count] = [args.u32(1), args.u32(2)];
  memory.check(args.u32(3), 4);
  if (count > maxVectors) return undefined;
  memory.check(vectors, count * vectorSize);
  const found = Array.from({ length: count }, (_, index) => {
    const address = vectors + index * vectorSize;
    return memory.slice(memory.readU32(address), memory.readU32(address + 4));
  });
  return found.reduce((sum, bytes) => sum + bytes.length, 0) < maxTransfer ? found : undefined;
}

/** Console I/O: descriptors 0 to 2, no files and no preopened folders. */
export const descriptorCalls = {
  fd_write: {
    params: 'iiii',
    call({ host, open }, memory, args) {
      const fd = args.u32(0);
      if (!open.has(fd) || fd === stdin) return errno.badf;
      const parts = buffers(memory, args);
      if (parts === undefined) return errno.inval;
      let written = 0;
      for (const bytes of parts) {
        if (bytes.length === 0) continue;
        if (fd === stdout) host.stdout(bytes);
        else host.stderr(bytes);
        written += bytes.length;
      }
      memory.writeU32(args.u32(3), written);
      return errno.success;
    },
  },
  fd_read: {
    params: 'iiii',
    call({ host, open }, memory, args) {
      if (!open.has(args.u32(0)) || args.u32(0) !== stdin) return errno.badf;
      const parts = buffers(memory, args);
      if (parts === undefined) return errno.inval;
      // A short read is allowed, and a second one might wait for input while the first one's is held back.
      const first = parts.find((bytes) => bytes.length > 0);
      memory.writeU32(args.u32(3), first === undefined ? 0 : host.stdin(first));
      return errno.success;
    },
  },
  fd_close: {
    params: 'i',
    call: ({ open }, _memory, args) => (open.delete(args.u32(0)) ? errno.success : errno.badf),
  },
  fd_seek: {
    params: 'iIii',
    call: ({ open }, _memory, args) => (open.has(args.u32(0)) ? errno.spipe : errno.badf),
  },
  fd_fdstat_get: {
    params: 'ii',
    /** Writes an `fdstat`: filetype u8, flags u16 at 2, base rights u64 at 8, inheriting rights u64 at 16. */
    call({ open }, memory, args) {
      const [fd, address] = [args.u32(0), args.u32(1)];
      if (!open.has(fd)) return errno.badf;
      memory.slice(address, 24).fill(0);
      memory.writeU8(address, characterDevice);
      memory.writeU64(address + 8, fd === stdin ? rights.read : rights.write);
      return errno.success;
    },
  },
  /** libc asks for 3, 4, .. until it gets EBADF: there are no preopened folders. */
  fd_prestat_get: { params: 'ii', call: () => errno.badf },
  fd_prestat_dir_name: { params: 'iii', call: () => errno.badf },
} as const satisfies Readonly<Record<string, WasiCall>>;

/** What the operating system's error codes mean, in words for users. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'another program uses it',
  EAGAIN: 'it has nothing to read now',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something else has this name',
  EFBIG: 'files may not become that large here',
  EINVAL: 'the system cannot do that with it',
  EIO: 'the device failed',
  EISDIR: 'is a folder',
  ELOOP: 'links that lead in a circle',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'its name is too long',
  ENFILE: 'too many open files',
  ENODEV: 'no such device',
  ENOENT: 'no such file',
  ENOMEM: 'there is no memory left',
  ENOSPC: 'there is no room left on the device',
  ENOTDIR: 'a part of its path is no folder',
  ENXIO: 'nothing is at the other end of it',
  EPIPE: 'nobody reads from it any more',
  EPERM: 'the system does not permit that',
  EROFS: 'the file system is read-only',
  ERR_INVALID_ARG_VALUE: 'no file can have this name',
  ETXTBSY: 'it is being executed',
};

/** Codes of what the computer is out of, or may not be done with it: no fault of a path, and none of ours. */
const exhausted = new Set(['EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EROFS']);

/** Says why the system refused; what the table does not have is said in the system's own words. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}

/** Whether the system lacks something (room, memory, descriptors), whatever was asked of it. */
export function isExhaustion(error: unknown): boolean {
  return error instanceof Error && exhausted.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Error numbers of WASI preview 1, in the order of their numbers (`errno` in wasi_snapshot_preview1.witx). */
const names = [
  'success',
  '2big',
  'acces',
  'addrinuse',
  'addrnotavail',
  'afnosupport',
  'again',
  'already',
  'badf',
  'badmsg',
  'busy',
  'canceled',
  'child',
  'connaborted',
  'connrefused',
  'connreset',
  'deadlk',
  'destaddrreq',
  'dom',
  'dquot',
  'exist',
  'fault',
  'fbig',
  'hostunreach',
  'idrm',
  'ilseq',
  'inprogress',
  'intr',
  'inval',
  'io',
  'isconn',
  'isdir',
  'loop',
  'mfile',
  'mlink',
  'msgsize',
  'multihop',
  'nametoolong',
  'netdown',
  'netreset',
  'netunreach',
  'nfile',
  'nobufs',
  'nodev',
  'noent',
  'noexec',
  'nolck',
  'nolink',
  'nomem',
  'nomsg',
  'noprotoopt',
  'nospc',
  'nosys',
  'notconn',
  'notdir',
  'notempty',
  'notrecoverable',
  'notsock',
  'notsup',
  'notty',
  'nxio',
  'overflow',
  'ownerdead',
  'perm',
  'pipe',
  'proto',
  'protonosupport',
  'prototype',
  'range',
  'rofs',
  'spipe',
  'srch',
  'stale',
  'timedout',
  'txtbsy',
  'xdev',
  'notcapable',
] as const;

/** Name of a WASI error, without the `E` and in lower case. */
export type ErrnoName = (typeof names)[number];

/** Error numbers of WASI by their names (`wasi_snapshot_preview1`, `errno`). */
export const errno = Object.fromEntries(names.map((name, number) => [name, number])) as Readonly<Record<ErrnoName, number>>;

/** Systems' names for errors that WASI has one number for. */
const synonyms: Readonly<Record<string, ErrnoName>> = {
  EWOULDBLOCK: 'again',
  EDEADLOCK: 'deadlk',
  EOPNOTSUPP: 'notsup',
  ERR_FS_FILE_TOO_LARGE: 'fbig',
};

/** The name in WASI of a system's error, such as `ENOENT`; `io` for one that WASI does not know. */
export function errnoOfCode(code: string | undefined): ErrnoName {
  const found = names.find((name) => `E${name.toUpperCase()}` === code);
  return found ?? synonyms[code ?? ''] ?? 'io';
}

/** A call fails with this error number, and has changed nothing but what it says itself. */
export class WasiError extends Error {
  constructor(
    readonly errno: ErrnoName,
    options?: ErrorOptions,
  ) {
    super(`WASI error ${errno}`, options);
    this.name = 'WasiError';
  }
}

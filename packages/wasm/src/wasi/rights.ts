/** Rights in the order of their bits (`rights` in the witx). */
const names = [
  'fd_datasync',
  'fd_read',
  'fd_seek',
  'fd_fdstat_set_flags',
  'fd_sync',
  'fd_tell',
  'fd_write',
  'fd_advise',
  'fd_allocate',
  'path_create_directory',
  'path_create_file',
  'path_link_source',
  'path_link_target',
  'path_open',
  'fd_readdir',
  'path_readlink',
  'path_rename_source',
  'path_rename_target',
  'path_filestat_get',
  'path_filestat_set_size',
  'path_filestat_set_times',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'path_symlink',
  'path_remove_directory',
  'path_unlink_file',
  'poll_fd_readwrite',
  'sock_shutdown',
  'sock_accept',
] as const;

export type RightName = (typeof names)[number];

const bits = Object.fromEntries(names.map((name, bit) => [name, 1n << BigInt(bit)])) as Readonly<Record<RightName, bigint>>;

/** The set of these rights. */
export function rightsOf(...some: readonly RightName[]): bigint {
  return some.reduce((set, name) => set | bits[name], 0n);
}

export const allRights = rightsOf(...names);
/** Those that say something about a file's descriptor. */
export const fileRights = rightsOf(
  'fd_datasync',
  'fd_read',
  'fd_seek',
  'fd_fdstat_set_flags',
  'fd_sync',
  'fd_tell',
  'fd_write',
  'fd_advise',
  'fd_allocate',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'poll_fd_readwrite',
);
/** Those that say something about a folder's descriptor. */
export const folderRights = rightsOf(
  'fd_fdstat_set_flags',
  'fd_sync',
  'fd_datasync',
  'fd_readdir',
  'fd_filestat_get',
  'fd_filestat_set_times',
  ...names.filter((name) => name.startsWith('path_')),
);
/** Those that, of a file, need one that can be written to. */
export const writingRights = rightsOf('fd_write', 'fd_allocate', 'fd_filestat_set_size');
/**
 * Of the console; `direction` is `fd_read` or `fd_write`. Without the rights to seek and tell, libc takes it for a terminal and buffers
 * by line.
 */
export function consoleRights(direction: 'fd_read' | 'fd_write'): bigint {
  return rightsOf(direction, 'fd_fdstat_set_flags', 'fd_filestat_get', 'poll_fd_readwrite');
}

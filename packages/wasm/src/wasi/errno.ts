/** Error numbers of WASI preview 1 that this implementation returns (`errno` in wasi_snapshot_preview1.witx). */
export const errno = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  io: 29,
  nosys: 52,
  spipe: 70,
} as const;

export type Errno = (typeof errno)[keyof typeof errno];

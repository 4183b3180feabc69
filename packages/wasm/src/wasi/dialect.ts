/** Where the fields of a structure lie, in bytes. */
interface FilestatLayout {
  readonly size: number;
  /** `nlink` is a u32 in one dialect and a u64 in the other; written as the latter it is right in both, before `bytes`. */
  readonly links: number;
  readonly bytes: number;
  readonly accessed: number;
  readonly modified: number;
  readonly changed: number;
}

interface SubscriptionLayout {
  readonly size: number;
  /** Of clocks only; descriptors are at 16 in both. */
  readonly clock: number;
  readonly timeout: number;
  readonly flags: number;
}

type Whence = 'start' | 'current' | 'end';

/** In what the two modules that programs import WASI functions from differ, besides `sock_accept`. */
export interface Dialect {
  readonly filestat: FilestatLayout;
  readonly subscription: SubscriptionLayout;
  /** By number. */
  readonly whence: readonly Whence[];
}

/** `wasi_snapshot_preview1`, also called snapshot 1. */
export const preview1: Dialect = {
  filestat: { size: 64, links: 24, bytes: 32, accessed: 40, modified: 48, changed: 56 },
  subscription: { size: 48, clock: 16, timeout: 24, flags: 40 },
  whence: ['start', 'current', 'end'],
};

/** `wasi_unstable`, also called snapshot 0: what came before, and is still found in modules of 2019. */
export const unstable: Dialect = {
  filestat: { size: 56, links: 20, bytes: 24, accessed: 32, modified: 40, changed: 48 },
  subscription: { size: 56, clock: 24, timeout: 32, flags: 48 },
  whence: ['current', 'end', 'start'],
};

/** What can go wrong on the way from a request to native code. Each occurrence is counted once. */
export const failureKinds = [
  'compile-abort',
  'missing-template',
  'bad-patch',
  'crc',
  'queue-full',
  'cache-full',
  'verify-fail',
  'stale-icache',
  'no-memory',
  'worker-fault',
] as const;
/** Why a function was not made native. */
export type FailureKind = (typeof failureKinds)[number];

/** What the compile service and the code cache did since the virtual SoC was made. */
export interface TierStatistics {
  /** Requests of the interpreter's counters and of hints. */
  requests: number;
  /** Of those, the ones for which nothing was compiled, because nothing in the cache was called less often. */
  refusals: number;
  /** Functions made native, again after an eviction included. */
  compilations: number;
  /** Activations that went from the interpreter to native code at a loop header. */
  replacements: number;
  evictions: number;
  /** Functions made native that had been before. */
  recompilations: number;
  /** Compilations that were given up half-way, because everything new was refused from then on. */
  cancellations: number;
  /** Functions that will never be compiled. */
  blacklisted: number;
  failures: Record<FailureKind, number>;
  /** Audits of the code cache, and functions whose code they found changed. */
  audits: number;
  tampered: number;
  /** Virtual time that requests waited, in executed instructions. */
  queueWait: number;
  /** What workers executed by their last slice, whatever came of it. */
  compileTime: number;
  /** Of that, to patch, verify and checksum code at its place. */
  linkTime: number;
  /** What it took beside that to go over to a worker on the program's own core, and back. */
  switchTime: number;
  /** Most requests that waited at once. */
  queueHighWater: number;
  /** Bytes of code memory in whole blocks: now, and at most. */
  cacheBytes: number;
  cacheHighWater: number;
  /** Largest function that was compiled, in code bytes: the staging buffer that a device needs. */
  stagingHighWater: number;
  /** Memory and stack that a worker had in use at most for work that is over, in bytes; 0 where the host compiles. */
  workerMemoryHighWater: number;
  workerStackHighWater: number;
}

export function emptyStatistics(): TierStatistics {
  const failures = Object.fromEntries(failureKinds.map((kind) => [kind, 0])) as Record<FailureKind, number>;
  return {
    requests: 0,
    refusals: 0,
    compilations: 0,
    replacements: 0,
    evictions: 0,
    recompilations: 0,
    cancellations: 0,
    blacklisted: 0,
    failures,
    audits: 0,
    tampered: 0,
    queueWait: 0,
    compileTime: 0,
    linkTime: 0,
    switchTime: 0,
    queueHighWater: 0,
    cacheBytes: 0,
    cacheHighWater: 0,
    stagingHighWater: 0,
    workerMemoryHighWater: 0,
    workerStackHighWater: 0,
  };
}

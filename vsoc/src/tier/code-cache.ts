import { InternalError } from '@fireball/contracts';
import { crc32Of, type LinkedCode } from '@fireball/jit';
import {
  blockBytes,
  blocksOf,
  CodeMemoryFullError,
  type CodeMemory,
  type ExecutableRegion,
  type InstalledCode,
  type WritableRegion,
} from '../chip/code-memory.js';
import { isActive, type ActivationRoots } from './activations.js';
import type { TierStatistics } from './statistics.js';
import type { TieredFunction } from './tiered-function.js';

/** Code of one function in code memory. */
interface CachedCode extends InstalledCode<LinkedCode> {
  readonly owner: TieredFunction;
  /** Virtual time from which on the owner's mark of use says whether it was called. */
  watchedSince: number;
}

/** A function that goes on being wanted this many times over while a victim is not called once may take the victim's place. */
const timesWanted = 4;

interface CacheObserver {
  installed(entry: CachedCode): void;
  /** The entry is not called any more. Code that is still being executed keeps its memory until it has ended. */
  retired(entry: CachedCode): void;
  /** Nobody executes it any more: its memory is free. */
  freed(entry: CachedCode): void;
}

/**
 * Native code under a budget of bytes. Who comes in is decided by frequency: a function that is wanted every so many instructions takes
 * the place of those that were not called for a few times as long, longest unused first, and of nobody else, so that functions that are
 * needed equally often do not throw each other out. Use is seen by marks: where nothing may go yet, whoever was called is made to
 * leave its mark anew. Code with a live activation is never a victim. An entry that has to go while it is being executed is retired:
 * no call finds it, and its blocks are freed as soon as no stack or register points into it.
 */
export class CodeCache {
  private entries: CachedCode[] = [];
  private retired: CachedCode[] = [];
  /** Routines that functions share: never a victim. */
  private readonly pinned: ExecutableRegion[] = [];

  constructor(
    private readonly memory: CodeMemory,
    private readonly roots: () => ActivationRoots,
    /** Virtual time, in executed instructions. */
    private readonly now: () => number,
    private readonly statistics: Pick<TierStatistics, 'evictions'>,
    private readonly observer: CacheObserver,
  ) {}

  get size(): number {
    return this.entries.length;
  }

  /** Bytes taken in code memory, in whole blocks; retired code and pinned routines included. */
  get bytes(): number {
    const regions = [...this.entries.map(({ region }) => region), ...this.retired.map(({ region }) => region), ...this.pinned];
    return regions.reduce((sum, { size }) => sum + blocksOf(size) * blockBytes, 0);
  }

  find(owner: TieredFunction): CachedCode | undefined {
    return this.entries.find((entry) => entry.owner === owner);
  }

  /**
   * Would a function of `size` bytes that is wanted every `interval` instructions find room? Where it would not, its next
   * question may have another answer: from now on it is seen who is called meanwhile.
   */
  admits(size: number, interval: number): boolean {
    this.freeRetired();
    // Nobody's stack has to be looked through where there is room.
    if (this.memory.longestRun([]) >= size) return true;
    if (this.memory.longestRun(this.victims(interval).map(({ region }) => region)) >= size) return true;
    for (const entry of this.entries) if (entry.owner.used) this.watch(entry);
    return false;
  }

  /** Makes room as `admits` says, which may take evictions; undefined if there is none: then nothing has been evicted. */
  reserve(size: number, interval: number): WritableRegion | undefined {
    if (!this.admits(size, interval)) return undefined;
    const free = this.tryReserve(size);
    if (free !== undefined) return free;
    for (const victim of this.victims(interval)) {
      this.statistics.evictions++;
      this.retire(victim);
      this.freeRetired();
      const place = this.tryReserve(size);
      if (place !== undefined) return place;
    }
    throw new InternalError('nothing can be evicted, although room was found');
  }

  /** Switches the owner to code that was made for a reserved place. */
  install(owner: TieredFunction, place: WritableRegion, code: LinkedCode): void {
    const entry = { owner, watchedSince: this.now(), code, region: place.seal(code.bytes) };
    this.entries.push(entry);
    this.observer.installed(entry);
    owner.switchTo(code);
  }

  /**
   * Installs a routine that functions branch to, and that stays.
   * @throws CodeMemoryFullError if there is no room even without everything that may go
   */
  pin(size: number, bytesAt: (address: number) => Uint8Array): ExecutableRegion {
    const place = this.reserve(size, 0);
    if (place === undefined) throw new CodeMemoryFullError(`${size} more bytes do not fit into the code cache`);
    const { region } = place.fill((address) => ({ bytes: bytesAt(address) }));
    this.pinned.push(region);
    return region;
  }

  /** Takes the function's code out of use. */
  remove(owner: TieredFunction): void {
    const entry = this.find(owner);
    if (entry !== undefined) this.retire(entry);
    this.freeRetired();
  }

  /** Functions whose bytes in code memory are not what the verifier saw; they are taken out of use. */
  audit(): TieredFunction[] {
    const broken = this.entries.filter(({ code, region }) => crc32Of(this.memory.stored(region.address, region.size)) !== code.crc);
    for (const entry of broken) this.retire(entry);
    this.freeRetired();
    return broken.map(({ owner }) => owner);
  }

  /** Entries that may go for a function that is wanted every `interval` instructions, first those that were not called for longest; all that can go where that is 0. */
  private victims(interval: number): CachedCode[] {
    const roots = this.roots();
    const unusedSince = ({ owner, watchedSince }: CachedCode): number => (owner.used ? Infinity : watchedSince);
    return this.entries
      .filter((entry) => (interval === 0 || this.now() - unusedSince(entry) >= timesWanted * interval) && !isLive(roots, entry.region))
      .sort((a, b) => unusedSince(a) - unusedSince(b));
  }

  /** From now on it is seen whether the function is called. */
  private watch(entry: CachedCode): void {
    entry.owner.forgetUse();
    entry.watchedSince = this.now();
  }

  private retire(entry: CachedCode): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    entry.owner.switchTo(undefined);
    this.retired.push(entry);
    this.observer.retired(entry);
  }

  private freeRetired(): void {
    if (this.retired.length === 0) return;
    const roots = this.roots();
    this.retired = this.retired.filter((entry) => {
      if (isLive(roots, entry.region)) return true;
      entry.region.free();
      this.observer.freed(entry);
      return false;
    });
  }

  private tryReserve(size: number): WritableRegion | undefined {
    try {
      return this.memory.reserve(size);
    } catch (error) {
      if (error instanceof CodeMemoryFullError) return undefined;
      throw error;
    }
  }
}

function isLive(roots: ActivationRoots, { address, size }: ExecutableRegion): boolean {
  return isActive(roots, address, address + size);
}

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
}

interface CacheObserver {
  installed(entry: CachedCode): void;
  /** The entry is not called any more. Code that is still being executed keeps its memory until it has ended. */
  retired(entry: CachedCode): void;
  /** Nobody executes it any more: its memory is free. */
  freed(entry: CachedCode): void;
}

/**
 * Native code under a budget of bytes. The victim is found by second chance: the hand goes round; a function called since the
 * hand's last visit is only made to leave its mark anew. Code with a live activation is never a victim. An entry
 * that has to go while it is being executed is retired: no call finds it, and its blocks are freed as soon as no stack or
 * register points into it.
 */
export class CodeCache {
  private entries: CachedCode[] = [];
  private retired: CachedCode[] = [];
  /** Routines that functions share: never a victim. */
  private readonly pinned: ExecutableRegion[] = [];
  /** Index of the entry that the hand visits next. */
  private hand = 0;

  constructor(
    private readonly memory: CodeMemory,
    private readonly roots: () => ActivationRoots,
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
   * Makes room, and switches the owner to the code that `link` makes for the place. False if there is no room even
   * without everything that may go; then nothing has been evicted. What `link` throws is passed on, with the place given back.
   */
  insert(owner: TieredFunction, size: number, link: (address: number) => LinkedCode): boolean {
    const place = this.makeRoom(size);
    if (place === undefined) return false;
    const entry = { owner, ...place.fill(link) };
    this.entries.splice(this.hand, 0, entry);
    this.hand = (this.hand + 1) % this.entries.length;
    this.observer.installed(entry);
    owner.switchTo(entry.code);
    return true;
  }

  /**
   * Installs a routine that functions branch to, and that stays.
   * @throws CodeMemoryFullError if there is no room even without everything that may go
   */
  pin(size: number, bytesAt: (address: number) => Uint8Array): ExecutableRegion {
    const place = this.makeRoom(size);
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

  private makeRoom(size: number): WritableRegion | undefined {
    this.freeRetired();
    const found = this.reserve(size);
    if (found !== undefined || !this.canFit(size)) return found;
    for (;;) {
      this.evictOne();
      const place = this.reserve(size);
      if (place !== undefined) return place;
    }
  }

  /** Would the function fit if everything went that may go? */
  private canFit(size: number): boolean {
    const roots = this.roots();
    const removable = this.entries.filter(({ region }) => !isLive(roots, region)).map(({ region }) => region);
    return this.memory.longestRun(removable) >= size;
  }

  private evictOne(): void {
    const roots = this.roots();
    // Two rounds: in the first, every mark may be taken; the second finds somebody without one.
    for (let visits = 2 * this.entries.length; visits > 0; visits--) {
      const entry = this.entries[this.hand];
      if (entry === undefined) throw new InternalError('the hand points past the cache');
      if (!entry.owner.used && !isLive(roots, entry.region)) {
        this.statistics.evictions++;
        this.retire(entry);
        this.freeRetired();
        return;
      }
      entry.owner.forgetUse();
      this.hand = (this.hand + 1) % this.entries.length;
    }
    throw new InternalError('nothing can be evicted, although room was found');
  }

  private retire(entry: CachedCode): void {
    const index = this.entries.indexOf(entry);
    this.entries.splice(index, 1);
    if (index < this.hand) this.hand--;
    if (this.hand >= this.entries.length) this.hand = 0;
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

  private reserve(size: number): WritableRegion | undefined {
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

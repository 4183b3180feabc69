import type { Unicorn, UnicornModule } from '@fireball/unicorn.js';

/** Memory that has been mapped. */
interface Region {
  readonly base: number;
  readonly size: number;
  /** As the library has them. */
  readonly permissions: number;
  /** Bytes from the base on that have the permissions. */
  readonly accessible: number;
}

interface OwnRegion extends Region {
  readonly bytes: Uint8Array;
  /** What it held when another CPU had it: the library's translations are of that. */
  readonly code: Uint8Array | undefined;
  /** It has other permissions by now. */
  isProtected: boolean;
}

interface LeftRegion extends Region {
  /** Absent where no code can be in it. */
  readonly code: Uint8Array | undefined;
}

/** Bytes of code that are compared, and translated anew where they differ, at once. */
const [largeChunk, smallChunk] = [4096, 256];

/**
 * An engine that serves one CPU after the other. Mappings that the next one asks for again are there, as zeros, and code that it puts where the same code
 * was before keeps its translations. Of all else nothing is left.
 */
export class KeptEngine {
  readonly #initial;
  readonly #initialStatus: number | undefined;
  readonly #executable: number;
  readonly #writable: number;
  /** Of the CPU that has it. */
  #own: OwnRegion[] = [];
  /** Of those before, as long as the guest has not run: what is not asked for goes then. */
  #left: LeftRegion[] = [];
  #settled = true;

  /**
   * @param engine in its reset state
   * @param status a register that the library's saved state lacks
   */
  constructor(
    readonly engine: Unicorn,
    uc: UnicornModule,
    private readonly status: number | undefined,
  ) {
    this.#executable = uc.PROT_EXEC;
    this.#writable = uc.PROT_WRITE;
    this.#initial = engine.context_alloc();
    engine.context_save(this.#initial);
    if (status !== undefined) this.#initialStatus = engine.reg_read_i32(status);
  }

  map(base: number, size: number, permissions: number, accessible: number): ArrayBuffer {
    const left = this.#left.find((region) => region.base === base && region.size === size);
    const fits = left?.permissions === permissions && left.accessible === accessible;
    if (fits) this.#left.splice(this.#left.indexOf(left), 1);
    else this.#drop((region) => base < region.base + region.size && base + size > region.base);
    const buffer = fits ? this.engine.reuse.renew(base, size) : this.engine.mem_map_native(base, size, permissions, accessible);
    this.#own.push({ base, size, permissions, accessible, bytes: new Uint8Array(buffer), code: fits ? left.code : undefined, isProtected: false });
    return buffer;
  }

  protect(base: number, size: number, permissions: number): void {
    this.settle();
    for (const region of this.#own) if (base < region.base + region.size && base + size > region.base) region.isProtected = true;
    this.engine.mem_protect(base, size, permissions);
  }

  /** Before the guest has run, `settle` finds what has changed. */
  invalidate(base: number, size: number): void {
    if (this.#settled) this.engine.ctl_remove_cache(base, base + size);
  }

  /** To be called before the guest runs, or its memory is looked at in any other way than by what `map` gave. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#drop(() => true);
    for (const { base, bytes, code } of this.#own) {
      if (code === undefined) continue;
      for (const { begin, end } of changedParts(code, bytes)) this.engine.ctl_remove_cache(base + begin, base + end);
    }
  }

  /** The CPU does not want it any more. @returns false where it cannot serve another one */
  release(): boolean {
    this.settle();
    // The library does not look for translations where nothing may be executed.
    if (this.#own.some((region) => region.isProtected && this.#isExecutable(region))) return false;
    const left = this.#own.map((region) => this.#leave(region));
    if (!this.engine.reuse.recycle()) return false;
    this.engine.context_restore(this.#initial);
    if (this.status !== undefined) this.engine.reg_write_i32(this.status, this.#initialStatus!);
    this.#own = [];
    this.#left = left.filter((region) => region !== undefined);
    this.#settled = false;
    return true;
  }

  /** Undefined where the region goes at once. */
  #leave(region: OwnRegion): LeftRegion | undefined {
    const { base, size, permissions, accessible, bytes, code, isProtected } = region;
    const executable = this.#isExecutable(region);
    // The guest may change such code.
    const changes = executable && (permissions & this.#writable) !== 0;
    if (!changes && !isProtected) return { base, size, permissions, accessible, code: executable ? copyOf(bytes, code) : undefined };
    this.#unmap(region);
    return undefined;
  }

  #isExecutable({ permissions }: Region): boolean {
    return (permissions & this.#executable) !== 0;
  }

  #drop(which: (region: LeftRegion) => boolean): void {
    for (const region of this.#left.filter(which)) this.#unmap(region);
    this.#left = this.#left.filter((region) => !which(region));
  }

  /** The library keeps translations of memory that is gone. */
  #unmap({ base, size }: Pick<Region, 'base' | 'size'>): void {
    this.engine.ctl_remove_cache(base, base + size);
    this.engine.mem_unmap(base, size);
  }
}

/** In the array that is there already, if one is. */
function copyOf(bytes: Uint8Array, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined) return bytes.slice();
  into.set(bytes);
  return into;
}

/** Where two arrays of one length differ, in whole small chunks. */
function changedParts(before: Uint8Array, after: Uint8Array): { readonly begin: number; readonly end: number }[] {
  const parts: { begin: number; end: number }[] = [];
  const differs = (begin: number, size: number): boolean => Buffer.compare(before.subarray(begin, begin + size), after.subarray(begin, begin + size)) !== 0;
  for (let large = 0; large < before.length; large += largeChunk) {
    if (!differs(large, largeChunk)) continue;
    for (let begin = large; begin < Math.min(large + largeChunk, before.length); begin += smallChunk) {
      if (!differs(begin, smallChunk)) continue;
      const end = Math.min(begin + smallChunk, before.length);
      const last = parts.at(-1);
      if (last?.end === begin) last.end = end;
      else parts.push({ begin, end });
    }
  }
  return parts;
}

import type { DebugTarget, WatchKind } from '@fireball/contracts';
import type { ShownCode } from './interpreted/shown-code.js';

/** `Z` packets: software and hardware breakpoints, write, read and access watchpoints. */
const watchKinds: Readonly<Record<string, WatchKind>> = { 2: 'write', 3: 'read', 4: 'access' };
/** The library's hooks are few; more would only be a mistake. */
const mostWatches = 64;

/** What a stop reply calls them. */
const watchWords = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;

interface Watch {
  /** The target's. */
  readonly id: number;
  readonly begin: number;
  readonly size: number;
  readonly kind: WatchKind;
}

/** What the client has inserted. */
export class Breakpoints {
  /** Which kinds are at an address. */
  readonly #addresses = new Map<number, Set<string>>();
  /** By kind, address and size. */
  readonly #watches = new Map<string, Watch>();

  /** @param shown where interpreted functions are for the client */
  constructor(
    private readonly target: DebugTarget,
    private readonly shown: ShownCode | undefined,
  ) {}

  /** @returns false where the target cannot have it */
  set(type: string, address: number, size: number, on: boolean): boolean {
    const kind = watchKinds[type];
    if (kind !== undefined) return this.#watch(`${type} ${address} ${size}`, address, size, kind, on);
    // Within an interpreted instruction nothing stands.
    const place = this.#placeOf(address);
    if (place === undefined) return false;
    const types = this.#addresses.get(address) ?? new Set();
    if (on) types.add(type);
    else types.delete(type);
    if (types.size === 0) this.#addresses.delete(address);
    else this.#addresses.set(address, types);
    this.target.stops.breakpoint(
      place,
      [...this.#addresses.keys()].some((other) => this.#placeOf(other) === place),
    );
    return true;
  }

  #placeOf(address: number): number | undefined {
    return this.shown?.includes(address) === true ? this.shown.instructionAt(address) : address;
  }

  #watch(key: string, begin: number, size: number, kind: WatchKind, on: boolean): boolean {
    const watch = this.#watches.get(key);
    if (on && watch === undefined) {
      if (size < 1 || this.#watches.size >= mostWatches) return false;
      this.#watches.set(key, { id: this.target.stops.watch(begin, size, kind), begin, size, kind });
    } else if (!on && watch !== undefined) {
      this.#watches.delete(key);
      this.target.stops.unwatch(watch.id);
    }
    return true;
  }

  /** Which kind of breakpoint is at an address. */
  at(address: number): 'swbreak' | 'hwbreak' | undefined {
    const types = this.#addresses.get(address);
    if (types === undefined) return undefined;
    return types.has('0') ? 'swbreak' : 'hwbreak';
  }

  /** The kind of the watchpoint that an access met, in the protocol's words. */
  watchpointOf({ access, address, size }: { readonly access: 'read' | 'write'; readonly address: number; readonly size: number }): {
    readonly kind: (typeof watchWords)[WatchKind];
    readonly address: number;
  } {
    for (const { begin, size: length, kind } of this.#watches.values()) {
      if (address + size <= begin || address >= begin + length || (kind !== 'access' && kind !== access)) continue;
      // GDB wants an address that it has asked for.
      return { kind: watchWords[kind], address: Math.max(begin, address) };
    }
    return { kind: watchWords[access], address };
  }

  /** The client has let go of breakpoints in [begin, end) without saying so: what was there is gone. */
  clearRange(begin: number, end: number): void {
    for (const address of this.#addresses.keys()) {
      if (address < begin || address >= end) continue;
      this.#addresses.delete(address);
      this.target.stops.breakpoint(address, false);
    }
  }

  clear(): void {
    for (const address of this.#addresses.keys()) this.target.stops.breakpoint(this.#placeOf(address) ?? address, false);
    for (const { id } of this.#watches.values()) this.target.stops.unwatch(id);
    this.#addresses.clear();
    this.#watches.clear();
  }
}

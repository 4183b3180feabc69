import type { CodeSite, LinkedCode, TrapKind } from '@fireball/jit';

/** A compiled function as it lies in code memory. */
export interface InstalledFunction {
  readonly index: number;
  readonly code: LinkedCode;
  /** Bytes of the function's linear memory as it is now; 0 where there is none. */
  memoryBytes(): number;
}

/** Where a code address belongs: function, wasm instruction, template. */
export interface CodeLocation {
  readonly function: InstalledFunction;
  readonly site: CodeSite;
}

/** Finds the function and the template behind a code address. Host side; costs the device nothing. */
export class CodeMap {
  /** By address. */
  readonly functions: InstalledFunction[] = [];

  add(entry: InstalledFunction): void {
    this.functions.push(entry);
    this.functions.sort((a, b) => a.code.address - b.code.address);
  }

  find(address: number): CodeLocation | undefined {
    const owner = lastAtOrBelow(this.functions, (entry) => entry.code.address, address);
    if (owner === undefined || address >= owner.code.address + owner.code.bytes.length) return undefined;
    const offset = address - owner.code.address;
    const site = lastAtOrBelow(owner.code.sites, (candidate) => candidate.offset, offset);
    return site === undefined ? undefined : { function: owner, site };
  }

  /** Forgets the function whose code begins at `address`. */
  remove(address: number): void {
    const index = this.functions.findIndex((entry) => entry.code.address === address);
    if (index >= 0) this.functions.splice(index, 1);
  }

  /** The kind of the trap stub at this address, if there is one. */
  trapStubAt(address: number): TrapKind | undefined {
    const owner = this.find(address)?.function;
    if (owner === undefined) return undefined;
    return owner.code.trapStubs.find((stub) => stub.offset === address - owner.code.address)?.kind;
  }
}

function lastAtOrBelow<T>(sorted: readonly T[], keyOf: (item: T) => number, key: number): T | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(sorted[middle] as T) <= key) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

import type { CodeSite, LinkedCode, CodeTrapKind } from '@fireball/jit';

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
    const { functions } = this;
    const addressOf = ({ code }: InstalledFunction): number => code.address;
    const at = countAtOrBelow(functions, addressOf, entry.code.address);
    if (at === functions.length) functions.push(entry);
    else functions.splice(at, 0, entry);
  }

  /** Holds these functions and no others, by address. */
  reset(functions: readonly InstalledFunction[]): void {
    this.functions.splice(0, this.functions.length, ...functions);
  }

  find(address: number): CodeLocation | undefined {
    const owner = this.ownerOf(address);
    const site = owner?.code.siteAt(address - owner.code.address);
    return owner === undefined || site === undefined ? undefined : { function: owner, site };
  }

  private ownerOf(address: number): InstalledFunction | undefined {
    const { functions } = this;
    const owner = functions[countAtOrBelow(functions, ({ code }) => code.address, address) - 1];
    return owner === undefined || address >= owner.code.address + owner.code.bytes.length ? undefined : owner;
  }

  /** Forgets the function whose code begins at `address`. */
  remove(address: number): void {
    const index = countAtOrBelow(this.functions, ({ code }) => code.address, address) - 1;
    if (this.functions[index]?.code.address !== address) return;
    if (index === this.functions.length - 1) this.functions.pop();
    else this.functions.splice(index, 1);
  }

  /** The kind of the trap stub at this address, if there is one. */
  trapStubAt(address: number): CodeTrapKind | undefined {
    const owner = this.ownerOf(address);
    return owner?.code.trapStubs.find((stub) => stub.offset === address - owner.code.address)?.kind;
  }
}

function countAtOrBelow<T>(sorted: readonly T[], keyOf: (item: T) => number, key: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(sorted[middle] as T) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

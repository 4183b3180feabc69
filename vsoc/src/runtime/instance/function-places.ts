import { InternalError, type Isa } from '@fireball/contracts';
import type { DirectCalls } from '@fireball/jit';
import type { ValidatedModule } from '@fireball/wasm';

/** How far a direct call reaches: BL and B.W of Thumb-2, JAL of RISC-V. */
export const callReach = { thumb2: 0x100_0000, rv32: 0x10_0000 } as const satisfies Record<Isa, number>;

/** Code bytes that a function is expected to take: for each byte of its body, and what blocks of code memory lose. Modules of all kinds are near that. */
const [codePerByte, lostPerFunction] = [1.7, 140];

interface Place {
  readonly address: number;
  readonly size: number;
}

/**
 * Where the functions of a module lie that are all placed before one of them runs, and which of them call each other directly. That has to be known
 * before their sizes are: calls over a distance that is expected to be too great go through slots, and so do all calls of a function
 * from which a callee turned out to be out of reach.
 */
export class FunctionPlaces implements DirectCalls {
  private readonly places = new Map<number, Place>();
  /** Functions all of whose calls go through slots. */
  private readonly remote = new Set<number>();
  private readonly reach: number;
  private readonly firstIndex: number;
  /** Where functions are expected to begin, by position; then where the last one ends. */
  private readonly expected: number[];

  constructor(isa: Isa, { functions, module }: ValidatedModule) {
    this.reach = callReach[isa];
    this.firstIndex = module.imported.function;
    let end = 0;
    this.expected = [0, ...functions.map(({ code }) => (end += codePerByte * (code.end - code.start) + lostPerFunction))];
  }

  reaches(caller: number, callee: number): boolean {
    if (callee < this.firstIndex || this.remote.has(caller)) return false;
    const begin = this.expectedAt(caller);
    const entry = this.expectedAt(callee);
    return Math.max(this.expectedAt(caller + 1), entry) - Math.min(begin, entry) < this.reach;
  }

  private expectedAt(index: number): number {
    const found = this.expected[index - this.firstIndex];
    if (found === undefined) throw new InternalError(`function ${index} is none of the module's own`);
    return found;
  }

  entryOf(callee: number): number {
    return this.placeOf(callee).address;
  }

  private placeOf(index: number): Place {
    const found = this.places.get(index);
    if (found === undefined) throw new InternalError(`function ${index} has no place yet`);
    return found;
  }

  /** The function lies there from now on. */
  put(index: number, place: Place): void {
    this.places.set(index, place);
  }

  /** Does the code of `caller`, where it lies now, reach what it calls? */
  isInReach(caller: number, callees: Iterable<number>): boolean {
    const { address, size } = this.placeOf(caller);
    for (const callee of callees) {
      const entry = this.entryOf(callee);
      if (Math.max(address + size, entry) - Math.min(address, entry) >= this.reach) return false;
    }
    return true;
  }

  /** Do all functions reach each other? */
  get areClose(): boolean {
    let [begin, end] = [Infinity, 0];
    for (const { address, size } of this.places.values()) {
      begin = Math.min(begin, address);
      end = Math.max(end, address + size);
    }
    return end - begin < this.reach;
  }

  /** All calls of the function go through slots from now on. */
  giveUp(caller: number): void {
    this.remote.add(caller);
  }
}

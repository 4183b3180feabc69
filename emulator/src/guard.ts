import type { Address, GuardedFunction, GuardedKind, GuardedRange, GuardOptions, MemoryGuard, MemoryViolation } from '@fireball/contracts';
import { guardEntry, guardKinds, guardReads, type Unicorn } from '@fireball/unicorn.js';

/** The library's memory guard in the terms of the port. */
export class UnicornGuard implements MemoryGuard {
  readonly #engine: Unicorn;
  readonly #codeBegin: Address;
  /** A byte for each halfword of code memory: kind of code, and where functions begin. */
  readonly #marks: Uint8Array;
  #entries: readonly GuardedFunction[] = [];

  constructor(engine: Unicorn, { code, stack, aligned }: GuardOptions) {
    this.#engine = engine;
    this.#codeBegin = code.begin;
    this.#marks = engine.guard_memory({ codeBegin: code.begin, codeEnd: code.end, stackBegin: stack.begin, stackEnd: stack.end, aligned });
  }

  #index(address: Address): number {
    return (address - this.#codeBegin) >> 1;
  }

  mark(address: Address, size: number, kind: GuardedKind): void {
    this.#marks.fill(guardKinds[kind], this.#index(address), this.#index(address + size));
  }

  setRules(functions: readonly GuardedFunction[], owners: readonly (readonly GuardedRange[])[]): void {
    for (const { begin } of this.#entries) this.#markEntry(begin, false);
    for (const { begin } of functions) this.#markEntry(begin, true);
    this.#entries = functions;
    // The library's owner 0 is that of nobody: it may access nothing.
    this.#engine.guard_rules(
      functions.map(({ begin, argumentBytes, owner }) => ({ begin, argumentBytes, owner: owner + 1 })),
      [[], ...owners.map((ranges) => ranges.map(({ begin, end, read, write }) => ({ begin, end, rights: rightsOf(read, write) })))],
    );
  }

  #markEntry(begin: Address, isEntry: boolean): void {
    const index = this.#index(begin);
    const mark = this.#marks[index] ?? 0;
    this.#marks[index] = isEntry ? mark | guardEntry : mark & ~guardEntry;
  }

  takeViolation(): MemoryViolation | null {
    return this.#engine.guard_take();
  }

  activations(): number {
    return this.#engine.guard_frames();
  }

  unwind(kept: number): void {
    this.#engine.guard_frames(kept);
  }
}

function rightsOf(read: readonly GuardedKind[], write: readonly GuardedKind[]): number {
  return [...read.map((kind) => guardReads[kind]), ...write.map((kind) => guardReads[kind] << 1)].reduce((rights, bit) => rights | bit, 0);
}

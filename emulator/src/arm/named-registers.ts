import { UsageError } from '@fireball/contracts';
import { mProfile } from '@fireball/unicorn.js';
import type { LibraryState } from './internals.js';
import type { ExceptionModel } from './model.js';
import { NextAccess } from './next-access.js';
import { floatIndices, limitNames, registerIndices } from './registers.js';

type StackLimits = readonly [main: number, process: number];

const noLimits: StackLimits = [0, 0];
const noExclusive = [0, 0, 0, 0];

/** Registers of a core by name, and all of them as bytes: what debuggers and snapshots see. The caller has the CPU take what is changed. */
export class NamedRegisters {
  readonly #model: ExceptionModel;
  readonly #library: LibraryState | undefined;
  /** MSPLIM and PSPLIM. */
  readonly #hasLimits: boolean;
  readonly #hasFloats: boolean;

  /** @param library what is reached by the library's internals; undefined: out of reach */
  constructor(model: ExceptionModel, library: LibraryState | undefined) {
    this.#model = model;
    this.#library = library;
    this.#hasLimits = model.core.version === 8;
    this.#hasFloats = model.core.floats;
  }

  get names(): readonly string[] {
    return ['sp', ...registerIndices.keys(), ...(this.#hasLimits ? limitNames : []), ...(this.#hasFloats ? floatIndices.keys() : [])];
  }

  /** Zeros where the core has none, or they are out of reach; writes do nothing then. */
  get stackLimits(): StackLimits {
    return this.#hasLimits ? (this.#library?.stackLimits ?? noLimits) : noLimits;
  }
  set stackLimits(limits: StackLimits) {
    if (this.#hasLimits && this.#library !== undefined) this.#library.stackLimits = limits;
  }

  #indexOf(name: string): number {
    if (name === 'sp') return NextAccess.wordOf(this.#model, 13);
    const index = registerIndices.get(name) ?? (this.#hasFloats ? floatIndices.get(name) : undefined);
    if (index === undefined) throw new UsageError(`${this.#model.core.name} has no register '${name}'; it has ${this.names.join(', ')}`);
    return index;
  }

  /** @throws UsageError for a name that it does not know */
  read(name: string): number {
    const limit = this.#hasLimits ? limitNames.indexOf(name) : -1;
    if (limit >= 0) return this.stackLimits[limit] ?? 0;
    const { registers } = this.#model;
    const index = this.#indexOf(name);
    const words = index >= mProfile.fpscr ? registers.loadFloats() : registers.load();
    const value = words[index] ?? 0;
    registers.store();
    return value;
  }

  /** @throws UsageError for a name that it does not know */
  write(name: string, bits: number): void {
    const limit = this.#hasLimits ? limitNames.indexOf(name) : -1;
    if (limit >= 0) {
      this.stackLimits = [limit === 0 ? bits : this.stackLimits[0], limit === 1 ? bits : this.stackLimits[1]];
      return;
    }
    const { registers } = this.#model;
    const index = this.#indexOf(name);
    if (index >= mProfile.fpscr) registers.loadFloats();
    registers.set(index, bits);
  }

  save(): Uint8Array {
    const { registers } = this.#model;
    const saved = Uint32Array.of(...this.stackLimits, ...(this.#library?.exclusive ?? noExclusive), ...registers.loadFloats());
    registers.store();
    return new Uint8Array(saved.buffer);
  }

  restore(saved: Uint8Array): void {
    const words = new Uint32Array(saved.slice().buffer);
    const [main = 0, process = 0] = words;
    this.stackLimits = [main, process];
    if (this.#library !== undefined) this.#library.exclusive = words.subarray(2, 6);
    const { registers } = this.#model;
    registers.loadFloats();
    registers.edit().set(words.subarray(6));
  }

  /** At reset. */
  clear(): Uint32Array {
    this.stackLimits = noLimits;
    const { registers } = this.#model;
    registers.loadFloats();
    return registers.edit().fill(0);
  }
}

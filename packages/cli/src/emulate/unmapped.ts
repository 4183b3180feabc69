import { formatCount } from '@fireball/contracts';
import type { Machine, UnmappedListener } from '@fireball/emulator';
import type { ProgramSymbols } from '@fireball/image';
import { describeAddress, describeCode, hex } from './places.js';

/** What a load or store does where the board has nothing: a bus fault; nothing, said; nothing. */
export const unmappedPolicies = ['fault', 'log', 'zero'] as const;
export type UnmappedPolicy = (typeof unmappedPolicies)[number];

/** An instruction that accesses an address at which nothing is. */
interface UnmappedPlace {
  readonly address: string;
  readonly pc: string;
  readonly place: string;
  reads: number;
  writes: number;
}

/** Part of `--report` and `--json`. */
export interface UnmappedDocument {
  readonly accesses: number;
  readonly places: readonly UnmappedPlace[];
  /** Accesses at places that are not listed, because they are too many. */
  readonly more?: number;
}

/** So many places are told of; firmware that looks through the whole address space has millions. */
const mostPlaces = 1000;

/** Tells of accesses to nothing: each address and instruction once, when it first happens, and how many there were at the end. */
export class UnmappedLog {
  readonly #places = new Map<string, UnmappedPlace>();
  readonly #say: (line: string) => void;
  #accesses = 0;
  #more = 0;
  machine: Machine | undefined;
  symbols: ProgramSymbols | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  readonly hear: UnmappedListener = (address, size, value, write) => {
    const { machine, symbols } = this;
    if (machine === undefined || symbols === undefined) return;
    this.#accesses++;
    const { pc } = machine.processor;
    const key = `${address} ${pc}`;
    let place = this.#places.get(key);
    if (place === undefined && this.#places.size >= mostPlaces) {
      if (this.#more++ === 0) this.#say(`unmapped: ${mostPlaces} places; further ones are only counted`);
      return;
    }
    if (place === undefined) {
      place = { address: hex(address), pc: hex(pc), place: describeCode(symbols, pc), reads: 0, writes: 0 };
      this.#places.set(key, place);
      const what = write ? `write of 0x${value.toString(16).padStart(2 * size, '0')} to` : `read of ${8 * size} bits at`;
      this.#say(
        `unmapped: ${what} ${place.address} (${describeAddress(machine, symbols, address)}) from ${place.pc}${place.place === '' ? '' : ` ${place.place}`}`,
      );
    }
    if (write) place.writes++;
    else place.reads++;
  };

  /** Undefined where there were none. */
  get document(): UnmappedDocument | undefined {
    if (this.#accesses === 0) return undefined;
    return { accesses: this.#accesses, places: [...this.#places.values()], ...(this.#more === 0 ? {} : { more: this.#more }) };
  }

  summarize(): void {
    if (this.#accesses === 0) return;
    const places =
      this.#more > 0 ? `more than ${formatCount(mostPlaces)} places` : this.#places.size === 1 ? '1 place' : `${formatCount(this.#places.size)} places`;
    this.#say(`unmapped: ${this.#accesses === 1 ? '1 access' : `${formatCount(this.#accesses)} accesses`} at ${places}`);
  }
}

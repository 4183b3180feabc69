import type { DebugTarget } from '@fireball/contracts';
import type { Place } from './interpreted/place.js';
import type { GdbRegister, RegisterFeature } from './registers.js';
import { fromLittleEndian, hex, littleEndian, numberOf } from './text.js';

/** Those that GDB needs at each stop: where it is, and its frame. */
const expedited = { thumb2: ['r7', 'r11', 'sp', 'lr', 'pc'], rv32: ['ra', 'sp', 's0', 'pc'], rv64: ['ra', 'sp', 's0', 'pc'] } as const;

/** Registers by name; undefined: nobody knows. */
type Saved = (register: string) => bigint | undefined;

/** Registers as packets hold them: little-endian, in the order of their numbers. */
export class RegisterFile {
  readonly #registers: readonly GdbRegister[];
  readonly #expedited: readonly GdbRegister[];

  /** @param place where the client is told that the target stands */
  constructor(
    private readonly target: DebugTarget,
    features: readonly RegisterFeature[],
    private readonly place: Place,
  ) {
    this.#registers = features.flatMap(({ registers }) => registers).sort((a, b) => a.number - b.number);
    const names: readonly string[] = expedited[target.architecture];
    this.#expedited = this.#registers.filter(({ name }) => names.includes(name));
  }

  /** @param saved those of a thread that does not run */
  all(saved?: Saved): string {
    return this.#registers.map((register) => this.#digits(register, saved)).join('');
  }

  setAll(digits: string): boolean {
    const bytes = hex.bytes(digits);
    if (bytes?.length !== this.#registers.reduce((sum, { bits }) => sum + bits / 8, 0)) return false;
    let at = 0;
    for (const register of this.#registers) this.#write(register, bytes.subarray(at, (at += register.bits / 8)));
    return true;
  }

  one(digits: string, saved?: Saved): string | undefined {
    const register = this.#numbered(digits);
    return register === undefined ? undefined : this.#digits(register, saved);
  }

  /** `NUMBER=VALUE`. */
  set(request: string): boolean {
    const [number = '', digits = ''] = request.split('=');
    const register = this.#numbered(number);
    const bytes = hex.bytes(digits);
    if (register === undefined || bytes?.length !== register.bits / 8) return false;
    this.#write(register, bytes);
    return true;
  }

  /** `NUMBER:VALUE;` of each. */
  expedited(): string {
    return this.#expedited.map((register) => `${register.number.toString(16).padStart(2, '0')}:${this.#digits(register, undefined)};`).join('');
  }

  #numbered(digits: string): GdbRegister | undefined {
    const number = numberOf(digits);
    return this.#registers.find((register) => register.number === number);
  }

  #digits({ parts, bits }: GdbRegister, saved: Saved | undefined): string {
    const width = bits / parts.length / 8;
    const values = parts.map((name) => (saved === undefined ? this.#read(name) : saved(name)));
    // All of it is unknown where a part is.
    if (values.includes(undefined)) return 'x'.repeat(bits / 4);
    return values.map((value) => hex.of(littleEndian(value ?? 0n, width))).join('');
  }

  #read(name: string): bigint {
    return name === 'pc' ? BigInt(this.place.pc) : this.target.readRegister(name);
  }

  /** What has not changed is not written: not every register takes every value. */
  #write({ parts, bits }: GdbRegister, bytes: Uint8Array): void {
    const width = bits / parts.length / 8;
    parts.forEach((name, index) => {
      const value = fromLittleEndian(bytes.subarray(index * width, (index + 1) * width));
      if (value !== this.#read(name)) this.target.writeRegister(name, value);
    });
  }
}

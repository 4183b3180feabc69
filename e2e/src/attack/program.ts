import { seededRandom } from '@fireball/jit';
import type { NumberType } from '@fireball/wasm';
import type { Pages } from '../testing/pages.js';

export interface AttackModule {
  /** Under which later modules import from it. */
  readonly name: string;
  readonly text: string;
  /** In place of the memory's limits in the text. */
  readonly pages?: Pages;
}

/** An exported function of the last module, and what its parameters should be. */
export interface AttackFunction {
  readonly name: string;
  readonly params: readonly NumberType[];
  /** Values of parameters (by position) that aim at boundaries; what is missing gets any value. */
  readonly aims: readonly (readonly number[])[];
}

/** A program whose calls try to break out. */
export interface Attack {
  readonly modules: readonly AttackModule[];
  readonly functions: readonly AttackFunction[];
  /** Calls may run out of stack, where engines differ; they change no memory and no global, so those behind can be compared. */
  readonly exhausts?: boolean;
}

export class Random {
  private readonly next: () => number;
  constructor(seed: string) {
    this.next = seededRandom(seed);
  }
  word(): number {
    return this.next();
  }
  below(limit: number): number {
    return this.next() % limit;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Where 32-bit arithmetic changes its mind. */
const corners = [0, 1, 2, 3, 4, 7, 8, 2 ** 31 - 4, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 65536, 2 ** 32 - 8, 2 ** 32 - 4, 2 ** 32 - 2, 2 ** 32 - 1];

/** Addresses at which an access of `width` bytes with `displacement` added to its index meets the end of `bytes`, or wraps. */
export function boundaries(bytes: number, displacement = 0): number[] {
  const edge = Array.from({ length: 18 }, (_, index) => bytes - 9 + index);
  return [...edge, ...corners, 65536 - bytes, 65536 + bytes].flatMap((value) => [value, value - displacement]).map((value) => value | 0);
}

/** Arguments for one call: mostly aimed. */
export function argumentsFor(random: Random, { params, aims }: AttackFunction): (number | bigint)[] {
  return params.map((type, index) => {
    const aim = aims[index];
    if (aim !== undefined && random.below(8) > 0) return random.pick(aim);
    const word = random.below(4) === 0 ? random.pick(corners) | 0 : random.word() | 0;
    if (type === 'i64' || type === 'f64') return BigInt.asIntN(64, (BigInt(word) << 32n) | BigInt(random.word()));
    return type === 'f32' ? word >>> 0 : word;
  });
}

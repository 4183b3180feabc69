import type { CodeAt } from './code-flow.js';
import { constant, unknown, type Comparison, type Content } from './selection.js';

/** A branch that a loaded value decides about: is it taken where the comparison holds, or where it does not? */
export interface BranchTest {
  readonly comparison: Comparison;
  readonly takenIfEqual: boolean;
  readonly target: number;
  /** Where it goes on if not taken. */
  readonly next: number;
}

/** Contents of registers and memory behind a load: what the CPU has in them, unless they have been changed since. */
export class Registers {
  readonly #changed = new Map<number, Content>();
  /** Has anything been stored since? */
  stored = false;

  /** @param current of the CPU; a number that is no exact integer is not known */
  constructor(
    private readonly current: (register: number) => number,
    private readonly memory: CodeAt,
  ) {}

  get(register: number): Content {
    const changed = this.#changed.get(register);
    if (changed !== undefined) return changed;
    const value = this.current(register);
    return Number.isSafeInteger(value) ? constant(BigInt(value)) : unknown;
  }

  /** A word of memory, such as a mask behind the code or on the stack. */
  word(base: Content, offset: number): Content {
    if (this.stored || base.kind !== 'constant') return unknown;
    const at = Number(base.value) + offset;
    const [low, high] = [this.memory(at), this.memory(at + 2)];
    return low === undefined || high === undefined ? unknown : constant(BigInt((low | (high << 16)) >>> 0));
  }

  set(register: number, content: Content): void {
    this.#changed.set(register, content);
  }
}

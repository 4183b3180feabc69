import { hex, type LocationMap } from '@fireball/contracts';
import type { ValueDifference } from './differences.js';
import type { FunctionCode } from './function-code.js';
import type { NativeMachine } from './native-side.js';
import type { NativeState } from './native-state.js';

/** What a function was entered with, as it was when its first machine instruction was reached. */
export interface Entry {
  /** Callee-saved registers and the link register, which it must hand back. */
  readonly kept: ReadonlyMap<number, number>;
  readonly sp: number;
  /** Words of its arguments. */
  readonly args: readonly number[];
}

/** Whether native code keeps the calling convention: stack pointer, callee-saved registers, return address, frames of callers. */
export class CallingConvention {
  constructor(
    private readonly machine: NativeMachine,
    private readonly state: NativeState,
  ) {}

  /** Where the function's first machine instruction has been reached. */
  entryOf({ argumentPlaces }: FunctionCode): Entry {
    const { sp } = this.state;
    const { machine } = this;
    return {
      sp,
      kept: this.state.kept(),
      args: argumentPlaces.map((place) => ('register' in place ? machine.cpu.readRegister(place.register) | 0 : machine.readWord(sp + place.stack))),
    };
  }

  /** Address of the instruction to which the function returns. */
  returnAddress({ kept }: Entry): number {
    return (this.state.linkOf(kept) & ~1) >>> 0;
  }

  stackPointerDifferences(expected: number): ValueDifference[] {
    const { sp } = this.state;
    return sp === expected ? [] : [difference('stack pointer', 'sp', expected, sp)];
  }

  /** The return address that a tail call hands on. */
  returnAddressDifferences(old: Entry, entered: Entry): ValueDifference[] {
    const expected = this.state.linkOf(old.kept);
    const actual = this.state.linkOf(entered.kept);
    return expected === actual ? [] : [difference('return address', null, expected, actual)];
  }

  /** Registers that the prologue has saved to the frame. */
  savedDifferences({ kept }: Entry, { saved }: LocationMap): ValueDifference[] {
    return saved.flatMap(({ register, offset }) => {
      const expected = kept.get(register);
      const actual = this.state.stackWord(offset);
      if (expected === undefined || expected === actual) return [];
      return [difference(`saved ${this.nameOf(register)}`, `[sp + ${offset}]`, expected, actual)];
    });
  }

  /** Callee-saved registers that were not handed back; the link register is nobody's. */
  keptDifferences({ kept }: Entry): ValueDifference[] {
    return [...kept].flatMap(([register, expected]) => {
      const actual = this.state.register(register);
      if (actual === expected || this.state.isLink(register)) return [];
      const name = this.nameOf(register);
      return [difference(`callee-saved ${name}`, name, expected, actual)];
    });
  }

  /** The words of a frame whose sp is this one. */
  frameWords(sp: number, { frameBytes }: LocationMap): number[] {
    return Array.from({ length: frameBytes >> 2 }, (_, index) => this.machine.readWord(sp + 4 * index));
  }

  /** What a callee has changed of the frame whose words were `frozen`. */
  callerFrameDifferences(sp: number, frozen: readonly number[]): ValueDifference[] {
    return frozen.flatMap((expected, index) => {
      const address = sp + 4 * index;
      const actual = this.machine.readWord(address);
      return actual === expected ? [] : [difference(`the caller's frame`, hex(address), expected, actual)];
    });
  }

  private nameOf(register: number): string {
    return this.state.describe([{ kind: 'register', register }]);
  }
}

function difference(what: string, place: string | null, expected: number, actual: number): ValueDifference {
  return { kind: 'convention', what, index: null, address: null, place, expected: hex(expected), actual: hex(actual) };
}

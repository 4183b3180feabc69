import { describeLocation, wordsOfLocation, type ValueLocation, type WordPlace } from '@fireball/contracts';
import type { Words } from './differences.js';
import type { NativeMachine } from './native-side.js';

/** Reads the values that native code has at a boundary. Registers are read from the CPU once per boundary. */
export class NativeState {
  private readonly registers = new Map<number, number>();
  private readonly floats = new Map<number, bigint | undefined>();
  private stackPointer: number | undefined;

  constructor(private readonly machine: NativeMachine) {}

  /** The CPU has moved on. */
  forget(): void {
    this.registers.clear();
    this.floats.clear();
    this.stackPointer = undefined;
  }

  get sp(): number {
    return (this.stackPointer ??= this.machine.cpu.readRegister('sp') >>> 0);
  }

  register(register: number): number {
    let value = this.registers.get(register);
    if (value === undefined) {
      const { cpu, registers } = this.machine;
      value = cpu.readRegister(registers.registerName(register)) | 0;
      this.registers.set(register, value);
    }
    return value;
  }

  private float(register: number): bigint | undefined {
    if (!this.floats.has(register)) this.floats.set(register, this.machine.cpu.readFloatRegister(register));
    return this.floats.get(register);
  }

  /** Callee-saved registers and the link register. */
  kept(): ReadonlyMap<number, number> {
    const { keptRegisters, link } = this.machine.registers;
    return new Map([...keptRegisters, link].map((register) => [register, this.register(register)]));
  }

  isLink(register: number): boolean {
    return register === this.machine.registers.link;
  }

  /** The link register among those that `kept` gave. */
  linkOf(kept: ReadonlyMap<number, number>): number {
    return kept.get(this.machine.registers.link) ?? 0;
  }

  stackWord(offset: number): number {
    return this.machine.readWord(this.sp + offset);
  }

  private place(place: WordPlace): number {
    return place.kind === 'register' ? this.register(place.register) : this.stackWord(place.offset);
  }

  /** The words of a value; undefined where the code has no use for it. */
  words(location: ValueLocation): Words | undefined {
    return wordsOfLocation(location, { place: (place) => this.place(place), float: (register) => this.float(register) });
  }

  /** Where a value is, for people. */
  describe(location: ValueLocation): string {
    const { registers } = this.machine;
    return describeLocation(location, {
      register: (register) => registers.registerName(register),
      float: (register) => registers.floatRegisterName(register),
      constant: 'a constant',
    });
  }
}

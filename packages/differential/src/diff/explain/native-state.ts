import { describeLocation, wordsOfLocation, type ValueLocation, type WordPlace } from '@fireball/contracts';
import { calleeSavedRegisters, floatRegisterName, registerName } from '@fireball/jit';
import type { Vsoc } from '@fireball/vsoc';
import type { Words } from './values.js';

const linkRegister = { thumb2: 14, rv32: 1 } as const;

/** Reads the values that native code has at a boundary. Registers are read from the CPU once per boundary. */
export class NativeState {
  private readonly registers = new Map<number, number>();
  private readonly floats = new Map<number, bigint | undefined>();
  private stackPointer: number | undefined;

  constructor(private readonly vsoc: Vsoc) {}

  /** The CPU has moved on. */
  forget(): void {
    this.registers.clear();
    this.floats.clear();
    this.stackPointer = undefined;
  }

  get sp(): number {
    return (this.stackPointer ??= this.vsoc.cpu.readRegister('sp') >>> 0);
  }

  register(register: number): number {
    let value = this.registers.get(register);
    if (value === undefined) {
      value = this.vsoc.cpu.readRegister(registerName(this.vsoc.isa, register)) | 0;
      this.registers.set(register, value);
    }
    return value;
  }

  private float(register: number): bigint | undefined {
    if (!this.floats.has(register)) this.floats.set(register, this.vsoc.cpu.readFloatRegister(register));
    return this.floats.get(register);
  }

  /** Callee-saved registers and the link register. */
  kept(): ReadonlyMap<number, number> {
    const { isa } = this.vsoc;
    return new Map([...calleeSavedRegisters(isa), linkRegister[isa]].map((register) => [register, this.register(register)]));
  }

  isLink(register: number): boolean {
    return register === linkRegister[this.vsoc.isa];
  }

  /** The link register among those that `kept` gave. */
  linkOf(kept: ReadonlyMap<number, number>): number {
    return kept.get(linkRegister[this.vsoc.isa]) ?? 0;
  }

  stackWord(offset: number): number {
    return this.vsoc.dataMemory.readWord(this.sp + offset);
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
    const { isa } = this.vsoc;
    return describeLocation(location, { register: (register) => registerName(isa, register), float: (register) => floatRegisterName(isa, register), constant: 'a constant' });
  }
}

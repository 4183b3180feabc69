import { calleeSavedRegisters, floatRegisterName, registerName, type ValueLocation, type WordLocation, type WordPlace } from '@fireball/jit';
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

  private word(location: WordLocation): number | undefined {
    switch (location.kind) {
      case 'register':
      case 'slot':
        return this.place(location);
      case 'constant':
        return location.value;
      case 'float': {
        const bits = this.float(location.register);
        return bits === undefined ? undefined : Number(BigInt.asIntN(32, location.half === 'low' ? bits : bits >> 32n));
      }
      case 'unknown':
        return undefined;
      case 'sum':
        return (this.place(location.of) + location.constant) | 0;
      case 'shift':
        return shifted(this.place(location.of), location.shift, location.amount);
      case 'product':
        return Math.imul(this.place(location.a), this.place(location.b));
    }
  }

  /** The words of a value; undefined where the code has no use for it. */
  words(location: ValueLocation): Words | undefined {
    const words = location.map((word) => this.word(word));
    return words.every((word) => word !== undefined) ? words : undefined;
  }

  /** Where a value is, for people. */
  describe(location: ValueLocation): string {
    return location.map((word) => this.describeWord(word)).join(', ');
  }

  private describeWord(location: WordLocation): string {
    const place = (of: WordPlace): string => (of.kind === 'register' ? registerName(this.vsoc.isa, of.register) : `[sp + ${of.offset}]`);
    switch (location.kind) {
      case 'register':
      case 'slot':
        return place(location);
      case 'constant':
        return 'a constant';
      case 'float':
        return `${floatRegisterName(this.vsoc.isa, location.register)}${location.half === 'low' ? '' : ' (upper word)'}`;
      case 'unknown':
        return 'nowhere';
      case 'sum':
        return `${place(location.of)} ${location.constant < 0 ? '-' : '+'} ${Math.abs(location.constant)}`;
      case 'shift':
        return `${place(location.of)} ${location.shift} ${location.amount}`;
      case 'product':
        return `${place(location.a)} * ${place(location.b)}`;
    }
  }
}

function shifted(value: number, shift: 'shl' | 'shr_s' | 'shr_u' | 'rotr', amount: number): number {
  switch (shift) {
    case 'shl':
      return value << amount;
    case 'shr_s':
      return value >> amount;
    case 'shr_u':
      return (value >>> amount) | 0;
    case 'rotr':
      return (value >>> amount) | (value << (32 - amount));
  }
}

import { mProfile } from '@fireball/unicorn.js';
import type { AccessSize } from '../machine/device.js';
import { decodeAccess, type AccessInstruction } from './accesses.js';
import type { ExceptionModel } from './model.js';
import { control, xpsr } from './registers.js';

const stackPointer = 13;
const programCounter = 15;

/** The load or store at PC, where it has to be looked at, or carried out, by hand. */
export class NextAccess {
  readonly #model: ExceptionModel;

  constructor(model: ExceptionModel) {
    this.#model = model;
  }

  /** Of a general register, as an instruction names it, in the words of the state. */
  static wordOf({ registers }: ExceptionModel, number: number): number {
    if (number !== stackPointer) return number;
    return (registers.xpsr & xpsr.number) === 0 && (registers.control & control.processStack) !== 0 ? mProfile.psp : mProfile.msp;
  }

  /** Its value; of the PC, what the instruction sees. */
  static register(model: ExceptionModel, number: number): number {
    return number === programCounter ? model.registers.pc + 4 : model.registers.get(NextAccess.wordOf(model, number));
  }

  #decode(): AccessInstruction | undefined {
    const { space, registers } = this.#model;
    return decodeAccess(space.read(registers.pc, 2) ?? 0, space.read(registers.pc + 2, 2) ?? 0, (number) => NextAccess.register(this.#model, number));
  }

  /** The first address of it that the MPU refuses. */
  get refusedAddress(): number | undefined {
    const { registers, coreState, mpu } = this.#model;
    const instruction = this.#decode();
    if (instruction === undefined) return undefined;
    const mayBePrivileged = coreState.current !== 0 || (registers.control & control.unprivileged) === 0;
    const privileged = mayBePrivileged && instruction.unprivileged !== true;
    return instruction.accesses.find(({ address }) => !mpu.allows(address, instruction.store, privileged))?.address;
  }

  /** A store, by somebody who takes all of it. False: it is none, or was not taken, and nothing else has happened. */
  store(write: (address: number, size: AccessSize, value: number) => boolean): boolean {
    const instruction = this.#decode();
    const taken =
      instruction?.store === true &&
      instruction.accesses.every(({ address, size, register }) => register !== undefined && write(address, size, this.#stored(register, size)));
    if (taken) this.#retire(instruction);
    return taken;
  }

  /** Of its accesses those that find something; what is loaded from nothing is 0. False: it is no such instruction, or loads the PC. */
  passOverNothing(): boolean {
    const { space, registers } = this.#model;
    const instruction = this.#decode();
    if (instruction === undefined || instruction.accesses.some(({ register }) => register === programCounter)) return false;
    const loaded = instruction.accesses.map(({ address, size, register }): number | undefined => {
      if (register === undefined) return undefined;
      if (!instruction.store) return space.load(address, size) ?? 0;
      space.store(address, size, this.#stored(register, size));
      return undefined;
    });
    this.#retire(instruction);
    instruction.accesses.forEach(({ register }, index) => {
      const value = loaded[index];
      if (register !== undefined && value !== undefined) registers.set(NextAccess.wordOf(this.#model, register), value);
    });
    return true;
  }

  #stored(register: number, size: 1 | 2 | 4): number {
    return NextAccess.register(this.#model, register) % 2 ** (8 * size);
  }

  #retire({ writeBack, length }: AccessInstruction): void {
    const { registers } = this.#model;
    const next = registers.pc + length;
    registers.advanceIt();
    if (writeBack !== undefined) registers.set(NextAccess.wordOf(this.#model, writeBack.register), writeBack.value);
    registers.set(mProfile.pc, next);
  }
}

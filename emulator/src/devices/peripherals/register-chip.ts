import type { I2cPeripheral } from '../../machine/peripheral-bus.js';

/** The registers of a chip: bytes by number. */
interface ChipRegisters {
  read(register: number): number;
  /** Registers that cannot be written ignore it. */
  write(register: number, value: number): void;
  /** The register that follows in a burst. */
  next(register: number): number;
}

/**
 * The usual protocol of chips behind I2C: the first byte of a write names a register, bytes after it go there and behind it, reads begin at the
 * register named last.
 */
export class RegisterChip implements I2cPeripheral {
  readonly #registers: ChipRegisters;
  /** Plain data, for snapshots. */
  readonly state = { register: 0, named: true };

  constructor(registers: ChipRegisters) {
    this.#registers = registers;
  }

  start(read: boolean): boolean {
    this.state.named = read;
    return true;
  }

  write(byte: number): boolean {
    if (this.state.named) {
      this.#registers.write(this.state.register, byte);
      this.state.register = this.#registers.next(this.state.register);
    } else {
      this.state.register = byte;
      this.state.named = true;
    }
    return true;
  }

  read(): number {
    const { register } = this.state;
    this.state.register = this.#registers.next(register);
    return this.#registers.read(register);
  }

  stop(): void {
    // A chip of this kind does nothing then.
  }

  reset(): void {
    Object.assign(this.state, { register: 0, named: true });
  }
}

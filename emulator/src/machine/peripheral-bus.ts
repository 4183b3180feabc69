import type { Signal } from './signal.js';

/** A chip behind an I2C master. */
export interface I2cPeripheral {
  /** Addressed, after START or repeated START. False: it does not acknowledge. */
  start(read: boolean, address: number): boolean;
  /** A byte from the master. False: it does not acknowledge. */
  write(byte: number): boolean;
  /** The next byte to the master. */
  read(): number;
  /** STOP, or a repeated START that addresses another one. */
  stop(): void;
}

/** The chips that share the two wires of one I2C master. Bits are the master's business: it says what and when. */
export class I2cBus {
  readonly #peripherals = new Map<number, I2cPeripheral>();
  /** Plain data, for snapshots: the 7-bit address under way, -1 for none. */
  readonly state = { address: -1 };

  /** Answers at 7-bit addresses. */
  attach(addresses: readonly number[], peripheral: I2cPeripheral): void {
    for (const address of addresses) this.#peripherals.set(address, peripheral);
  }

  /** Addresses in use, for error messages and listings. */
  get addresses(): readonly number[] {
    return [...this.#peripherals.keys()];
  }

  get #active(): I2cPeripheral | undefined {
    return this.#peripherals.get(this.state.address);
  }

  /** START or repeated START and the address. Is it acknowledged? */
  start(address: number, read: boolean): boolean {
    const before = this.#active;
    const now = this.#peripherals.get(address);
    if (before !== undefined && before !== now) before.stop();
    const acknowledged = now?.start(read, address) ?? false;
    this.state.address = acknowledged ? address : -1;
    return acknowledged;
  }

  write(byte: number): boolean {
    return this.#active?.write(byte & 0xff) ?? false;
  }

  /** The data line is high where nobody pulls it. */
  read(): number {
    return (this.#active?.read() ?? 0xff) & 0xff;
  }

  stop(): void {
    const active = this.#active;
    this.state.address = -1;
    active?.stop();
  }
}

/** A chip behind an SPI master. */
interface SpiPeripheral {
  /** Chip select became active, or inactive. */
  select(selected: boolean): void;
  /** Eight clocks: what it sends while it receives `byte`. */
  transfer(byte: number): number;
}

/** The chips that share an SPI master's clock and data lines, each with a chip select of its own. */
export class SpiBus {
  readonly #peripherals: { readonly peripheral: SpiPeripheral; readonly chipSelect: Signal }[] = [];

  /** `chipSelect` is active low. */
  attach(peripheral: SpiPeripheral, chipSelect: Signal): void {
    this.#peripherals.push({ peripheral, chipSelect });
    chipSelect.onChange((level) => {
      peripheral.select(!level);
    });
  }

  /** One byte each way, most significant bit first. The input is high where nobody is selected. */
  transfer(byte: number): number {
    let answer = 0xff;
    for (const { peripheral, chipSelect } of this.#peripherals) if (!chipSelect.level) answer &= peripheral.transfer(byte & 0xff);
    return answer & 0xff;
  }
}

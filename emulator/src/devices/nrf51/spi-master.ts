import type { DeviceEnvironment } from '../../machine/device.js';

/** RXD and the byte behind it. */
const receiveDepth = 2;

interface SpiRegisters {
  /** CPU cycles of a bit. */
  bitTime(): number;
  leastSignificantFirst(): boolean;
  /** A byte has come into RXD. */
  ready(): void;
}

/** The SPI master of nRF51 (nRF51 Reference Manual 3.0, chapter 26): TXD and RXD are double-buffered, the clock stands while both buffers of RXD are full. */
export class SpiMaster {
  readonly #environment: DeviceEnvironment;
  readonly #registers: SpiRegisters;
  readonly #bus;
  readonly #timer;
  /** Plain data, for snapshots. `waiting`: behind the byte under way, -1 for none; `received`: the first is in RXD. */
  readonly state = { busy: false, sending: 0, waiting: -1, received: [] as number[], rxd: 0 };

  constructor(environment: DeviceEnvironment, registers: SpiRegisters) {
    this.#environment = environment;
    this.#registers = registers;
    this.#bus = environment.spiBus(environment.name);
    this.#timer = environment.timer(() => {
      const { state } = this;
      state.busy = false;
      state.received.push(this.#ordered(this.#bus.transfer(this.#ordered(state.sending))));
      this.#next();
      if (state.received.length === 1) registers.ready();
    });
  }

  transmit(byte: number): void {
    if (this.state.waiting >= 0) this.#environment.warn('write to TXD while both of its buffers are full');
    this.state.waiting = byte;
    this.#next();
  }

  /** Firmware reads RXD. */
  take(): number {
    const { state } = this;
    const byte = state.received.shift();
    if (byte === undefined) return state.rxd;
    state.rxd = byte;
    if (state.received.length > 0) this.#registers.ready();
    this.#next();
    return byte;
  }

  reset(): void {
    Object.assign(this.state, { busy: false, sending: 0, waiting: -1, rxd: 0 });
    this.state.received.length = 0;
    this.#timer.clear();
  }

  #next(): void {
    const { state } = this;
    if (state.busy || state.waiting < 0 || state.received.length >= receiveDepth) return;
    Object.assign(state, { busy: true, sending: state.waiting, waiting: -1 });
    this.#timer.set(this.#environment.timeline.now + 8 * this.#registers.bitTime());
  }

  /** As it is on the wire, most significant bit first. */
  #ordered(byte: number): number {
    if (!this.#registers.leastSignificantFirst()) return byte;
    return [0, 1, 2, 3, 4, 5, 6, 7].reduce((turned, bit) => turned | (((byte >>> bit) & 1) << (7 - bit)), 0);
  }
}

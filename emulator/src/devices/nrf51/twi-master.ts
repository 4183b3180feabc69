import type { DeviceEnvironment } from '../../machine/device.js';

/** Bits of ERRORSRC. */
const ADDRESS_NACK = 1 << 1;
const DATA_NACK = 1 << 2;
/** START and its address byte, a byte with its acknowledgement, STOP: in bits. */
const addressBits = 10;
const byteBits = 9;
const stopBits = 1;

/** The registers around the wires. */
interface TwiRegisters {
  /** CPU cycles of a bit. */
  bitTime(): number;
  /** 7-bit address of the next START. */
  address(): number;
  event(name: 'STOPPED' | 'RXDREADY' | 'TXDSENT' | 'ERROR' | 'BB' | 'SUSPENDED'): void;
  setErrors(bits: number): void;
  setReceived(byte: number): void;
}

const idle = {
  /** What is on the wires until the timer ends; `held`: the clock is low until firmware does something. */
  phase: 'idle' as 'idle' | 'address' | 'transmit' | 'receive' | 'stop' | 'held',
  reads: false,
  /** An address or byte was not acknowledged: only STOP or START go on. */
  failed: false,
  /** What takes effect after the byte under way. */
  startWanted: false,
  stopWanted: false,
  suspended: false,
  /** In TXD, not yet sent; -1: nothing. */
  waiting: -1,
  sending: 0,
  /** RXD has a byte that firmware has not read. */
  received: false,
};

/**
 * The two-wire master of nRF51 (nRF51 Reference Manual 3.0, chapter 28), a byte at a time. BB happens before each byte, tasks take effect after
 * the byte under way, so that the shortcut BB to STOP makes the next byte the last. The clock stands while TXD is empty or RXD is not read.
 */
export class TwiMaster {
  readonly #environment: DeviceEnvironment;
  readonly #registers: TwiRegisters;
  readonly #bus;
  readonly #timer;
  /** Plain data, for snapshots. */
  readonly state = { ...idle };

  constructor(environment: DeviceEnvironment, registers: TwiRegisters) {
    this.#environment = environment;
    this.#registers = registers;
    this.#bus = environment.i2cBus(environment.name);
    this.#timer = environment.timer(() => {
      this.#passed();
    });
  }

  start(reads: boolean): void {
    const { state } = this;
    Object.assign(state, { reads, startWanted: true, stopWanted: false, suspended: false });
    if (state.phase === 'idle' || state.phase === 'held') this.#next();
  }

  stop(): void {
    const { state } = this;
    state.stopWanted = true;
    if (state.phase === 'idle' || state.phase === 'held') this.#next();
  }

  suspend(): void {
    const { state } = this;
    state.suspended = true;
    if (state.phase === 'held') this.#registers.event('SUSPENDED');
  }

  resume(): void {
    const { state } = this;
    state.suspended = false;
    if (state.phase === 'held') this.#next();
  }

  transmit(byte: number): void {
    const { state } = this;
    state.waiting = byte;
    if (state.phase === 'held') this.#next();
  }

  /** Firmware has read RXD. */
  taken(): void {
    const { state } = this;
    state.received = false;
    if (state.phase === 'held') this.#next();
  }

  reset(): void {
    if (this.state.phase !== 'idle') this.#bus.stop();
    Object.assign(this.state, idle);
    this.#timer.clear();
  }

  #begin(phase: typeof idle.phase, bits: number): void {
    this.state.phase = phase;
    this.#timer.set(this.#environment.timeline.now + bits * this.#registers.bitTime());
  }

  /** Between two bytes: what comes next. */
  #next(): void {
    const { state } = this;
    if (state.startWanted) {
      Object.assign(state, { startWanted: false, failed: false, received: false });
      this.#begin('address', addressBits);
    } else if (state.stopWanted) {
      this.#begin('stop', stopBits);
    } else if (state.failed || state.suspended || (state.reads ? state.received : state.waiting < 0)) {
      state.phase = 'held';
      if (state.suspended) this.#registers.event('SUSPENDED');
    } else if (state.reads) {
      this.#begin('receive', byteBits);
      this.#registers.event('BB');
    } else {
      Object.assign(state, { sending: state.waiting, waiting: -1 });
      this.#begin('transmit', byteBits);
      this.#registers.event('BB');
    }
  }

  /** What was on the wires is over. */
  #passed(): void {
    const { state } = this;
    const { phase } = state;
    // Tasks that events run by shortcuts find the byte still under way.
    if (phase === 'address') {
      if (!this.#bus.start(this.#registers.address(), state.reads)) this.#fail(ADDRESS_NACK);
    } else if (phase === 'transmit') {
      if (this.#bus.write(state.sending)) this.#registers.event('TXDSENT');
      else this.#fail(DATA_NACK);
    } else if (phase === 'receive') {
      state.received = true;
      this.#registers.setReceived(this.#bus.read());
      this.#registers.event('RXDREADY');
    } else {
      this.#bus.stop();
      Object.assign(state, { ...idle, startWanted: state.startWanted, reads: state.reads });
      this.#registers.event('STOPPED');
      if (!state.startWanted) return;
    }
    this.#next();
  }

  #fail(reason: number): void {
    this.state.failed = true;
    this.#registers.setErrors(reason);
    this.#registers.event('ERROR');
  }
}

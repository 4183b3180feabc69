import type { DeviceEnvironment, DeviceParameter } from '../machine/device.js';

/**
 * Parameter of every UART: what becomes of characters that come faster than they are taken. Firmware that sends without looking whether
 * there is room works in QEMU, whose line is infinitely fast; here such characters wait too, unless the board says otherwise.
 */
export const overrunParameter: Readonly<Record<'overrun', DeviceParameter>> = {
  overrun: { type: 'number', default: 0, summary: '1: characters that come faster than they are taken are lost, either way, as on silicon; 0: they wait' },
};

interface SerialReceiverOptions {
  /** CPU cycles that a character takes. */
  readonly characterTime: () => number;
  /** Is the receiver on? */
  readonly enabled: () => boolean;
  /** Is there room for a character? Where there is none, the other side waits, or `receive` loses one (parameter `overrun`). */
  readonly room: () => boolean;
  readonly receive: (byte: number) => void;
}

/** The receiving half of a UART: characters arrive one after the other, each after the time that it takes on the line. */
export class SerialReceiver {
  readonly #environment: DeviceEnvironment;
  readonly #options: SerialReceiverOptions;
  readonly #timer;
  readonly #losesCharacters: boolean;
  /** Plain data, for snapshots. */
  readonly state = { arriving: false };

  constructor(environment: DeviceEnvironment, options: SerialReceiverOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#losesCharacters = environment.number('overrun') !== 0;
    this.#timer = environment.timer(() => {
      this.#arrive();
    });
    environment.serial.onInput(() => {
      this.listen();
    });
  }

  /** To be called when the receiver is switched on, and when there is room again. */
  listen(): void {
    if (this.state.arriving || this.#environment.serial.waiting === 0 || !this.#options.enabled()) return;
    if (!this.#losesCharacters && !this.#options.room()) return;
    this.state.arriving = true;
    this.#timer.set(this.#environment.timeline.now + this.#options.characterTime());
  }

  #arrive(): void {
    this.state.arriving = false;
    if (!this.#options.enabled()) return;
    const byte = this.#environment.serial.receive();
    if (byte !== undefined) this.#options.receive(byte);
    this.listen();
  }

  reset(): void {
    this.state.arriving = false;
    this.#timer.clear();
  }
}

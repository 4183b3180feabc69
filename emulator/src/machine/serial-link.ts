import type { SerialPort } from './device.js';

/** Between a UART and the world: bytes out as they are sent, bytes in as the UART takes them. */
export class SerialLink implements SerialPort {
  /** Plain data, for snapshots: bytes that wait for the firmware, and whether no more will come, which a UART cannot tell, but semihosting does. */
  readonly state = { input: [] as number[], ended: false };
  readonly #listeners: (() => void)[] = [];
  /** Bytes sent since it was made. */
  sent = 0;
  /** Who hears what the firmware sends. */
  onOutput: (byte: number) => void = () => undefined;

  send(byte: number): void {
    this.sent++;
    this.onOutput(byte & 0xff);
  }

  receive(): number | undefined {
    return this.state.input.shift();
  }

  onInput(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Bytes for the firmware to read; they wait until it does. */
  type(bytes: Uint8Array | string): void {
    const { input } = this.state;
    const wasEmpty = input.length === 0;
    input.push(...(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes));
    if (wasEmpty && input.length > 0) for (const listener of this.#listeners) listener();
  }

  /** Nothing is typed any more. */
  end(): void {
    this.state.ended = true;
  }

  get ended(): boolean {
    return this.state.ended;
  }

  /** Bytes that no device has taken yet. */
  get waiting(): number {
    return this.state.input.length;
  }
}

import type { DeviceEnvironment } from '../../machine/device.js';
import type { Pin } from '../../machine/signal.js';

/** What decides over outputs, as it is now. */
interface OutputControl {
  readonly ccer: () => number;
  /** MOE, or always where a timer has no BDTR. */
  readonly enabled: () => boolean;
  /** Is the channel an output, and not a capture input? */
  readonly compares: (channel: number) => boolean;
  /** OCxREF. */
  readonly reference: (channel: number) => boolean;
}

/** Output stages of a timer of STM32 (RM0090 17.3.11 and 18.3.9): CCER's enables and polarities between OCxREF and the pins, complementary ones too. */
export class TimerOutputs {
  readonly pins: readonly Pin[];
  readonly complements: readonly Pin[];

  constructor(
    environment: DeviceEnvironment,
    channels: readonly number[],
    advanced: boolean,
    readonly control: OutputControl,
  ) {
    this.pins = channels.map((channel) => environment.pin(`ch${channel + 1}`));
    this.complements = advanced ? channels.slice(0, 3).map((channel) => environment.pin(`ch${channel + 1}n`)) : [];
  }

  #bit(channel: number, bit: number): boolean {
    return ((this.control.ccer() >>> (channel * 4 + bit)) & 1) === 1;
  }

  /** Does CCxE, or CCxNE at bit 2, put the channel on its pin? */
  isOutput(channel: number, enable = 0): boolean {
    return this.control.compares(channel) && this.#bit(channel, enable) && this.control.enabled();
  }

  /** Drives all pins. Does anybody listen to one that is driven? */
  drive(): boolean {
    let heard = false;
    const put = (pin: Pin, channel: number, enable: number, inverted: boolean): void => {
      const output = this.isOutput(channel, enable);
      heard ||= output && pin.isHeard;
      pin.drive(output ? this.control.reference(channel) !== inverted : undefined);
    };
    this.pins.forEach((pin, channel) => {
      put(pin, channel, 0, this.#bit(channel, 1));
    });
    // The complement only where both are on (RM0090 table 96).
    this.complements.forEach((pin, channel) => {
      put(pin, channel, 2, this.#bit(channel, 3) !== this.isOutput(channel));
    });
    return heard;
  }
}

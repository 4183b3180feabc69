import type { DeviceEnvironment, DeviceParameter } from '../../machine/device.js';
import type { Pin } from '../../machine/signal.js';

/** Pins of AIN0 to AIN7 (product specification, pin assignments). */
const pins = [26, 27, 1, 2, 3, 4, 5, 6];

export const analogParameters: Readonly<Record<'gpio' | 'supply' | 'input', DeviceParameter>> = {
  gpio: { type: 'text', default: 'gpio', summary: 'the device whose pins the analog inputs are' },
  supply: { type: 'number', default: 3000, summary: 'supply, in millivolts' },
  input: { type: 'number', default: 0, summary: 'what inputs measure while their pins are low, in millivolts' },
};

/** What ADC and LPCOMP measure: pins are wires with two levels, and a low one may be given another voltage. */
export class AnalogInputs {
  /** Millivolts. */
  readonly supply: number;
  readonly #low: number;
  readonly #pins: readonly Pin[];

  constructor(environment: DeviceEnvironment) {
    this.supply = environment.number('supply');
    this.#low = environment.number('input');
    this.#pins = pins.map((pin) => environment.wire(`${environment.text('gpio')}.${pin}`));
  }

  millivolts(input: number): number {
    return this.#pins[input]?.level === true ? this.supply : this.#low;
  }

  onChange(listener: (input: number) => void): void {
    this.#pins.forEach((pin, input) => {
      pin.onChange(() => {
        listener(input);
      });
    });
  }
}

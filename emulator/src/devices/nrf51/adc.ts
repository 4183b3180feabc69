import type { DeviceClass } from '../../machine/device.js';
import { AnalogInputs, analogParameters } from './analog-inputs.js';
import { Peripheral } from './peripheral.js';

/** Microseconds of a conversion by RES: 8, 9, 10 bits (product specification). */
const conversionTimes = [20, 36, 68, 68];
/** What INPSEL makes of the input, or of the supply. */
const inputFactors = [1, 2 / 3, 1 / 3];
const supplyFactors: Readonly<Record<number, number>> = { 5: 2 / 3, 6: 1 / 3 };
/** The internal reference, in millivolts. */
const bandGap = 1200;
const EXTERNAL = 1;

/** ADC of nRF51 (nRF51 Reference Manual 3.0, chapter 31). External references are at the supply's voltage. */
export const nrf51Adc: DeviceClass = {
  name: 'nrf51-adc',
  summary: 'nRF51 ADC (RM 3.0 chapter 31)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: analogParameters,
  create(environment) {
    const inputs = new AnalogInputs(environment);
    const done = environment.timer(() => {
      block.set('BUSY', 0);
      block.set('RESULT', convert());
      peripheral.event('END');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (block.get('ENABLE') !== 1) return;
            block.set('BUSY', 1);
            done.set(environment.timeline.now + ((conversionTimes[block.field('CONFIG', 'RES')] ?? 68) * environment.clocks.cpu.hertz) / 1e6);
          },
        },
        STOP: {
          offset: 0x004,
          run: () => {
            done.clear();
            block.set('BUSY', 0);
          },
        },
      },
      events: { END: 0x100 },
      registers: [
        { name: 'BUSY', offset: 0x400, access: 'ro' },
        { name: 'ENABLE', offset: 0x500, writable: 3 },
        {
          name: 'CONFIG',
          offset: 0x504,
          reset: 0x18,
          writable: 0x3_ff7f,
          fields: { RES: [1, 0], INPSEL: [4, 2], REFSEL: [6, 5], PSEL: [15, 8], EXTREFSEL: [17, 16] },
        },
        { name: 'RESULT', offset: 0x508, access: 'ro' },
      ],
      reset: () => {
        done.clear();
      },
    });
    const { block } = peripheral;

    function convert(): number {
      const selection = block.field('CONFIG', 'INPSEL');
      const pin = block.field('CONFIG', 'PSEL');
      const ofSupply = supplyFactors[selection];
      const measured =
        ofSupply === undefined ? (pin === 0 ? 0 : inputs.millivolts(31 - Math.clz32(pin))) * (inputFactors[selection] ?? 0) : inputs.supply * ofSupply;
      const reference = block.field('CONFIG', 'REFSEL');
      const full = reference === 0 ? bandGap : reference === EXTERNAL ? inputs.supply : inputs.supply / reference;
      const most = 2 ** (8 + Math.min(2, block.field('CONFIG', 'RES'))) - 1;
      return Math.min(most, Math.floor((measured / full) * (most + 1)));
    }
    return block;
  },
};

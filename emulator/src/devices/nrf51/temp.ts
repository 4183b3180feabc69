import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** Temperature sensor of nRF51 (nRF51 Reference Manual 3.0, chapter 22): quarters of a degree, after 36 us. */
export const nrf51Temp: DeviceClass = {
  name: 'nrf51-temp',
  summary: 'nRF51 TEMP (RM 3.0 chapter 22)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { celsius: { type: 'number', default: 25, least: -40, most: 125, summary: 'temperature of the chip' } },
  create(environment) {
    const done = environment.timer(() => {
      block.set('TEMP', environment.number('celsius') * 4);
      peripheral.event('DATARDY');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            done.set(environment.timeline.now + (36 * environment.clocks.cpu.hertz) / 1e6);
          },
        },
        STOP: {
          offset: 0x004,
          run: () => {
            done.clear();
          },
        },
      },
      events: { DATARDY: 0x100 },
      registers: [
        { name: 'TEMP', offset: 0x508, access: 'ro' },
        // Coefficients that errata work-arounds write (PAN 28, PAN 31).
        { name: 'CALIBRATION', offset: 0x520, count: 16 },
        { name: 'PAN28', offset: 0x560, count: 4 },
      ],
      reset: () => {
        done.clear();
      },
    });
    const { block } = peripheral;
    return block;
  },
};

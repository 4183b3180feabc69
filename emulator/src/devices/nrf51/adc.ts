import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** ADC of nRF51 (nRF51 Reference Manual 3.0, chapter 28): each input reads `value`, of ten bits, scaled to the resolution, after 68 us. */
export const nrf51Adc: DeviceClass = {
  name: 'nrf51-adc',
  summary: 'nRF51 ADC (RM 3.0 chapter 28)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { value: { type: 'number', default: 0, summary: 'what inputs read, 0 to 1023' } },
  create(environment) {
    const done = environment.timer(() => {
      block.set('BUSY', 0);
      // 8, 9 or 10 bits.
      block.set('RESULT', (environment.number('value') & 0x3ff) >>> Math.max(0, 2 - (block.get('CONFIG') & 3)));
      peripheral.event('END');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (block.get('ENABLE') !== 1) return;
            block.set('BUSY', 1);
            done.set(environment.timeline.now + (68 * environment.clocks.cpu.hertz) / 1e6);
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
        { name: 'CONFIG', offset: 0x504, reset: 0x18, writable: 0x3_ff7f },
        { name: 'RESULT', offset: 0x508, access: 'ro' },
      ],
      reset: () => {
        done.clear();
      },
    });
    const { block } = peripheral;
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** Random numbers of nRF51 (nRF51 Reference Manual 3.0, chapter 21): the same ones in each run, from `seed`. 677 us a byte, 167 us without bias correction. */
export const nrf51Rng: DeviceClass = {
  name: 'nrf51-rng',
  summary: 'nRF51 RNG, repeatable (RM 3.0 chapter 21)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { seed: { type: 'number', default: 1, summary: 'of the sequence' } },
  create(environment) {
    const seed = (environment.number('seed') ^ 0x9e37_79b9) >>> 0 || 1;
    const extra = { random: seed };
    const ready = environment.timer(() => {
      // xorshift32.
      let { random } = extra;
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      extra.random = random >>> 0;
      block.set('VALUE', extra.random >>> 24);
      start();
      peripheral.event('VALRDY');
    });
    const start = (): void => {
      ready.set(environment.timeline.now + ((block.get('CONFIG') === 0 ? 167 : 677) * environment.clocks.cpu.hertz) / 1e6);
    };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: { offset: 0x000, run: start },
        STOP: {
          offset: 0x004,
          run: () => {
            ready.clear();
          },
        },
      },
      events: { VALRDY: 0x100 },
      shorts: [[0, 'VALRDY', 'STOP']],
      registers: [
        { name: 'CONFIG', offset: 0x504, writable: 1 },
        { name: 'VALUE', offset: 0x508, access: 'ro' },
      ],
      extra,
      reset: () => {
        ready.clear();
      },
    });
    const { block } = peripheral;
    return block;
  },
};

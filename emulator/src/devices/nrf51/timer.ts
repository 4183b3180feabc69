import type { DeviceClass } from '../../machine/device.js';
import { CompareCounter } from './compare-counter.js';
import { Peripheral } from './peripheral.js';

const channels = 4;
const COUNTER_MODE = 1;
/** Bits by BITMODE. */
const widths = [16, 8, 24, 32];

/** TIMER of nRF51 (nRF51 Reference Manual 3.0, chapter 18). `bits` is 32 for TIMER0, 16 for the others, which ignore wider modes. */
export const nrf51Timer: DeviceClass = {
  name: 'nrf51-timer',
  summary: 'nRF51 TIMER (RM 3.0 chapter 18)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['hfclk'],
  parameters: { bits: { type: 'number', default: 32, summary: 'the widest that it can count' } },
  create(environment) {
    const widest = environment.number('bits');
    const extra = { counts: 0, started: false };
    const isCounter = (): boolean => (block.get('MODE') & 1) === COUNTER_MODE;
    const modulus = (): number => 2 ** Math.min(widths[block.get('BITMODE') & 3] ?? 16, widest);
    const compares = (): number[] => Array.from({ length: channels }, (_, index) => block.get(`CC${index}`) % modulus());
    const counter = new CompareCounter(environment, environment.clock('hfclk'), compares, {
      reached: (index) => {
        peripheral.event(`COMPARE${index}`);
      },
    });
    const value = (): number => (isCounter() ? extra.counts : counter.value);
    const clear = (): void => {
      extra.counts = 0;
      counter.set(0);
    };
    const indices = Array.from({ length: channels }, (_, index) => index);
    const run = (): void => {
      counter.run(extra.started && !isCounter());
    };
    const stop = (): void => {
      extra.started = false;
      run();
    };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            extra.started = true;
            run();
          },
        },
        STOP: { offset: 0x004, run: stop },
        COUNT: {
          offset: 0x008,
          run: () => {
            if (!isCounter() || !extra.started) return;
            extra.counts = (extra.counts + 1) % modulus();
            compares().forEach((target, index) => {
              if (target === extra.counts) peripheral.event(`COMPARE${index}`);
            });
          },
        },
        CLEAR: { offset: 0x00c, run: clear },
        SHUTDOWN: {
          offset: 0x010,
          run: () => {
            stop();
            clear();
          },
        },
        ...Object.fromEntries(
          indices.map((index) => [
            `CAPTURE${index}`,
            {
              offset: 0x040 + 4 * index,
              run: () => {
                block.set(`CC${index}`, value());
                counter.update();
              },
            },
          ]),
        ),
      },
      events: Object.fromEntries(indices.map((index) => [`COMPARE${index}`, 0x140 + 4 * index])),
      shorts: indices.flatMap((index) => [[index, `COMPARE${index}`, 'CLEAR'] as const, [8 + index, `COMPARE${index}`, 'STOP'] as const]),
      registers: [
        { name: 'MODE', offset: 0x504, writable: 1, write: run },
        {
          name: 'BITMODE',
          offset: 0x508,
          writable: 3,
          write: () => {
            counter.modulus = modulus();
          },
        },
        {
          name: 'PRESCALER',
          offset: 0x510,
          reset: 4,
          writable: 0xf,
          write: (stored) => {
            counter.divide(2 ** Math.min(stored, 9));
          },
        },
        {
          name: 'CC',
          offset: 0x540,
          count: channels,
          write: () => {
            counter.update();
          },
        },
        // Errata 73: work-arounds write 1 while the timer runs.
        { name: 'PAN73', offset: 0xc0c, writable: 1 },
      ],
      extra: { timer: extra, counter: counter.state },
      reset: () => {
        Object.assign(extra, { counts: 0, started: false });
        counter.reset(16, modulus());
      },
    });
    const { block } = peripheral;
    return block;
  },
};

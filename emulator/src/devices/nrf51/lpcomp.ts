import type { DeviceClass } from '../../machine/device.js';
import { AnalogInputs, analogParameters } from './analog-inputs.js';
import { Peripheral } from './peripheral.js';

/** Microseconds until it compares (product specification: 80 to 150 us). */
const startTime = 150;
/** REFSEL of an external reference, which is at half the supply here. */
const EXTERNAL = 7;
/** ANADETECT: the crossing that wakes up from System OFF. */
const detects = ['CROSS', 'UP', 'DOWN'];

/** Low-power comparator of nRF51 (nRF51 Reference Manual 3.0, chapter 32): whether an analog input is above a part of the supply. `ANADETECT` is a pin. */
export const nrf51Lpcomp: DeviceClass = {
  name: 'nrf51-lpcomp',
  summary: 'nRF51 LPCOMP (RM 3.0 chapter 32)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: analogParameters,
  create(environment) {
    const inputs = new AnalogInputs(environment);
    const detect = environment.pin('ANADETECT');
    const extra = { compares: false, above: false };
    const isAbove = (): boolean => {
      const reference = block.get('REFSEL');
      return inputs.millivolts(block.get('PSEL')) > inputs.supply * (reference === EXTERNAL ? 0.5 : (reference + 1) / 8);
    };
    const started = environment.timer(() => {
      extra.compares = true;
      extra.above = isAbove();
      peripheral.event('READY');
    });
    const stop = (): void => {
      started.clear();
      extra.compares = false;
    };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (block.get('ENABLE') === 1) started.set(environment.timeline.now + (startTime * environment.clocks.cpu.hertz) / 1e6);
          },
        },
        STOP: { offset: 0x004, run: stop },
        SAMPLE: {
          offset: 0x008,
          run: () => {
            if (extra.compares) block.set('RESULT', extra.above ? 1 : 0);
          },
        },
      },
      events: { READY: 0x100, DOWN: 0x104, UP: 0x108, CROSS: 0x10c },
      shorts: [
        [0, 'READY', 'SAMPLE'],
        [1, 'READY', 'STOP'],
        [2, 'DOWN', 'STOP'],
        [3, 'UP', 'STOP'],
        [4, 'CROSS', 'STOP'],
      ],
      registers: [
        { name: 'RESULT', offset: 0x400, access: 'ro' },
        { name: 'ENABLE', offset: 0x500, writable: 3 },
        { name: 'PSEL', offset: 0x504, writable: 7 },
        { name: 'REFSEL', offset: 0x508, writable: 7 },
        { name: 'EXTREFSEL', offset: 0x50c, writable: 1 },
        { name: 'ANADETECT', offset: 0x520, writable: 3 },
      ],
      extra,
      reset: stop,
    });
    const { block } = peripheral;
    inputs.onChange((input) => {
      if (!extra.compares || input !== block.get('PSEL') || isAbove() === extra.above) return;
      extra.above = !extra.above;
      const crossing = extra.above ? 'UP' : 'DOWN';
      if (['CROSS', crossing].includes(detects[block.get('ANADETECT')] ?? '')) detect.pulse();
      peripheral.event(crossing);
      peripheral.event('CROSS');
    });
    return block;
  },
};

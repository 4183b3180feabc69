import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

const disconnectedPin = 0xffff_ffff;
/** Microseconds of the shortest sample period. */
const shortestPeriod = 128;
/** Samples of a report, by REPORTPER. */
const reportSamples = [10, 40, 80, 120, 160, 200, 240, 280];
/** Range of ACC, and the most that ACCDBL counts. */
const [least, most] = [-1024, 1023];
const mostDouble = 15;
const DOUBLE = 2;
/** What a sample of the phases makes after another one, by former A B and A B now. */
const movements = [0, 1, -1, DOUBLE, -1, 0, DOUBLE, 1, 1, DOUBLE, 0, -1, DOUBLE, -1, 1, 0];

/** Quadrature decoder of nRF51 (nRF51 Reference Manual 3.0, chapter 30) on two pins of the device `gpio`. Its LED and the debounce filter are not modelled. */
export const nrf51Qdec: DeviceClass = {
  name: 'nrf51-qdec',
  summary: 'nRF51 QDEC (RM 3.0 chapter 30)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { gpio: { type: 'text', default: 'gpio', summary: 'the device whose pins it samples' } },
  create(environment) {
    const pins = Array.from({ length: 32 }, (_, pin) => environment.wire(`${environment.text('gpio')}.${pin}`));
    const extra = { phases: 0, samples: 0 };
    const signed = (name: string): number => block.get(name) | 0;
    const phases = (): number => ['PSELA', 'PSELB'].reduce((bits, name) => (bits << 1) | (pins[block.get(name)]?.level === true ? 1 : 0), 0);
    const next = (): void => {
      timer.set(environment.timeline.now + ((shortestPeriod << block.get('SAMPLEPER')) * environment.clocks.cpu.hertz) / 1e6);
    };
    const timer = environment.timer(() => {
      next();
      const now = phases();
      const movement = movements[extra.phases * 4 + now] ?? 0;
      extra.phases = now;
      block.set('SAMPLE', movement);
      accumulate(movement);
      extra.samples++;
      peripheral.event('SAMPLERDY');
      if (extra.samples < (reportSamples[block.get('REPORTPER')] ?? 10)) return;
      extra.samples = 0;
      if (signed('ACC') !== 0 || block.get('ACCDBL') !== 0) peripheral.event('REPORTRDY');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (block.get('ENABLE') !== 1) return;
            Object.assign(extra, { phases: phases(), samples: 0 });
            next();
          },
        },
        STOP: {
          offset: 0x004,
          run: () => {
            timer.clear();
          },
        },
        READCLRACC: {
          offset: 0x008,
          run: () => {
            block.set('ACCREAD', block.get('ACC'));
            block.set('ACCDBLREAD', block.get('ACCDBL'));
            block.set('ACC', 0);
            block.set('ACCDBL', 0);
          },
        },
      },
      events: { SAMPLERDY: 0x100, REPORTRDY: 0x104, ACCOF: 0x108 },
      shorts: [
        [0, 'REPORTRDY', 'READCLRACC'],
        [1, 'SAMPLERDY', 'STOP'],
      ],
      registers: [
        { name: 'ENABLE', offset: 0x500, writable: 1 },
        { name: 'LEDPOL', offset: 0x504, writable: 1 },
        { name: 'SAMPLEPER', offset: 0x508, writable: 7 },
        { name: 'SAMPLE', offset: 0x50c, access: 'ro' },
        { name: 'REPORTPER', offset: 0x510, writable: 7 },
        { name: 'ACC', offset: 0x514, access: 'ro' },
        { name: 'ACCREAD', offset: 0x518, access: 'ro' },
        ...['PSELLED', 'PSELA', 'PSELB'].map((name, index) => ({ name, offset: 0x51c + 4 * index, reset: disconnectedPin })),
        { name: 'DBFEN', offset: 0x528, writable: 1 },
        { name: 'LEDPRE', offset: 0x540, reset: 0x10, writable: 0x1ff },
        { name: 'ACCDBL', offset: 0x544, access: 'ro' },
        { name: 'ACCDBLREAD', offset: 0x548, access: 'ro' },
      ],
      extra,
      reset: () => {
        timer.clear();
      },
    });
    const { block } = peripheral;

    /** What does not fit is dropped, and said. */
    function accumulate(movement: number): void {
      const isDouble = movement === DOUBLE;
      const name = isDouble ? 'ACCDBL' : 'ACC';
      const sum = signed(name) + (isDouble ? 1 : movement);
      if (isDouble ? sum > mostDouble : sum < least || sum > most) peripheral.event('ACCOF');
      else block.set(name, sum);
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickCounter } from '../../machine/clocks.js';

/**
 * FPGA system control and I/O of MPS2 (AN385, chapter 4.3): LEDs as pins `LED0`, `LED1`, buttons as pins `BUTTON0`, `BUTTON1`, and
 * counters of 1 Hz, 100 Hz and of the prescaled clock.
 */
export const mps2Fpgaio: DeviceClass = {
  name: 'mps2-fpgaio',
  summary: 'MPS2 FPGA system control and I/O (AN385 4.3)',
  size: 0x1000,
  clocks: ['clk'],
  parameters: { leds: { type: 'number', default: 2, summary: 'how many LEDs' } },
  create(environment) {
    const clock = environment.clock('clk');
    const leds = Array.from({ length: Math.min(environment.number('leds'), 32) }, (_, index) => environment.pin(`LED${index}`));
    const buttons = [environment.pin('BUTTON0'), environment.pin('BUTTON1')];
    /** Writes set a counter; what it has counted since is added. */
    const counters = {
      CLK1HZ: new TickCounter(environment.clocks, clock),
      CLK100HZ: new TickCounter(environment.clocks, clock),
      COUNTER: new TickCounter(environment.clocks, clock),
      PSCNTR: new TickCounter(environment.clocks, clock),
    };
    const divider = (name: keyof typeof counters): number =>
      ({ CLK1HZ: clock.hertz, CLK100HZ: Math.max(1, Math.floor(clock.hertz / 100)), COUNTER: block.get('PRESCALE') + 1, PSCNTR: 1 })[name];
    const counted = (name: 'CLK1HZ' | 'CLK100HZ' | 'COUNTER', offset: number): ConstructorParameters<typeof RegisterBlock>[0]['registers'][number] => ({
      name,
      offset,
      read: () => counters[name].ticks % 2 ** 32,
      write: (stored) => {
        counters[name].restart(stored, { divider: divider(name), running: true });
      },
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'LED0',
          offset: 0x00,
          writable: 2 ** leds.length - 1,
          write: (stored) => {
            leds.forEach((led, index) => {
              led.drive(((stored >>> index) & 1) === 1);
            });
          },
        },
        {
          name: 'BUTTON',
          offset: 0x08,
          access: 'ro',
          steady: true,
          read: () => buttons.reduce((bits, { level }, index) => bits | (level ? 1 << index : 0), 0),
        },
        counted('CLK1HZ', 0x10),
        counted('CLK100HZ', 0x14),
        counted('COUNTER', 0x18),
        {
          name: 'PRESCALE',
          offset: 0x1c,
          write: () => {
            counters.COUNTER.restart(counters.COUNTER.ticks, { divider: divider('COUNTER'), running: true });
            counters.PSCNTR.restart(0, { divider: 1, running: true });
          },
        },
        // Counts down from PRESCALE.
        {
          name: 'PSCNTR',
          offset: 0x20,
          read: () => block.get('PRESCALE') - (counters.PSCNTR.ticks % (block.get('PRESCALE') + 1)),
          write: (stored) => {
            counters.PSCNTR.restart(Math.max(0, block.get('PRESCALE') - stored), { divider: 1, running: true });
          },
        },
        { name: 'MISC', offset: 0x4c, writable: 0x3ff },
      ],
      extra: Object.fromEntries(Object.entries(counters).map(([name, { state }]) => [name, state])),
      reset: () => {
        for (const name of ['CLK1HZ', 'CLK100HZ', 'COUNTER', 'PSCNTR'] as const) counters[name].restart(0, { divider: divider(name), running: true });
        for (const led of leds) led.drive(false);
      },
    });
    return block;
  },
};

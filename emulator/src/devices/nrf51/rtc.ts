import type { DeviceClass } from '../../machine/device.js';
import { CompareCounter } from './compare-counter.js';
import { Peripheral } from './peripheral.js';

const bits = 24;
const modulus = 2 ** bits;
/** What TRIGOVRFLW sets the counter to. */
const nearOverflow = 0xff_fff0;
const TICK = 1 << 0;
const OVRFLW = 1 << 1;
const firstCompare = 16;

/** RTC of nRF51 (nRF51 Reference Manual 3.0, chapter 19). It counts while the low-frequency clock runs; events happen where EVTEN or INTEN has them. */
export const nrf51Rtc: DeviceClass = {
  name: 'nrf51-rtc',
  summary: 'nRF51 RTC (RM 3.0 chapter 19)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['lfclk'],
  parameters: { channels: { type: 'number', default: 4, summary: 'compare registers: 3 of RTC0, 4 of RTC1' } },
  create(environment) {
    const channels = Math.min(4, environment.number('channels'));
    const lowClock = environment.wire('nrf51.lfclk');
    const extra = { started: false };
    const indices = Array.from({ length: channels }, (_, index) => index);
    const routed = (bit: number): boolean => ((block.get('EVTENSET') | block.get('INTENSET')) & bit) !== 0;
    // What the counter becomes: compare values, and 0 as overflow.
    const watched = (): number[] => [
      ...indices.map((index) => (routed(1 << (firstCompare + index)) ? block.get(`CC${index}`) : Infinity)),
      routed(OVRFLW) ? 0 : Infinity,
    ];
    const counter: CompareCounter = new CompareCounter(environment, environment.clock('lfclk'), watched, {
      reached: (index) => {
        peripheral.event(index < channels ? `COMPARE${index}` : 'OVRFLW');
      },
      tick: {
        wanted: () => routed(TICK),
        happened: () => {
          peripheral.event('TICK');
        },
      },
    });
    const run = (): void => {
      counter.run(extra.started && lowClock.level);
    };
    lowClock.onChange(run);
    const bitOf = (event: string): number => (event === 'TICK' ? TICK : event === 'OVRFLW' ? OVRFLW : 1 << (firstCompare + Number(event.slice(-1))));
    const enables = TICK | OVRFLW | (((1 << channels) - 1) << firstCompare);
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            extra.started = true;
            run();
          },
        },
        STOP: {
          offset: 0x004,
          run: () => {
            extra.started = false;
            run();
          },
        },
        CLEAR: {
          offset: 0x008,
          run: () => {
            counter.set(0);
          },
        },
        TRIGOVRFLW: {
          offset: 0x00c,
          run: () => {
            counter.set(nearOverflow);
          },
        },
      },
      events: { TICK: 0x100, OVRFLW: 0x104, ...Object.fromEntries(indices.map((index) => [`COMPARE${index}`, 0x140 + 4 * index])) },
      routes: (event) => routed(bitOf(event)),
      registers: [
        {
          name: 'EVTEN',
          offset: 0x340,
          writable: 0,
          steady: true,
          read: () => block.get('EVTENSET'),
          write: (_stored, _before, written) => {
            enable(written & enables);
          },
        },
        {
          name: 'EVTENSET',
          offset: 0x344,
          writable: 0,
          write: (stored, _before, written) => {
            enable(stored | (written & enables));
          },
        },
        {
          name: 'EVTENCLR',
          offset: 0x348,
          writable: 0,
          steady: true,
          read: () => block.get('EVTENSET'),
          write: (_stored, _before, written) => {
            enable(block.get('EVTENSET') & ~written);
          },
        },
        { name: 'COUNTER', offset: 0x504, access: 'ro', read: () => counter.value },
        {
          name: 'PRESCALER',
          offset: 0x508,
          writable: 0xfff,
          write: (stored, before) => {
            if (!counter.running) {
              counter.divide(stored + 1);
              return;
            }
            block.set('PRESCALER', before);
            environment.warn('write to PRESCALER while the RTC runs');
          },
        },
        {
          name: 'CC',
          offset: 0x540,
          count: channels,
          writable: modulus - 1,
          write: () => {
            counter.update();
          },
        },
      ],
      extra: { rtc: extra, counter: counter.state },
      interruptsChanged: () => {
        counter.update();
      },
      reset: () => {
        extra.started = false;
        counter.reset(1, modulus);
      },
    });
    const { block } = peripheral;
    function enable(bitsOn: number): void {
      block.set('EVTENSET', bitsOn);
      counter.update();
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** CPU time until a clock runs, in seconds: the RC oscillators' order of magnitude; crystals take longer on silicon. */
const startTime = 0.0005;
const RUNNING = 1 << 16;
/** Bits of RESETREAS. */
const WATCHDOG = 1 << 1;
const SOFTWARE = 1 << 2;

/**
 * CLOCK, POWER and MPU of nRF51, which share one base (nRF51 Reference Manual 3.0, chapters 12, 13 and 9). Wire `nrf51.lfclk` is high while the
 * low-frequency clock runs: RTCs and the watchdog count only then. Memory protection is stored, not enforced.
 */
export const nrf51ClockPower: DeviceClass = {
  name: 'nrf51-clock-power',
  summary: 'nRF51 CLOCK, POWER, MPU (RM 3.0 chapters 12, 13, 9)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const lowWire = environment.wire('nrf51.lfclk');
    const cycles = (seconds: number): number => environment.timeline.now + seconds * environment.clocks.cpu.hertz;
    const highStarted = environment.timer(() => {
      block.set('HFCLKSTAT', RUNNING | 1);
      peripheral.event('HFCLKSTARTED');
    });
    const lowStarted = environment.timer(() => {
      block.set('LFCLKSTAT', RUNNING | block.get('LFCLKSRCCOPY'));
      lowWire.drive(true);
      peripheral.event('LFCLKSTARTED');
    });
    const calibrated = environment.timer(() => {
      peripheral.event('DONE');
    });
    const calibrationDue = environment.timer(() => {
      peripheral.event('CTTO');
    });
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        HFCLKSTART: {
          offset: 0x000,
          run: () => {
            block.set('HFCLKRUN', 1);
            highStarted.set(cycles(startTime));
          },
        },
        HFCLKSTOP: {
          offset: 0x004,
          run: () => {
            highStarted.clear();
            block.set('HFCLKRUN', 0);
            // The RC oscillator goes on.
            block.set('HFCLKSTAT', RUNNING);
          },
        },
        LFCLKSTART: {
          offset: 0x008,
          run: () => {
            block.set('LFCLKRUN', 1);
            block.set('LFCLKSRCCOPY', block.get('LFCLKSRC'));
            lowStarted.set(cycles(startTime));
          },
        },
        LFCLKSTOP: {
          offset: 0x00c,
          run: () => {
            lowStarted.clear();
            lowWire.drive(false);
            block.set('LFCLKRUN', 0);
            block.set('LFCLKSTAT', 0);
          },
        },
        CAL: {
          offset: 0x010,
          run: () => {
            // 17 ms (product specification, tCAL,RC).
            calibrated.set(cycles(0.017));
          },
        },
        CTSTART: {
          offset: 0x014,
          run: () => {
            calibrationDue.set(cycles(block.get('CTIV') * 0.25));
          },
        },
        CTSTOP: {
          offset: 0x018,
          run: () => {
            calibrationDue.clear();
          },
        },
        CONSTLAT: { offset: 0x078, run: () => undefined },
        LOWPWR: { offset: 0x07c, run: () => undefined },
      },
      events: { HFCLKSTARTED: 0x100, LFCLKSTARTED: 0x104, POFWARN: 0x108, DONE: 0x10c, CTTO: 0x110 },
      registers: [
        {
          name: 'RESETREAS',
          offset: 0x400,
          access: 'w1c',
          writable: 0x7_000f,
          lasting: true,
          fields: { RESETPIN: [0, 0], DOG: [1, 1], SREQ: [2, 2], LOCKUP: [3, 3], OFF: [16, 16] },
        },
        { name: 'HFCLKRUN', offset: 0x408, access: 'ro' },
        { name: 'HFCLKSTAT', offset: 0x40c, access: 'ro', reset: RUNNING, fields: { SRC: [0, 0], STATE: [16, 16] } },
        { name: 'LFCLKRUN', offset: 0x414, access: 'ro' },
        { name: 'LFCLKSTAT', offset: 0x418, access: 'ro', fields: { SRC: [1, 0], STATE: [16, 16] } },
        { name: 'LFCLKSRCCOPY', offset: 0x41c, access: 'ro' },
        { name: 'RAMSTATUS', offset: 0x428, access: 'ro', reset: 0x3 },
        {
          name: 'SYSTEMOFF',
          offset: 0x500,
          access: 'wo',
          write: (_stored, _before, written) => {
            if ((written & 1) === 1) environment.powerOff(0, 'POWER.SYSTEMOFF');
          },
        },
        { name: 'POFCON', offset: 0x510, writable: 0x7 },
        { name: 'LFCLKSRC', offset: 0x518, writable: 0x3 },
        { name: 'GPREGRET', offset: 0x51c, writable: 0xff, lasting: true },
        { name: 'RAMON', offset: 0x524, reset: 0x3, writable: 0x3_0003 },
        { name: 'PERR0', offset: 0x528 },
        { name: 'RLENR0', offset: 0x52c },
        { name: 'CTIV', offset: 0x538, writable: 0x7f },
        { name: 'RESET', offset: 0x544, writable: 1 },
        { name: 'XTALFREQ', offset: 0x550, reset: 0xff, writable: 0xff },
        { name: 'RAMONB', offset: 0x554, reset: 0x3, writable: 0x3_0003 },
        { name: 'DCDCEN', offset: 0x578, writable: 1 },
        // Bits that once are set stay so.
        ...['PROTENSET0', 'PROTENSET1'].map((name, index) => ({
          name,
          offset: 0x600 + 4 * index,
          writable: 0,
          write: (stored: number, _before: number, written: number): void => {
            block.set(name, stored | written);
          },
        })),
        { name: 'DISABLEINDEBUG', offset: 0x608, reset: 1, writable: 1 },
        { name: 'PROTBLOCKSIZE', offset: 0x60c, writable: 3 },
        { name: 'DCDCFORCE', offset: 0xa08, writable: 3 },
        { name: 'RAMPRI', offset: 0xe00, count: 9, reset: 0x0101_0101 },
      ],
      reset: ({ kind }) => {
        const reason = kind === 'watchdog' ? WATCHDOG : kind === 'software' ? SOFTWARE : 0;
        block.set('RESETREAS', block.get('RESETREAS') | reason);
        for (const timer of [highStarted, lowStarted, calibrated, calibrationDue]) timer.clear();
        lowWire.drive(false);
      },
    });
    const { block } = peripheral;
    return block;
  },
};

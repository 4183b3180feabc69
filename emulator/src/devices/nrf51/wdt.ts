import type { DeviceClass } from '../../machine/device.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { Peripheral } from './peripheral.js';

const requests = 8;
const key = 0x6e52_4635;
/** Ticks of 32,768 Hz between the event and the reset. */
const grace = 2;

/** Watchdog of nRF51 (nRF51 Reference Manual 3.0, chapter 20). Once started it goes on until a reset; every enabled request register has to be written. */
export const nrf51Wdt: DeviceClass = {
  name: 'nrf51-wdt',
  summary: 'nRF51 watchdog (RM 3.0 chapter 20)',
  size: 0x1000,
  interrupts: ['irq'],
  clocks: ['lfclk'],
  create(environment) {
    const extra = { runs: false, missing: 0, expired: false };
    const alarm = new TickAlarm(environment, environment.clock('lfclk'), () => {
      if (extra.expired) {
        environment.requestReset('the watchdog was not fed', 'watchdog');
        return;
      }
      extra.expired = true;
      alarm.set(alarm.ticks + grace);
      peripheral.event('TIMEOUT');
    });
    const feed = (): void => {
      Object.assign(extra, { missing: block.get('RREN'), expired: false });
      alarm.restart(0, { running: true });
      alarm.set(block.get('CRV') + 1);
    };
    const settings =
      (name: string) =>
      (_stored: number, before: number): void => {
        if (!extra.runs) return;
        block.set(name, before);
        environment.warn(`write to ${name} while the watchdog runs`);
      };
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: {
          offset: 0x000,
          run: () => {
            if (extra.runs) return;
            extra.runs = true;
            feed();
          },
        },
      },
      events: { TIMEOUT: 0x100 },
      registers: [
        { name: 'RUNSTATUS', offset: 0x400, access: 'ro', steady: true, read: () => (extra.runs ? 1 : 0) },
        { name: 'REQSTATUS', offset: 0x404, access: 'ro', reset: 1, steady: true, read: () => extra.missing },
        { name: 'CRV', offset: 0x504, reset: 0xffff_ffff, write: settings('CRV') },
        { name: 'RREN', offset: 0x508, reset: 1, writable: 0xff, write: settings('RREN') },
        { name: 'CONFIG', offset: 0x50c, reset: 1, writable: 0x9, write: settings('CONFIG') },
        {
          name: 'RR',
          offset: 0x600,
          count: requests,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written, index) => {
            if (written !== key || !extra.runs) return;
            extra.missing &= ~(1 << index);
            if (extra.missing === 0) feed();
          },
        },
      ],
      extra: { watchdog: extra, alarm: alarm.state },
      reset: () => {
        Object.assign(extra, { runs: false, missing: 1, expired: false });
        alarm.set(Infinity);
        alarm.restart(0, { running: false });
      },
    });
    const { block } = peripheral;
    return block;
  },
};

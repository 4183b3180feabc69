import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

/** Values of ENABLE. */
const CCM = 2;
const AAR = 3;

/**
 * AAR and CCM of nRF51, which share addresses (nRF51 Reference Manual 3.0, chapters 26 and 25). Registers and events only: no address is ever
 * resolved, and packets stay as they are, with a warning.
 */
export const nrf51AarCcm: DeviceClass = {
  name: 'nrf51-aar-ccm',
  summary: 'nRF51 AAR and CCM, events only (RM 3.0 chapters 26, 25)',
  size: 0x1000,
  interrupts: ['irq'],
  create(environment) {
    const done = environment.timer(() => {
      if (block.get('ENABLE') === AAR) {
        peripheral.event('NOTRESOLVED');
        peripheral.event('END');
      } else {
        peripheral.event('END');
      }
    });
    const start = (): void => {
      done.set(environment.timeline.now + (6 * environment.clocks.cpu.hertz) / 1e6);
    };
    // END of AAR and ENDKSGEN of CCM are one register, and so are the others: names are AAR's.
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: {
        START: { offset: 0x000, run: start },
        CRYPT: {
          offset: 0x004,
          run: () => {
            if (block.get('ENABLE') !== CCM) return;
            environment.warn('CCM encrypts nothing: packets stay as they are');
            peripheral.event('RESOLVED');
          },
        },
        STOP: {
          offset: 0x008,
          run: () => {
            done.clear();
          },
        },
      },
      events: { END: 0x100, RESOLVED: 0x104, NOTRESOLVED: 0x108 },
      shorts: [[0, 'END', 'CRYPT']],
      registers: [
        { name: 'STATUS', offset: 0x400, access: 'ro' },
        { name: 'ENABLE', offset: 0x500, writable: 3 },
        { name: 'NIRK', offset: 0x504, reset: 1, writable: 0x1f },
        { name: 'POINTER', offset: 0x508, count: 4 },
      ],
      reset: () => {
        done.clear();
      },
    });
    const { block } = peripheral;
    return block;
  },
};

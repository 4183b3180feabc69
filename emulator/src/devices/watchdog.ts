import type { DeviceClass } from '../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../machine/register-block.js';
import { DownCounter } from './down-counter.js';
import { cmsdkIdentification, identification } from './identification.js';

const INTERRUPT_ENABLE = 1 << 0;
const RESET_ENABLE = 1 << 1;
const key = 0x1acc_e551;

interface Variant {
  readonly name: string;
  readonly summary: string;
  /** Once the watchdog has been started, only a reset stops it. */
  readonly staysOn: boolean;
  readonly more: readonly RegisterDescription[];
}

/**
 * Arm's SP805: the first time it reaches 0 it interrupts, and resets the machine the second time, where firmware has not cleared the
 * interrupt by then. Writes to INTCLR begin a new period; LOCK keeps all other registers from being written.
 */
function watchdog({ name, summary, staysOn, more }: Variant): DeviceClass {
  return {
    name,
    summary,
    size: 0x1000,
    interrupts: ['irq'],
    clocks: ['wdogclk'],
    create(environment) {
      const irq = environment.interrupt('irq');
      const locked = (): boolean => block.get('LOCK') !== 0;
      const counter = new DownCounter(
        environment,
        environment.clock('wdogclk'),
        () => block.get('LOAD'),
        () => {
          if (block.get('RIS') !== 0 && (block.get('CONTROL') & RESET_ENABLE) !== 0) {
            environment.requestReset('the watchdog was not fed', 'watchdog');
          }
          block.set('RIS', 1);
          drive();
        },
      );
      /** A write that a lock undoes. */
      const guarded =
        (register: string, action: (stored: number, before: number) => void) =>
        (stored: number, before: number): void => {
          if (locked()) {
            block.set(register, before);
            environment.warn(`write to ${register} while LOCK holds it`);
          } else {
            action(stored, before);
          }
        };
      const block: RegisterBlock = new RegisterBlock({
        warn: environment.warn,
        registers: [
          {
            name: 'LOAD',
            offset: 0x000,
            reset: 0xffff_ffff,
            write: guarded('LOAD', (stored) => {
              counter.set(stored);
            }),
          },
          { name: 'VALUE', offset: 0x004, access: 'ro', reset: 0xffff_ffff, read: () => counter.value },
          {
            name: 'CONTROL',
            offset: 0x008,
            writable: 3,
            fields: { INTEN: [0, 0], RESEN: [1, 1] },
            write: guarded('CONTROL', (stored, before) => {
              if (staysOn) block.set('CONTROL', stored | (before & INTERRUPT_ENABLE));
              const runs = (block.get('CONTROL') & INTERRUPT_ENABLE) !== 0;
              if (runs && (before & INTERRUPT_ENABLE) === 0) counter.set(block.get('LOAD'));
              counter.run(runs);
              drive();
            }),
          },
          {
            name: 'INTCLR',
            offset: 0x00c,
            access: 'wo',
            write: guarded('INTCLR', () => {
              block.set('RIS', 0);
              counter.set(block.get('LOAD'));
              drive();
            }),
          },
          { name: 'RIS', offset: 0x010, access: 'ro' },
          { name: 'MIS', offset: 0x014, access: 'ro', steady: true, read: () => block.get('RIS') & block.get('CONTROL') & 1 },
          {
            name: 'LOCK',
            offset: 0xc00,
            write: (_stored, _before, written) => {
              block.set('LOCK', written === key ? 0 : 1);
            },
          },
          ...more,
        ],
        extra: counter.state,
        reset: () => {
          counter.reset(0xffff_ffff);
          drive();
        },
      });
      function drive(): void {
        irq.set((block.get('RIS') & block.get('CONTROL') & 1) !== 0);
      }
      return block;
    },
  };
}

export const cmsdkWatchdog = watchdog({
  name: 'cmsdk-watchdog',
  summary: 'CMSDK APB watchdog (DDI0479D 4.4)',
  staysOn: false,
  more: [{ name: 'ITCR', offset: 0xf00, writable: 1 }, { name: 'ITOP', offset: 0xf04, writable: 3, read: () => 0 }, cmsdkIdentification(0x24)],
});

export const lm3sWatchdog = watchdog({
  name: 'lm3s-watchdog',
  summary: 'Stellaris watchdog timer (LM3S6965 data sheet, chapter 11)',
  staysOn: true,
  more: [{ name: 'TEST', offset: 0x418, writable: 0x100, fields: { STALL: [8, 8] } }, identification([0, 0, 0, 0, 0x05, 0x18, 0x18, 0x01])],
});

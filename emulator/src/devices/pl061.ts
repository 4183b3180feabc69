import type { DeviceClass } from '../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../machine/register-block.js';
import { identification } from './identification.js';

const pinCount = 8;
const all = 0xff;
const key = 0x1acc_e551;

interface Variant {
  readonly name: string;
  readonly summary: string;
  readonly peripheral: readonly number[];
  /** Registers of Stellaris behind those of PL061. */
  readonly pads: boolean;
}

/** Arm's GPIO PL061 (DDI0190B) with pins `0` to `7`: bits 9 to 2 of the address are a mask of DATA. Alternate functions are stored; the board says what drives them. */
function port({ name, summary, peripheral, pads }: Variant): DeviceClass {
  return {
    name,
    summary,
    size: 0x1000,
    interrupts: ['irq'],
    ...(pads ? { parameters: { jtag: { type: 'number', default: 0, summary: 'pins that JTAG has after reset' } } } : {}),
    create(environment) {
      const irq = environment.interrupt('irq');
      const pins = Array.from({ length: pinCount }, (_, pin) => environment.pin(`${pin}`));
      const jtag = pads ? environment.number('jtag') & all : 0;
      const padRegister = (register: string): number => (pads ? block.get(register) : 0);
      /** Pins that are connected at all. */
      const digital = (): number => (pads ? block.get('DEN') : all);
      const levels = (): number => pins.reduce((bits, { level }, pin) => bits | (level ? 1 << pin : 0), 0) & digital();

      const simple = (register: string, offset: number, changed: () => void, more: Partial<RegisterDescription> = {}): RegisterDescription => ({
        name: register,
        offset,
        writable: all,
        write: changed,
        ...more,
      });
      const committed = (register: string, offset: number): RegisterDescription => ({
        name: register,
        offset,
        reset: jtag,
        writable: all,
        // Pins of JTAG are changed only where CR lets them be.
        write: (stored, before) => {
          const allowed = block.get('CR');
          block.set(register, (stored & allowed) | (before & ~allowed));
          drive();
        },
      });
      /** The strengths exclude each other, pin by pin. */
      const strength = (register: string, offset: number): RegisterDescription => ({
        name: register,
        offset,
        reset: register === 'DR2R' ? all : 0,
        writable: all,
        write: (stored) => {
          for (const other of ['DR2R', 'DR4R', 'DR8R']) if (other !== register) block.set(other, block.get(other) & ~stored);
        },
      });
      /** A pull one way takes away the other. */
      const pull = (register: string, other: string, offset: number): RegisterDescription => ({
        name: register,
        offset,
        reset: register === 'PUR' ? jtag : 0,
        writable: all,
        write: (stored) => {
          block.set(other, block.get(other) & ~stored);
          drive();
        },
      });
      const padRegisters: RegisterDescription[] = [
        committed('AFSEL', 0x420),
        strength('DR2R', 0x500),
        strength('DR4R', 0x504),
        strength('DR8R', 0x508),
        simple('ODR', 0x50c, drive),
        pull('PUR', 'PDR', 0x510),
        pull('PDR', 'PUR', 0x514),
        simple('SLR', 0x518, () => undefined),
        simple('DEN', 0x51c, drive, { reset: jtag }),
        {
          name: 'LOCK',
          offset: 0x520,
          reset: 1,
          write: (_stored, _before, written) => {
            block.set('LOCK', written === key ? 0 : 1);
          },
        },
        {
          name: 'CR',
          offset: 0x524,
          reset: all & ~jtag,
          writable: all,
          // Only bits of JTAG pins can be changed, and only unlocked.
          write: (stored, before) => {
            block.set('CR', block.get('LOCK') === 0 ? (before & ~jtag) | (stored & jtag) : before);
          },
        },
      ];
      const block: RegisterBlock = new RegisterBlock({
        warn: environment.warn,
        registers: [
          {
            name: 'DATA',
            offset: 0x000,
            count: 256,
            writable: 0,
            steady: true,
            read: (_stored, mask) => levels() & mask,
            write: (_stored, _before, written, mask) => {
              block.set('DATA255', (block.get('DATA255') & ~mask) | (written & mask & all));
              drive();
            },
          },
          simple('DIR', 0x400, drive),
          simple('IS', 0x404, interrupt),
          simple('IBE', 0x408, interrupt),
          simple('IEV', 0x40c, interrupt),
          simple('IM', 0x410, interrupt),
          { name: 'RIS', offset: 0x414, access: 'ro' },
          { name: 'MIS', offset: 0x418, access: 'ro', steady: true, read: () => block.get('RIS') & block.get('IM') },
          {
            name: 'ICR',
            offset: 0x41c,
            access: 'wo',
            writable: 0,
            write: (_stored, _before, written) => {
              block.set('RIS', block.get('RIS') & ~(written & all));
              interrupt();
            },
          },
          ...(pads ? padRegisters : [simple('AFSEL', 0x420, () => undefined)]),
          identification(peripheral),
        ],
        reset: () => {
          drive();
          interrupt();
        },
      });
      pins.forEach((pin, index) => {
        pin.onChange((level) => {
          const bit = 1 << index;
          const edge = (block.get('IS') & bit) === 0;
          const wanted = (block.get('IBE') & bit) !== 0 || ((block.get('IEV') & bit) !== 0) === level;
          if (edge && wanted && (digital() & bit) !== 0) block.set('RIS', block.get('RIS') | bit);
          interrupt();
        });
      });

      function drive(): void {
        const outputs = block.get('DIR') & digital();
        const value = block.get('DATA255');
        pins.forEach((pin, index) => {
          const bit = 1 << index;
          pin.pull((padRegister('PUR') & bit) !== 0 ? true : (padRegister('PDR') & bit) !== 0 ? false : undefined);
          const high = (value & bit) !== 0;
          const released = (outputs & bit) === 0 || (high && (padRegister('ODR') & bit) !== 0);
          pin.drive(released ? undefined : high);
        });
      }
      /** Levels ask as long as they last. */
      function interrupt(): void {
        const sensitive = block.get('IS') & digital();
        const active = ~(levels() ^ block.get('IEV')) & sensitive;
        block.set('RIS', (block.get('RIS') & ~sensitive) | active);
        irq.set((block.get('RIS') & block.get('IM')) !== 0);
      }
      return block;
    },
  };
}

export const pl061 = port({ name: 'pl061', summary: 'PrimeCell GPIO PL061 (DDI0190B)', peripheral: [0x61, 0x10, 0x04, 0x00], pads: false });
export const lm3sGpio = port({
  name: 'lm3s-gpio',
  summary: 'Stellaris GPIO, a PL061 with pad control (LM3S6965 data sheet, chapter 9)',
  peripheral: [0, 0, 0, 0, 0x61, 0x00, 0x18, 0x01],
  pads: true,
});

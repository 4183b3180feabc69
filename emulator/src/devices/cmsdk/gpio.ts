import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { cmsdkIdentification } from '../identification.js';

const pinCount = 16;
const all = 0xffff;

/**
 * AHB GPIO of the Cortex-M System Design Kit (DDI0479D 3.3): 16 pins, `0` to `15`. Alternate functions are stored; what else could drive
 * a pin is the board's. Outputs `pin0` to `pin15` are the single interrupts, `combined` any of them.
 */
export const cmsdkGpio: DeviceClass = {
  name: 'cmsdk-gpio',
  summary: 'CMSDK AHB GPIO (DDI0479D 3.3)',
  size: 0x1000,
  interrupts: ['combined', ...Array.from({ length: pinCount }, (_, pin) => `pin${pin}`)],
  create(environment) {
    const combined = environment.interrupt('combined');
    const single = Array.from({ length: pinCount }, (_, pin) => environment.interrupt(`pin${pin}`));
    const pins = Array.from({ length: pinCount }, (_, pin) => environment.pin(`${pin}`));
    const levels = (): number => pins.reduce((bits, { level }, pin) => bits | (level ? 1 << pin : 0), 0);

    const pair = (name: string, offset: number, changed: () => void): RegisterDescription[] => [
      {
        name: `${name}SET`,
        offset,
        writable: 0,
        write: (stored, _before, written) => {
          block.set(`${name}SET`, stored | (written & all));
          changed();
        },
      },
      {
        name: `${name}CLR`,
        offset: offset + 4,
        writable: 0,
        steady: true,
        read: () => block.get(`${name}SET`),
        write: (_stored, _before, written) => {
          block.set(`${name}SET`, block.get(`${name}SET`) & ~written);
          changed();
        },
      },
    ];
    /** Writes to a part of the port: address bits 9 to 2 are the mask of the byte. */
    const masked = (name: string, offset: number, shift: number): RegisterDescription => ({
      name,
      offset,
      count: 256,
      writable: 0,
      steady: true,
      read: (_stored, index) => levels() & (index << shift),
      write: (_stored, _before, written, index) => {
        const mask = index << shift;
        output((block.get('DATAOUT') & ~mask) | (written & mask));
      },
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'DATA',
          offset: 0x00,
          writable: all,
          steady: true,
          read: levels,
          write: (stored) => {
            output(stored);
          },
        },
        {
          name: 'DATAOUT',
          offset: 0x04,
          writable: all,
          write: (stored) => {
            output(stored);
          },
        },
        ...pair('OUTEN', 0x10, drive),
        ...pair('ALTFUNC', 0x18, () => undefined),
        ...pair('INTEN', 0x20, interrupt),
        ...pair('INTTYPE', 0x28, interrupt),
        ...pair('INTPOL', 0x30, interrupt),
        {
          name: 'INTSTATUS',
          offset: 0x38,
          access: 'w1c',
          writable: all,
          write: () => {
            interrupt();
          },
        },
        masked('MASKLOWBYTE', 0x400, 0),
        masked('MASKHIGHBYTE', 0x800, 8),
        cmsdkIdentification(0x20),
      ],
      reset: () => {
        drive();
        interrupt();
      },
    });
    pins.forEach((pin, index) => {
      pin.onChange((level) => {
        const bit = 1 << index;
        const isEdge = (block.get('INTTYPESET') & bit) !== 0;
        const rising = (block.get('INTPOLSET') & bit) !== 0;
        if (isEdge && level === rising && (block.get('INTENSET') & bit) !== 0) block.set('INTSTATUS', block.get('INTSTATUS') | bit);
        interrupt();
      });
    });

    function output(value: number): void {
      block.set('DATAOUT', value & all);
      block.set('DATA', value & all);
      drive();
    }
    function drive(): void {
      const enabled = block.get('OUTENSET');
      const value = block.get('DATAOUT');
      pins.forEach((pin, index) => {
        pin.drive(((enabled >>> index) & 1) === 1 ? ((value >>> index) & 1) === 1 : undefined);
      });
    }
    /** Levels ask as long as they last: clearing the status of one that is still there sets it again. */
    function interrupt(): void {
      const active = ~(levels() ^ block.get('INTPOLSET'));
      const status = (block.get('INTSTATUS') | (active & ~block.get('INTTYPESET') & block.get('INTENSET'))) & all;
      block.set('INTSTATUS', status);
      single.forEach((line, index) => {
        line.set(((status >>> index) & 1) === 1);
      });
      combined.set(status !== 0);
    }
    return block;
  },
};

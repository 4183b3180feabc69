import type { AccessSize, Device, DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { wholeWord } from './atomic.js';
import { dividerRegisters } from './divider.js';
import { interpolatorRegisters } from './interpolator.js';

const pinCount = 30;
const pinMask = 2 ** pinCount - 1;

/**
 * Single-cycle I/O of RP2040 (data sheet, 2.3.1), as core 0 sees it: GPIO, divider, interpolators, spinlocks. Output and output enable of pins are
 * its pins `out.N` and `oe.N`, for the I/O bank to choose. There is no core 1: what is sent to it through the FIFO is lost, with a warning.
 */
export const rp2040Sio: DeviceClass = {
  name: 'rp2040-sio',
  summary: 'RP2040 single-cycle I/O of core 0 (data sheet 2.3.1)',
  size: 0x1000,
  interrupts: ['proc0'],
  create(environment): Device {
    const fifo = environment.interrupt('proc0');
    const numbers = Array.from({ length: pinCount }, (_, pin) => pin);
    const inputs = numbers.map((pin) => environment.wire(`io_bank0.in.${pin}`));
    const outputs = numbers.map((pin) => environment.pin(`out.${pin}`));
    const enables = numbers.map((pin) => environment.pin(`oe.${pin}`));
    const state = { locks: 0 };

    const drive = (): void => {
      const levels = block.get('GPIO_OUT');
      const enabled = block.get('GPIO_OE');
      for (const pin of numbers) {
        outputs[pin]?.drive(((levels >>> pin) & 1) === 1);
        enables[pin]?.drive(((enabled >>> pin) & 1) === 1);
      }
    };
    /** A register and its atomic faces, which are of SIO's own: set, clear, XOR. */
    const withFaces = (name: string, offset: number, mask: number): readonly RegisterDescription[] => {
      const face = (suffix: string, at: number, change: (value: number, written: number) => number): RegisterDescription => ({
        name: `${name}_${suffix}`,
        offset: offset + at,
        access: 'wo',
        write: (_stored, _before, written) => {
          block.set(name, change(block.get(name), written) & mask);
          drive();
        },
      });
      return [
        { name, offset, writable: mask, write: drive },
        face('SET', 4, (value, written) => value | written),
        face('CLR', 8, (value, written) => value & ~written),
        face('XOR', 12, (value, written) => value ^ written),
      ];
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CPUID', offset: 0x000, access: 'ro' },
        {
          name: 'GPIO_IN',
          offset: 0x004,
          access: 'ro',
          steady: true,
          read: () => inputs.reduce((value, pin, index) => (pin.level ? value | (1 << index) : value), 0),
        },
        // SS and data lines of the flash are high.
        { name: 'GPIO_HI_IN', offset: 0x008, access: 'ro', reset: 0x3e },
        ...withFaces('GPIO_OUT', 0x010, pinMask),
        ...withFaces('GPIO_OE', 0x020, pinMask),
        ...withFaces('GPIO_HI_OUT', 0x030, 0x3f),
        ...withFaces('GPIO_HI_OE', 0x040, 0x3f),
        // RDY: room in the FIFO to core 1; WOF and ROE are cleared by any write.
        {
          name: 'FIFO_ST',
          offset: 0x050,
          reset: 2,
          writable: 0,
          write: () => {
            block.set('FIFO_ST', 2);
            fifo.set(false);
          },
        },
        {
          name: 'FIFO_WR',
          offset: 0x054,
          access: 'wo',
          write: () => {
            environment.warn('what is sent to core 1 is lost: the board has core 0 only');
          },
        },
        {
          name: 'FIFO_RD',
          offset: 0x058,
          access: 'ro',
          read: () => {
            // Nothing is ever there: ROE.
            block.set('FIFO_ST', 2 | 8);
            fifo.set(true);
            return 0;
          },
        },
        { name: 'SPINLOCK_ST', offset: 0x05c, access: 'ro', steady: true, read: () => state.locks },
        ...dividerRegisters(0x060, () => block),
        ...interpolatorRegisters(0, 0x080, () => block),
        ...interpolatorRegisters(1, 0x0c0, () => block),
        {
          name: 'SPINLOCK',
          offset: 0x100,
          count: 32,
          stride: 4,
          writable: 0,
          read: (_stored, lock) => {
            // Its bit, where it was free; 0 where it was taken.
            const bit = (1 << lock) >>> 0;
            const free = (state.locks & bit) === 0;
            state.locks = (state.locks | bit) >>> 0;
            return free ? bit : 0;
          },
          write: (_stored, _before, _written, lock) => {
            state.locks = (state.locks & ~(1 << lock)) >>> 0;
          },
        },
      ],
      extra: state,
      reset: () => {
        state.locks = 0;
        fifo.set(false);
        drive();
      },
    });
    return {
      state: block.state,
      reset: (cause) => {
        block.reset(cause);
      },
      registerAt: (offset) => block.registerAt(offset),
      isSteady: (offset, value) => block.isSteady(offset, value),
      read: (offset, size: AccessSize) => block.read(offset, size),
      write(offset, size: AccessSize, value) {
        block.write(offset & ~3, 4, wholeWord(size, value));
      },
    };
  },
};

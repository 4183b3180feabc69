import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const key = 0xa442;
const WRITE = 1 << 0;
const ERASE = 1 << 1;
const ERASE_ALL = 1 << 2;
const PROGRAMMED = 1 << 1;
const pageBytes = 1024;

/** Flash controller of Stellaris (LM3S6965 data sheet, chapter 8): words are programmed, where zeros stay zeros, and pages of 1 KiB are erased, at once. */
export const lm3sFlash: DeviceClass = {
  name: 'lm3s-flash',
  summary: 'Stellaris flash controller (LM3S6965 data sheet, chapter 8)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { flash: { type: 'memory', default: 'flash', summary: 'what it programs' } },
  create(environment) {
    const irq = environment.interrupt('irq');
    const memory = environment.text('flash');
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'FMA', offset: 0x000, writable: 0x3_ffff },
        { name: 'FMD', offset: 0x004 },
        {
          name: 'FMC',
          offset: 0x008,
          writable: 0,
          write: (_stored, _before, written) => {
            if (written >>> 16 === key) command(written & 0xf);
            else environment.warn('write to FMC without its key 0xa442');
          },
        },
        { name: 'FCRIS', offset: 0x00c, access: 'ro', fields: { ARIS: [0, 0], PRIS: [1, 1] } },
        { name: 'FCIM', offset: 0x010, writable: 3, write: () => drive() },
        {
          name: 'FCMISC',
          offset: 0x014,
          writable: 0,
          steady: true,
          read: () => block.get('FCRIS') & block.get('FCIM'),
          write: (_stored, _before, written) => {
            block.set('FCRIS', block.get('FCRIS') & ~written);
            drive();
          },
        },
      ],
      reset: () => {
        drive();
      },
    });
    function command(bits: number): void {
      const bytes = environment.memory(memory);
      const address = block.get('FMA');
      if ((bits & ERASE_ALL) !== 0) change(0, bytes.length, () => 0xff);
      else if ((bits & ERASE) !== 0) change(address - (address % pageBytes), pageBytes, () => 0xff);
      if ((bits & WRITE) !== 0) change(address & ~3, 4, (old, index) => old & (block.get('FMD') >>> (8 * index)));
      if (bits === 0) return;
      block.set('FCRIS', block.get('FCRIS') | PROGRAMMED);
      drive();
    }
    function change(offset: number, size: number, make: (old: number, index: number) => number): void {
      const bytes = environment.memory(memory).subarray(offset, offset + size);
      bytes.forEach((old, index) => {
        bytes[index] = make(old, index);
      });
      environment.memoryChanged(memory, offset, bytes.length);
    }
    function drive(): void {
      irq.set((block.get('FCRIS') & block.get('FCIM')) !== 0);
    }
    return block;
  },
};

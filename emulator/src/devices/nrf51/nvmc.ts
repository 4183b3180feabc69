import type { AccessSize, DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const READ_ONLY = 0;
const WRITE = 1;
const ERASE = 2;
const erased = 0xff;

/**
 * Non-volatile memory controller of nRF51 (nRF51 Reference Manual 3.0, chapter 6): words are written to flash and UICR at their addresses,
 * where zeros stay zeros; pages are erased. The CPU stands still meanwhile on silicon, here it takes no time.
 */
export const nrf51Nvmc: DeviceClass = {
  name: 'nrf51-nvmc',
  summary: 'nRF51 NVMC (RM 3.0 chapter 6)',
  size: 0x1000,
  parameters: {
    flash: { type: 'memory', default: 'flash', summary: 'code memory' },
    uicr: { type: 'memory', default: 'uicr', summary: 'user information' },
    page: { type: 'number', default: 1024, summary: 'bytes of a page' },
  },
  create(environment) {
    const page = environment.number('page');
    const flash = environment.text('flash');
    const uicr = environment.text('uicr');
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'READY', offset: 0x400, access: 'ro', reset: 1 },
        { name: 'CONFIG', offset: 0x504, writable: 3, fields: { WEN: [1, 0] } },
        ...(
          [
            ['ERASEPCR1', 0x508],
            ['ERASEPCR0', 0x510],
          ] as const
        ).map(([name, offset]) => ({
          name,
          offset,
          write: (address: number): void => {
            const start = address - (address % page);
            if (start + page > environment.memory(flash).length) environment.warn(`${name}: there is no page at 0x${address.toString(16)}`);
            else erase(flash, start, page);
          },
        })),
        {
          name: 'ERASEALL',
          offset: 0x50c,
          writable: 1,
          write: (stored) => {
            block.set('ERASEALL', 0);
            if (stored === 0) return;
            erase(flash, 0, environment.memory(flash).length);
            erase(uicr, 0, environment.memory(uicr).length);
          },
        },
        {
          name: 'ERASEUICR',
          offset: 0x514,
          writable: 1,
          write: (stored) => {
            block.set('ERASEUICR', 0);
            if (stored !== 0) erase(uicr, 0, environment.memory(uicr).length);
          },
        },
      ],
    });
    function erase(memory: string, offset: number, size: number): void {
      if (block.get('CONFIG') !== ERASE) {
        environment.warn('erase without CONFIG.WEN = Een');
        return;
      }
      environment.memory(memory).fill(erased, offset, offset + size);
      environment.memoryChanged(memory, offset, size);
    }
    for (const memory of [flash, uicr]) {
      environment.onMemoryWrite(memory, (offset: number, size: AccessSize, value: number) => {
        const mode = block.get('CONFIG');
        if (mode === READ_ONLY) return false;
        if (mode !== WRITE || size !== 4 || offset % 4 !== 0) {
          environment.warn(`write of ${size} bytes to ${memory} + 0x${offset.toString(16)}: words only, with CONFIG.WEN = Wen`);
          return true;
        }
        const bytes = environment.memory(memory);
        for (let index = 0; index < 4; index++) bytes[offset + index] = (bytes[offset + index] ?? 0) & (value >>> (8 * index));
        environment.memoryChanged(memory, offset, 4);
        return true;
      });
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** CRC-32 of one word, most significant bit first, polynomial 0x04C11DB7, nothing inverted (RM0008 4.2). */
function crcOfWord(crc: number, word: number): number {
  let value = (crc ^ word) >>> 0;
  for (let bit = 0; bit < 32; bit++) value = ((value << 1) ^ (value >= 0x8000_0000 ? 0x04c1_1db7 : 0)) >>> 0;
  return value;
}

/** CRC calculation unit (RM0008 chapter 4, RM0041 chapter 5, RM0033 chapter 3, RM0090 chapter 4). */
export const stm32Crc: DeviceClass = {
  name: 'stm32-crc',
  summary: 'STM32 CRC unit (RM0008 4, RM0090 4)',
  size: 0x400,
  create(environment) {
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'DR',
          offset: 0x00,
          reset: 0xffff_ffff,
          write: (_stored, before, written) => {
            block.set('DR', crcOfWord(before, written));
          },
        },
        { name: 'IDR', offset: 0x04, writable: 0xff },
        {
          name: 'CR',
          offset: 0x08,
          access: 'wo',
          write: (_stored, _before, written) => {
            if ((written & 1) !== 0) block.set('DR', 0xffff_ffff);
          },
        },
      ],
    });
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

/** Words that only this chip has, made from its number. */
function words(seed: number, count: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  });
}

/** Factory information of nRF51 (nRF51 Reference Manual 3.0, chapter 8). Everything else reads as erased flash. */
export const nrf51Ficr: DeviceClass = {
  name: 'nrf51-ficr',
  summary: 'nRF51 FICR (RM 3.0 chapter 8)',
  size: 0x100,
  parameters: {
    pages: { type: 'number', default: 256, summary: 'pages of code memory' },
    page: { type: 'number', default: 1024, summary: 'bytes of a page' },
    ram: { type: 'number', default: 16384, summary: 'bytes of RAM, in two blocks' },
    serial: { type: 'number', default: 1, summary: 'number of the chip: device ID, keys and address come from it' },
  },
  create(environment) {
    const unique = words(environment.number('serial'), 12);
    const blocks = 2;
    const known: readonly (readonly [name: string, offset: number, values: readonly number[]])[] = [
      ['CODEPAGESIZE', 0x010, [environment.number('page')]],
      ['CODESIZE', 0x014, [environment.number('pages')]],
      ['NUMRAMBLOCK', 0x034, [blocks]],
      ['SIZERAMBLOCKS', 0x038, Array.from({ length: 4 }, (_, index) => (index < blocks ? environment.number('ram') / blocks : 0xffff_ffff))],
      // HWID 0x0072: QFAA, third revision.
      ['CONFIGID', 0x05c, [0xffff_0072]],
      ['DEVICEID', 0x060, unique.slice(0, 2)],
      ['ER', 0x080, unique.slice(2, 6)],
      ['IR', 0x090, unique.slice(6, 10)],
      ['DEVICEADDRTYPE', 0x0a0, [0xffff_ffff]],
      // A random static address has its upper two bits set; only 48 bits are there.
      ['DEVICEADDR', 0x0a4, [unique[10] ?? 0, ((unique[11] ?? 0) | 0xffff_c000) >>> 0]],
      ['OVERRIDEEN', 0x0ac, [0xffff_ffff]],
    ];
    const registers: RegisterDescription[] = known.map(([name, offset, values]) => ({
      name,
      offset,
      count: values.length,
      access: 'ro',
      read: (_stored, index) => values[index] ?? 0,
    }));
    const taken = new Set(known.flatMap(([, offset, values]) => values.map((_, index) => offset + 4 * index)));
    for (let offset = 0; offset < 0x100; offset += 4) {
      if (!taken.has(offset)) registers.push({ name: `unused-${offset.toString(16)}`, offset, access: 'ro', reset: 0xffff_ffff });
    }
    return new RegisterBlock({
      warn: environment.warn,
      registers,
    });
  },
};

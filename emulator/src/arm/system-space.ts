import type { PlacedDevice } from '../machine/bus.js';
import { RegisterBlock } from '../machine/register-block.js';
import type { RegisterDescription } from '../machine/register-block.js';
import type { DebugComponents } from './debug.js';

const page = 0x1000;

/** The devices of the core on its private peripheral bus: the System Control Space, DWT, ITM, and a TPIU that forgets what it is told. */
export function systemSpace(registers: readonly RegisterDescription[], debug: DebugComponents, warn: (message: string) => void): readonly SystemDevice[] {
  const block = (list: readonly RegisterDescription[]): RegisterBlock => new RegisterBlock({ registers: list, warn });
  const tpiu = block([
    { name: 'TPIU_SSPSR', offset: 0, access: 'ro', reset: 1 },
    { name: 'TPIU_CSPSR', offset: 4, reset: 1 },
    { name: 'TPIU_ACPR', offset: 0x10, writable: 0xffff },
    { name: 'TPIU_SPPR', offset: 0xf0, reset: 1, writable: 3 },
    { name: 'TPIU_FFSR', offset: 0x300, access: 'ro', reset: 8 },
    { name: 'TPIU_FFCR', offset: 0x304, reset: 0x102 },
    { name: 'TPIU_LAR', offset: 0xfb0, access: 'wo' },
  ]);
  return [
    { name: 'itm', base: 0xe000_0000, size: page, device: debug.itm },
    { name: 'dwt', base: 0xe000_1000, size: page, device: debug.dwt },
    { name: 'scs', base: 0xe000_e000, size: page, device: block(registers) },
    { name: 'tpiu', base: 0xe004_0000, size: page, device: tpiu },
  ];
}

export interface SystemDevice extends PlacedDevice {
  readonly device: RegisterBlock;
}

import type { Device, DeviceClass } from '../../machine/device.js';
import { bootRomHex } from './boot-rom/boot-rom.js';

/**
 * Fills the board's memory `rom` with our boot ROM (boot-rom/boot-rom.s): it runs a second stage with a right checksum, else enters a vector table at
 * the beginning of the flash or 256 bytes behind it; function table as in the data sheet, 2.8.3, with bit, memory and flash functions, and the tables of
 * floating-point functions, which rom-arithmetic.ts carries out. USB boot and the start of core 1 are not in it: what calls USB boot stops at a `bkpt` (2).
 */
export const rp2040BootRom: DeviceClass = {
  name: 'rp2040-boot-rom',
  summary: 'RP2040 boot ROM of our own (data sheet 2.8)',
  size: 0,
  parameters: { memory: { type: 'memory', default: 'rom', summary: 'the memory that holds it' } },
  create(environment): Device {
    environment.memory(environment.text('memory')).set(Buffer.from(bootRomHex, 'hex'));
    const nothing = (): number => 0;
    return { state: {}, reset: nothing, read: nothing, write: nothing };
  },
};

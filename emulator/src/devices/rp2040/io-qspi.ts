import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const names = ['SCLK', 'SS', 'SD0', 'SD1', 'SD2', 'SD3'];

/**
 * The I/O bank of RP2040's flash interface (data sheet, 2.19): OUTOVER of SS forces the flash's chip select, as the boot ROM does for commands.
 * Interrupts are stored only.
 */
export const rp2040IoQspi: DeviceClass = {
  name: 'rp2040-io-qspi',
  summary: 'RP2040 I/O bank of the flash interface (data sheet 2.19)',
  size: peripheralSize,
  create(environment) {
    const select = environment.wire('ssi.force-low');
    const deselect = environment.wire('ssi.force-high');
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...names.flatMap((name, index) => [
          { name: `${name}_STATUS`, offset: index * 8, access: 'ro' as const },
          {
            name: `${name}_CTRL`,
            offset: index * 8 + 4,
            reset: 0x1f,
            writable: 0x3003_331f,
            write: (stored: number) => {
              if (name !== 'SS') return;
              select.drive(((stored >>> 8) & 3) === 2);
              deselect.drive(((stored >>> 8) & 3) === 3);
            },
          },
        ]),
        { name: 'INTR', offset: 0x30, access: 'w1c', writable: 0x00cc_cccc },
        ...['PROC0', 'PROC1', 'DORMANT_WAKE'].flatMap((name, index) => [
          { name: `${name}_INTE`, offset: 0x34 + index * 12, writable: 0x00ff_ffff },
          { name: `${name}_INTF`, offset: 0x38 + index * 12, writable: 0x00ff_ffff },
          { name: `${name}_INTS`, offset: 0x3c + index * 12, access: 'ro' as const },
        ]),
      ],
      reset: () => {
        select.drive(false);
        deselect.drive(false);
      },
    });
    return withAtomicAliases(block);
  },
};

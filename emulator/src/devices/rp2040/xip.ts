import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize } from './atomic.js';

/**
 * Flash cache control of RP2040 (data sheet, 2.6.3): the flash is ordinary memory here, so that a flush is done at once and every access counts as
 * a hit. The streaming FIFO is not modelled.
 */
export const rp2040XipControl: DeviceClass = {
  name: 'rp2040-xip-ctrl',
  summary: 'RP2040 flash cache control (data sheet 2.6.3)',
  size: peripheralSize,
  create: (environment) =>
    new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CTRL', offset: 0x00, reset: 3, writable: 0xb },
        { name: 'FLUSH', offset: 0x04, access: 'wo', read: () => 0 },
        // FLUSH_READY and FIFO_EMPTY.
        { name: 'STAT', offset: 0x08, access: 'ro', reset: 3 },
        { name: 'CTR_HIT', offset: 0x0c, writable: 0 },
        { name: 'CTR_ACC', offset: 0x10, writable: 0 },
        { name: 'STREAM_ADDR', offset: 0x14, writable: 0xffff_fffc },
        {
          name: 'STREAM_CTR',
          offset: 0x18,
          writable: 0,
          write: (_stored, _before, written) => {
            if (written !== 0) environment.warn('STREAM_CTR: the streaming FIFO is not modelled');
          },
        },
        { name: 'STREAM_FIFO', offset: 0x1c, access: 'ro' },
      ],
    }),
};

import { InternalError } from '@fireball/contracts';
import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { pl011 } from '../primecell/pl011.js';
import { pl022 } from '../primecell/pl022.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

/** One of Arm's PrimeCells as RP2040 has it: with the four faces of its registers. */
function withFaces(name: string, summary: string, kind: DeviceClass): DeviceClass {
  return {
    ...kind,
    name,
    summary,
    size: peripheralSize,
    create(environment) {
      const block = kind.create(environment);
      if (!(block instanceof RegisterBlock)) throw new InternalError(`${kind.name} is no register block`);
      return withAtomicAliases(block);
    },
  };
}

export const rp2040Uart = withFaces('rp2040-uart', 'RP2040 UART, a PL011 (data sheet 4.2)', pl011);
export const rp2040Spi = withFaces('rp2040-spi', 'RP2040 SPI, a PL022 (data sheet 4.4)', pl022);

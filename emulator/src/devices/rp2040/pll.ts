import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const PD = 1 << 0;
const VCOPD = 1 << 5;

/** One PLL of RP2040 (data sheet, 2.18): locked as soon as it has power. Sets its clock `output`; 1 Hz stands for off. */
export const rp2040Pll: DeviceClass = {
  name: 'rp2040-pll',
  summary: 'RP2040 PLL (data sheet 2.18)',
  size: peripheralSize,
  clocks: ['output'],
  create(environment) {
    const output = environment.clock('output');
    const crystal = environment.clocks.named('xosc');
    const update = (): void => {
      const reference = crystal.hertz / Math.max(1, block.field('CS', 'REFDIV'));
      const postDividers = Math.max(1, block.field('PRIM', 'POSTDIV1')) * Math.max(1, block.field('PRIM', 'POSTDIV2'));
      const locked = isLocked();
      const bypassed = block.field('CS', 'BYPASS') === 1;
      output.hertz = bypassed ? Math.round(reference) : locked ? Math.max(1, Math.round((reference * block.get('FBDIV_INT')) / postDividers)) : 1;
    };
    const isLocked = (): boolean => (block.get('PWR') & (PD | VCOPD)) === 0 && block.get('FBDIV_INT') > 0;
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CS',
          offset: 0x0,
          reset: 1,
          writable: 0x13f,
          fields: { REFDIV: [5, 0], BYPASS: [8, 8], LOCK: [31, 31] },
          steady: true,
          read: (stored) => stored | (isLocked() ? 0x8000_0000 : 0),
          write: update,
        },
        { name: 'PWR', offset: 0x4, reset: 0x2d, writable: 0x2d, fields: { PD: [0, 0], DSMPD: [2, 2], POSTDIVPD: [3, 3], VCOPD: [5, 5] }, write: update },
        { name: 'FBDIV_INT', offset: 0x8, writable: 0xfff, write: update },
        { name: 'PRIM', offset: 0xc, reset: 0x0007_7000, writable: 0x0007_7000, fields: { POSTDIV1: [18, 16], POSTDIV2: [14, 12] }, write: update },
      ],
      reset: update,
    });
    return withAtomicAliases(block);
  },
};

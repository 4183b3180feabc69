import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const enable = 2 ** 30;
const ready = 2 ** 31;
/** The ring oscillator before its divider, with the trim that it has after reset (SiFive FE310-G000 Manual v3p2, 6.3). */
const ringHertz = 72_000_000;

/** Clocks of the FE310: oscillators are ready and the PLL is locked at once; the CPU's clock is what they make. */
export const sifivePrci: DeviceClass = {
  name: 'sifive-prci',
  summary: 'power, reset, clock, interrupt block (SiFive FE310-G000 Manual, chapter 6)',
  size: 0x1000,
  parameters: { crystal: { type: 'number', default: 16_000_000, summary: 'hertz of the high-frequency crystal' } },
  create(environment) {
    const block = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'hfrosccfg',
          offset: 0x00,
          reset: enable | (16 << 16) | 4,
          writable: enable | (0x1f << 16) | 0x3f,
          steady: true,
          read: (stored) => withReady(stored),
          write: () => {
            changed();
          },
        },
        { name: 'hfxosccfg', offset: 0x04, reset: enable, writable: enable, steady: true, read: (stored) => withReady(stored) },
        {
          name: 'pllcfg',
          offset: 0x08,
          reset: (3 << 17) | (3 << 10) | (0x1f << 4) | 1,
          writable: 0x7_0ff7,
          fields: { pllr: [2, 0], pllf: [9, 4], pllq: [11, 10], pllsel: [16, 16], pllrefsel: [17, 17], pllbypass: [18, 18] },
          // The lock is read by programs that do not bypass the PLL.
          steady: true,
          read: (stored) => ((stored & (1 << 18)) === 0 ? stored | ready : stored),
          write: () => {
            changed();
          },
        },
        {
          name: 'plloutdiv',
          offset: 0x0c,
          reset: 1 << 8,
          writable: 0x13f,
          fields: { plloutdiv: [5, 0], plloutdivby1: [8, 8] },
          write: () => {
            changed();
          },
        },
        { name: 'procmoncfg', offset: 0xf0 },
      ],
      reset: () => {
        changed();
      },
    });

    function withReady(stored: number): number {
      return (stored & enable) === 0 ? stored : stored | ready;
    }

    /** Figure 6.1, and the PLL's equations in 6.5. */
    function hertz(): number {
      const ring = ringHertz / ((block.get('hfrosccfg') & 0x3f) + 1);
      if (block.field('pllcfg', 'pllsel') === 0) return ring;
      const reference = block.field('pllcfg', 'pllrefsel') === 1 ? environment.number('crystal') : ring;
      if (block.field('pllcfg', 'pllbypass') === 1) return reference / outputDivider();
      const q = block.field('pllcfg', 'pllq');
      // A q of 0 is not supported by the chip.
      if (q === 0) environment.warn('pllcfg.pllq = 0 is not supported');
      const oscillator = (reference / (block.field('pllcfg', 'pllr') + 1)) * 2 * (block.field('pllcfg', 'pllf') + 1);
      return oscillator / 2 ** q / outputDivider();
    }

    function outputDivider(): number {
      return block.field('plloutdiv', 'plloutdivby1') === 1 ? 1 : 2 * (block.field('plloutdiv', 'plloutdiv') + 1);
    }

    function changed(): void {
      environment.clocks.cpu.hertz = Math.max(1, Math.round(hertz()));
    }

    return block;
  },
};

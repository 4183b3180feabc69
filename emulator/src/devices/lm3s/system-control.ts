import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

const BYPASS = 1 << 11;
const POWER_DOWN = 1 << 13;
const USE_DIVIDER = 1 << 22;
const USE_RCC2 = 2 ** 31;
const PLL_LOCKED = 1 << 6;
/** Bits of RESC. */
const POWER_ON = 1 << 1;
const WATCHDOG = 1 << 3;
const SOFTWARE = 1 << 4;

const pllHertz = 200_000_000;
/** What silicon can do; a faster setting is warned of. */
const mostHertz = 50_000_000;
const internalHertz = 12_000_000;
const slowHertz = 30_000;
const hibernationHertz = 32_768;
/** Seconds until the PLL locks (data sheet, table 22-8). */
const lockTime = 0.0005;

/** Peripherals that SRCR0 to SRCR2 reset: bit, and the board's name of the device. */
const softwareResets: readonly Readonly<Record<number, string>>[] = [
  { 3: 'watchdog', 16: 'adc' },
  { 0: 'uart0', 1: 'uart1', 2: 'uart2', 4: 'ssi0', 12: 'i2c0', 14: 'i2c1', 16: 'timer0', 17: 'timer1', 18: 'timer2', 19: 'timer3' },
  { 0: 'gpioa', 1: 'gpiob', 2: 'gpioc', 3: 'gpiod', 4: 'gpioe', 5: 'gpiof', 6: 'gpiog' },
];

/**
 * System control of Stellaris (LM3S6965 data sheet, chapter 6): identification, resets, and the clock `cpu`, which RCC and RCC2 set. Clock gates are stored:
 * a peripheral without its clock answers all the same, as QEMU's does.
 */
export const lm3sSystemControl: DeviceClass = {
  name: 'lm3s-system-control',
  summary: 'Stellaris system control (LM3S6965 data sheet, chapter 6)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: {
    crystal: { type: 'number', default: 8_000_000, summary: 'hertz of the main oscillator' },
    did0: { type: 'number', default: 0x1001_0002, summary: 'device identification 0' },
    did1: { type: 'number', default: 0x1073_402e, summary: 'device identification 1' },
    dc0: { type: 'number', default: 0x00ff_007f, summary: 'capabilities 0: memory' },
    dc1: { type: 'number', default: 0x0011_33ff, summary: 'capabilities 1' },
    dc2: { type: 'number', default: 0x030f_5317, summary: 'capabilities 2' },
    dc3: { type: 'number', default: 0x0f0f_87ff, summary: 'capabilities 3' },
    dc4: { type: 'number', default: 0x5000_007f, summary: 'capabilities 4' },
  },
  create(environment) {
    const irq = environment.interrupt('irq');
    const { cpu } = environment.clocks;
    const locked = environment.timer(() => {
      block.set('RIS', block.get('RIS') | PLL_LOCKED);
      update();
    });
    const clockRegister = (name: string, offset: number, reset: number, writable: number): RegisterDescription => ({
      name,
      offset,
      reset,
      writable,
      write: (stored, before) => {
        if ((before & POWER_DOWN) !== 0 && (stored & POWER_DOWN) === 0) locked.set(environment.timeline.now + lockTime * cpu.hertz);
        setClock();
      },
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...['did0', 'did1', 'dc0', 'dc1', 'dc2', 'dc3', 'dc4'].map((name, index) => ({
          name: name.toUpperCase(),
          offset: 4 * index,
          access: 'ro' as const,
          reset: environment.number(name),
        })),
        { name: 'PBORCTL', offset: 0x030, reset: 0x7ffd, writable: 0x2 },
        { name: 'LDOPCTL', offset: 0x034, writable: 0x3f },
        ...softwareResets.map((devices, index) => ({
          name: `SRCR${index}`,
          offset: 0x040 + 4 * index,
          write: (stored: number, before: number): void => {
            for (const [bit, device] of Object.entries(devices)) if ((((stored & ~before) >>> Number(bit)) & 1) === 1) environment.resetDevice(device);
          },
        })),
        { name: 'RIS', offset: 0x050, access: 'ro', fields: { BORRIS: [1, 1], PLLLRIS: [6, 6] } },
        {
          name: 'IMC',
          offset: 0x054,
          writable: 0x42,
          write: () => {
            update();
          },
        },
        {
          name: 'MISC',
          offset: 0x058,
          writable: 0,
          steady: true,
          read: () => block.get('RIS') & block.get('IMC'),
          write: (_stored, _before, written) => {
            block.set('RIS', block.get('RIS') & ~written);
            update();
          },
        },
        { name: 'RESC', offset: 0x05c, lasting: true, writable: 0x1f, fields: { EXT: [0, 0], POR: [1, 1], BOR: [2, 2], WDT: [3, 3], SW: [4, 4] } },
        clockRegister('RCC', 0x060, 0x0780_3ad1, 0x0fde_3bf3),
        { name: 'PLLCFG', offset: 0x064, access: 'ro', steady: true, read: pllConfiguration },
        clockRegister('RCC2', 0x070, 0x0780_2810, 0x9f80_2870),
        ...['RCGC', 'SCGC', 'DCGC'].flatMap((name, group) =>
          [0, 1, 2].map((index) => ({ name: `${name}${index}`, offset: 0x100 + 0x10 * group + 4 * index, reset: index === 0 ? 0x40 : 0 })),
        ),
        { name: 'FMPRE', offset: 0x130, reset: 0xffff_ffff },
        { name: 'FMPPE', offset: 0x134, reset: 0xffff_ffff },
        { name: 'USECRL', offset: 0x140, reset: 0x31, writable: 0xff },
        { name: 'DSLPCLKCFG', offset: 0x144, reset: 0x0780_0000, writable: 0x1f80_0070 },
        { name: 'USER_DBG', offset: 0x1d0, reset: 0xffff_fffe },
        { name: 'USER_REG', offset: 0x1e0, count: 2, reset: 0xffff_ffff },
        { name: 'FMPREn', offset: 0x200, count: 4, reset: 0xffff_ffff },
        { name: 'FMPPEn', offset: 0x400, count: 4, reset: 0xffff_ffff },
      ],
      reset: ({ kind }) => {
        const reason = kind === 'power-on' ? POWER_ON : kind === 'watchdog' ? WATCHDOG : SOFTWARE;
        block.set('RESC', kind === 'power-on' ? reason : block.get('RESC') | reason);
        locked.clear();
        setClock();
        update();
      },
    });

    function source(): number {
      const second = block.get('RCC2') >= USE_RCC2;
      const select = second ? (block.get('RCC2') >>> 4) & 7 : (block.get('RCC') >>> 4) & 3;
      return [environment.number('crystal'), internalHertz, internalHertz / 4, slowHertz][select] ?? (select === 7 ? hibernationHertz : slowHertz);
    }
    function setClock(): void {
      const rcc = block.get('RCC');
      const rcc2 = block.get('RCC2');
      const second = rcc2 >= USE_RCC2;
      const divider = 1 + (second ? (rcc2 >>> 23) & 0x3f : (rcc >>> 23) & 0xf);
      const bypass = ((second ? rcc2 : rcc) & BYPASS) !== 0;
      // The PLL is always divided.
      const divided = !bypass || (rcc & USE_DIVIDER) !== 0;
      const hertz = Math.floor((bypass ? source() : pllHertz) / (divided ? divider : 1));
      if (hertz > mostHertz) environment.warn(`the clock is set to ${hertz} Hz, more than the ${mostHertz} Hz that silicon can do`);
      cpu.hertz = hertz;
    }
    /** OD, F and R of the crystal that RCC.XTAL names: 400 MHz = crystal x F / (R + 2) (data sheet, table 6-4). */
    function pllConfiguration(): number {
      const crystal =
        [1e6, 1.8432e6, 2e6, 2.4576e6, 3.579545e6, 3.6864e6, 4e6, 4.096e6, 4.9152e6, 5e6, 5.12e6, 6e6, 6.144e6, 7.3728e6, 8e6, 8.192e6][
          (block.get('RCC') >>> 6) & 0xf
        ] ?? 8e6;
      const r = 2;
      return (Math.round((400e6 * (r + 2)) / crystal) << 5) | r;
    }
    function update(): void {
      irq.set((block.get('RIS') & block.get('IMC')) !== 0);
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { backupDomain } from './backup-domain.js';
import { setClocks } from './clock-tree.js';
import { bitsOf, following, resetRegister } from './peripheral-resets.js';

const hsiHertz = 16_000_000;

const ahb1: Readonly<Record<number, string>> = {
  ...following(0, 'gpioa', 'gpiob', 'gpioc', 'gpiod', 'gpioe', 'gpiof', 'gpiog', 'gpioh', 'gpioi'),
  12: 'crc',
  ...following(21, 'dma1', 'dma2'),
  25: 'eth',
  29: 'otg_hs',
};
const ahb2: Readonly<Record<number, string>> = { 0: 'dcmi', ...following(4, 'cryp', 'hash', 'rng', 'otg_fs') };
const ahb3: Readonly<Record<number, string>> = { 0: 'fsmc' };
const apb1: Readonly<Record<number, string>> = {
  ...following(0, 'tim2', 'tim3', 'tim4', 'tim5', 'tim6', 'tim7', 'tim12', 'tim13', 'tim14'),
  11: 'wwdg',
  ...following(14, 'spi2', 'spi3'),
  ...following(17, 'usart2', 'usart3', 'uart4', 'uart5', 'i2c1', 'i2c2', 'i2c3'),
  ...following(25, 'can1', 'can2'),
  ...following(28, 'pwr', 'dac'),
};
const apb2: Readonly<Record<number, string>> = {
  ...following(0, 'tim1', 'tim8'),
  ...following(4, 'usart1', 'usart6'),
  8: 'adc1',
  ...following(11, 'sdio', 'spi1'),
  14: 'syscfg',
  ...following(16, 'tim9', 'tim10', 'tim11'),
};

/**
 * Reset and clock control of STM32F2 (RM0033 chapter 5) and F405/F407 (RM0090 chapter 7), which are alike. Oscillators and PLLs are ready
 * as soon as they are on; the switch follows SW when its source is ready. Sets the board's clocks, `rng` (PLL48CLK) among them. Clock gates
 * are stored but stop nothing; MCO outputs and spread spectrum are not modelled.
 */
export const stm32f4Rcc: DeviceClass = {
  name: 'stm32f4-rcc',
  summary: 'STM32F2 and F4 reset and clock control (RM0033 5, RM0090 7)',
  size: 0x400,
  interrupts: ['irq'],
  parameters: { hse: { type: 'number', default: 8_000_000, summary: 'frequency of the crystal, in hertz' } },
  create(environment) {
    const irq = environment.interrupt('irq');
    const hse = environment.number('hse');
    const backup = backupDomain(environment, {
      bdcr: 0x70,
      csr: 0x74,
      brownOut: 1 << 25,
      block: () => block,
      changed: () => {
        update();
      },
    });
    const gates = (
      name: string,
      offset: number,
      devices: Readonly<Record<number, string>>,
      reset = 0,
    ): { readonly name: string; readonly offset: number; readonly reset: number; readonly writable: number } => ({
      name,
      offset,
      reset,
      writable: (bitsOf(Object.keys(devices).map(Number)) | reset) >>> 0,
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0x00,
          reset: 0x83,
          writable: 0x050d_00f9,
          fields: {
            HSION: [0, 0],
            HSIRDY: [1, 1],
            HSITRIM: [7, 3],
            HSICAL: [15, 8],
            HSEON: [16, 16],
            HSERDY: [17, 17],
            HSEBYP: [18, 18],
            CSSON: [19, 19],
            PLLON: [24, 24],
            PLLRDY: [25, 25],
            PLLI2SON: [26, 26],
            PLLI2SRDY: [27, 27],
          },
          write: (stored) => {
            // What SYSCLK comes from cannot be switched off (RM0090 7.3.1).
            const source = block.field('CFGR', 'SWS');
            let held = source === 0 ? 1 << 0 : source === 1 ? 1 << 16 : 1 << 24;
            if (source === 2) held |= block.field('PLLCFGR', 'PLLSRC') === 1 ? 1 << 16 : 1 << 0;
            block.set('CR', stored | held);
            update();
          },
        },
        {
          name: 'PLLCFGR',
          offset: 0x04,
          reset: 0x2400_3010,
          writable: 0x0f43_7fff,
          fields: { PLLM: [5, 0], PLLN: [14, 6], PLLP: [17, 16], PLLSRC: [22, 22], PLLQ: [27, 24] },
          write: (stored, before) => {
            if (block.field('CR', 'PLLON') === 1 && stored !== before) {
              environment.warn('a write to RCC_PLLCFGR is ignored while the PLL is on');
              block.set('PLLCFGR', before);
            }
            update();
          },
        },
        {
          name: 'CFGR',
          offset: 0x08,
          writable: 0xffff_fcf3,
          fields: { SW: [1, 0], SWS: [3, 2], HPRE: [7, 4], PPRE1: [12, 10], PPRE2: [15, 13], RTCPRE: [20, 16], MCO1: [22, 21], I2SSRC: [23, 23] },
          write: () => {
            update();
          },
        },
        {
          name: 'CIR',
          offset: 0x0c,
          writable: 0x3f00,
          write: (stored, _before, written) => {
            block.set('CIR', stored & ~((written >>> 16) & 0xbf));
            update();
          },
        },
        resetRegister(environment, 'AHB1RSTR', 0x10, ahb1),
        resetRegister(environment, 'AHB2RSTR', 0x14, ahb2),
        resetRegister(environment, 'AHB3RSTR', 0x18, ahb3),
        resetRegister(environment, 'APB1RSTR', 0x20, apb1),
        resetRegister(environment, 'APB2RSTR', 0x24, apb2),
        gates('AHB1ENR', 0x30, { ...ahb1, 18: 'backup SRAM', 20: 'CCM', 26: 'ethernet', 27: 'ethernet', 28: 'ethernet', 30: 'ULPI' }, 0x0010_0000),
        gates('AHB2ENR', 0x34, ahb2),
        gates('AHB3ENR', 0x38, ahb3),
        gates('APB1ENR', 0x40, apb1),
        gates('APB2ENR', 0x44, { ...apb2, 9: 'adc2', 10: 'adc3' }),
        gates('AHB1LPENR', 0x50, {}, 0x7e67_91ff),
        gates('AHB2LPENR', 0x54, {}, 0xf1),
        gates('AHB3LPENR', 0x58, {}, 1),
        gates('APB1LPENR', 0x60, {}, 0x36fe_c9ff),
        gates('APB2LPENR', 0x64, {}, 0x0007_5f33),
        ...backup.registers,
        { name: 'SSCGR', offset: 0x80, writable: 0xcfff_ffff },
        {
          name: 'PLLI2SCFGR',
          offset: 0x84,
          reset: 0x2000_3000,
          writable: 0x7000_7fc0,
          fields: { PLLI2SN: [14, 6], PLLI2SR: [30, 28] },
        },
      ],
      reset: (cause) => {
        if (cause.kind !== 'power-on') backup.reset(cause);
        update();
      },
    });

    /** Before PLLP and PLLQ divide it. */
    function vcoHertz(): number {
      const input = block.field('PLLCFGR', 'PLLSRC') === 1 ? hse : hsiHertz;
      return (input / Math.max(2, block.field('PLLCFGR', 'PLLM'))) * Math.max(2, block.field('PLLCFGR', 'PLLN'));
    }

    // Behind Stop mode it runs on HSI, the others are off.
    environment.wire('pwr.woken').onChange((level) => {
      if (!level) return;
      block.set('CR', (block.get('CR') & ~0x0501_0000) | 1);
      block.set('CFGR', block.get('CFGR') & ~3);
      update();
    });

    function update(): void {
      const before = block.get('CR');
      let cr = before;
      for (const on of [0, 16, 24, 26]) cr = (cr >>> on) & 1 ? cr | (2 << on) : cr & ~(2 << on);
      block.set('CR', cr);
      const ready = [(cr >>> 1) & 1, (cr >>> 17) & 1, (cr >>> 25) & 1, 0];
      const wanted = block.field('CFGR', 'SW');
      if (ready[wanted] === 1) block.set('CFGR', (block.get('CFGR') & ~0xc) | (wanted << 2));
      const bdcrBefore = block.get('BDCR');
      const csrBefore = block.get('CSR');
      const rtcDivider = block.field('CFGR', 'RTCPRE');
      backup.update(rtcDivider < 2 ? 0 : hse / rtcDivider);
      setClocks(environment.clocks, {
        system: [hsiHertz, hse, vcoHertz() / (2 * (block.field('PLLCFGR', 'PLLP') + 1))][block.field('CFGR', 'SWS')] ?? hsiHertz,
        ahb: block.field('CFGR', 'HPRE'),
        apb1: block.field('CFGR', 'PPRE1'),
        apb2: block.field('CFGR', 'PPRE2'),
      });
      // A flag for each that has become ready, where its interrupt is enabled (RM0090 7.3.4): LSI, LSE, HSI, HSE, PLL, PLLI2S.
      const rises = ~before & cr;
      const rose = [~csrBefore & block.get('CSR') & 2, ~bdcrBefore & block.get('BDCR') & 2, rises & 2, rises & (2 << 16), rises & (2 << 24), rises & (2 << 26)];
      const cir = rose.reduce((value, bit, index) => (bit !== 0 && (value >>> (8 + index)) & 1 ? value | (1 << index) : value), block.get('CIR'));
      block.set('CIR', cir);
      irq.set((cir & 0x3f & (cir >>> 8)) !== 0);
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { backupDomain } from './backup-domain.js';
import { setClocks } from './clock-tree.js';
import { bitsOf, following, resetRegister } from './peripheral-resets.js';

const hsiHertz = 8_000_000;

const apb2: Readonly<Record<number, string>> = {
  0: 'afio',
  ...following(
    2,
    'gpioa',
    'gpiob',
    'gpioc',
    'gpiod',
    'gpioe',
    'gpiof',
    'gpiog',
    'adc1',
    'adc2',
    'tim1',
    'spi1',
    'tim8',
    'usart1',
    'adc3',
    'tim15',
    'tim16',
    'tim17',
  ),
};
const apb1: Readonly<Record<number, string>> = {
  ...following(0, 'tim2', 'tim3', 'tim4', 'tim5', 'tim6', 'tim7', 'tim12', 'tim13', 'tim14'),
  11: 'wwdg',
  ...following(14, 'spi2', 'spi3'),
  ...following(17, 'usart2', 'usart3', 'uart4', 'uart5', 'i2c1', 'i2c2', 'usb'),
  25: 'can1',
  ...following(27, 'bkp', 'pwr', 'dac', 'cec'),
};

/**
 * Reset and clock control of STM32F1 (RM0041 chapter 6 for F100, RM0008 chapter 7 for F103). Oscillators and PLL are ready as soon as they
 * are on; the switch follows SW when its source is ready. Sets the board's clocks. Clock gates are stored but stop nothing; MCO and the clock
 * security system's failure are not modelled.
 */
export const stm32f1Rcc: DeviceClass = {
  name: 'stm32f1-rcc',
  summary: 'STM32F1 reset and clock control (RM0041 6, RM0008 7)',
  size: 0x400,
  interrupts: ['irq'],
  parameters: {
    hse: { type: 'number', default: 8_000_000, summary: 'frequency of the crystal, in hertz' },
    prediv: { type: 'number', default: 1, summary: '1: has CFGR2 with PREDIV1 (F100), 0: has not (F103)' },
  },
  create(environment) {
    const irq = environment.interrupt('irq');
    const hse = environment.number('hse');
    const hasPrediv = environment.number('prediv') !== 0;
    const backup = backupDomain(environment, {
      bdcr: 0x20,
      csr: 0x24,
      brownOut: 0,
      block: () => block,
      changed: () => {
        update();
      },
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0x00,
          reset: 0x83,
          writable: 0x010d_00f9,
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
          },
          write: (stored) => {
            // What SYSCLK comes from cannot be switched off (RM0008 7.3.1).
            const source = block.field('CFGR', 'SWS');
            let held = source === 0 ? 1 << 0 : source === 1 ? 1 << 16 : 1 << 24;
            if (source === 2) held |= block.field('CFGR', 'PLLSRC') === 1 ? 1 << 16 : 1 << 0;
            block.set('CR', stored | held);
            update();
          },
        },
        {
          name: 'CFGR',
          offset: 0x04,
          writable: 0x073f_fff3,
          fields: {
            SW: [1, 0],
            SWS: [3, 2],
            HPRE: [7, 4],
            PPRE1: [10, 8],
            PPRE2: [13, 11],
            ADCPRE: [15, 14],
            PLLSRC: [16, 16],
            PLLXTPRE: [17, 17],
            PLLMUL: [21, 18],
            MCO: [26, 24],
          },
          write: (stored, before) => {
            // PLLSRC, PLLXTPRE and PLLMUL can be written only while the PLL is off.
            const fixed = block.field('CR', 'PLLON') === 1 ? 0x003f_0000 : 0;
            block.set('CFGR', (stored & ~fixed) | (before & fixed));
            if (hasPrediv && fixed === 0) block.set('CFGR2', (block.get('CFGR2') & ~1) | ((stored >>> 17) & 1));
            update();
          },
        },
        {
          name: 'CIR',
          offset: 0x08,
          writable: 0x1f00,
          write: (stored, _before, written) => {
            block.set('CIR', stored & ~((written >>> 16) & 0x9f));
            update();
          },
        },
        resetRegister(environment, 'APB2RSTR', 0x0c, apb2),
        resetRegister(environment, 'APB1RSTR', 0x10, apb1),
        { name: 'AHBENR', offset: 0x14, reset: 0x14, writable: 0x0000_0557 },
        { name: 'APB2ENR', offset: 0x18, writable: bitsOf(Object.keys(apb2).map(Number)) },
        { name: 'APB1ENR', offset: 0x1c, writable: bitsOf(Object.keys(apb1).map(Number)) },
        ...backup.registers,
        ...(hasPrediv
          ? [
              {
                name: 'CFGR2',
                offset: 0x2c,
                writable: 0xf,
                fields: { PREDIV1: [3, 0] },
                write: (stored: number, before: number) => {
                  const value = block.field('CR', 'PLLON') === 1 ? before : stored;
                  block.set('CFGR2', value);
                  block.set('CFGR', (block.get('CFGR') & ~(1 << 17)) | ((value & 1) << 17));
                  update();
                },
              } as const,
            ]
          : []),
      ],
      reset: (cause) => {
        if (cause.kind !== 'power-on') backup.reset(cause);
        update();
      },
    });

    function pllHertz(): number {
      const multiplier = Math.min(16, block.field('CFGR', 'PLLMUL') + 2);
      if (block.field('CFGR', 'PLLSRC') === 0) return (hsiHertz / 2) * multiplier;
      const divider = hasPrediv ? block.field('CFGR2', 'PREDIV1') + 1 : block.field('CFGR', 'PLLXTPRE') + 1;
      return (hse / divider) * multiplier;
    }

    // Behind Stop mode it runs on HSI, the others are off.
    environment.wire('pwr.woken').onChange((level) => {
      if (!level) return;
      block.set('CR', (block.get('CR') & ~0x0101_0000) | 1);
      block.set('CFGR', block.get('CFGR') & ~3);
      update();
    });

    function update(): void {
      const before = block.get('CR');
      let cr = before;
      for (const on of [0, 16, 24]) cr = (cr >>> on) & 1 ? cr | (2 << on) : cr & ~(2 << on);
      block.set('CR', cr);
      const ready = [(cr >>> 1) & 1, (cr >>> 17) & 1, (cr >>> 25) & 1, 0];
      const wanted = block.field('CFGR', 'SW');
      if (ready[wanted] === 1) block.set('CFGR', (block.get('CFGR') & ~0xc) | (wanted << 2));
      const bdcrBefore = block.get('BDCR');
      const csrBefore = block.get('CSR');
      backup.update(hse / 128);
      setClocks(environment.clocks, {
        system: [hsiHertz, hse, pllHertz()][block.field('CFGR', 'SWS')] ?? hsiHertz,
        ahb: block.field('CFGR', 'HPRE'),
        apb1: block.field('CFGR', 'PPRE1'),
        apb2: block.field('CFGR', 'PPRE2'),
      });
      environment.clocks.named('adc').hertz = Math.max(1, Math.round(environment.clocks.named('pclk2').hertz / (2 * (block.field('CFGR', 'ADCPRE') + 1))));
      // A flag for each that has become ready, where its interrupt is enabled (RM0008 7.3.3): LSI, LSE, HSI, HSE, PLL.
      const rose = [
        ~csrBefore & block.get('CSR') & 2,
        ~bdcrBefore & block.get('BDCR') & 2,
        ~before & cr & 2,
        (~before & cr & (2 << 16)) >>> 16,
        (~before & cr & (2 << 24)) >>> 24,
      ];
      const cir = rose.reduce((value, bit, index) => (bit !== 0 && (value >>> (8 + index)) & 1 ? value | (1 << index) : value), block.get('CIR'));
      block.set('CIR', cir);
      irq.set((cir & 0x1f & (cir >>> 8)) !== 0);
    }
    return block;
  },
};

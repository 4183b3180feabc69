import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

/** By bit (data sheet, 2.14.3). */
const peripherals = [
  'adc',
  'busctrl',
  'dma',
  'i2c0',
  'i2c1',
  'io_bank0',
  'io_qspi',
  'jtag',
  'pads_bank0',
  'pads_qspi',
  'pio0',
  'pio1',
  'pll_sys',
  'pll_usb',
  'pwm',
  'rtc',
  'spi0',
  'spi1',
  'syscfg',
  'sysinfo',
  'tbman',
  'timer',
  'uart0',
  'uart1',
  'usbctrl',
];
const all = 0x01ff_ffff;

/**
 * Subsystem resets of RP2040 (data sheet, 2.14). A peripheral whose bit is set is reset, and done as soon as it is released; it answers while
 * it is held, too.
 */
export const rp2040Resets: DeviceClass = {
  name: 'rp2040-resets',
  summary: 'RP2040 subsystem resets (data sheet 2.14)',
  size: peripheralSize,
  create(environment) {
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'RESET',
          offset: 0x0,
          reset: all,
          writable: all,
          write: (stored, before) => {
            peripherals.forEach((name, bit) => {
              if (((stored & ~before) >>> bit) & 1) environment.resetDevice(name);
            });
          },
        },
        { name: 'WDSEL', offset: 0x4, writable: all },
        { name: 'RESET_DONE', offset: 0x8, access: 'ro', steady: true, read: () => ~block.get('RESET') & all },
      ],
    });
    return withAtomicAliases(block);
  },
};

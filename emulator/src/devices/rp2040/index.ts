import type { DeviceClass } from '../../machine/device.js';
import { rp2040Adc } from './adc.js';
import { rp2040BootRom } from './boot-rom.js';
import { rp2040Clocks } from './clocks.js';
import { rp2040Dma } from './dma.js';
import { rp2040I2c } from './i2c.js';
import { rp2040IoBank } from './io-bank.js';
import { rp2040IoQspi } from './io-qspi.js';
import { rp2040Rosc, rp2040Xosc } from './oscillators.js';
import { rp2040PadsBank } from './pads.js';
import { rp2040Pio } from './pio.js';
import { rp2040Pll } from './pll.js';
import { rp2040Spi, rp2040Uart } from './primecells.js';
import { rp2040Pwm } from './pwm.js';
import { rp2040Resets } from './resets.js';
import { rp2040RomArithmetic } from './rom-arithmetic.js';
import { rp2040Rtc } from './rtc.js';
import { rp2040Sio } from './sio.js';
import { rp2040Ssi } from './ssi.js';
import { rp2040Timer } from './timer.js';
import { rp2040Watchdog } from './watchdog.js';
import { rp2040XipControl } from './xip.js';
import { rp2040SmallDevices } from './small.js';

/** Devices of RP2040. */
export const rp2040Devices: readonly DeviceClass[] = [
  rp2040Adc,
  rp2040BootRom,
  rp2040Clocks,
  rp2040Dma,
  rp2040I2c,
  rp2040IoBank,
  rp2040IoQspi,
  rp2040Rosc,
  rp2040Xosc,
  rp2040PadsBank,
  rp2040Pio,
  rp2040Pll,
  rp2040Pwm,
  rp2040Spi,
  rp2040Uart,
  rp2040Resets,
  rp2040RomArithmetic,
  rp2040Rtc,
  rp2040Sio,
  rp2040Ssi,
  rp2040Timer,
  rp2040Watchdog,
  rp2040XipControl,
  ...rp2040SmallDevices,
];

import type { DeviceClass } from '../../machine/device.js';
import { lm75 } from './lm75.js';
import { mag3110 } from './mag3110.js';
import { mma8653 } from './mma8653.js';
import { i2cEeprom, spiEeprom } from './serial-eeprom.js';
import { spiFlash } from './spi-flash.js';
import { ssd1306 } from './ssd1306.js';

/** Chips that a board hangs behind its SPI and I2C masters. */
export const peripheralDevices: readonly DeviceClass[] = [i2cEeprom, lm75, mag3110, mma8653, spiEeprom, spiFlash, ssd1306];

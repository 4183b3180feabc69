import type { DeviceClass } from '../../machine/device.js';
import { lm3sGpio } from '../pl061.js';
import { lm3sWatchdog } from '../watchdog.js';
import { lm3sAdc } from './adc.js';
import { lm3sFlash } from './flash.js';
import { lm3sI2c } from './i2c.js';
import { lm3sSystemControl } from './system-control.js';
import { lm3sTimer } from './timer.js';

/** Devices of Stellaris LM3S. */
export const lm3sDevices: readonly DeviceClass[] = [lm3sAdc, lm3sFlash, lm3sGpio, lm3sI2c, lm3sSystemControl, lm3sTimer, lm3sWatchdog];

import type { DeviceClass } from '../../machine/device.js';
import { cmsdkWatchdog } from '../watchdog.js';
import { cmsdkDualTimer } from './dual-timer.js';
import { cmsdkGpio } from './gpio.js';
import { cmsdkTimer } from './timer.js';
import { cmsdkUart } from './uart.js';

/** Devices of Arm's Cortex-M System Design Kit. */
export const cmsdkDevices: readonly DeviceClass[] = [cmsdkDualTimer, cmsdkGpio, cmsdkTimer, cmsdkUart, cmsdkWatchdog];

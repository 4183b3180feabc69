import type { DeviceClass } from '../../machine/device.js';
import { mag3110 } from './mag3110.js';
import { mma8653 } from './mma8653.js';

/** Chips behind I2C buses. */
export const sensorDevices: readonly DeviceClass[] = [mag3110, mma8653];

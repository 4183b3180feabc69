import type { DeviceClass } from '../../machine/device.js';
import { coresightId } from './coresight-id.js';
import { pullUps } from './pull-ups.js';
import { i2cMotionSensors } from './motion-sensors.js';

/** What boards have around their chips. */
export const boardDevices: readonly DeviceClass[] = [coresightId, ...i2cMotionSensors, pullUps];

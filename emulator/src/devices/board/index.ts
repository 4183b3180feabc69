import type { DeviceClass } from '../../machine/device.js';
import { coresightId } from './coresight-id.js';
import { jumpers } from './jumpers.js';
import { mirror } from './mirror.js';
import { pullUps } from './pull-ups.js';

/** What boards have around their chips. */
export const boardDevices: readonly DeviceClass[] = [coresightId, jumpers, mirror, pullUps];

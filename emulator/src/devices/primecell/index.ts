import type { DeviceClass } from '../../machine/device.js';
import { pl061 } from '../pl061.js';
import { pl011 } from './pl011.js';
import { pl022 } from './pl022.js';

/** Arm's PrimeCells, which several boards have. */
export const primecellDevices: readonly DeviceClass[] = [pl011, pl022, pl061];

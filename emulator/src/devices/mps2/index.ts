import type { DeviceClass } from '../../machine/device.js';
import { mps2Fpgaio } from './fpgaio.js';
import { mps2Sbcon } from './sbcon.js';
import { mps2Scc } from './scc.js';

/** Devices of the MPS2 boards themselves. */
export const mps2Devices: readonly DeviceClass[] = [mps2Fpgaio, mps2Sbcon, mps2Scc];

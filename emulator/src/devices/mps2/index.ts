import type { DeviceClass } from '../../machine/device.js';
import { iotkitSysinfo } from './sysinfo.js';
import { mps2Fpgaio } from './fpgaio.js';
import { mps2Sbcon } from './sbcon.js';
import { mps2Scc } from './scc.js';

/** Devices of the MPS2 boards themselves. */
export const mps2Devices: readonly DeviceClass[] = [iotkitSysinfo, mps2Fpgaio, mps2Sbcon, mps2Scc];

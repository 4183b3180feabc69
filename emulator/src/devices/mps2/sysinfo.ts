import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { identification } from '../identification.js';

/** System information of Arm's IoT kit (ECM0601256, as QEMU's iotkit-sysinfo has it): versions. */
export const iotkitSysinfo: DeviceClass = {
  name: 'iotkit-sysinfo',
  summary: 'IoT kit system information (ECM0601256)',
  size: 0x1000,
  parameters: {
    version: { type: 'number', default: 0x0004_1743, summary: 'SYS_VERSION' },
    config: { type: 'number', default: 0x0000_0031, summary: 'SYS_CONFIG' },
  },
  create(environment) {
    return new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'SYS_VERSION', offset: 0x000, access: 'ro', reset: environment.number('version') },
        { name: 'SYS_CONFIG', offset: 0x004, access: 'ro', reset: environment.number('config') },
        identification([0x04, 0, 0, 0, 0x58, 0xb8, 0x0b, 0]),
      ],
    });
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Debug support at 0xE0042000 (RM0008 31.16, RM0041 25.16, RM0090 38.16): what chip it is. Freezing of timers is stored only. */
export const stm32Dbgmcu: DeviceClass = {
  name: 'stm32-dbgmcu',
  summary: 'STM32 debug support with the device ID (RM0008 31.16, RM0090 38.16)',
  size: 0x400,
  parameters: { idcode: { type: 'number', summary: 'DBGMCU_IDCODE: 0x10016420 for F100 medium density, 0x20036411 for F20x, 0x10076413 for F405' } },
  create: (environment) =>
    new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'IDCODE', offset: 0x00, access: 'ro', reset: environment.number('idcode') },
        { name: 'CR', offset: 0x04, lasting: true },
        { name: 'APB1_FZ', offset: 0x08, lasting: true },
        { name: 'APB2_FZ', offset: 0x0c, lasting: true },
      ],
    }),
};

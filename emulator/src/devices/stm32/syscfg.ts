import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { pinRouter } from './pin-router.js';

/** System configuration of STM32F2 and F4 (RM0033 7.2, RM0090 9.2). Which pin drives which EXTI line; memory at 0 is not remapped. */
export const stm32f4Syscfg: DeviceClass = {
  name: 'stm32f4-syscfg',
  summary: 'STM32F2 and F4 system configuration (RM0033 7, RM0090 9)',
  size: 0x400,
  create(environment) {
    const router = pinRouter(environment, 0x08, () => block);
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'MEMRMP',
          offset: 0x00,
          writable: 3,
          write: (stored) => {
            if (stored !== 0) environment.warn(`SYSCFG_MEMRMP ${stored}: memory at 0 stays main flash`);
          },
        },
        { name: 'PMC', offset: 0x04, writable: 1 << 23 },
        router.register,
        // The compensation cell is ready as soon as it is on.
        { name: 'CMPCR', offset: 0x20, writable: 1, steady: true, read: (stored) => stored | (stored << 8) },
      ],
      reset: () => {
        router.update();
      },
    });
    return block;
  },
};

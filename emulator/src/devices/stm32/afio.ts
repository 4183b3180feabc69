import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { pinRouter } from './pin-router.js';

/** Alternate function I/O of STM32F1 (RM0008 9.4, RM0041 7.4). Which pin drives which EXTI line; remaps are stored only. */
export const stm32f1Afio: DeviceClass = {
  name: 'stm32f1-afio',
  summary: 'STM32F1 alternate function I/O and pin remap (RM0008 9.4)',
  size: 0x400,
  create(environment) {
    const router = pinRouter(environment, 0x08, () => block);
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'EVCR', offset: 0x00, writable: 0xff },
        // SWJ_CFG is write-only.
        { name: 'MAPR', offset: 0x04, steady: true, read: (stored) => stored & ~0x0700_0000 },
        router.register,
        { name: 'MAPR2', offset: 0x1c, writable: 0x3fff },
      ],
      reset: () => {
        router.update();
      },
    });
    return block;
  },
};

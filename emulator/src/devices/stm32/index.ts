import type { DeviceClass } from '../../machine/device.js';
import { stm32f1Afio } from './afio.js';
import { stm32Exti } from './exti.js';
import { stm32f1Gpio } from './gpio-f1.js';
import { stm32f4Gpio } from './gpio-f4.js';
import { stm32I2c } from './i2c.js';
import { stm32Pwr } from './pwr.js';
import { stm32f1Rcc } from './rcc-f1.js';
import { stm32f4Rcc } from './rcc-f4.js';
import { stm32Spi } from './spi.js';
import { stm32f4Syscfg } from './syscfg.js';
import { stm32Tim } from './tim.js';
import { stm32Usart } from './usart.js';

/** Devices of STM32 F1, F2 and F4. */
export const stm32Devices: readonly DeviceClass[] = [
  stm32f1Afio,
  stm32Exti,
  stm32f1Gpio,
  stm32f4Gpio,
  stm32I2c,
  stm32Pwr,
  stm32f1Rcc,
  stm32f4Rcc,
  stm32Spi,
  stm32f4Syscfg,
  stm32Tim,
  stm32Usart,
];

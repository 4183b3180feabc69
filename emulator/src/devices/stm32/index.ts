import type { DeviceClass } from '../../machine/device.js';
import { stm32Adc } from './adc.js';
import { stm32AdcCommon } from './adc-common.js';
import { stm32f1Afio } from './afio.js';
import { stm32f1Bkp } from './bkp.js';
import { stm32Can } from './can.js';
import { stm32Crc } from './crc.js';
import { stm32Dac } from './dac.js';
import { stm32Dbgmcu } from './dbgmcu.js';
import { stm32f1Dma } from './dma-f1.js';
import { stm32f4Dma } from './dma-f4.js';
import { stm32Exti } from './exti.js';
import { stm32f1Flash } from './flash-f1.js';
import { stm32f4Flash } from './flash-f4.js';
import { stm32f1Gpio } from './gpio-f1.js';
import { stm32f4Gpio } from './gpio-f4.js';
import { stm32I2c } from './i2c.js';
import { stm32Iwdg } from './iwdg.js';
import { stm32OtgFs } from './otg-fs.js';
import { stm32Pwr } from './pwr.js';
import { stm32f1Rcc } from './rcc-f1.js';
import { stm32f4Rcc } from './rcc-f4.js';
import { stm32Rng } from './rng.js';
import { stm32f1Rtc } from './rtc-f1.js';
import { stm32f4Rtc } from './rtc-f4.js';
import { stm32f4Signature } from './signature-f4.js';
import { stm32Sdio } from './sdio.js';
import { stm32Spi } from './spi.js';
import { stm32f4Syscfg } from './syscfg.js';
import { stm32f1SystemArea } from './system-area-f1.js';
import { stm32Tim } from './tim.js';
import { stm32Usart } from './usart.js';
import { stm32Wwdg } from './wwdg.js';

/** Devices of STM32 F1, F2 and F4. */
export const stm32Devices: readonly DeviceClass[] = [
  stm32Adc,
  stm32AdcCommon,
  stm32f1Afio,
  stm32f1Bkp,
  stm32Can,
  stm32Crc,
  stm32Dac,
  stm32Dbgmcu,
  stm32f1Dma,
  stm32f4Dma,
  stm32Exti,
  stm32f1Flash,
  stm32f4Flash,
  stm32f1Gpio,
  stm32f4Gpio,
  stm32I2c,
  stm32Iwdg,
  stm32OtgFs,
  stm32Pwr,
  stm32f1Rcc,
  stm32f4Rcc,
  stm32Rng,
  stm32f1Rtc,
  stm32f4Rtc,
  stm32Sdio,
  stm32f4Signature,
  stm32Spi,
  stm32f4Syscfg,
  stm32f1SystemArea,
  stm32Tim,
  stm32Usart,
  stm32Wwdg,
];

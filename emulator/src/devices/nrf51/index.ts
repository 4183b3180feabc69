import type { DeviceClass } from '../../machine/device.js';
import { nrf51AarCcm } from './aar-ccm.js';
import { nrf51Adc } from './adc.js';
import { nrf51ClockPower } from './clock-power.js';
import { nrf51Ecb } from './ecb.js';
import { nrf51Ficr } from './ficr.js';
import { nrf51Gpio } from './gpio.js';
import { nrf51Gpiote } from './gpiote.js';
import { nrf51Lpcomp } from './lpcomp.js';
import { nrf51Nvmc } from './nvmc.js';
import { nrf51Ppi } from './ppi.js';
import { nrf51Qdec } from './qdec.js';
import { nrf51Radio } from './radio.js';
import { nrf51Rng } from './rng.js';
import { nrf51Rtc } from './rtc.js';
import { nrf51Temp } from './temp.js';
import { nrf51Timer } from './timer.js';
import { nrf51TwiSpi } from './twi-spi.js';
import { nrf51Uart } from './uart.js';
import { nrf51Wdt } from './wdt.js';

/** Devices of Nordic's nRF51. */
export const nrf51Devices: readonly DeviceClass[] = [
  nrf51AarCcm,
  nrf51Adc,
  nrf51ClockPower,
  nrf51Ecb,
  nrf51Ficr,
  nrf51Gpio,
  nrf51Gpiote,
  nrf51Lpcomp,
  nrf51Nvmc,
  nrf51Ppi,
  nrf51Qdec,
  nrf51Radio,
  nrf51Rng,
  nrf51Rtc,
  nrf51Temp,
  nrf51Timer,
  nrf51TwiSpi,
  nrf51Uart,
  nrf51Wdt,
];

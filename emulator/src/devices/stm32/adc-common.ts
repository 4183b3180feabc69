import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** Common registers of the three ADCs of STM32F2 and F4, 0x300 behind ADC1 (RM0090 13.13.15): stored, and the status of all. */
export const stm32AdcCommon: DeviceClass = {
  name: 'stm32-adc-common',
  summary: 'STM32F2 and F4 common ADC registers (RM0090 13.13.15)',
  size: 0x100,
  parameters: { adc1: { type: 'number', default: 0x4001_2000, summary: 'address of ADC1; the others follow every 0x100' } },
  create: (environment) =>
    new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CSR',
          offset: 0x00,
          access: 'ro',
          // A read of SR has no effect.
          read: () =>
            [0, 1, 2].reduce((status, adc) => status | (((environment.bus.read(environment.number('adc1') + adc * 0x100, 4) ?? 0) & 0x3f) << (adc * 8)), 0),
        },
        { name: 'CCR', offset: 0x04, writable: 0x00c3_ef1f },
        { name: 'CDR', offset: 0x08, access: 'ro' },
      ],
    }),
};

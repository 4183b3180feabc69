import type { AccessSize, Device, DeviceClass } from '../../machine/device.js';

/**
 * What the ADC gives at 3.3 V: for its reference of 1.2 V, and for its temperature sensor (0.76 V at 25 degrees, 2.5 mV for each) at 30 and 110 degrees.
 * The ADC here gives the same reference, and 25 degrees.
 */
const calibration = [
  { name: 'VREFINT_CAL', offset: 0x22a, value: 1489 },
  { name: 'TS_CAL1', offset: 0x22c, value: 959 },
  { name: 'TS_CAL2', offset: 0x22e, value: 1207 },
] as const;

/**
 * One-time programmable area and signature of STM32F2 and F4, 0x1FFF7800 to 0x1FFF7BFF: unique ID at 0x1FFF7A10 and flash size at 0x1FFF7A22
 * (RM0033 chapter 33, RM0090 chapter 39), on F4 also what the ADC gave at the factory (STM32F405 data sheet, tables 70 and 73). The area is erased and
 * cannot be programmed here.
 */
export const stm32f4Signature: DeviceClass = {
  name: 'stm32f4-signature',
  summary: 'STM32F2 and F4 unique ID, flash size, OTP area (RM0090 39)',
  size: 0x400,
  parameters: {
    series: { type: 'text', default: 'f2', summary: 'f2 or f4: f4 has calibration values' },
    flash: { type: 'number', default: 1024, summary: 'flash size in KiB' },
    unique: { type: 'text', default: '300039000e47363037323832', summary: 'unique ID, 24 hexadecimal digits' },
  },
  create(environment): Device {
    const bytes = new Uint8Array(0x400).fill(0xff);
    const view = new DataView(bytes.buffer);
    bytes.set(Buffer.from(environment.text('unique'), 'hex').subarray(0, 12), 0x210);
    view.setUint16(0x222, environment.number('flash'), true);
    if (environment.text('series') === 'f4') for (const { offset, value } of calibration) view.setUint16(offset, value, true);
    return {
      state: {},
      reset: () => undefined,
      registerAt: (offset) =>
        offset >= 0x210 && offset < 0x21c
          ? 'UID'
          : offset >= 0x222 && offset < 0x224
            ? 'FLASH_SIZE'
            : offset < 0x210
              ? 'OTP'
              : calibration.find(({ offset: at }) => (offset & ~1) === at)?.name,
      read: (offset, size: AccessSize) =>
        size === 1 ? view.getUint8(offset) : size === 2 ? view.getUint16(offset & ~1, true) : view.getUint32(offset & ~3, true),
      write(offset) {
        environment.warn(`a write at offset 0x${offset.toString(16)} is ignored: the OTP area cannot be programmed`);
      },
    };
  },
};

import type { AccessSize, Device, DeviceClass } from '../../machine/device.js';

/**
 * One-time programmable area and signature of STM32F2 and F4, 0x1FFF7800 to 0x1FFF7BFF: unique ID at 0x1FFF7A10 and flash size at 0x1FFF7A22
 * (RM0033 chapter 33, RM0090 chapter 39). The area is erased and cannot be programmed here.
 */
export const stm32f4Signature: DeviceClass = {
  name: 'stm32f4-signature',
  summary: 'STM32F2 and F4 unique ID, flash size, OTP area (RM0090 39)',
  size: 0x400,
  parameters: {
    flash: { type: 'number', default: 1024, summary: 'flash size in KiB' },
    unique: { type: 'text', default: '300039000e47363037323832', summary: 'unique ID, 24 hexadecimal digits' },
  },
  create(environment): Device {
    const bytes = new Uint8Array(0x400).fill(0xff);
    const view = new DataView(bytes.buffer);
    bytes.set(Buffer.from(environment.text('unique'), 'hex').subarray(0, 12), 0x210);
    view.setUint16(0x222, environment.number('flash'), true);
    return {
      state: {},
      reset: () => undefined,
      registerAt: (offset) =>
        offset >= 0x210 && offset < 0x21c ? 'UID' : offset >= 0x222 && offset < 0x224 ? 'FLASH_SIZE' : offset < 0x210 ? 'OTP' : undefined,
      read: (offset, size: AccessSize) =>
        size === 1 ? view.getUint8(offset) : size === 2 ? view.getUint16(offset & ~1, true) : view.getUint32(offset & ~3, true),
      write(offset) {
        environment.warn(`a write at offset 0x${offset.toString(16)} is ignored: the OTP area cannot be programmed`);
      },
    };
  },
};

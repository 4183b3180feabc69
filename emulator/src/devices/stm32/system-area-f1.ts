import type { AccessSize, Device, DeviceClass } from '../../machine/device.js';

const optionOffset = 0x800;
const optionBytes = 16;

/**
 * The end of system memory of STM32F1, 0x1FFFF000 to 0x1FFFFFFF: flash size and unique ID (RM0008 chapter 30) and the option bytes
 * (PM0075 2.5), which the flash controller lets be erased and programmed. The boot loader in front of them is not there: it reads as ones.
 */
export const stm32f1SystemArea: DeviceClass = {
  name: 'stm32f1-system-area',
  summary: 'STM32F1 flash size, unique ID and option bytes (RM0008 30, PM0075 2.5)',
  size: 0x1000,
  parameters: {
    flash: { type: 'number', default: 128, summary: 'flash size in KiB' },
    unique: { type: 'text', default: '300039000e47363037323832', summary: 'unique ID, 24 hexadecimal digits' },
  },
  create(environment): Device {
    const bytes = new Uint8Array(0x1000).fill(0xff);
    const view = new DataView(bytes.buffer);
    view.setUint16(0x7e0, environment.number('flash'), true);
    bytes.set(Buffer.from(environment.text('unique'), 'hex').subarray(0, 12), 0x7e8);
    // Not read-protected, nothing write-protected.
    for (let index = 0; index < optionBytes; index += 2) view.setUint16(optionOffset + index, index === 0 ? 0x5aa5 : 0x00ff, true);
    const programmable = environment.wire('flash.option-program');
    environment.wire('flash.option-erase').onChange((level) => {
      if (level) bytes.fill(0xff, optionOffset, optionOffset + optionBytes);
    });
    return {
      state: { bytes },
      reset: () => undefined,
      registerAt: (offset) =>
        offset >= optionOffset && offset < optionOffset + optionBytes
          ? (['RDP', 'USER', 'DATA0', 'DATA1', 'WRP0', 'WRP1', 'WRP2', 'WRP3'][(offset - optionOffset) >>> 1] ?? undefined)
          : undefined,
      read(offset, size: AccessSize) {
        return size === 1 ? view.getUint8(offset) : size === 2 ? view.getUint16(offset & ~1, true) : view.getUint32(offset & ~3, true);
      },
      write(offset, size: AccessSize, value) {
        const isOption = offset >= optionOffset && offset < optionOffset + optionBytes;
        if (!isOption || size !== 2 || !programmable.level || view.getUint16(offset, true) !== 0xffff) {
          environment.warn(`a write of 0x${value.toString(16)} to system memory at offset 0x${offset.toString(16)} is ignored`);
          return;
        }
        // The controller makes the complement by itself.
        view.setUint16(offset, (value & 0xff) | ((~value & 0xff) << 8), true);
      },
    };
  },
};

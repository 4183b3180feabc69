import type { Device, DeviceClass } from '../../machine/device.js';

/** Keys and items, `QEMU` first (QEMU, docs/specs/fw_cfg): signature, features, and the directory of files. */
const items: Readonly<Record<number, readonly number[]>> = {
  0x0000: [0x51, 0x45, 0x4d, 0x55],
  // The traditional interface only, no DMA.
  0x0001: [1, 0, 0, 0],
  // No files.
  0x0019: [0, 0, 0, 0],
};

/** QEMU's firmware configuration, without files: data at 0, selector (big-endian) at 8. */
export const fwCfg: DeviceClass = {
  name: 'fw-cfg',
  summary: "QEMU's firmware configuration device without files (QEMU docs/specs/fw_cfg)",
  size: 0x18,
  deviceTree: { node: 'fw-cfg', compatible: ['qemu,fw-cfg-mmio'] },
  create(environment): Device {
    const state = { key: 0, at: 0 };
    return {
      state,
      reset: () => {
        state.key = 0;
        state.at = 0;
      },
      registerAt: (offset) => (offset < 8 ? 'DATA' : offset < 10 ? 'SELECTOR' : 'DMA'),
      // Bytes of an item in order, whatever the size of the access; behind its end zeros.
      read: (offset, size) => {
        if (offset >= 8) return 0;
        let value = 0;
        for (let byte = 0; byte < size; byte++) value += (items[state.key]?.[state.at++] ?? 0) * 2 ** (8 * byte);
        return value;
      },
      write: (offset, size, value) => {
        if (offset === 8 && size === 2) {
          state.key = ((value & 0xff) << 8) | (value >> 8);
          state.at = 0;
        } else {
          environment.warn(`a write of ${size} bytes at offset ${offset} does nothing: items are read only, and there is no DMA`);
        }
      },
    };
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** `virt`, little-endian. */
const magic = 0x7472_6976;
/** QEMU's vendor identifier, which drivers do not look at. */
const vendor = 0x554d_4551;

/** A slot for a virtio device with none in it: drivers read a device identifier of 0 and leave (Virtual I/O Device 1.1, 4.2.2). */
export const virtioMmio: DeviceClass = {
  name: 'virtio-mmio',
  summary: 'empty virtio-mmio slot (Virtual I/O Device 1.1, 4.2)',
  size: 0x200,
  interrupts: ['irq'],
  deviceTree: { node: 'virtio_mmio', compatible: ['virtio,mmio'] },
  create(environment) {
    const registers = [
      { name: 'MagicValue', offset: 0, access: 'ro', reset: magic },
      { name: 'Version', offset: 4, access: 'ro', reset: 1 },
      { name: 'DeviceID', offset: 8, access: 'ro', reset: 0 },
      { name: 'VendorID', offset: 12, access: 'ro', reset: vendor },
    ] as const;
    return new RegisterBlock({
      registers,
      warn: environment.warn,
    });
  },
};

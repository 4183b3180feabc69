import type { Device, DeviceClass } from '../../machine/device.js';

/** Configuration space of a PCI Express bus with nothing on it: every read is all ones (PCI Express Base Specification 3.0, 7.2.2 and 2.3.2). */
export const pcieEcam: DeviceClass = {
  name: 'pcie-ecam',
  summary: 'PCI Express configuration space (ECAM) without devices: reads are all ones',
  size: 'board',
  create: (): Device => ({
    state: {},
    reset: () => undefined,
    read: (_offset, size) => 2 ** (8 * size) - 1,
    write: () => undefined,
  }),
};

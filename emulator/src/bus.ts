import type { BusDevice } from '@fireball/contracts';
import type { MmioCallbacks } from '@fireball/unicorn.js';

/** A device as the library's MMIO callbacks. A 64-bit access (FSD) becomes two words, low first. */
export function busCallbacks(device: BusDevice): MmioCallbacks {
  return {
    read(offset, size) {
      if (size <= 4) return device.read(offset, size);
      const low = BigInt.asUintN(32, BigInt(device.read(offset, 4)));
      return (BigInt.asUintN(32, BigInt(device.read(offset + 4, 4))) << 32n) | low;
    },
    write(offset, size, value) {
      if (size <= 4) {
        device.write(offset, size, Number(value));
        return;
      }
      const bits = BigInt(value);
      device.write(offset, 4, Number(bits & 0xffffffffn));
      device.write(offset + 4, 4, Number(bits >> 32n));
    },
  };
}

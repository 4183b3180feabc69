import type { DeviceEnvironment } from '../../machine/device.js';
import type { RegisterDescription } from '../../machine/register-block.js';

/** A reset register of an RCC: the device behind each bit, by its name on the board. */
export function resetRegister(environment: DeviceEnvironment, name: string, offset: number, devices: Readonly<Record<number, string>>): RegisterDescription {
  return {
    name,
    offset,
    writable: bitsOf(Object.keys(devices).map(Number)),
    write: (stored, before) => {
      for (const [bit, device] of Object.entries(devices)) {
        if (((stored & ~before) >>> Number(bit)) & 1) environment.resetDevice(device);
      }
    },
  };
}

/** A mask with these bits. */
export function bitsOf(bits: readonly number[]): number {
  return bits.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);
}

/** Bits `first`, `first + 1`, ... for these names. */
export function following(first: number, ...names: readonly string[]): Record<number, string> {
  return Object.fromEntries(names.map((name, index) => [first + index, name]));
}

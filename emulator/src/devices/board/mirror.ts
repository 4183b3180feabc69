import type { AccessSize, DeviceClass } from '../../machine/device.js';

/** A range in which the devices of another one are seen again: what Armv8-M boards have for secure and non-secure accesses. */
export const mirror: DeviceClass = {
  name: 'mirror',
  summary: 'shows the devices of another range again',
  size: 'board',
  parameters: { to: { type: 'number', summary: 'where that range begins' } },
  create(environment) {
    const to = environment.number('to');
    const nothing = (offset: number): void => {
      environment.warn(`access to 0x${(to + offset).toString(16)}, where nothing is`);
    };
    return {
      state: {},
      reset: () => undefined,
      read(offset: number, size: AccessSize) {
        const value = environment.bus.read(to + offset, size);
        if (value === undefined) nothing(offset);
        return value ?? 0;
      },
      write(offset: number, size: AccessSize, value: number) {
        if (!environment.bus.write(to + offset, size, value)) nothing(offset);
      },
    };
  },
};

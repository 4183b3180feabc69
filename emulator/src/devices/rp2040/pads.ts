import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const pinCount = 30;

/** Pad control of RP2040's user bank (data sheet, 2.19.4): pull resistors of the I/O bank's pins; the rest is stored. */
export const rp2040PadsBank: DeviceClass = {
  name: 'rp2040-pads-bank',
  summary: 'RP2040 pads of the user bank (data sheet 2.19)',
  size: peripheralSize,
  create(environment) {
    const pins = Array.from({ length: pinCount }, (_, pin) => environment.wire(`io_bank0.${pin}`));
    const pull = (number: number): void => {
      const pin = pins[number];
      const up = block.field(`GPIO${number}`, 'PUE') === 1;
      const down = block.field(`GPIO${number}`, 'PDE') === 1;
      if (pin === undefined) return;
      // Both: the bus keeper, which holds what was there.
      pin.pull(up && down ? pin.level : up ? true : down ? false : undefined);
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'VOLTAGE_SELECT', offset: 0x00, writable: 1 },
        {
          name: 'GPIO',
          offset: 0x04,
          count: pinCount,
          stride: 4,
          reset: 0x56,
          writable: 0xff,
          fields: { SLEWFAST: [0, 0], SCHMITT: [1, 1], PDE: [2, 2], PUE: [3, 3], DRIVE: [5, 4], IE: [6, 6], OD: [7, 7] },
          write: (_stored, _before, _written, pin) => {
            pull(pin);
          },
        },
        { name: 'SWCLK', offset: 0x7c, reset: 0xda, writable: 0xff },
        { name: 'SWD', offset: 0x80, reset: 0x5a, writable: 0xff },
      ],
      reset: () => {
        for (let pin = 0; pin < pinCount; pin++) pull(pin);
      },
    });
    return withAtomicAliases(block);
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/**
 * Two wires for I2C that firmware moves bit by bit (AN385, chapter 4.2; Versatile's SBCon): pins `SCL` and `SDA`, open drain with pull-ups.
 * A master of bytes this is not, so chips of `i2cBus` cannot hang here.
 */
export const mps2Sbcon: DeviceClass = {
  name: 'mps2-sbcon',
  summary: 'two-wire I2C by software (AN385 4.2)',
  size: 0x1000,
  create(environment) {
    const pins = [environment.pin('SCL'), environment.pin('SDA')];
    const drive = (): void => {
      pins.forEach((pin, index) => {
        pin.pull(true);
        pin.drive(((block.get('CONTROLS') >>> index) & 1) === 1 ? undefined : false);
      });
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CONTROLS',
          offset: 0x0,
          reset: 3,
          writable: 0,
          steady: true,
          read: () => pins.reduce((bits, { level }, index) => bits | (level ? 1 << index : 0), 0),
          write: (stored, _before, written) => {
            block.set('CONTROLS', stored | (written & 3));
            drive();
          },
        },
        {
          name: 'CONTROLC',
          offset: 0x4,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            block.set('CONTROLS', block.get('CONTROLS') & ~written);
            drive();
          },
        },
      ],
      reset: drive,
    });
    return block;
  },
};

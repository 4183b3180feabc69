import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { PortLock } from './port-lock.js';

/** Reset values that differ: the debug pins of ports A and B (RM0090 8.4.1 to 8.4.4). */
const resetValues: Readonly<Record<string, { readonly mode: number; readonly speed: number; readonly pull: number }>> = {
  a: { mode: 0xa800_0000, speed: 0x0c00_0000, pull: 0x6400_0000 },
  b: { mode: 0x0000_0280, speed: 0x0000_00c0, pull: 0x0000_0100 },
};

/**
 * A port of STM32F2 and F4 (RM0033 chapter 6, RM0090 chapter 8): pins `0` to `15`. Alternate functions are not routed to pins: timers and
 * serial ports have pins of their own.
 */
export const stm32f4Gpio: DeviceClass = {
  name: 'stm32f4-gpio',
  summary: 'STM32F2 and F4 GPIO port (RM0033 6, RM0090 8)',
  size: 0x400,
  parameters: { port: { type: 'text', default: 'c', summary: 'letter of the port: a and b have reset values of their own' } },
  create(environment) {
    const pins = Array.from({ length: 16 }, (_, pin) => environment.pin(String(pin)));
    const { mode = 0, speed = 0, pull = 0 } = resetValues[environment.text('port').toLowerCase()] ?? {};
    const lock = new PortLock();
    const configuration = (name: string, offset: number, bits: number, reset = 0, first = 0): RegisterDescription => ({
      name,
      offset,
      reset,
      writable: bits === 1 ? 0xffff : 0xffff_ffff,
      write: (stored, before) => {
        const frozen = lock.frozenFields(bits, first);
        block.set(name, (stored & ~frozen) | (before & frozen));
        update();
      },
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        configuration('MODER', 0x00, 2, mode),
        configuration('OTYPER', 0x04, 1),
        configuration('OSPEEDR', 0x08, 2, speed),
        configuration('PUPDR', 0x0c, 2, pull),
        // A pin in analog mode reads 0.
        {
          name: 'IDR',
          offset: 0x10,
          access: 'ro',
          steady: true,
          read: () => pins.reduce((value, pin, index) => (pin.level && field('MODER', index) !== 3 ? value | (1 << index) : value), 0),
        },
        {
          name: 'ODR',
          offset: 0x14,
          writable: 0xffff,
          write: () => {
            update();
          },
        },
        {
          name: 'BSRR',
          offset: 0x18,
          access: 'wo',
          write: (_stored, _before, written) => {
            // A pin that is set and reset at once is set (RM0090 8.4.7).
            block.set('ODR', (block.get('ODR') & ~(written >>> 16)) | (written & 0xffff));
            update();
          },
        },
        lock.register(0x1c, () => block),
        configuration('AFRL', 0x20, 4),
        configuration('AFRH', 0x24, 4, 0, 8),
      ],
      extra: lock.state,
      reset: () => {
        lock.reset();
        update();
      },
    });

    function field(register: string, pin: number): number {
      return (block.get(register) >>> (pin * 2)) & 3;
    }

    function update(): void {
      const odr = block.get('ODR');
      const openDrain = block.get('OTYPER');
      pins.forEach((pin, index) => {
        const level = ((odr >>> index) & 1) === 1;
        const resistor = field('PUPDR', index);
        pin.pull(resistor === 1 ? true : resistor === 2 ? false : undefined);
        const isOutput = field('MODER', index) === 1;
        pin.drive(!isOutput || (level && (openDrain >>> index) & 1) ? undefined : level);
      });
    }
    return block;
  },
};

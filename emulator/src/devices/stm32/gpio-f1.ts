import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { PortLock } from './port-lock.js';

/**
 * A port of STM32F1 (RM0008 chapter 9, RM0041 chapter 7): pins `0` to `15`. Alternate functions are not routed to pins: timers and serial
 * ports have pins of their own.
 */
export const stm32f1Gpio: DeviceClass = {
  name: 'stm32f1-gpio',
  summary: 'STM32F1 GPIO port (RM0008 9, RM0041 7)',
  size: 0x400,
  create(environment) {
    const pins = Array.from({ length: 16 }, (_, pin) => environment.pin(String(pin)));
    const lock = new PortLock();
    const configuration = (name: string, offset: number, first: number): RegisterDescription => ({
      name,
      offset,
      reset: 0x4444_4444,
      write: (stored, before) => {
        const frozen = lock.frozenFields(4, first);
        block.set(name, (stored & ~frozen) | (before & frozen));
        update();
      },
    });
    const setOutputs = (set: number, reset: number): void => {
      block.set('ODR', (block.get('ODR') & ~reset) | set);
      update();
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        configuration('CRL', 0x00, 0),
        configuration('CRH', 0x04, 8),
        // A pin in analog mode reads 0.
        {
          name: 'IDR',
          offset: 0x08,
          access: 'ro',
          steady: true,
          read: () => pins.reduce((value, pin, index) => (pin.level && (field(index) & 0xf) !== 0 ? value | (1 << index) : value), 0),
        },
        {
          name: 'ODR',
          offset: 0x0c,
          writable: 0xffff,
          write: () => {
            update();
          },
        },
        {
          name: 'BSRR',
          offset: 0x10,
          access: 'wo',
          write: (_stored, _before, written) => {
            setOutputs(written & 0xffff, written >>> 16);
          },
        },
        {
          name: 'BRR',
          offset: 0x14,
          access: 'wo',
          write: (_stored, _before, written) => {
            setOutputs(0, written & 0xffff);
          },
        },
        lock.register(0x18, () => block),
      ],
      extra: lock.state,
      reset: () => {
        lock.reset();
        update();
      },
    });

    /** CNF and MODE of a pin. */
    function field(pin: number): number {
      return (block.get(pin < 8 ? 'CRL' : 'CRH') >>> ((pin & 7) * 4)) & 0xf;
    }

    function update(): void {
      const odr = block.get('ODR');
      pins.forEach((pin, index) => {
        const mode = field(index) & 3;
        const configuration = field(index) >>> 2;
        const level = ((odr >>> index) & 1) === 1;
        pin.pull(mode === 0 && configuration === 2 ? level : undefined);
        const isOutput = mode !== 0 && configuration < 2;
        pin.drive(!isOutput || (configuration === 1 && level) ? undefined : level);
      });
    }
    return block;
  },
};

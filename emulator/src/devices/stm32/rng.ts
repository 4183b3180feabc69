import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/**
 * Random number generator of STM32F2 and F4 (RM0033 chapter 20, RM0090 chapter 24). A number is ready whenever it is on; the numbers are those of
 * Marsaglia's xorshift32 from the parameter `seed`, the same in every run. Its clock and seed never fail.
 */
export const stm32Rng: DeviceClass = {
  name: 'stm32-rng',
  summary: 'STM32F2 and F4 random number generator (RM0033 20, RM0090 24)',
  size: 0x400,
  interrupts: ['irq'],
  parameters: { seed: { type: 'number', default: 0x1234_5678, summary: 'where the sequence begins, not 0' } },
  create(environment) {
    const irq = environment.interrupt('irq');
    const seed = environment.number('seed') >>> 0 || 1;
    const state = { value: seed };
    const isOn = (): boolean => block.field('CR', 'RNGEN') === 1;
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0x00,
          writable: 0xc,
          fields: { RNGEN: [2, 2], IE: [3, 3] },
          write: () => {
            irq.set(isOn() && block.field('CR', 'IE') === 1);
          },
        },
        { name: 'SR', offset: 0x04, writable: 0, steady: true, read: () => (isOn() ? 1 : 0) },
        {
          name: 'DR',
          offset: 0x08,
          access: 'ro',
          read: () => {
            if (!isOn()) return 0;
            let { value } = state;
            value ^= value << 13;
            value ^= value >>> 17;
            value ^= value << 5;
            state.value = value >>> 0;
            return state.value;
          },
        },
      ],
      extra: state,
      reset: ({ kind }) => {
        if (kind === 'power-on') state.value = seed;
        irq.set(false);
      },
    });
    return block;
  },
};

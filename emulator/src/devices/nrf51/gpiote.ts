import type { DeviceClass } from '../../machine/device.js';
import { Peripheral } from './peripheral.js';

const channels = 4;
const EVENT = 1;
const TASK = 3;
/** POLARITY. */
const RISING = 1;
const FALLING = 2;
const TOGGLE = 3;

/** GPIO tasks and events of nRF51 (nRF51 Reference Manual 3.0, chapter 15), for the pins of the device that `gpio` names. */
export const nrf51Gpiote: DeviceClass = {
  name: 'nrf51-gpiote',
  summary: 'nRF51 GPIOTE (RM 3.0 chapter 15)',
  size: 0x1000,
  interrupts: ['irq'],
  parameters: { gpio: { type: 'text', default: 'gpio', summary: 'the device whose pins they are' } },
  create(environment) {
    const gpio = environment.text('gpio');
    const indices = Array.from({ length: channels }, (_, index) => index);
    const pins = Array.from({ length: 32 }, (_, pin) => ({
      pin: environment.wire(`${gpio}.${pin}`),
      on: environment.wire(`${gpio}.task${pin}-on`),
      level: environment.wire(`${gpio}.task${pin}`),
    }));
    const peripheral: Peripheral = new Peripheral(environment, {
      tasks: Object.fromEntries(
        indices.map((index) => [
          `OUT${index}`,
          {
            offset: 4 * index,
            run: () => {
              const { mode, pin, polarity } = channel(index);
              const output = pins[pin]?.level;
              if (mode === TASK && polarity !== 0) output?.drive(polarity === TOGGLE ? !output.level : polarity === RISING);
            },
          },
        ]),
      ),
      events: { ...Object.fromEntries(indices.map((index) => [`IN${index}`, 0x100 + 4 * index])), PORT: 0x17c },
      registers: [
        {
          name: 'CONFIG',
          offset: 0x510,
          count: channels,
          writable: 0x13_1f03,
          fields: { MODE: [1, 0], PSEL: [12, 8], POLARITY: [17, 16], OUTINIT: [20, 20] },
          write: (stored, _before, _written, index) => {
            const { mode, pin } = channel(index);
            if (mode === TASK) pins[pin]?.level.drive(((stored >>> 20) & 1) === 1);
            own();
          },
        },
      ],
      reset: () => {
        own();
      },
    });
    const { block } = peripheral;
    pins.forEach(({ pin: wire }, pin) => {
      wire.onChange((level) => {
        for (const index of indices) {
          const { mode, pin: watched, polarity } = channel(index);
          if (mode === EVENT && watched === pin && (polarity === TOGGLE || polarity === (level ? RISING : FALLING))) peripheral.event(`IN${index}`);
        }
      });
    });
    environment.wire(`${gpio}.DETECT`).onChange((level) => {
      if (level) peripheral.event('PORT');
    });

    function channel(index: number): { readonly mode: number; readonly pin: number; readonly polarity: number } {
      const configuration = block.get(`CONFIG${index}`);
      return { mode: configuration & 3, pin: (configuration >>> 8) & 31, polarity: (configuration >>> 16) & 3 };
    }
    /** A pin is GPIOTE's while a channel has it as a task. */
    function own(): void {
      const owned = new Set(
        indices
          .map(channel)
          .filter(({ mode }) => mode === TASK)
          .map(({ pin }) => pin),
      );
      pins.forEach(({ on }, pin) => {
        on.drive(owned.has(pin));
      });
    }
    return block;
  },
};

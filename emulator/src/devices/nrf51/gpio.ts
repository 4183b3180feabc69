import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

const pinCount = 32;
const OUTPUT = 1 << 0;
const INPUT_OFF = 1 << 1;
const pulls: readonly (boolean | undefined)[] = [undefined, false, undefined, true];
const SENSE_HIGH = 2;
const SENSE_LOW = 3;

/**
 * GPIO of nRF51 (nRF51 Reference Manual 3.0, chapter 14), pins `0` to `31`. Drive strengths are stored. GPIOTE takes over a pin by the wires
 * `taskN-on` and `taskN`; `DETECT` is what it hears of sensed levels.
 */
export const nrf51Gpio: DeviceClass = {
  name: 'nrf51-gpio',
  summary: 'nRF51 GPIO (RM 3.0 chapter 14)',
  size: 0x1000,
  create(environment) {
    const indices = Array.from({ length: pinCount }, (_, pin) => pin);
    const pins = indices.map((pin) => environment.pin(`${pin}`));
    const detect = environment.pin('DETECT');
    const tasks = indices.map((pin) => ({ on: environment.pin(`task${pin}-on`), level: environment.pin(`task${pin}`) }));
    const outputs = (): number => indices.reduce((bits, pin) => bits | ((block.get(`PIN_CNF${pin}`) & OUTPUT) << pin), 0) >>> 0;

    const setAndClear = (name: string, offset: number, get: () => number, put: (value: number) => void): RegisterDescription[] =>
      (
        [
          ['', (_old: number, written: number): number => written],
          ['SET', (old: number, written: number): number => old | written],
          ['CLR', (old: number, written: number): number => old & ~written],
        ] as const
      ).map(([suffix, change], index) => ({
        name: `${name}${suffix}`,
        offset: offset + 4 * index,
        writable: 0,
        steady: true,
        read: get,
        write: (_stored, _before, written) => {
          put(change(get(), written) >>> 0);
        },
      }));

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        ...setAndClear(
          'OUT',
          0x504,
          () => block.get('OUT'),
          (value) => {
            const changed = value ^ block.get('OUT');
            block.set('OUT', value);
            for (const pin of indices) if (((changed >>> pin) & 1) === 1) drive(pin);
          },
        ),
        {
          name: 'IN',
          offset: 0x510,
          access: 'ro',
          steady: true,
          read: () =>
            indices.reduce((bits, pin) => bits | ((block.get(`PIN_CNF${pin}`) & INPUT_OFF) === 0 && pins[pin]?.level === true ? 1 << pin : 0), 0) >>> 0,
        },
        ...setAndClear('DIR', 0x514, outputs, (value) => {
          for (const pin of indices) {
            const name = `PIN_CNF${pin}`;
            const configuration = (block.get(name) & ~OUTPUT) | ((value >>> pin) & 1);
            if (configuration === block.get(name)) continue;
            block.set(name, configuration);
            drive(pin);
          }
        }),
        {
          name: 'PIN_CNF',
          offset: 0x700,
          count: pinCount,
          reset: INPUT_OFF,
          writable: 0x3_070f,
          fields: { DIR: [0, 0], INPUT: [1, 1], PULL: [3, 2], DRIVE: [10, 8], SENSE: [17, 16] },
          write: (_stored, _before, _written, pin) => {
            drive(pin);
            sense();
          },
        },
      ],
      reset: () => {
        for (const pin of indices) drive(pin);
        sense();
      },
    });
    for (const pin of indices) {
      pins[pin]?.onChange(sense);
      tasks[pin]?.on.onChange(() => {
        drive(pin);
      });
      tasks[pin]?.level.onChange(() => {
        drive(pin);
      });
    }

    function drive(pin: number): void {
      const configuration = block.get(`PIN_CNF${pin}`);
      const task = tasks[pin];
      pins[pin]?.pull(pulls[(configuration >>> 2) & 3]);
      if (task?.on.level === true) pins[pin]?.drive(task.level.level);
      else pins[pin]?.drive((configuration & OUTPUT) === 0 ? undefined : ((block.get('OUT') >>> pin) & 1) === 1);
    }
    function sense(): void {
      detect.drive(
        indices.some((pin) => {
          const wanted = (block.get(`PIN_CNF${pin}`) >>> 16) & 3;
          const level = pins[pin]?.level === true;
          return (wanted === SENSE_HIGH && level) || (wanted === SENSE_LOW && !level);
        }),
      );
    }
    return block;
  },
};

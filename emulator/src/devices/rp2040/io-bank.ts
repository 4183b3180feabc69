import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const pinCount = 30;
const sioFunction = 5;
const pwmFunction = 4;
const pioFunctions = [6, 7] as const;

/** Of a pin's four bits: low and high level, falling and rising edge. */
const LEVEL_LOW = 1;
const LEVEL_HIGH = 2;
const EDGE_LOW = 4;
const EDGE_HIGH = 8;

/** OUTOVER, OEOVER, INOVER: as it is, inverted, low, high. */
function overridden(level: boolean, override: number): boolean {
  return [level, !level, false, true][override] ?? level;
}

/**
 * The user bank of RP2040's I/O (data sheet, 2.19): pins `0` to `29`, whose output is SIO's, a PWM slice's or PIO's by FUNCSEL, which is also the slice's input; other functions drive
 * nothing here, as their devices have buses of their own. Overrides and pin interrupts. What software reads of a pin is `in.N`.
 */
export const rp2040IoBank: DeviceClass = {
  name: 'rp2040-io-bank',
  summary: 'RP2040 user I/O bank (data sheet 2.19)',
  size: peripheralSize,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const numbers = Array.from({ length: pinCount }, (_, pin) => pin);
    const pins = numbers.map((pin) => environment.pin(String(pin)));
    const inputs = numbers.map((pin) => environment.pin(`in.${pin}`));
    const sources = numbers.map((pin) => ({
      sio: environment.wire(`sio.out.${pin}`),
      sioEnable: environment.wire(`sio.oe.${pin}`),
      pwm: environment.wire(`pwm.${(pin >>> 1) & 7}${pin & 1 ? 'b' : 'a'}`),
      pwmCounts: environment.wire(`pwm.${(pin >>> 1) & 7}${pin & 1 ? 'b' : 'a'}-counts`),
      pio: [0, 1].map((block) => ({ level: environment.wire(`pio${block}.out.${pin}`), enable: environment.wire(`pio${block}.oe.${pin}`) })),
    }));
    // Names are made once: pins may change with every cycle.
    const controls = numbers.map((pin) => `CTRL${pin}`);
    const words = [0, 1, 2, 3].map((word) => ({
      word,
      raw: `INTR${word}`,
      of: Object.fromEntries(['PROC0', 'PROC1', 'DORMANT_WAKE'].map((name) => [name, { enabled: `${name}_INTE${word}`, forced: `${name}_INTF${word}` }])),
    }));
    const masks = (name: string, offset: number): readonly RegisterDescription[] => [
      { name: `${name}_INTE`, offset, count: 4, stride: 4, write: update },
      { name: `${name}_INTF`, offset: offset + 0x10, count: 4, stride: 4, write: update },
      { name: `${name}_INTS`, offset: offset + 0x20, count: 4, stride: 4, access: 'ro', steady: true, read: (_stored, index) => status(name, index) },
    ];
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'STATUS', offset: 0x0, count: pinCount, stride: 8, access: 'ro', steady: true, read: (_stored, pin) => pinStatus(pin) },
        {
          name: 'CTRL',
          offset: 0x4,
          count: pinCount,
          stride: 8,
          reset: 0x1f,
          writable: 0x3003_331f,
          write: (_stored, _before, _written, pin) => {
            sources[pin]?.pwm.attend();
            for (const { level, enable } of sources[pin]?.pio ?? []) for (const wire of [level, enable]) wire.attend();
            drive(pin);
            sense(pin);
            update();
          },
        },
        {
          name: 'INTR',
          offset: 0xf0,
          count: 4,
          stride: 4,
          access: 'w1c',
          writable: 0xcccc_cccc,
          steady: true,
          read: (stored, index) => (stored | levels(index)) >>> 0,
          write: update,
        },
        ...masks('PROC0', 0x100),
        ...masks('PROC1', 0x130),
        ...masks('DORMANT_WAKE', 0x160),
      ],
      reset: () => {
        for (const pin of numbers) drive(pin);
        update();
      },
    });
    for (const pin of numbers) {
      const source = sources[pin];
      for (const wire of source === undefined ? [] : [source.sio, source.sioEnable]) {
        wire.onChange(() => {
          drive(pin);
        });
      }
      source?.pwmCounts.onChange(() => {
        drive(pin);
        sense(pin);
      });
      source?.pwm.onChangeAtTimes(
        () => {
          drive(pin);
        },
        () => selects(pin, pwmFunction),
      );
      source?.pio.forEach(({ level, enable }, number) => {
        for (const wire of [level, enable])
          wire.onChangeAtTimes(
            () => {
              drive(pin);
            },
            () => selects(pin, pioFunctions[number] ?? 0),
          );
      });
      pins[pin]?.onChange(() => {
        sense(pin);
      });
      inputs[pin]?.onChange((level) => {
        const word = words[pin >>> 3]?.raw ?? '';
        block.set(word, block.get(word) | ((level ? EDGE_HIGH : EDGE_LOW) << ((pin & 7) * 4)));
        update();
      });
    }

    function control(pin: number): number {
      return block.get(controls[pin] ?? '');
    }
    function field(pin: number, low: number): number {
      return (control(pin) >>> low) & 3;
    }
    function output(pin: number): { readonly level: boolean; readonly enabled: boolean } {
      const source = sources[pin];
      const select = control(pin) & 0x1f;
      const pio = source?.pio[pioFunctions.findIndex((func) => func === select)];
      if (pio !== undefined) return { level: overridden(pio.level.level, field(pin, 8)), enabled: overridden(pio.enable.level, field(pin, 12)) };
      const level = select === sioFunction ? source?.sio.level === true : select === pwmFunction ? source?.pwm.level === true : false;
      const enabled = select === sioFunction ? source?.sioEnable.level === true : select === pwmFunction && source?.pwmCounts.level === false;
      return { level: overridden(level, field(pin, 8)), enabled: overridden(enabled, field(pin, 12)) };
    }
    function drive(pin: number): void {
      const { level, enabled } = output(pin);
      pins[pin]?.drive(enabled ? level : undefined);
    }
    function sense(pin: number): void {
      const level = overridden(pins[pin]?.level === true, field(pin, 16));
      inputs[pin]?.drive(level);
      // A slice that counts its B pin drives nothing there.
      const { pwm, pwmCounts } = sources[pin] ?? {};
      if (selects(pin, pwmFunction) && pwmCounts?.level === true) pwm?.set(level);
    }
    function selects(pin: number, func: number): boolean {
      return (control(pin) & 0x1f) === func;
    }
    /** OUTTOPAD, OETOPAD, INFROMPAD, INTOPERI, IRQ bits (data sheet 2.19.6.1). */
    function pinStatus(pin: number): number {
      const { level, enabled } = output(pin);
      const fromPad = pins[pin]?.level === true;
      const toPeripheral = inputs[pin]?.level === true;
      return (level ? 3 << 8 : 0) | (enabled ? 3 << 12 : 0) | (fromPad ? 1 << 17 : 0) | (toPeripheral ? 1 << 19 : 0);
    }
    function levels(word: number): number {
      let value = 0;
      for (let pin = word * 8; pin < Math.min(pinCount, word * 8 + 8); pin++)
        value |= (inputs[pin]?.level === true ? LEVEL_HIGH : LEVEL_LOW) << ((pin & 7) * 4);
      return value >>> 0;
    }
    function status(processor: string, word: number): number {
      const names = words[word];
      const { enabled = '', forced = '' } = names?.of[processor] ?? {};
      const asked = block.get(enabled);
      // What nobody asks for is not looked for.
      return ((asked === 0 ? 0 : (block.get(names?.raw ?? '') | levels(word)) & asked) | block.get(forced)) >>> 0;
    }
    function update(): void {
      irq.set(words.some(({ word }) => status('PROC0', word) !== 0));
    }
    return withAtomicAliases(block);
  },
};

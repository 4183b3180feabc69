import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

const slices = 8;
const numbers = Array.from({ length: slices }, (_, slice) => slice);

/**
 * PWM of RP2040 (data sheet, 4.5): eight slices that count up, or up and down, to TOP; outputs are its pins `0a`, `0b` to `7b`. TOP and CC are in
 * force at once, where silicon waits for the wrap. DIVMODE, which counts the B pin, and phase steps are not modelled.
 */
export const rp2040Pwm: DeviceClass = {
  name: 'rp2040-pwm',
  summary: 'RP2040 PWM (data sheet 4.5)',
  size: peripheralSize,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const outputs = numbers.map((slice) => ({ a: environment.pin(`${slice}a`), b: environment.pin(`${slice}b`) }));
    /** Ticks at which each counter was at the beginning of its period, and up to which it has been looked at. */
    const state = { origin: new Float64Array(slices), seen: new Float64Array(slices) };
    const alarms = numbers.map(
      (slice) =>
        new TickAlarm(environment, environment.clocks.cpu, () => {
          look(slice);
          update();
        }),
    );

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CSR',
          offset: 0x00,
          count: slices,
          stride: 0x14,
          writable: 0x3f,
          write: (stored, before, _written, slice) => {
            if ((stored & 0x30) !== 0) environment.warn('CSR.DIVMODE: counting of the B pin is not modelled');
            block.set('EN', (block.get('EN') & ~(1 << slice)) | ((stored & 1) << slice));
            apply(slice, (stored ^ before) & 2 ? counter(slice, before) : undefined);
          },
        },
        {
          name: 'DIV',
          offset: 0x04,
          count: slices,
          stride: 0x14,
          reset: 0x10,
          writable: 0xfff,
          write: (_stored, _before, _written, slice) => {
            apply(slice, counter(slice));
          },
        },
        {
          name: 'CTR',
          offset: 0x08,
          count: slices,
          stride: 0x14,
          writable: 0xffff,
          read: (_stored, slice) => counter(slice),
          write: (stored, _before, _written, slice) => {
            apply(slice, stored);
          },
        },
        {
          name: 'CC',
          offset: 0x0c,
          count: slices,
          stride: 0x14,
          write: (_stored, _before, _written, slice) => {
            look(slice);
            update();
          },
        },
        {
          name: 'TOP',
          offset: 0x10,
          count: slices,
          stride: 0x14,
          reset: 0xffff,
          writable: 0xffff,
          write: (stored, before, _written, slice) => {
            block.set(`TOP${slice}`, before);
            const now = counter(slice);
            block.set(`TOP${slice}`, stored);
            apply(slice, now);
          },
        },
        {
          name: 'EN',
          offset: 0xa0,
          writable: 0xff,
          write: (stored) => {
            for (const slice of numbers) {
              block.set(`CSR${slice}`, (block.get(`CSR${slice}`) & ~1) | ((stored >>> slice) & 1));
              apply(slice);
            }
          },
        },
        { name: 'INTR', offset: 0xa4, access: 'w1c', writable: 0xff, steady: true, read: () => raw(), write: update },
        ...interruptRegisters(0xa8, { bits: 0xff, raw, block: () => block, update }),
      ],
      extra: { slices: state, alarms: alarms.map((alarm) => alarm.state) },
      reset: () => {
        state.origin.fill(0);
        state.seen.fill(0);
        for (const alarm of alarms) alarm.restart(0, { divider: 1, running: false });
        update();
      },
    });

    /** The alarms count sixteenths of the clock's ticks times the divider: CPU cycles, in effect; a count takes `DIV` / 16 of them. */
    function cyclesPerCount(slice: number): number {
      const divider = block.get(`DIV${slice}`);
      return (divider < 16 ? 4096 : divider) / 16;
    }
    function period(slice: number, csr = block.get(`CSR${slice}`)): number {
      const top = block.get(`TOP${slice}`);
      return (csr & 2) !== 0 ? Math.max(1, 2 * top) : top + 1;
    }
    function position(slice: number): number {
      return Math.floor(((alarms[slice]?.ticks ?? 0) - (state.origin[slice] ?? 0)) / cyclesPerCount(slice));
    }
    function counter(slice: number, csr = block.get(`CSR${slice}`)): number {
      const at = position(slice) % period(slice, csr);
      return (csr & 2) !== 0 && at > block.get(`TOP${slice}`) ? period(slice, csr) - at : at;
    }
    /** After a change; the counter goes on from `count` where one is given. */
    function apply(slice: number, count?: number): void {
      const alarm = alarms[slice];
      alarm?.run((block.get(`CSR${slice}`) & 1) !== 0);
      if (count !== undefined) {
        state.origin[slice] = (alarm?.ticks ?? 0) - Math.min(count, block.get(`TOP${slice}`)) * cyclesPerCount(slice);
        state.seen[slice] = 0;
      }
      look(slice);
      update();
    }
    /** The raw wrap flags, up to now. */
    function raw(): number {
      for (const slice of numbers) look(slice);
      return block.get('INTR');
    }

    function look(slice: number): void {
      const wraps = Math.floor(position(slice) / period(slice));
      if (wraps > (state.seen[slice] ?? 0)) block.set('INTR', block.get('INTR') | (1 << slice));
      state.seen[slice] = wraps;
      const csr = block.get(`CSR${slice}`);
      const now = counter(slice);
      const compare = block.get(`CC${slice}`);
      const { a, b } = outputs[slice] ?? {};
      const running = (csr & 1) !== 0;
      if (running) {
        a?.drive(now < (compare & 0xffff) !== ((csr & 4) !== 0));
        b?.drive(now < compare >>> 16 !== ((csr & 8) !== 0));
      }
      // The next change: a wrap, or a compare value on the way up or down.
      const length = period(slice);
      const at = position(slice) % length;
      const changes = [compare & 0xffff, compare >>> 16].flatMap((value) =>
        value === 0 || value > block.get(`TOP${slice}`) ? [] : (csr & 2) !== 0 ? [value, length - value + 1] : [value],
      );
      const next = Math.min(length, ...changes.filter((value) => value > at));
      const start = position(slice) - at;
      alarms[slice]?.set(running && isWatched(slice) ? (state.origin[slice] ?? 0) + (start + next) * cyclesPerCount(slice) : Infinity);
    }
    function isWatched(slice: number): boolean {
      return ((block.get('INTE') >>> slice) & 1) === 1 || block.get(`CC${slice}`) !== 0;
    }
    function update(): void {
      for (const slice of numbers) look(slice);
      irq.set(interruptStatus(block, block.get('INTR')) !== 0);
    }
    return withAtomicAliases(block);
  },
};

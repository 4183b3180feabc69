import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

const slices = 8;
const numbers = Array.from({ length: slices }, (_, slice) => slice);

/**
 * PWM of RP2040 (data sheet, 4.5): eight slices that count up, or up and down, to TOP; its pins are `0a`, `0b` to `7b`. TOP and CC are double-buffered.
 * With DIVMODE a slice counts while its B pin is high, or edges of it: `0b-counts` to `7b-counts` say so. PH_ADV and PH_RET step at once. Wraps are pulses of `wrap0` to `wrap7`, which
 * DMA hears.
 */
export const rp2040Pwm: DeviceClass = {
  name: 'rp2040-pwm',
  summary: 'RP2040 PWM (data sheet 4.5)',
  size: peripheralSize,
  interrupts: ['irq'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const outputs = numbers.map((slice) => ({ a: environment.pin(`${slice}a`), b: environment.pin(`${slice}b`) }));
    const counting = numbers.map((slice) => environment.pin(`${slice}b-counts`));
    const wrapped = numbers.map((slice) => environment.pin(`wrap${slice}`));
    /** Ticks at which each counter was at the beginning of its period; wraps since then that have been seen; TOP and CC as they are in force. */
    const state = { origin: new Float64Array(slices), seen: new Float64Array(slices), top: new Uint32Array(slices), compare: new Uint32Array(slices) };
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
          writable: 0xff,
          write: (stored, before, _written, slice) => {
            block.set(`CSR${slice}`, before);
            look(slice);
            const now = counter(slice) + ((stored >>> 7) & 1) - ((stored >>> 6) & 1);
            // PH_ADV and PH_RET clear themselves.
            block.set(`CSR${slice}`, stored & 0x3f);
            block.set('EN', (block.get('EN') & ~(1 << slice)) | ((stored & 1) << slice));
            apply(slice, (stored & 0xc0) !== 0 || ((stored ^ before) & 2) !== 0 ? now : undefined);
          },
        },
        {
          name: 'DIV',
          offset: 0x04,
          count: slices,
          stride: 0x14,
          reset: 0x10,
          writable: 0xfff,
          write: (stored, before, _written, slice) => {
            block.set(`DIV${slice}`, before);
            look(slice);
            const now = counter(slice);
            block.set(`DIV${slice}`, stored);
            apply(slice, now);
          },
        },
        {
          name: 'CTR',
          offset: 0x08,
          count: slices,
          stride: 0x14,
          writable: 0xffff,
          read: (_stored, slice) => {
            look(slice);
            return counter(slice);
          },
          write: (stored, _before, _written, slice) => {
            apply(slice, stored);
          },
        },
        {
          name: 'CC',
          offset: 0x0c,
          count: slices,
          stride: 0x14,
          write: (stored, before, _written, slice) => {
            buffer('CC', slice, stored, before);
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
            buffer('TOP', slice, stored, before);
          },
        },
        {
          name: 'EN',
          offset: 0xa0,
          writable: 0xff,
          write: (stored, before) => {
            block.set('EN', before);
            for (const slice of numbers) look(slice);
            block.set('EN', stored);
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
        state.top.fill(0xffff);
        state.compare.fill(0);
        for (const alarm of alarms) alarm.restart(0, { divider: 1, running: false });
        for (const { a, b } of outputs) for (const pin of [a, b]) pin.drive(false);
        for (const pin of counting) pin.set(false);
        update();
      },
    });
    outputs.forEach(({ a, b }, slice) => {
      const settle = (): void => {
        look(slice);
      };
      a.oscillates({ settle, heard: update, changed: () => undefined });
      b.oscillates({
        settle,
        heard: update,
        changed: (level) => {
          inputChanged(slice, level);
        },
      });
      wrapped[slice]?.oscillates({ settle, heard: update, changed: () => undefined });
    });

    /** DIVMODE: 0 the clock, 1 the clock while B is high, 2 and 3 rising and falling edges of B. */
    function mode(slice: number): number {
      return (block.get(`CSR${slice}`) >>> 4) & 3;
    }
    function isEnabled(slice: number): boolean {
      return (block.get(`CSR${slice}`) & 1) !== 0;
    }
    function inputChanged(slice: number, level: boolean): void {
      if (mode(slice) === 0 || !isEnabled(slice)) return;
      const alarm = alarms[slice];
      look(slice);
      if (mode(slice) === 1) alarm?.run(level);
      else if (level === (mode(slice) === 2)) alarm?.restart(alarm.ticks + 1);
      update();
    }
    /** CC or TOP has been written: it is in force from the next wrap on, at once in a slice that stands still. */
    function buffer(register: 'CC' | 'TOP', slice: number, stored: number, before: number): void {
      block.set(`${register}${slice}`, before);
      look(slice);
      const now = counter(slice);
      block.set(`${register}${slice}`, stored);
      if (!isEnabled(slice)) apply(slice, now);
      update();
    }
    function adopt(slice: number): void {
      state.top[slice] = block.get(`TOP${slice}`);
      state.compare[slice] = block.get(`CC${slice}`);
    }
    function top(slice: number): number {
      return state.top[slice] ?? 0;
    }

    /** The alarms count CPU cycles, or edges of B; a count takes `DIV` / 16 of them. */
    function ticksPerCount(slice: number): number {
      const divider = block.get(`DIV${slice}`);
      return (divider < 16 ? 4096 : divider) / 16;
    }
    function period(slice: number): number {
      return isPhaseCorrect(slice) ? Math.max(1, 2 * top(slice)) : top(slice) + 1;
    }
    function isPhaseCorrect(slice: number): boolean {
      return (block.get(`CSR${slice}`) & 2) !== 0;
    }
    function position(slice: number): number {
      return Math.floor(((alarms[slice]?.ticks ?? 0) - (state.origin[slice] ?? 0)) / ticksPerCount(slice));
    }
    /** CTR; `look` has been called. */
    function counter(slice: number): number {
      const at = position(slice) % period(slice);
      return isPhaseCorrect(slice) && at > top(slice) ? period(slice) - at : at;
    }
    /** After a change; the counter goes on from `count` where one is given. */
    function apply(slice: number, count?: number): void {
      const alarm = alarms[slice];
      const divided = mode(slice);
      alarm?.run(isEnabled(slice) && (divided === 0 || (divided === 1 && outputs[slice]?.b.level === true)));
      if (!isEnabled(slice)) adopt(slice);
      // In the other modes B is an input.
      if (divided !== 0) outputs[slice]?.b.drive(undefined);
      counting[slice]?.set(divided !== 0);
      if (count !== undefined) {
        const from = ((count % (top(slice) + 1)) + top(slice) + 1) % (top(slice) + 1);
        state.origin[slice] = (alarm?.ticks ?? 0) - from * ticksPerCount(slice);
        state.seen[slice] = 0;
      }
      update();
    }
    /** The raw wrap flags, up to now. */
    function raw(): number {
      for (const slice of numbers) look(slice);
      return block.get('INTR');
    }

    /** Lets everything happen that lies between the last look and now. */
    function look(slice: number): void {
      wrap(slice);
      if (isEnabled(slice)) drive(slice);
      // The next change: a wrap, or a compare value on the way up or down.
      const length = period(slice);
      const at = position(slice) % length;
      const compare = state.compare[slice] ?? 0;
      const changes = [compare & 0xffff, compare >>> 16].flatMap((value) =>
        value === 0 || value > top(slice) ? [] : isPhaseCorrect(slice) ? [value, length - value + 1] : [value],
      );
      const next = isEdgeWatched(slice) ? Math.min(length, ...changes.filter((value) => value > at)) : length;
      const start = position(slice) - at;
      const isWatched = isEnabled(slice) && (isEdgeWatched(slice) || isWrapWatched(slice));
      alarms[slice]?.set(isWatched ? (state.origin[slice] ?? 0) + (start + next) * ticksPerCount(slice) : Infinity);
    }
    function wrap(slice: number): void {
      let wraps = Math.floor(position(slice) / period(slice));
      if (wraps <= (state.seen[slice] ?? 0)) return;
      block.set('INTR', block.get('INTR') | (1 << slice));
      if (block.get(`TOP${slice}`) !== top(slice) || block.get(`CC${slice}`) !== state.compare[slice]) {
        state.origin[slice] = (state.origin[slice] ?? 0) + ((state.seen[slice] ?? 0) + 1) * period(slice) * ticksPerCount(slice);
        adopt(slice);
        wraps = Math.floor(position(slice) / period(slice));
      }
      state.seen[slice] = wraps;
      wrapped[slice]?.pulse();
    }
    function drive(slice: number): void {
      const csr = block.get(`CSR${slice}`);
      const now = counter(slice);
      const compare = state.compare[slice] ?? 0;
      outputs[slice]?.a.drive(now < (compare & 0xffff) !== ((csr & 4) !== 0));
      if (mode(slice) === 0) outputs[slice]?.b.drive(now < compare >>> 16 !== ((csr & 8) !== 0));
    }
    function isEdgeWatched(slice: number): boolean {
      return outputs[slice]?.a.isHeard === true || (mode(slice) === 0 && outputs[slice]?.b.isHeard === true);
    }
    function isWrapWatched(slice: number): boolean {
      return ((block.get('INTE') >>> slice) & 1) === 1 || wrapped[slice]?.isHeard === true;
    }
    function update(): void {
      for (const slice of numbers) look(slice);
      irq.set(interruptStatus(block, block.get('INTR')) !== 0);
    }
    return withAtomicAliases(block);
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

const secondsPerDay = 86_400;

/** Year, month, day and weekday of RTC_1 and SETUP_0; hour, minute, second of RTC_0 and SETUP_1. */
interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Real-time clock of RP2040 (data sheet, 4.8): a calendar from clk_rtc / (CLKDIV_M1 + 1), and its alarm. */
export const rp2040Rtc: DeviceClass = {
  name: 'rp2040-rtc',
  summary: 'RP2040 real-time clock (data sheet 4.8)',
  size: peripheralSize,
  interrupts: ['irq'],
  clocks: ['rtc'],
  create(environment) {
    const irq = environment.interrupt('irq');
    /** Seconds since 1970 at tick 0, the weekday then, and up to which second the alarm has been looked at. */
    const state = { base: 0, weekday: 0, seen: 0, latched: 0 };
    const alarm = new TickAlarm(environment, environment.clock('rtc'), () => {
      look();
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CLKDIV_M1', offset: 0x00, writable: 0xffff },
        { name: 'SETUP_0', offset: 0x04, writable: 0x00ff_ff1f, fields: { DAY: [4, 0], MONTH: [11, 8], YEAR: [23, 12] } },
        { name: 'SETUP_1', offset: 0x08, writable: 0x071f_3f3f, fields: { SEC: [5, 0], MIN: [13, 8], HOUR: [20, 16], DOTW: [26, 24] } },
        {
          name: 'CTRL',
          offset: 0x0c,
          writable: 0x111,
          fields: { ENABLE: [0, 0], ACTIVE: [1, 1], LOAD: [4, 4], FORCE_NOTLEAPYEAR: [8, 8] },
          steady: true,
          read: (stored) => stored | ((stored & 1) << 1),
          write: (stored, before) => {
            if ((stored & 0x10) !== 0) {
              const [date, time] = [block.get('SETUP_0'), block.get('SETUP_1')];
              state.base =
                Date.UTC((date >>> 12) & 0xfff, ((date >>> 8) & 0xf) - 1, date & 0x1f, (time >>> 16) & 0x1f, (time >>> 8) & 0x3f, time & 0x3f) / 1000;
              state.weekday = (time >>> 24) & 7;
              state.seen = 0;
              alarm.restart(0);
            }
            block.set('CTRL', stored & ~0x10);
            if (((stored ^ before) & 1) !== 0) alarm.restart((stored & 1) !== 0 ? alarm.ticks : alarm.ticks, { running: (stored & 1) !== 0 });
            look();
          },
        },
        {
          name: 'IRQ_SETUP_0',
          offset: 0x10,
          writable: 0x17ff_ff1f,
          // MATCH_ACTIVE follows MATCH_ENA.
          steady: true,
          read: (stored) => stored | ((stored & 0x1000_0000) << 1),
          write: () => {
            look();
          },
        },
        {
          name: 'IRQ_SETUP_1',
          offset: 0x14,
          writable: 0xf71f_3f3f,
          write: () => {
            look();
          },
        },
        {
          name: 'RTC_1',
          offset: 0x18,
          access: 'ro',
          read: () => {
            const now = fieldsOf(seconds());
            return (now.year << 12) | (now.month << 8) | now.day;
          },
        },
        {
          name: 'RTC_0',
          offset: 0x1c,
          access: 'ro',
          read: () => {
            const now = fieldsOf(seconds());
            return (now.weekday << 24) | (now.hour << 16) | (now.minute << 8) | now.second;
          },
        },
        { name: 'INTR', offset: 0x20, access: 'ro', steady: true, read: () => state.latched },
        ...interruptRegisters(0x24, { bits: 1, raw: () => state.latched, block: () => block, update }),
      ],
      extra: { rtc: state, alarm: alarm.state },
      reset: () => {
        Object.assign(state, { base: 0, weekday: 4, seen: 0, latched: 0 });
        alarm.restart(0, { running: false });
        look();
      },
    });

    function divider(): number {
      return block.get('CLKDIV_M1') + 1;
    }
    function elapsed(): number {
      return Math.floor(alarm.ticks / divider());
    }
    function seconds(): number {
      return state.base + elapsed();
    }
    function fieldsOf(second: number): Fields {
      const date = new Date(second * 1000);
      const days = Math.floor(second / secondsPerDay) - Math.floor(state.base / secondsPerDay);
      return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: (state.weekday + days) % 7,
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      };
    }
    /** The alarm compares what its enable bits name (data sheet 4.8.5); one without any never matches. */
    function matches(second: number): boolean {
      const [date, time] = [block.get('IRQ_SETUP_0'), block.get('IRQ_SETUP_1')];
      const now = fieldsOf(second);
      const rows: readonly (readonly [boolean, number, number])[] = [
        [((date >>> 26) & 1) === 1, (date >>> 12) & 0xfff, now.year],
        [((date >>> 25) & 1) === 1, (date >>> 8) & 0xf, now.month],
        [((date >>> 24) & 1) === 1, date & 0x1f, now.day],
        [((time >>> 31) & 1) === 1, (time >>> 24) & 7, now.weekday],
        [((time >>> 30) & 1) === 1, (time >>> 16) & 0x1f, now.hour],
        [((time >>> 29) & 1) === 1, (time >>> 8) & 0x3f, now.minute],
        [((time >>> 28) & 1) === 1, time & 0x3f, now.second],
      ];
      return rows.some(([enabled]) => enabled) && rows.every(([enabled, wanted, value]) => !enabled || wanted === value);
    }
    function look(): void {
      const now = elapsed();
      const enabled = (block.get('IRQ_SETUP_0') & 0x1000_0000) !== 0;
      if (!enabled) state.latched = 0;
      else
        for (let second = Math.max(state.seen + 1, now - secondsPerDay); second <= now && state.latched === 0; second++)
          if (matches(state.base + second)) state.latched = 1;
      state.seen = now;
      alarm.set(enabled && block.field('CTRL', 'ENABLE') === 1 ? (now + 1) * divider() : Infinity);
      update();
    }
    function update(): void {
      irq.set(interruptStatus(block, state.latched) !== 0);
    }
    return withAtomicAliases(block);
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { fromBcdDate, fromBcdTime, toBcdDate, toBcdTime, weekdayOf } from './rtc-calendar.js';

const WUTF = 1 << 10;
/** An alarm's enable in CR is at the place of its flag in ISR; its interrupt's enable is 4 above it. */
const alarms = [
  { register: 'ALRMAR', enable: 1 << 8 },
  { register: 'ALRMBR', enable: 1 << 9 },
] as const;

/**
 * Real-time clock of STM32F2 and F4 (RM0033 chapter 22, RM0090 chapter 26): calendar in BCD with sub-seconds, alarms A and B to the second, wake-up timer, backup
 * registers, write protection, kept over resets. Time stamps, tamper pins, calibration and 12-hour format are not modelled. Alarms and
 * wake-up timer pull EXTI's lines 17 and 22.
 */
export const stm32f4Rtc: DeviceClass = {
  name: 'stm32f4-rtc',
  summary: 'STM32F2 and F4 real-time clock (RM0033 22, RM0090 26)',
  size: 0x400,
  clocks: ['rtc'],
  create(environment) {
    const alarmLine = environment.wire('exti.17');
    const wakeupLine = environment.wire('exti.22');
    const access = environment.wire('pwr.dbp');
    const enable = environment.pin('enable');
    /** Seconds since 2000 at tick 0 of `alarm`, how far alarms have been looked at, the tick at which the wake-up timer last fired. */
    const state = { base: 0, seen: 0, wakeup: 0, key: 0, unlocked: false };
    const alarm = new TickAlarm(environment, environment.clock('rtc'), () => {
      look();
    });
    enable.onChange((level) => {
      alarm.run(level);
      look();
    });
    const guarded =
      (name: string, apply: (before: number) => void) =>
      (_stored: number, before: number): void => {
        if (access.level && state.unlocked) {
          apply(before);
        } else {
          environment.warn(`a write to RTC_${name} is ignored: it is write-protected`);
          block.set(name, before);
        }
        look();
      };
    const inInit = (): boolean => (block.get('ISR') & 0x80) !== 0;

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'TR',
          offset: 0x00,
          lasting: true,
          writable: 0x007f_7f7f,
          read: (stored) => (inInit() ? stored : toBcdTime(seconds())),
          write: guarded('TR', setCalendar),
        },
        {
          name: 'DR',
          offset: 0x04,
          lasting: true,
          reset: 0x2101,
          writable: 0x00ff_ff3f,
          read: (stored) => (inInit() ? stored : toBcdDate(seconds())),
          write: guarded('DR', setCalendar),
        },
        { name: 'CR', offset: 0x08, lasting: true, writable: 0x00ff_ffff, write: guarded('CR', setControl) },
        {
          name: 'ISR',
          offset: 0x0c,
          lasting: true,
          reset: 7,
          writable: 0x3fa0,
          read: () => {
            look();
            // ALRAWF, ALRBWF, WUTWF: writable while the alarm or timer is off; RSF always; INITF follows INIT; INITS: the year is set.
            const control = block.get('CR');
            const ready = ((control & 0x100) === 0 ? 1 : 0) | ((control & 0x200) === 0 ? 2 : 0) | ((control & 0x400) === 0 ? 4 : 0);
            return (block.get('ISR') & 0x3f80) | ready | 0x20 | (inInit() ? 0x40 : 0) | (seconds() >= 366 * 86_400 ? 0x10 : 0);
          },
          write: (stored, before) => {
            // Flags are cleared by 0, protected or not; INIT needs the keys.
            const flags = before & stored & 0x3f00;
            const init = access.level && state.unlocked ? stored & 0x80 : before & 0x80;
            if (init !== 0 && (before & 0x80) === 0) {
              block.set('TR', toBcdTime(seconds()));
              block.set('DR', toBcdDate(seconds()));
            }
            if (init === 0 && (before & 0x80) !== 0) {
              const date = fromBcdDate(block.get('DR')) + fromBcdTime(block.get('TR'));
              state.base = date;
              state.seen = 0;
              alarm.restart(0, { running: enable.level });
            }
            block.set('ISR', flags | init);
            look();
          },
        },
        { name: 'PRER', offset: 0x10, lasting: true, reset: 0x007f_00ff, writable: 0x007f_7fff, write: guarded('PRER', () => undefined) },
        { name: 'WUTR', offset: 0x14, lasting: true, reset: 0xffff, writable: 0xffff, write: guarded('WUTR', () => undefined) },
        { name: 'CALIBR', offset: 0x18, lasting: true, writable: 0x9f, write: guarded('CALIBR', () => undefined) },
        { name: 'ALRMAR', offset: 0x1c, lasting: true, write: guarded('ALRMAR', () => undefined) },
        { name: 'ALRMBR', offset: 0x20, lasting: true, write: guarded('ALRMBR', () => undefined) },
        {
          name: 'WPR',
          offset: 0x24,
          access: 'wo',
          write: (_stored, _before, written) => {
            const key = written & 0xff;
            state.unlocked = state.key === 0xca && key === 0x53;
            state.key = key;
          },
        },
        { name: 'SSR', offset: 0x28, access: 'ro', read: () => synchronous() - 1 - (Math.floor(alarm.ticks / asynchronous()) % synchronous()) },
        { name: 'SHIFTR', offset: 0x2c, access: 'wo' },
        { name: 'TSTR', offset: 0x30, access: 'ro' },
        { name: 'TSDR', offset: 0x34, access: 'ro' },
        { name: 'TSSSR', offset: 0x38, access: 'ro' },
        { name: 'CALR', offset: 0x3c, lasting: true, writable: 0xe1ff },
        { name: 'TAFCR', offset: 0x40, lasting: true, writable: 0x0007_ffff },
        { name: 'ALRMASSR', offset: 0x44, lasting: true, writable: 0x0f00_7fff },
        { name: 'ALRMBSSR', offset: 0x48, lasting: true, writable: 0x0f00_7fff },
        {
          name: 'BKPR',
          offset: 0x50,
          count: 20,
          lasting: true,
          write: (_stored, before, _written, index) => {
            if (!access.level) block.set(`BKPR${index}`, before);
          },
        },
      ],
      extra: { rtc: state, alarm: alarm.state },
      reset: ({ kind }) => {
        Object.assign(state, { key: 0, unlocked: false });
        if (kind === 'power-on' || kind === 'module') {
          Object.assign(state, { base: 0, seen: 0, wakeup: 0 });
          alarm.restart(0, { running: enable.level });
          for (const [name, value] of [
            ['CR', 0],
            ['ISR', 7],
            ['PRER', 0x007f_00ff],
            ['WUTR', 0xffff],
            ['ALRMAR', 0],
            ['ALRMBR', 0],
          ] as const)
            block.set(name, value);
          for (let index = 0; index < 20; index++) block.set(`BKPR${index}`, 0);
        }
        look();
      },
    });

    function setCalendar(): void {
      if (!inInit()) environment.warn('a write to the calendar outside of initialization mode has no effect');
    }
    function setControl(before: number): void {
      if ((block.get('CR') & ~before & 0x400) !== 0) state.wakeup = alarm.ticks;
    }
    function asynchronous(): number {
      return ((block.get('PRER') >>> 16) & 0x7f) + 1;
    }
    function synchronous(): number {
      return (block.get('PRER') & 0x7fff) + 1;
    }
    function elapsed(): number {
      return Math.floor(alarm.ticks / (asynchronous() * synchronous()));
    }
    /** Since the beginning of 2000. */
    function seconds(): number {
      return state.base + elapsed();
    }

    /** Ticks of the wake-up timer's period (RM0090 26.3.6): RTC / 16, 8, 4, 2, or seconds, and with WUCKSEL 6 or 7 2^16 more of them. */
    function wakeupPeriod(): number {
      const select = block.get('CR') & 7;
      const unit = select < 4 ? 16 >> select : asynchronous() * synchronous();
      return unit * (block.get('WUTR') + 1 + (select >= 6 ? 0x1_0000 : 0));
    }

    /** Does an alarm match a second? Each field counts unless its mask bit is set. */
    function matches(wanted: number, second: number): boolean {
      const time = toBcdTime(second);
      const day = (wanted & 0x4000_0000) !== 0 ? weekdayOf(second) : toBcdDate(second) & 0x3f;
      const fields: readonly (readonly [mask: number, bits: number, shift: number, value: number])[] = [
        [0x80, 0x7f, 0, time & 0x7f],
        [0x8000, 0x7f, 8, (time >>> 8) & 0x7f],
        [0x80_0000, 0x3f, 16, (time >>> 16) & 0x3f],
        [0x8000_0000, (wanted & 0x4000_0000) !== 0 ? 0xf : 0x3f, 24, day],
      ];
      return fields.every(([mask, bits, shift, value]) => (wanted & mask) !== 0 || ((wanted >>> shift) & bits) === value);
    }

    function look(): void {
      const now = elapsed();
      const control = block.get('CR');
      let flags = block.get('ISR');
      for (const { register, enable } of alarms) {
        if ((control & enable) === 0) continue;
        const wanted = block.get(register);
        // A month behind is a month of seconds: more than that is one alarm at least, whichever.
        for (let second = Math.max(state.seen + 1, now - 31 * 86_400); second <= now && (flags & enable) === 0; second++)
          if (matches(wanted, state.base + second)) flags |= enable;
      }
      state.seen = now;
      let next = Infinity;
      if ((control & 0x400) !== 0) {
        const period = wakeupPeriod();
        const passed = Math.floor((alarm.ticks - state.wakeup) / period);
        if (passed > 0) flags |= WUTF;
        state.wakeup += passed * period;
        next = state.wakeup + period;
      }
      // An alarm is looked for second by second.
      if (alarms.some(({ enable }) => (control & (enable * 0x11)) === enable * 0x11)) next = Math.min(next, (now + 1) * asynchronous() * synchronous());
      block.set('ISR', flags);
      alarmLine.drive(((control >>> 4) & flags & 0x300) !== 0);
      wakeupLine.drive((control & 0x4000) !== 0 && (flags & WUTF) !== 0);
      alarm.set(next);
    }
    return block;
  },
};

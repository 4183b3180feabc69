import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

const SECF = 1 << 0;
const ALRF = 1 << 1;
const OWF = 1 << 2;
const RSF = 1 << 3;
const CNF = 1 << 4;
const RTOFF = 1 << 5;

/**
 * Real-time clock of STM32F1 (RM0008 chapter 18, RM0041 chapter 17): a prescaler and a 32-bit counter, written while CNF is set, kept over
 * resets. Registers are in step with it at all times (RSF and RTOFF are set at once). The alarm is also line 17 of EXTI.
 */
export const stm32f1Rtc: DeviceClass = {
  name: 'stm32f1-rtc',
  summary: 'STM32F1 real-time clock (RM0008 18)',
  size: 0x400,
  interrupts: ['irq'],
  clocks: ['rtc'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const alarmLine = environment.wire('exti.17');
    const enable = environment.pin('enable');
    const access = environment.wire('pwr.dbp');
    /** Seconds at tick 0 of `alarm`, and up to which tick they have been looked at. */
    const state = { base: 0, seen: 0 };
    const alarm = new TickAlarm(environment, environment.clock('rtc'), () => {
      look();
    });
    enable.onChange((level) => {
      look();
      alarm.run(level);
      look();
    });

    const configured = (name: string, apply: () => void) => (_stored: number, before: number) => {
      if (!access.level || (block.get('CRL') & CNF) === 0) {
        environment.warn(`a write to RTC_${name} is ignored: CRL.CNF or PWR_CR.DBP is not set`);
        block.set(name, before);
        return;
      }
      apply();
      look();
    };
    const half = (name: string, offset: number, reset: number, writable: number, apply: () => void): RegisterDescription => ({
      name,
      offset,
      reset,
      writable,
      lasting: true,
      write: configured(name, apply),
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CRH',
          offset: 0x00,
          writable: 7,
          write: () => {
            look();
          },
        },
        {
          name: 'CRL',
          offset: 0x04,
          reset: RTOFF,
          writable: SECF | ALRF | OWF | RSF | CNF,
          read: (stored) => {
            look();
            return block.get('CRL') | RTOFF | (stored & RSF);
          },
          write: (stored, before) => {
            block.set('CRL', before);
            look();
            // Flags are cleared by 0; RSF comes back at once.
            const flags = block.get('CRL') & stored & 7;
            block.set('CRL', flags | (stored & CNF) | RSF | RTOFF);
            look();
          },
        },
        { ...half('PRLH', 0x08, 0, 0xf, () => prescale()), read: () => 0 },
        { ...half('PRLL', 0x0c, 0x8000, 0xffff, () => prescale()), read: () => 0 },
        { name: 'DIVH', offset: 0x10, access: 'ro', read: () => (rest() >>> 16) & 0xf },
        { name: 'DIVL', offset: 0x14, access: 'ro', read: () => rest() & 0xffff },
        { ...half('CNTH', 0x18, 0, 0xffff, () => place((block.get('CNTH') << 16) | (count() & 0xffff))), read: () => count() >>> 16 },
        { ...half('CNTL', 0x1c, 0, 0xffff, () => place((count() & 0xffff_0000) | block.get('CNTL'))), read: () => count() & 0xffff },
        half('ALRH', 0x20, 0xffff, 0xffff, () => undefined),
        half('ALRL', 0x24, 0xffff, 0xffff, () => undefined),
      ],
      extra: { rtc: state, alarm: alarm.state },
      reset: ({ kind }) => {
        if (kind === 'power-on' || kind === 'module') {
          for (const [name, value] of [
            ['PRLH', 0],
            ['PRLL', 0x8000],
            ['ALRH', 0xffff],
            ['ALRL', 0xffff],
          ] as const)
            block.set(name, value);
          Object.assign(state, { base: 0, seen: 0 });
          alarm.restart(0, { running: enable.level });
        }
        look();
      },
    });

    function divider(): number {
      return ((block.get('PRLH') << 16) | block.get('PRLL')) + 1;
    }
    /** RTC clocks until the next count. */
    function rest(): number {
      return divider() - 1 - (alarm.ticks % divider());
    }
    function seconds(): number {
      return Math.floor(alarm.ticks / divider());
    }
    function count(): number {
      return (state.base + seconds()) >>> 0;
    }
    function place(value: number): void {
      state.base = value >>> 0;
      state.seen = 0;
      alarm.restart(0);
    }
    function prescale(): void {
      place(count());
    }

    /** Sets the flags of what has passed since the last look: a count, an alarm, an overflow. */
    function look(): void {
      const now = seconds();
      const flags = block.get('CRL');
      if (now > state.seen) {
        const first = state.base + state.seen + 1;
        const last = state.base + now;
        const at = (block.get('ALRH') * 0x1_0000 + block.get('ALRL')) >>> 0;
        let rose = SECF;
        for (const turn of [0, 2 ** 32]) {
          if (at + turn >= first && at + turn <= last) rose |= ALRF;
          if (turn > 0 && turn >= first && turn <= last) rose |= OWF;
        }
        block.set('CRL', flags | rose);
        state.seen = now;
      }
      const active = block.get('CRL') & block.get('CRH') & 7;
      irq.set(active !== 0);
      alarmLine.drive((block.get('CRL') & ALRF) !== 0);
      // The next count where somebody waits for each, else the alarm's; it also pulls EXTI's line when no interrupt is enabled.
      const untilAlarm = (block.get('ALRH') * 0x1_0000 + block.get('ALRL') - count() + 2 ** 32) % 2 ** 32;
      const wanted = (block.get('CRH') & SECF) !== 0 ? 1 : untilAlarm === 0 ? 2 ** 32 : untilAlarm;
      alarm.set((now + wanted) * divider());
    }
    return block;
  },
};

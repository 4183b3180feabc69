import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { DownCounter } from '../down-counter.js';

/** Values of CFG. */
const WIDE = 0;
const RTC = 1;
/** Of TAMR and TBMR. */
const ONE_SHOT = 1;
const PERIODIC = 2;
/** Of CTL: timer B's are eight bits higher. */
const ENABLE = 1 << 0;
const RTC_INTERRUPT = 1 << 3;
const rtcHertz = 32_768;

/**
 * General-purpose timer of Stellaris (LM3S6965 data sheet, chapter 10): two of 16 bits, or one of 32, or a clock of seconds. Capture and PWM count as periodic
 * timers do, their pins are not modelled.
 */
export const lm3sTimer: DeviceClass = {
  name: 'lm3s-timer',
  summary: 'Stellaris general-purpose timer (LM3S6965 data sheet, chapter 10)',
  size: 0x1000,
  interrupts: ['a', 'b'],
  clocks: ['rtc'],
  create(environment) {
    const outputs = [environment.interrupt('a'), environment.interrupt('b')];
    const configuration = (): number => block.get('CFG');
    const isWide = (): boolean => configuration() === WIDE;
    const halves = ['A', 'B'].map((half, index) => {
      const limit = (): number => (index === 0 && isWide() ? 0xffff_ffff : 0xffff);
      const mode = (): number => block.get(`T${half}MR`) & 3;
      const counter: DownCounter = new DownCounter(
        environment,
        environment.clocks.cpu,
        () => (block.get(`T${half}ILR`) & limit()) >>> 0,
        () => {
          if (mode() === ONE_SHOT) {
            block.set('CTL', block.get('CTL') & ~(ENABLE << (8 * index)));
            counter.run(false);
          }
          raise(1 << (8 * index));
        },
      );
      return { half, index, limit, mode, counter };
    });
    /** Seconds of the RTC mode. */
    const seconds: TickAlarm = new TickAlarm(environment, environment.clock('rtc'), () => {
      raise(RTC_INTERRUPT);
    });
    const reload =
      (half: string) =>
      (stored: number, before: number): void => {
        const timer = halves[half === 'A' ? 0 : 1];
        if (timer === undefined) return;
        const name = `T${half}ILR`;
        block.set(name, before);
        timer.counter.settle();
        block.set(name, stored);
        // The upper half of a load of 32 bits is timer B's.
        if (half === 'A' && isWide()) block.set('TBILR', stored >>> 16);
        timer.counter.set((stored & timer.limit()) >>> 0);
        timer.counter.reloadChanged();
      };
    const perHalf = (make: (half: string, index: number) => RegisterDescription): RegisterDescription[] => [make('A', 0), make('B', 1)];
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        { name: 'CFG', offset: 0x000, writable: 7, write: update },
        ...perHalf((half, index) => ({
          name: `T${half}MR`,
          offset: 0x004 + 4 * index,
          writable: 0xf,
          write: (stored) => {
            if ((stored & 3) === 3 || (stored & 8) !== 0) environment.warn(`T${half}MR 0x${stored.toString(16)}: pins of capture and PWM are not modelled`);
            update();
          },
        })),
        { name: 'CTL', offset: 0x00c, writable: 0x6f7f, write: control },
        {
          name: 'IMR',
          offset: 0x018,
          writable: 0x70f,
          write: () => {
            drive();
          },
        },
        { name: 'RIS', offset: 0x01c, access: 'ro' },
        { name: 'MIS', offset: 0x020, access: 'ro', steady: true, read: () => block.get('RIS') & block.get('IMR') },
        {
          name: 'ICR',
          offset: 0x024,
          access: 'wo',
          writable: 0,
          write: (_stored, _before, written) => {
            block.set('RIS', block.get('RIS') & ~written);
            drive();
          },
        },
        { name: 'TAILR', offset: 0x028, reset: 0xffff_ffff, write: reload('A') },
        { name: 'TBILR', offset: 0x02c, reset: 0xffff, writable: 0xffff, write: reload('B') },
        ...perHalf((half, index) => ({ name: `T${half}MATCHR`, offset: 0x030 + 4 * index, reset: index === 0 ? 0xffff_ffff : 0xffff, write: update })),
        ...perHalf((half, index) => ({ name: `T${half}PR`, offset: 0x038 + 4 * index, writable: 0xff, write: update })),
        ...perHalf((half, index) => ({ name: `T${half}PMR`, offset: 0x040 + 4 * index, writable: 0xff })),
        ...perHalf((half, index) => ({
          name: `T${half}R`,
          offset: 0x048 + 4 * index,
          access: 'ro',
          reset: index === 0 ? 0xffff_ffff : 0xffff,
          read: () => (index === 0 && configuration() === RTC ? seconds.ticks % 2 ** 32 : (halves[index]?.counter.value ?? 0)),
        })),
      ],
      extra: { counters: halves.map(({ counter }) => counter.state), seconds: seconds.state },
      reset: () => {
        for (const { counter, index } of halves) counter.reset(index === 0 ? 0xffff_ffff : 0xffff);
        seconds.set(Infinity);
        seconds.restart(0, { divider: rtcHertz, running: false });
        drive();
      },
    });

    function control(stored: number, before: number): void {
      for (const { index, half, limit, counter } of halves) {
        const bit = ENABLE << (8 * index);
        // A timer that is switched on begins at its load value.
        if ((stored & bit) !== 0 && (before & bit) === 0) counter.set((block.get(`T${half}ILR`) & limit()) >>> 0);
      }
      update();
    }
    function update(): void {
      const enabled = block.get('CTL');
      const isRtc = configuration() === RTC;
      for (const { index, half, mode, counter } of halves) {
        const on = (enabled & (ENABLE << (8 * index))) !== 0 && mode() !== 0 && !isRtc && (index === 0 || !isWide());
        // The prescaler belongs to the halves.
        counter.divide(isWide() ? 1 : block.get(`T${half}PR`) + 1);
        counter.run(on, mode() !== PERIODIC && mode() !== 3);
      }
      seconds.run(isRtc && (enabled & ENABLE) !== 0);
      const match = block.get('TAMATCHR');
      seconds.set(isRtc && match > seconds.ticks ? match : Infinity);
      drive();
    }
    function raise(bits: number): void {
      block.set('RIS', block.get('RIS') | bits);
      drive();
    }
    function drive(): void {
      const active = block.get('RIS') & block.get('IMR');
      outputs[0]?.set((active & 0xff) !== 0);
      outputs[1]?.set((active & 0xff00) !== 0);
    }
    return block;
  },
};

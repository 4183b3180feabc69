import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

/**
 * Window watchdog (RM0008 chapter 20, RM0033 chapter 18, RM0090 chapter 22): T counts down at PCLK1 / 4096 / 2^WDGTB; the chip is reset when it
 * goes below 0x40, and when T is written while it is above the window. At 0x40 there is an early interrupt.
 */
export const stm32Wwdg: DeviceClass = {
  name: 'stm32-wwdg',
  summary: 'STM32 window watchdog (RM0008 20, RM0090 22)',
  size: 0x400,
  interrupts: ['irq'],
  clocks: ['pclk'],
  create(environment) {
    const irq = environment.interrupt('irq');
    const state = { start: 0x7f };
    const alarm = new TickAlarm(environment, environment.clock('pclk'), () => {
      look();
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0x00,
          reset: 0x7f,
          writable: 0xff,
          fields: { T: [6, 0], WDGA: [7, 7] },
          read: (stored) => (stored & 0x80) | counter(),
          write: (stored, before) => {
            const active = ((stored | before) & 0x80) !== 0;
            if ((before & 0x80) !== 0 && counter() > block.field('CFR', 'W')) environment.requestReset('the window watchdog was fed too early', 'watchdog');
            // Once active, only a reset stops it.
            if (active) block.set('CR', stored | 0x80);
            state.start = stored & 0x7f;
            alarm.restart(0, { divider: 4096 << block.field('CFR', 'WDGTB'), running: active });
            if (active && state.start < 0x40) environment.requestReset('the window watchdog was given a count below 0x40', 'watchdog');
            arm();
          },
        },
        {
          name: 'CFR',
          offset: 0x04,
          reset: 0x7f,
          writable: 0x3ff,
          fields: { W: [6, 0], WDGTB: [8, 7], EWI: [9, 9] },
          write: (stored, before) => {
            // EWI can only be set; a reset clears it.
            block.set('CFR', stored | (before & 0x200));
            update();
          },
        },
        {
          name: 'SR',
          offset: 0x08,
          writable: 1,
          write: (stored, before) => {
            block.set('SR', stored & before);
            update();
          },
        },
      ],
      extra: { watchdog: state, alarm: alarm.state },
      reset: () => {
        state.start = 0x7f;
        alarm.restart(0, { divider: 4096, running: false });
        arm();
        update();
      },
    });
    function counter(): number {
      return Math.max(0, state.start - alarm.ticks) & 0x7f;
    }
    function look(): void {
      if (counter() < 0x40) {
        environment.requestReset('the window watchdog has run out', 'watchdog');
        return;
      }
      block.set('SR', 1);
      update();
      arm();
    }
    /** The next of: 0x40, 0x3f. */
    function arm(): void {
      const active = block.field('CR', 'WDGA') === 1;
      const target = counter() > 0x40 ? state.start - 0x40 : state.start - 0x3f;
      alarm.set(active && counter() >= 0x40 ? target : Infinity);
    }
    function update(): void {
      irq.set((block.get('SR') & 1) !== 0 && block.field('CFR', 'EWI') === 1);
    }
    return block;
  },
};

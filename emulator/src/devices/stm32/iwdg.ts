import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

/**
 * Independent watchdog (RM0008 chapter 19, RM0033 chapter 17, RM0090 chapter 21): counts LSI / 4 to / 256 from RLR down; at 0 the chip is reset.
 * Once started, only a reset stops it.
 */
export const stm32Iwdg: DeviceClass = {
  name: 'stm32-iwdg',
  summary: 'STM32 independent watchdog (RM0008 19, RM0090 21)',
  size: 0x400,
  clocks: ['lsi'],
  create(environment) {
    const running = environment.pin('running');
    const state = { unlocked: false, running: false };
    const alarm = new TickAlarm(environment, environment.clock('lsi'), () => {
      environment.requestReset('the independent watchdog has run out', 'watchdog');
    });
    const whenUnlocked = (name: string) => (_stored: number, before: number) => {
      if (!state.unlocked) block.set(name, before);
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'KR',
          offset: 0x00,
          access: 'wo',
          write: (_stored, _before, written) => {
            const key = written & 0xffff;
            state.unlocked = key === 0x5555;
            if (key === 0xcccc) {
              state.running = true;
              running.drive(true);
            }
            if ((key === 0xaaaa || key === 0xcccc) && state.running) reload();
          },
        },
        { name: 'PR', offset: 0x04, writable: 7, write: whenUnlocked('PR') },
        { name: 'RLR', offset: 0x08, reset: 0xfff, writable: 0xfff, write: whenUnlocked('RLR') },
        // PVU and RVU: a new value is in force at once.
        { name: 'SR', offset: 0x0c, access: 'ro' },
      ],
      extra: { watchdog: state, alarm: alarm.state },
      reset: ({ kind }) => {
        // It goes on in Standby mode.
        if (kind === 'standby') return;
        Object.assign(state, { unlocked: false, running: false });
        running.drive(false);
        alarm.restart(0, { running: false });
        alarm.set(Infinity);
      },
    });
    function reload(): void {
      alarm.restart(0, { divider: 4 << Math.min(6, block.get('PR')), running: true });
      alarm.set(block.get('RLR') + 1);
    }
    return block;
  },
};

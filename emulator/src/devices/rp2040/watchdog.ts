import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';

const TRIGGER = (1 << 31) >>> 0;
const ENABLE = 1 << 30;

/**
 * Watchdog of RP2040 (data sheet, 4.7): makes the tick of watchdog and timer from clk_ref, counts two down for each (erratum RP2040-E1), resets
 * the chip. The scratch registers keep their value.
 */
export const rp2040Watchdog: DeviceClass = {
  name: 'rp2040-watchdog',
  summary: 'RP2040 watchdog and tick (data sheet 4.7)',
  size: peripheralSize,
  create(environment) {
    const tick = environment.clocks.named('tick');
    const ticking = environment.pin('tick');
    const state = { load: 0 };
    const alarm = new TickAlarm(environment, tick, () => {
      block.set('REASON', 1);
      environment.requestReset('the watchdog has run out', 'watchdog');
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CTRL',
          offset: 0x00,
          reset: 0x0700_0000,
          writable: 0x4700_0000,
          read: (stored) => stored | time(),
          write: (_stored, _before, written) => {
            if (written >= TRIGGER) {
              block.set('REASON', 2);
              environment.requestReset('WATCHDOG_CTRL.TRIGGER', 'watchdog');
            }
            arm();
          },
        },
        {
          name: 'LOAD',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            state.load = written & 0xff_ffff;
            alarm.restart(0);
            arm();
          },
        },
        { name: 'REASON', offset: 0x08, access: 'ro', lasting: true },
        { name: 'SCRATCH', offset: 0x0c, count: 8, stride: 4, lasting: true },
        {
          name: 'TICK',
          offset: 0x2c,
          reset: 0x200,
          writable: 0x3ff,
          fields: { CYCLES: [8, 0], ENABLE: [9, 9] },
          steady: true,
          read: (stored) => stored | (isTicking() ? 0x400 : 0),
          write: () => {
            setTick();
          },
        },
      ],
      extra: { watchdog: state, alarm: alarm.state },
      reset: ({ kind }) => {
        // A reset that the watchdog did not make clears the reason (data sheet 4.7.4).
        if (kind !== 'watchdog') block.set('REASON', 0);
        state.load = 0;
        alarm.restart(0, { running: false });
        setTick();
        arm();
      },
    });

    function isTicking(): boolean {
      return block.field('TICK', 'ENABLE') === 1 && block.field('TICK', 'CYCLES') > 0;
    }
    function setTick(): void {
      if (isTicking()) tick.hertz = Math.max(1, Math.round(environment.clocks.named('ref').hertz / block.field('TICK', 'CYCLES')));
      alarm.run(isTicking() && (block.get('CTRL') & ENABLE) !== 0);
      ticking.drive(isTicking());
    }
    function time(): number {
      return Math.max(0, state.load - 2 * alarm.ticks);
    }
    function arm(): void {
      const enabled = (block.get('CTRL') & ENABLE) !== 0;
      alarm.run(enabled && isTicking());
      alarm.set(enabled && state.load > 0 ? Math.ceil(state.load / 2) : Infinity);
    }
    environment.clocks.named('ref').afterChange(setTick);
    return withAtomicAliases(block);
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { peripheralSize, withAtomicAliases } from './atomic.js';
import { interruptRegisters, interruptStatus } from './interrupts.js';

const word = 2 ** 32;

/** Timer of RP2040 (data sheet, 4.6): 64 bits, counting the watchdog's ticks, and four alarms that compare the low word. */
export const rp2040Timer: DeviceClass = {
  name: 'rp2040-timer',
  summary: 'RP2040 64-bit timer (data sheet 4.6)',
  size: peripheralSize,
  interrupts: ['irq0', 'irq1', 'irq2', 'irq3'],
  create(environment) {
    const interrupts = [0, 1, 2, 3].map((alarm) => environment.interrupt(`irq${alarm}`));
    const ticking = environment.wire('watchdog.tick');
    /** The high words that a read or write of the low ones takes, and the ticks at which alarms fire. */
    const state = { high: 0, newHigh: 0, at: [Infinity, Infinity, Infinity, Infinity] };
    const alarm = new TickAlarm(environment, environment.clocks.named('tick'), () => {
      look();
    });
    ticking.onChange(() => {
      run();
    });
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'TIMEHW',
          offset: 0x00,
          access: 'wo',
          write: (_stored, _before, written) => {
            state.newHigh = written;
          },
        },
        {
          name: 'TIMELW',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            alarm.restart(state.newHigh * word + written);
            state.at = state.at.map((at, index) => (at === Infinity ? at : nextMatch(index)));
            look();
          },
        },
        { name: 'TIMEHR', offset: 0x08, access: 'ro', read: () => state.high },
        {
          name: 'TIMELR',
          offset: 0x0c,
          access: 'ro',
          read: () => {
            state.high = Math.floor(alarm.ticks / word);
            return alarm.ticks % word;
          },
        },
        {
          name: 'ALARM',
          offset: 0x10,
          count: 4,
          stride: 4,
          write: (_stored, _before, _written, index) => {
            state.at[index] = nextMatch(index);
            look();
          },
        },
        {
          name: 'ARMED',
          offset: 0x20,
          access: 'w1c',
          writable: 0xf,
          steady: true,
          read: () => state.at.reduce((bits, at, index) => (at === Infinity ? bits : bits | (1 << index)), 0),
          write: (_stored, _before, written) => {
            for (let index = 0; index < 4; index++) if ((written >>> index) & 1) state.at[index] = Infinity;
            look();
          },
        },
        { name: 'TIMERAWH', offset: 0x24, access: 'ro', read: () => Math.floor(alarm.ticks / word) },
        { name: 'TIMERAWL', offset: 0x28, access: 'ro', read: () => alarm.ticks % word },
        { name: 'DBGPAUSE', offset: 0x2c, reset: 7, writable: 6 },
        {
          name: 'PAUSE',
          offset: 0x30,
          writable: 1,
          write: () => {
            run();
          },
        },
        {
          name: 'INTR',
          offset: 0x34,
          access: 'w1c',
          writable: 0xf,
          write: () => {
            update();
          },
        },
        ...interruptRegisters(0x38, { bits: 0xf, raw: () => block.get('INTR'), block: () => block, update }),
      ],
      extra: { timer: state, alarm: alarm.state },
      reset: () => {
        Object.assign(state, { high: 0, newHigh: 0, at: [Infinity, Infinity, Infinity, Infinity] });
        alarm.restart(0);
        run();
        look();
      },
    });

    function run(): void {
      alarm.run(ticking.level && block.get('PAUSE') === 0);
    }
    /** The tick at which the low word is what the alarm wants: now counts. */
    function nextMatch(index: number): number {
      return alarm.ticks + ((block.get(`ALARM${index}`) - (alarm.ticks % word) + word) % word);
    }
    function look(): void {
      const now = alarm.ticks;
      state.at.forEach((at, index) => {
        if (at > now) return;
        state.at[index] = Infinity;
        block.set('INTR', block.get('INTR') | (1 << index));
      });
      update();
      alarm.set(Math.min(...state.at));
    }
    function update(): void {
      const status = interruptStatus(block, block.get('INTR'));
      interrupts.forEach((interrupt, index) => {
        interrupt.set(((status >>> index) & 1) === 1);
      });
    }
    return withAtomicAliases(block);
  },
};

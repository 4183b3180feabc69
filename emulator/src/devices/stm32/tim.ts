import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { keeping, lockedBits } from './tim-break.js';
import { CountingPeriod, type CountingMode } from './tim-counter.js';
import { TimerOption } from './tim-option.js';
import { TimerOutputs } from './tim-outputs.js';
import { TimerRequests } from './tim-requests.js';
import { SlaveController } from './tim-slave.js';

/** CR2.MMS: what the trigger output tells of; from 4 on it is OC1REF to OC4REF. */
const [TRGO_RESET, TRGO_ENABLE, TRGO_UPDATE, TRGO_COMPARE, TRGO_REFERENCE] = [0, 1, 2, 3, 4] as const;
/** Bits of SR, DIER and EGR; 8 above them DIER has the DMA requests. CC1 to CC4 are 1 to 4. */
const [UPDATE, COMMUTATION, TRIGGERED, BROKEN] = [0, 5, 6, 7] as const;
const channelNumbers = [0, 1, 2, 3] as const;

/**
 * Basic, general-purpose and advanced timers of STM32F1, F2 and F4 (RM0008 chapters 14 to 17, RM0041 chapters 12 to 16, RM0033 13 to 16,
 * RM0090 17 to 20): PSC, ARR and CCRx with preload, up, down and center-aligned counting, one-pulse mode, repetition counter, compare flags,
 * PWM and the other output modes on its pins `ch1` to `ch4`, input capture from them and from each other, the trigger output `trgo`, slave modes, encoder
 * interface and external clocks (tim-slave.ts), DMA requests as pulses of the pins `dma-up`, `dma-ch1` to `dma-ch4`, `dma-com` and `dma-trig`, in bursts, too.
 * Complementary outputs are the pins `ch1n` to `ch3n`, without dead time; a break comes from software only.
 */
export const stm32Tim: DeviceClass = {
  name: 'stm32-tim',
  summary: 'STM32F1, F2, F4 timer (RM0008 14-17, RM0033 13-16, RM0090 17-20)',
  size: 0x400,
  // Timers with one interrupt use `irq`; advanced ones have several: break, update, trigger with commutation, compare.
  interrupts: ['irq', 'update', 'compare', 'trigger', 'break'],
  clocks: ['timer', 'lsi', 'lse'],
  parameters: {
    bits: { type: 'number', default: 16, summary: 'width of the counter: 16, or 32 for TIM2 and TIM5 of F2 and F4' },
    channels: { type: 'number', default: 4, summary: 'capture/compare channels: 0 for a basic timer' },
    triggers: { type: 'text', default: '', summary: 'wires of ITR0 to ITR3, separated by spaces, - for none: `tim1.trgo - tim8.trgo`' },
    option: { type: 'text', default: '', summary: 'tim2, tim5 or tim11: has its option register (F2 and F4)' },
    advanced: { type: 'number', default: 0, summary: '1: has RCR and BDTR (TIM1, TIM8, TIM15 to TIM17)' },
  },
  create(environment) {
    const interrupts = [
      { signal: environment.interrupt('irq'), flags: 0xff },
      { signal: environment.interrupt('update'), flags: 0x01 },
      { signal: environment.interrupt('compare'), flags: 0x1e },
      { signal: environment.interrupt('trigger'), flags: 0x60 },
      { signal: environment.interrupt('break'), flags: 0x80 },
    ];
    const channelCount = Math.min(4, environment.number('channels'));
    const channels = channelNumbers.slice(0, channelCount);
    const advanced = environment.number('advanced') !== 0;
    const countMask = environment.number('bits') === 32 ? 0xffff_ffff : 0xffff;
    const outputs = new TimerOutputs(environment, channels, advanced, {
      ccer: () => block.get('CCER'),
      enabled: () => !advanced || block.field('BDTR', 'MOE') === 1,
      compares: (channel) => selection(channel) === 0,
      reference: (channel) => reference(channel, state.done),
    });
    const { pins } = outputs;
    const trigger = environment.pin('trgo');
    /**
     * Ticks of `alarm` at position 0; the position up to which events have happened; what is in force behind the preload registers. Edges that the prescaler
     * of an external clock and those of captures have swallowed.
     */
    const atReset = () => ({
      origin: 0,
      done: 0,
      reload: countMask,
      compare: [0, 0, 0, 0],
      repetitions: 0,
      toggled: [false, false, false, false],
      edges: 0,
      captures: [0, 0, 0, 0],
    });
    const state = atReset();
    /** What others are told as soon as the counter stands where it will stay: they may come back to it. Empty between accesses. */
    const told: (() => void)[] = [];
    /** Ticks up to which nothing happens by itself; 0: unknown. */
    let quietUntil = 0;
    const alarm = new TickAlarm(environment, environment.clock('timer'), () => {
      settle();
    });

    const writes = (effect: (stored: number, before: number) => void) => (stored: number, before: number) => {
      effect(stored, before);
      update();
    };
    /** Of registers that the slave mode controller obeys. */
    const configures = (register: string) =>
      writes((stored, before) => {
        block.set(register, before);
        advance();
        block.set(register, stored);
        slave.configured();
        clockChanged();
      });
    const channelRegisters: RegisterDescription[] =
      channelCount === 0
        ? []
        : [
            ...(['CCMR1', 'CCMR2'] as const).slice(0, Math.ceil(channelCount / 2)).map((name, index) => ({
              name,
              offset: 0x18 + index * 4,
              writable: 0xffff,
              write: writes((stored, before) => {
                block.set(name, keeping(locked().modes, stored, before));
              }),
            })),
            {
              name: 'CCER',
              offset: 0x20,
              writable: 0xffff,
              write: (stored, before) => {
                configures('CCER')(keeping(locked().ccer, stored, before), before);
              },
            },
            {
              name: 'CCR',
              offset: 0x34,
              count: channelCount,
              stride: 4,
              writable: countMask,
              read: (stored, index) => {
                if (selection(index) !== 0) block.set('SR', block.get('SR') & ~(2 << index));
                update();
                return stored;
              },
              write: (stored, _before, _written, index) => {
                advance();
                if (!preloads(index)) state.compare[index] = stored;
                update();
              },
            },
          ];
    const captures = (): boolean => selection(3) !== 0 && (block.get('CCER') & 0x1000) !== 0;
    const option: TimerOption = new TimerOption(environment, { or: () => block.get('OR'), captures }, () => {
      inputChanged(3);
    });
    const slave = new SlaveController(
      environment,
      pins,
      {
        smcr: () => block.get('SMCR'),
        cr2: () => block.get('CR2'),
        ccer: () => (channelCount === 0 ? 0 : block.get('CCER')),
        option,
      },
      {
        settle,
        triggered: () => {
          event(TRIGGERED);
          update();
        },
        reset: () => {
          initialize();
          update();
        },
        start: () => {
          block.set('CR1', block.get('CR1') | 1);
          clockChanged();
          update();
        },
        clockChanged: () => {
          clockChanged();
          update();
        },
        clock,
        step: (down) => {
          if (block.field('CR1', 'DIR') !== Number(down)) {
            const count = period().count(state.done);
            block.set('CR1', block.get('CR1') ^ 0x10);
            place(count);
          }
          clock();
        },
        captureTrc: () => {
          for (const channel of channels) if (selection(channel) === 3) captureEdge(channel);
          update();
        },
      },
    );
    const requests = new TimerRequests(
      environment,
      { dier: () => block.get('DIER'), cr2: () => block.get('CR2'), dcr: () => (channelCount === 0 ? 0 : block.get('DCR')) },
      (action) => told.push(action),
    );
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR1',
          offset: 0x00,
          writable: channelCount === 0 ? 0x8f : 0x3ff,
          fields: { CEN: [0, 0], UDIS: [1, 1], URS: [2, 2], OPM: [3, 3], DIR: [4, 4], CMS: [6, 5], ARPE: [7, 7], CKD: [9, 8] },
          read: (stored) => {
            look();
            return mode() === 'center' && period().isDown(state.done) ? stored | 0x10 : stored;
          },
          write: writes((stored, before) => {
            const now = period(before);
            block.set('CR1', before);
            advance();
            const count = now.count(state.done);
            block.set('CR1', stored);
            if (((stored ^ before) & 0x70) !== 0) place(count);
            clockChanged();
          }),
        },
        {
          name: 'CR2',
          offset: 0x04,
          writable: advanced ? 0x7ffd : 0xf8,
          fields: { MMS: [6, 4] },
          write: configures('CR2'),
        },
        { name: 'SMCR', offset: 0x08, writable: 0xfff7, write: configures('SMCR') },
        { name: 'DIER', offset: 0x0c, writable: channelCount === 0 ? 0x101 : 0x7fff, write: writes(() => undefined) },
        {
          name: 'SR',
          offset: 0x10,
          writable: 0x1eff,
          read: () => {
            look();
            return block.get('SR');
          },
          write: (stored, before) => {
            block.set('SR', before);
            advance();
            // Zeros clear, ones do nothing.
            block.set('SR', block.get('SR') & stored);
            update();
          },
        },
        {
          name: 'EGR',
          offset: 0x14,
          access: 'wo',
          write: (_stored, _before, written) => {
            advance();
            if ((written & 1) !== 0) initialize();
            for (const channel of channels) {
              if ((written & (2 << channel)) === 0) continue;
              if (selection(channel) === 0) compared(channel);
              else capture(channel);
            }
            if ((written & 0x40) !== 0) event(TRIGGERED);
            if (advanced && (written & 0x20) !== 0) event(COMMUTATION);
            if (advanced && (written & 0x80) !== 0) {
              block.set('BDTR', block.get('BDTR') & ~0x8000);
              event(BROKEN);
            }
            update();
          },
        },
        ...channelRegisters,
        {
          name: 'CNT',
          offset: 0x24,
          writable: countMask,
          read: () => {
            look();
            return period().count(state.done);
          },
          write: (stored, before) => {
            block.set('CNT', before);
            advance();
            place(stored);
            update();
          },
        },
        { name: 'PSC', offset: 0x28, writable: 0xffff },
        {
          name: 'ARR',
          offset: 0x2c,
          reset: countMask,
          writable: countMask,
          write: (stored) => {
            advance();
            if (block.field('CR1', 'ARPE') === 0) {
              const count = period().count(state.done);
              state.reload = stored;
              place(count);
            }
            update();
          },
        },
        ...(advanced
          ? [
              { name: 'RCR', offset: 0x30, writable: 0xff },
              {
                name: 'BDTR',
                offset: 0x44,
                writable: 0xffff,
                fields: { AOE: [14, 14], MOE: [15, 15] },
                write: writes((stored, before) => {
                  block.set('BDTR', keeping(lockedBits(before).bdtr, stored, before));
                }),
              } as const,
            ]
          : []),
        ...(channelCount === 0 ? [] : requests.registers(() => block)),
        ...option.registers(() => {
          settle();
          slave.configured();
        }),
      ],
      extra: { timer: state, alarm: alarm.state, slave: slave.state, requests: requests.state, option: option.state },
      restored: () => {
        quietUntil = 0;
      },
      reset: () => {
        Object.assign(state, atReset());
        slave.reset();
        requests.reset();
        option.reset();
        alarm.restart(0, { divider: 1, running: false });
        update();
      },
    });
    const inputChanged = (index: number): void => {
      advance();
      slave.pinChanged(index, (input, level) => {
        for (const channel of channels) {
          const from = selection(channel);
          if (!(from === 1 && channel === input) && !(from === 2 && (channel ^ 1) === input)) continue;
          const polarity = slave.polarity(channel);
          if (polarity === 5 || level === (polarity === 0)) captureEdge(channel);
        }
        update();
      });
    };
    pins.forEach((pin, index) => {
      const changed = (): void => {
        // An output of its own is no input, nor is a pin that the option register has taken away.
        if (!outputs.isOutput(index) && option.input(index) === undefined) inputChanged(index);
      };
      pin.oscillates({ settle, heard: update, changed });
    });
    for (const output of [trigger, ...outputs.complements]) output.oscillates({ settle, heard: update, changed: () => undefined });

    /** A flag, and the DMA request that goes with it. */
    function event(bit: number): void {
      block.set('SR', block.get('SR') | (1 << bit));
      requests.event(bit);
    }

    function locked(): ReturnType<typeof lockedBits> {
      return lockedBits(advanced ? block.get('BDTR') : 0);
    }

    /** With AOE, an update event switches outputs on again that a break has switched off. */
    function restoreOutputs(): void {
      if (advanced && block.field('BDTR', 'AOE') === 1) block.set('BDTR', block.get('BDTR') | 0x8000);
    }

    function tell(): void {
      for (let next = told.shift(); next !== undefined; next = told.shift()) next();
    }

    function triggerBy(source: number): void {
      if (block.field('CR2', 'MMS') !== source) return;
      told.push(() => {
        trigger.drive(true);
        trigger.drive(false);
      });
    }

    /** UG, or the slave mode controller's reset. */
    function initialize(): void {
      reloadPreloads();
      place(mode() === 'down' ? state.reload : 0, true);
      state.repetitions = advanced ? block.get('RCR') : 0;
      if (block.field('CR1', 'UDIS') === 0) restoreOutputs();
      if (block.field('CR1', 'URS') === 0 && block.field('CR1', 'UDIS') === 0) event(UPDATE);
      triggerBy(block.field('CR2', 'MMS') === TRGO_UPDATE && block.field('CR1', 'UDIS') === 0 ? TRGO_UPDATE : TRGO_RESET);
    }

    function clockChanged(): void {
      alarm.run((block.get('CR1') & 1) !== 0 && slave.runsInternally);
    }

    /** An edge of a clock from outside. */
    function clock(): void {
      if ((block.get('CR1') & 1) !== 0 && ++state.edges >= alarm.state.counter.divider) {
        state.edges = 0;
        alarm.restart(alarm.ticks + 1);
        advance();
      }
      update();
    }

    function settle(): void {
      advance();
      update();
    }

    function mode(control = block.get('CR1')): CountingMode {
      if (slave.isEncoder) return (control & 0x10) !== 0 ? 'down' : 'up';
      return (control & 0x60) !== 0 ? 'center' : (control & 0x10) !== 0 ? 'down' : 'up';
    }

    function period(control = block.get('CR1')): CountingPeriod {
      return new CountingPeriod(mode(control), state.reload);
    }

    /** The byte of CCMRx that belongs to a channel. */
    function channelMode(channel: number): number {
      return channel < channelCount ? (block.get(channel < 2 ? 'CCMR1' : 'CCMR2') >>> ((channel & 1) * 8)) & 0xff : 0;
    }

    /** CCxS: 0 is an output. */
    function selection(channel: number): number {
      return channelMode(channel) & 3;
    }

    function preloads(channel: number): boolean {
      return selection(channel) === 0 && (channelMode(channel) & 8) !== 0;
    }

    /** Puts CNT to a value; the prescaler starts anew where `afresh`. */
    function place(count: number, afresh = false): void {
      if (afresh) {
        alarm.restart(0, { divider: block.get('PSC') + 1 });
        state.edges = 0;
      }
      // A counter beyond its reload value counts up to the end of its width first: as a position it is beyond all events but that.
      state.done = Math.max(0, period().position(count));
      state.origin = alarm.ticks - state.done;
    }

    function reloadPreloads(): void {
      state.reload = block.get('ARR');
      for (const channel of channels) if (selection(channel) === 0) state.compare[channel] = block.get(channelCount === 1 ? 'CCR' : `CCR${channel}`);
    }

    function setCapture(channel: number, value: number): void {
      block.set(channelCount === 1 ? 'CCR' : `CCR${channel}`, value);
    }

    function capture(channel: number): void {
      setCapture(channel, period().count(state.done));
      // CCxOF: the last one was not taken.
      if ((block.get('SR') & (2 << channel)) !== 0) block.set('SR', block.get('SR') | (0x200 << channel));
      compared(channel);
    }

    /** An edge for a channel that is switched on; ICxPSC takes one of 1, 2, 4 or 8. */
    function captureEdge(channel: number): void {
      if (((block.get('CCER') >>> (channel * 4)) & 1) === 0) return;
      const edges = ((state.captures[channel] ?? 0) + 1) % (1 << ((channelMode(channel) >>> 2) & 3));
      state.captures[channel] = edges;
      if (edges === 0) capture(channel);
    }

    function compared(channel: number): void {
      event(channel + 1);
      if (channel === 0) triggerBy(TRGO_COMPARE);
    }

    /** At an overflow or underflow: is it an update event? */
    function updateEvent(): boolean {
      if (block.field('CR1', 'UDIS') === 1) return false;
      if (state.repetitions > 0) {
        state.repetitions--;
        return false;
      }
      state.repetitions = advanced ? block.get('RCR') : 0;
      reloadPreloads();
      restoreOutputs();
      event(UPDATE);
      triggerBy(TRGO_UPDATE);
      return true;
    }

    /** Where the next event is, and whose. A counter that stands beyond its period's end wraps at its width. */
    function nextEvent(): { readonly at: number; readonly channels: readonly number[]; readonly updates: boolean; readonly wraps: number } {
      const now = period();
      const end = state.done >= now.length && now.mode === 'up' ? countMask + 1 : Math.max(now.length, state.done + 1);
      let at = end;
      const consider = (positions: readonly number[]): void => {
        for (const position of positions) if (position > state.done && position < at) at = position;
      };
      consider(now.updates);
      const matches = channels.map((channel) => (selection(channel) === 0 ? now.matches(state.compare[channel] ?? 0) : []));
      for (const positions of matches) consider(positions);
      const isEnd = at === end;
      return {
        at,
        channels: channels.filter((channel) => matches[channel]?.some((position) => position === at || (isEnd && position === now.length)) === true),
        updates: isEnd || now.updates.includes(at),
        wraps: isEnd ? end : 0,
      };
    }

    /** Lets everything happen that lies between the last look and now. */
    function advance(): void {
      // A reload value of 0 blocks the counter (RM0090 18.4.12).
      if (state.reload === 0) state.origin = alarm.ticks - state.done;
      for (;;) {
        skipPeriods(alarm.ticks - state.origin);
        const next = nextEvent();
        if (next.at > alarm.ticks - state.origin) break;
        state.done = next.at;
        for (const channel of next.channels) match(channel);
        if (next.wraps > 0) {
          state.origin += next.wraps;
          state.done = 0;
        }
        if (next.updates) overflow();
        tell();
      }
      state.done = alarm.ticks - state.origin;
    }

    function overflow(): void {
      if (!updateEvent()) return;
      const divider = block.get('PSC') + 1;
      const stops = block.field('CR1', 'OPM') === 1;
      if (divider !== alarm.state.counter.divider) {
        alarm.restart(0, { divider });
        state.origin = -state.done;
      } else if (stops) {
        state.origin = alarm.ticks - state.done;
      }
      if (stops) {
        block.set('CR1', block.get('CR1') & ~1);
        alarm.run(false);
      }
    }

    /** Many whole periods that nobody watches: their flags at once, as if each had been counted. */
    function skipPeriods(position: number): void {
      const { length } = period();
      const periods = Math.floor((position - state.done) / length) - 2;
      if (periods < 1 || state.done >= length) return;
      const updates = block.field('CR1', 'UDIS') === 0;
      const repeats = updates && advanced ? block.get('RCR') + 1 : 1;
      if (updates && (block.get('ARR') !== state.reload || state.repetitions >= repeats || block.field('CR1', 'OPM') === 1)) return;
      if (updates && block.get('PSC') + 1 !== alarm.state.counter.divider) return;
      const missing = channels.some(
        (channel) => (block.get('SR') & (2 << channel)) === 0 && selection(channel) === 0 && (state.compare[channel] ?? 0) <= state.reload,
      );
      if (missing || (updates && (block.get('SR') & 1) === 0)) return;
      // Toggling outputs change twice in two periods, and every so many periods are an update event.
      state.origin += length * (periods - (periods % (2 * repeats)));
    }

    function match(channel: number): void {
      compared(channel);
      const outputMode = (channelMode(channel) >>> 4) & 7;
      if (outputMode === 3) state.toggled[channel] = state.toggled[channel] !== true;
      else if (outputMode === 1 || outputMode === 2) state.toggled[channel] = outputMode === 1;
    }

    /** OCxREF (RM0090 18.4.7): frozen, active or inactive or toggled on match, forced, PWM. */
    function reference(channel: number, position: number): boolean {
      const now = period();
      const compare = state.compare[channel] ?? 0;
      const outputMode = (channelMode(channel) >>> 4) & 7;
      if (outputMode === 4) return false;
      if (outputMode === 5) return true;
      if (outputMode < 4) return state.toggled[channel] === true;
      const count = now.count(position);
      const active = now.isDown(position) ? count <= compare : count < compare;
      return active === (outputMode === 6);
    }

    /** Is something to be done at every event, as it happens? */
    function isWatched(): boolean {
      const master = block.field('CR2', 'MMS');
      return block.get('DIER') !== 0 || block.field('CR1', 'OPM') === 1 || (master >= TRGO_UPDATE && trigger.isHeard);
    }

    /** As `settle`, for reads: nothing to be done until the next event where nothing has been since the last look. */
    function look(): void {
      if (alarm.ticks < quietUntil) {
        state.done = alarm.ticks - state.origin;
        return;
      }
      settle();
      quietUntil = state.reload > 0 ? state.origin + nextEvent().at : 0;
    }

    /** Interrupts, pins, and the next look at the counter where somebody waits for it. */
    function update(): void {
      quietUntil = 0;
      option.attend();
      tell();
      const active = block.get('SR') & block.get('DIER') & 0xff;
      for (const { signal, flags } of interrupts) signal.set((active & flags) !== 0);
      const heard = outputs.drive();
      const watched = heard || isWatched();
      const master = block.field('CR2', 'MMS');
      if (master === TRGO_ENABLE) trigger.drive((block.get('CR1') & 1) !== 0 && slave.isOpen);
      else trigger.drive(master >= TRGO_REFERENCE && master - TRGO_REFERENCE < channelCount && reference(master - TRGO_REFERENCE, state.done));
      alarm.set(watched && state.reload > 0 && block.field('CR1', 'CEN') === 1 ? state.origin + nextEvent().at : Infinity);
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';
import { TickAlarm } from '../../machine/tick-alarm.js';
import { CountingPeriod, type CountingMode } from './tim-counter.js';

/** CR2.MMS: what the trigger output tells of. */
const [TRGO_RESET, TRGO_ENABLE, TRGO_UPDATE] = [0, 1, 2] as const;
const channelNumbers = [0, 1, 2, 3] as const;

/**
 * Basic, general-purpose and advanced timers of STM32F1, F2 and F4 (RM0008 chapters 14 to 17, RM0041 chapters 12 to 16, RM0033 13 to 16,
 * RM0090 17 to 20): PSC, ARR and CCRx with preload, up, down and center-aligned counting, one-pulse mode, repetition counter, compare flags,
 * PWM and the other output modes on its pins `ch1` to `ch4`, input capture from them, the trigger output `trgo` by reset, enable and update. Slave modes,
 * encoder interface, external clocks, complementary outputs, DMA requests and other triggers are not modelled.
 */
export const stm32Tim: DeviceClass = {
  name: 'stm32-tim',
  summary: 'STM32F1, F2, F4 timer (RM0008 14-17, RM0033 13-16, RM0090 17-20)',
  size: 0x400,
  // Timers with one interrupt use `irq`; advanced ones have an update and a compare interrupt of their own.
  interrupts: ['irq', 'update', 'compare'],
  clocks: ['timer'],
  parameters: {
    bits: { type: 'number', default: 16, summary: 'width of the counter: 16, or 32 for TIM2 and TIM5 of F2 and F4' },
    channels: { type: 'number', default: 4, summary: 'capture/compare channels: 0 for a basic timer' },
    advanced: { type: 'number', default: 0, summary: '1: has RCR and BDTR (TIM1, TIM8, TIM15 to TIM17)' },
  },
  create(environment) {
    const interrupts = { irq: environment.interrupt('irq'), update: environment.interrupt('update'), compare: environment.interrupt('compare') };
    const channelCount = Math.min(4, environment.number('channels'));
    const channels = channelNumbers.slice(0, channelCount);
    const advanced = environment.number('advanced') !== 0;
    const countMask = environment.number('bits') === 32 ? 0xffff_ffff : 0xffff;
    const pins = channels.map((channel) => environment.pin(`ch${channel + 1}`));
    const trigger = environment.pin('trgo');
    /** Ticks of `alarm` at position 0; the position up to which events have happened; what is in force behind the preload registers. */
    const state = { origin: 0, done: 0, reload: countMask, compare: [0, 0, 0, 0], repetitions: 0, toggled: [false, false, false, false] };
    const alarm = new TickAlarm(environment, environment.clock('timer'), () => {
      settle();
    });

    const writes = (effect: (stored: number, before: number) => void) => (stored: number, before: number) => {
      effect(stored, before);
      update();
    };
    const channelRegisters: RegisterDescription[] =
      channelCount === 0
        ? []
        : [
            ...(['CCMR1', 'CCMR2'] as const)
              .slice(0, Math.ceil(channelCount / 2))
              .map((name, index) => ({ name, offset: 0x18 + index * 4, writable: 0xffff, write: writes(() => undefined) })),
            { name: 'CCER', offset: 0x20, writable: 0xffff, write: writes(() => undefined) },
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
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR1',
          offset: 0x00,
          writable: channelCount === 0 ? 0x8f : 0x3ff,
          fields: { CEN: [0, 0], UDIS: [1, 1], URS: [2, 2], OPM: [3, 3], DIR: [4, 4], CMS: [6, 5], ARPE: [7, 7], CKD: [9, 8] },
          read: (stored) => {
            advance();
            return mode() === 'center' && period().isDown(state.done) ? stored | 0x10 : stored;
          },
          write: writes((stored, before) => {
            const now = period(before);
            block.set('CR1', before);
            advance();
            const count = now.count(state.done);
            block.set('CR1', stored);
            if (((stored ^ before) & 0x70) !== 0) place(count);
            alarm.run((stored & 1) !== 0);
            if ((stored & ~before & 1) !== 0) triggerBy(TRGO_ENABLE);
          }),
        },
        {
          name: 'CR2',
          offset: 0x04,
          writable: advanced ? 0x7ffd : 0xf8,
          fields: { MMS: [6, 4] },
          write: writes((stored) => {
            if ((stored & 0x70) > TRGO_UPDATE << 4) environment.warn(`CR2 0x${stored.toString(16)}: trigger outputs by compare are not modelled`);
          }),
        },
        {
          name: 'SMCR',
          offset: 0x08,
          writable: 0xfff7,
          write: writes((stored) => {
            if ((stored & 0x4007) !== 0) environment.warn(`SMCR 0x${stored.toString(16)}: slave modes and external clocks are not modelled`);
          }),
        },
        { name: 'DIER', offset: 0x0c, writable: channelCount === 0 ? 0x101 : 0x7fff, write: writes(() => undefined) },
        {
          name: 'SR',
          offset: 0x10,
          writable: 0x1eff,
          read: () => {
            advance();
            update();
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
            if ((written & 1) !== 0) {
              reloadPreloads();
              place(mode() === 'down' ? state.reload : 0, true);
              state.repetitions = advanced ? block.get('RCR') : 0;
              if (block.field('CR1', 'URS') === 0 && block.field('CR1', 'UDIS') === 0) block.set('SR', block.get('SR') | 1);
              triggerBy(block.field('CR2', 'MMS') === TRGO_UPDATE && block.field('CR1', 'UDIS') === 0 ? TRGO_UPDATE : TRGO_RESET);
            }
            for (const channel of channels) {
              if ((written & (2 << channel)) === 0) continue;
              if (selection(channel) === 0) block.set('SR', block.get('SR') | (2 << channel));
              else capture(channel);
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
            advance();
            update();
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
              { name: 'BDTR', offset: 0x44, writable: 0xffff, fields: { MOE: [15, 15] }, write: writes(() => undefined) } as const,
            ]
          : []),
        ...(channelCount === 0
          ? []
          : [
              { name: 'DCR', offset: 0x48, writable: 0x1f1f },
              { name: 'DMAR', offset: 0x4c, writable: 0xffff },
              { name: 'OR', offset: 0x50, writable: 0xffff },
            ]),
      ],
      extra: { timer: state, alarm: alarm.state },
      reset: () => {
        Object.assign(state, { origin: 0, done: 0, reload: countMask, compare: [0, 0, 0, 0], repetitions: 0, toggled: [false, false, false, false] });
        alarm.restart(0, { divider: 1, running: false });
        update();
      },
    });
    pins.forEach((pin, channel) => {
      const changed = (level: boolean): void => {
        if (selection(channel) !== 1 || ((block.get('CCER') >>> (channel * 4)) & 1) === 0) return;
        // CCxP and CCxNP: rising, falling, -, both.
        const polarity = (block.get('CCER') >>> (channel * 4 + 1)) & 5;
        if (polarity === 5 || level === (polarity === 0)) {
          advance();
          capture(channel);
          update();
        }
      };
      pin.oscillates({ settle, heard: update, changed });
    });

    function triggerBy(source: number): void {
      if (block.field('CR2', 'MMS') !== source) return;
      trigger.set(true);
      trigger.set(false);
    }

    function settle(): void {
      advance();
      update();
    }

    function mode(control = block.get('CR1')): CountingMode {
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
      if (afresh) alarm.restart(0, { divider: block.get('PSC') + 1 });
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
      const flag = 2 << channel;
      // CCxOF: the last one was not taken.
      block.set('SR', block.get('SR') | flag | ((block.get('SR') & flag) !== 0 ? 0x200 << channel : 0));
    }

    /** At an overflow or underflow: is it an update event? */
    function updateEvent(): boolean {
      if (block.field('CR1', 'UDIS') === 1) return false;
      if (state.repetitions > 0) {
        state.repetitions--;
        return false;
      }
      state.repetitions = advanced ? block.get('RCR') : 0;
      block.set('SR', block.get('SR') | 1);
      reloadPreloads();
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
        const event = nextEvent();
        if (event.at > alarm.ticks - state.origin) break;
        state.done = event.at;
        for (const channel of event.channels) match(channel);
        if (event.wraps > 0) {
          state.origin += event.wraps;
          state.done = 0;
        }
        if (event.updates) overflow();
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
      block.set('SR', block.get('SR') | (2 << channel));
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

    function isOutput(channel: number): boolean {
      return (
        channelCount > 0 && selection(channel) === 0 && ((block.get('CCER') >>> (channel * 4)) & 1) === 1 && (!advanced || block.field('BDTR', 'MOE') === 1)
      );
    }

    /** Interrupts, pins, and the next look at the counter where somebody waits for it. */
    function update(): void {
      const active = block.get('SR') & block.get('DIER') & 0xff;
      interrupts.irq.set(active !== 0);
      interrupts.update.set((active & 1) !== 0);
      interrupts.compare.set((active & 0x1e) !== 0);
      let watched = (block.get('DIER') & 0xff) !== 0 || block.field('CR1', 'OPM') === 1 || (block.field('CR2', 'MMS') === TRGO_UPDATE && trigger.isHeard);
      pins.forEach((pin, channel) => {
        const output = isOutput(channel);
        watched ||= output && pin.isHeard;
        const inverted = ((block.get('CCER') >>> (channel * 4 + 1)) & 1) === 1;
        pin.drive(output ? reference(channel, state.done) !== inverted : undefined);
      });
      alarm.set(watched && state.reload > 0 && block.field('CR1', 'CEN') === 1 ? state.origin + nextEvent().at : Infinity);
    }
    return block;
  },
};

import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock, type RegisterDescription } from '../../machine/register-block.js';

const channels = [0, 1] as const;
/** TSELx: what starts a conversion (RM0090 table 75, RM0041 table 70); 7 is software. */
const triggers = {
  f4: ['tim6.trgo', 'tim8.trgo', 'tim7.trgo', 'tim5.trgo', 'tim2.trgo', 'tim4.trgo', 'exti.9'],
  f1: ['tim6.trgo', 'tim3.trgo', 'tim7.trgo', 'tim15.trgo', 'tim2.trgo', 'tim4.trgo', 'exti.9'],
} as const;
/** The noise generator's register behind a reset. */
const noiseSeed = 0xaaa;
/** Data holding registers of a channel: how the 12 bits lie in them. */
const forms = [
  { name: 'DHR12R', bits: 0xfff, shift: 0 },
  { name: 'DHR12L', bits: 0xfff0, shift: 4 },
  { name: 'DHR8R', bits: 0xff, shift: -4 },
] as const;

/**
 * DAC of STM32F1, F2 and F4 (RM0041 chapter 11, RM0033 chapter 11, RM0090 chapter 14): two channels, written at once, by software trigger or by a timer's
 * trigger output, EXTI's line 9 or software, with noise or a triangle on top. What they put out stands in DOR1 and DOR2. With DMAENx a trigger also asks for the next value, by a pulse of the pins `dma-1` and `dma-2`. Underruns are not modelled.
 */
export const stm32Dac: DeviceClass = {
  name: 'stm32-dac',
  summary: 'STM32F1, F2, F4 DAC (RM0041 11, RM0090 14)',
  size: 0x400,
  parameters: { series: { type: 'text', default: 'f4', summary: 'f1 or f4' } },
  create(environment) {
    const wires = triggers[environment.text('series') === 'f1' ? 'f1' : 'f4'].map((source) => environment.wire(source));
    const requests = channels.map((channel) => environment.pin(`dma-${channel + 1}`));
    /** Of each channel: what is held, and waits for its trigger; noise; the triangle's height, and whether it falls. */
    const state = { held: [0, 0], noise: [noiseSeed, noiseSeed], triangle: [0, 0], falls: [false, false] };
    /** Bits of a channel's half of CR. */
    const control = (channel: number): number => (block.get('CR') >>> (16 * channel)) & 0xffff;
    const isTriggered = (channel: number): boolean => (control(channel) & 4) !== 0;
    const hold = (channel: number, value: number): void => {
      state.held[channel] = value & 0xfff;
      if (!isTriggered(channel)) convert(channel);
    };
    const convert = (channel: number): void => {
      block.set(`DOR${channel}`, Math.min(0xfff, (state.held[channel] ?? 0) + wave(channel)));
    };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'CR',
          offset: 0x00,
          writable: 0x3fff_3fff,
          write: () => {
            for (const channel of channels) if ((control(channel) & 0xc0) === 0) calm(channel);
            for (const wire of wires) wire.attend();
          },
        },
        {
          name: 'SWTRIGR',
          offset: 0x04,
          access: 'wo',
          write: (_stored, _before, written) => {
            for (const channel of channels) if (((written >>> channel) & 1) === 1 && isTriggered(channel) && trigger(channel) === 7) triggered(channel);
          },
        },
        ...channels.flatMap((channel) =>
          forms.map(({ name, bits, shift }, index): RegisterDescription => ({
            name: `${name}${channel + 1}`,
            offset: 0x08 + 12 * channel + 4 * index,
            writable: bits,
            write: (stored) => {
              hold(channel, shift < 0 ? stored << -shift : stored >>> shift);
            },
          })),
        ),
        ...forms.map(({ name, bits, shift }, index): RegisterDescription => ({
          name: `${name}D`,
          offset: 0x20 + 4 * index,
          writable: bits === 0xff ? 0xffff : (bits << 16) | bits,
          write: (stored) => {
            const halves = bits === 0xff ? [stored & 0xff, stored >>> 8] : [stored & 0xffff, stored >>> 16];
            for (const channel of channels) hold(channel, shift < 0 ? (halves[channel] ?? 0) << -shift : (halves[channel] ?? 0) >>> shift);
          },
        })),
        { name: 'DOR', offset: 0x2c, count: 2, access: 'ro' },
        { name: 'SR', offset: 0x34, access: 'w1c', writable: 0x2000_2000 },
      ],
      extra: state,
      reset: () => {
        state.held.fill(0);
        for (const channel of channels) calm(channel);
      },
    });
    function trigger(channel: number): number {
      return (control(channel) >>> 3) & 7;
    }
    function waitsFor(channel: number, number: number): boolean {
      return (control(channel) & 1) !== 0 && isTriggered(channel) && trigger(channel) === number;
    }
    function calm(channel: number): void {
      state.noise[channel] = noiseSeed;
      state.triangle[channel] = 0;
      state.falls[channel] = false;
    }
    /** MAMPx: bits of noise, and the triangle's height. */
    function amplitude(channel: number): number {
      return Math.min(0xfff, 2 ** (((control(channel) >>> 8) & 0xf) + 1) - 1);
    }
    /** What WAVEx adds. */
    function wave(channel: number): number {
      if (!isTriggered(channel) || (control(channel) & 0xc0) === 0) return 0;
      return (control(channel) & 0x80) !== 0 ? (state.triangle[channel] ?? 0) : (state.noise[channel] ?? 0) & amplitude(channel);
    }
    /** Every trigger takes the waves one step on (RM0090 14.3.8 and 14.3.9). */
    function step(channel: number): void {
      const noise = state.noise[channel] ?? 0;
      const feedback = (noise ^ (noise >>> 1) ^ (noise >>> 4) ^ (noise >>> 6)) & 1;
      if ((control(channel) & 0xc0) === 0x40) state.noise[channel] = (noise >>> 1) | (feedback << 11) || noiseSeed;
      if ((control(channel) & 0x80) === 0) return;
      const height = state.triangle[channel] ?? 0;
      if (height >= amplitude(channel)) state.falls[channel] = true;
      else if (height === 0) state.falls[channel] = false;
      state.triangle[channel] = height + (state.falls[channel] === true ? -1 : 1);
    }
    function triggered(channel: number): void {
      convert(channel);
      step(channel);
      if ((control(channel) & 0x1000) !== 0) requests[channel]?.pulse();
    }
    wires.forEach((wire, number) => {
      wire.onChangeAtTimes(
        (level) => {
          if (level) for (const channel of channels) if (waitsFor(channel, number)) triggered(channel);
        },
        () => channels.some((channel) => waitsFor(channel, number)),
      );
    });
    return block;
  },
};

import { UsageError } from '@fireball/contracts';
import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

const AWD = 1 << 0;
const EOC = 1 << 1;
const JEOC = 1 << 2;
const JSTRT = 1 << 3;
const STRT = 1 << 4;
const OVR = 1 << 5;

/** EXTSEL and JEXTSEL: what starts a regular and an injected sequence, by number (RM0041 10.11.3, RM0008 tables 69 and 70, RM0033 10.13.3, RM0090 13.13.3); the last is EXTI's, or of F1 the one before software. */
const triggerWires = {
  f1: {
    regular: 'tim1.ch1 tim1.ch2 tim1.ch3 tim2.ch2 tim3.trgo tim4.ch4 exti.11',
    injected: 'tim1.trgo tim1.ch4 tim2.trgo tim2.ch1 tim3.ch4 tim4.trgo exti.15',
  },
  f4: {
    regular:
      'tim1.ch1 tim1.ch2 tim1.ch3 tim2.ch2 tim2.ch3 tim2.ch4 tim2.trgo tim3.ch1 tim3.trgo tim4.ch4 tim5.ch1 tim5.ch2 tim5.ch3 tim8.ch1 tim8.trgo exti.11',
    injected:
      'tim1.ch4 tim1.trgo tim2.ch1 tim2.trgo tim3.ch2 tim3.ch4 tim4.ch1 tim4.ch2 tim4.ch3 tim4.trgo tim5.ch4 tim5.trgo tim8.ch2 tim8.ch3 tim8.ch4 exti.15',
  },
} as const;
/** Cycles of the ADC's clock: sampling by SMP, and 12 to 12.5 for the conversion. */
const sampleCycles = { f1: [1.5, 7.5, 13.5, 28.5, 41.5, 55.5, 71.5, 239.5], f4: [3, 15, 28, 56, 84, 112, 144, 480] } as const;

/**
 * One ADC of STM32F1 (RM0008 chapter 11, RM0041 chapter 10) or of F2 and F4 (RM0033 chapter 10, RM0090 chapter 13). Regular and injected sequences by
 * software or by triggers (timers' trigger outputs, compare outputs that are switched on, EXTI's lines), single or continuous, the analog watchdog, alignment,
 * DMA requests, discontinuous mode. What pins carry is the parameter `inputs`. Dual modes are those of F2's and F4's common registers; F103's are not modelled.
 */
export const stm32Adc: DeviceClass = {
  name: 'stm32-adc',
  summary: 'STM32F1, F2, F4 ADC (RM0008 11, RM0090 13)',
  size: 0x100,
  interrupts: ['irq'],
  clocks: ['adc'],
  parameters: {
    series: { type: 'text', default: 'f4', summary: 'f1 or f4' },
    inputs: { type: 'text', default: '', summary: 'what channels read, CHANNEL=VALUE separated by spaces; the others read 0, 16 and 17 25 degrees and 1.2 V' },
  },
  create(environment) {
    const irq = environment.interrupt('irq');
    const request = environment.pin('dma');
    const clock = environment.clock('adc');
    /** Told when a sequence starts, and whether EOC is set: ADCs that work together listen. */
    const [regularStarts, injectedStarts, finished] = [environment.pin('regular'), environment.pin('injected'), environment.pin('eoc')];
    const isF1 = environment.text('series') === 'f1';
    const inputs = parseInputs(environment.text('inputs'));
    /** The conversion under way, its place in the sequence; the places at which discontinuous mode goes on; what waits for the other sequence's end. */
    const idle = { converting: -1, injected: false, injectedWaits: false, regularWaits: false, place: 0, injectedPlace: 0, left: 0 };
    const state = { ...idle };
    const done = environment.timer(() => {
      converted();
      update();
    });

    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        {
          name: 'SR',
          offset: 0x00,
          writable: isF1 ? 0x1f : 0x3f,
          write: (stored, before) => {
            block.set('SR', stored & before);
            update();
          },
        },
        {
          name: 'CR1',
          offset: 0x04,
          writable: isF1 ? 0x00cf_ffff : 0x07c0_ffff,
          fields: {
            AWDCH: [4, 0],
            EOCIE: [5, 5],
            AWDIE: [6, 6],
            JEOCIE: [7, 7],
            SCAN: [8, 8],
            AWDSGL: [9, 9],
            JAUTO: [10, 10],
            DISCEN: [11, 11],
            JDISCEN: [12, 12],
            DISCNUM: [15, 13],
            JAWDEN: [22, 22],
            AWDEN: [23, 23],
            RES: [25, 24],
            OVRIE: [26, 26],
          },
          write: () => {
            update();
          },
        },
        {
          name: 'CR2',
          offset: 0x08,
          writable: isF1 ? 0x00fe_f90f : 0x7f7f_0f03,
          fields: { ADON: [0, 0], CONT: [1, 1], DMA: [8, 8], ALIGN: [11, 11] },
          write: isF1 ? writeControlF1 : writeControlF4,
        },
        { name: 'SMPR1', offset: 0x0c, writable: 0x07ff_ffff },
        { name: 'SMPR2', offset: 0x10, writable: 0x3fff_ffff },
        { name: 'JOFR', offset: 0x14, count: 4, writable: 0xfff },
        { name: 'HTR', offset: 0x24, reset: 0xfff, writable: 0xfff },
        { name: 'LTR', offset: 0x28, writable: 0xfff },
        { name: 'SQR1', offset: 0x2c, writable: 0x00ff_ffff },
        { name: 'SQR2', offset: 0x30, writable: 0x3fff_ffff },
        { name: 'SQR3', offset: 0x34, writable: 0x3fff_ffff },
        { name: 'JSQR', offset: 0x38, writable: 0x003f_ffff },
        { name: 'JDR', offset: 0x3c, count: 4, access: 'ro' },
        {
          name: 'DR',
          offset: 0x4c,
          access: 'ro',
          read: (stored) => {
            block.set('SR', block.get('SR') & ~EOC);
            update();
            return stored;
          },
        },
      ],
      extra: state,
      reset: () => {
        stop();
        update();
      },
    });

    const triggers = (['regular', 'injected'] as const).flatMap((kind) =>
      triggerWires[isF1 ? 'f1' : 'f4'][kind].split(' ').map((name, selection) => ({ injected: kind === 'injected', selection, wire: environment.wire(name) })),
    );
    for (const { injected, selection, wire } of triggers) {
      wire.onChangeAtTimes(
        (level) => {
          if ((edgesOf(injected, selection) & (level ? 1 : 2)) === 0) return;
          if (injected) startInjected();
          else start();
        },
        () => edgesOf(injected, selection) !== 0,
      );
    }

    /** Which edges of a trigger start a sequence: 1 rising, 2 falling. */
    function edgesOf(injected: boolean, selection: number): number {
      const control = block.get('CR2');
      if ((control & 1) === 0) return 0;
      // EXTTRIG with EXTSEL and JEXTTRIG with JEXTSEL; EXTEN and JEXTEN choose edges.
      if (isF1) return (control >>> (injected ? 15 : 20)) & 1 && ((control >>> (injected ? 12 : 17)) & 7) === selection ? 1 : 0;
      return ((control >>> (injected ? 16 : 24)) & 0xf) === selection ? (control >>> (injected ? 20 : 28)) & 3 : 0;
    }

    function writeControlF1(stored: number, before: number): void {
      // Calibration is done at once; ADON written as 1 while it is 1, and nothing else changed, starts a conversion (RM0008 11.12.3).
      block.set('CR2', stored & ~0x0060_000c);
      if ((stored & 1) === 0) stop();
      else if ((stored & 0x50_0000) === 0x50_0000 || (stored === before && (before & 1) !== 0)) start();
      if ((stored & 0x20_8001) === 0x20_8001) startInjected();
      for (const { wire } of triggers) wire.attend();
      update();
    }

    function writeControlF4(stored: number): void {
      block.set('CR2', stored & ~0x4040_0000);
      if ((stored & 1) === 0) stop();
      else if ((stored & 0x4000_0000) !== 0) start();
      if ((stored & 0x40_0001) === 0x40_0001) startInjected();
      for (const { wire } of triggers) wire.attend();
      update();
    }

    function stop(): void {
      Object.assign(state, idle);
      done.clear();
    }

    function start(): void {
      block.set('SR', block.get('SR') | STRT);
      if (state.converting >= 0 && state.injected) state.regularWaits = true;
      else begin(false);
      regularStarts.drive(true);
      regularStarts.drive(undefined);
    }

    function startInjected(): void {
      block.set('SR', block.get('SR') | JSTRT);
      if (state.converting < 0) begin(true);
      else state.injectedWaits = true;
      injectedStarts.drive(true);
      injectedStarts.drive(undefined);
    }
    for (const [pin, startSequence] of [
      [regularStarts, start],
      [injectedStarts, startInjected],
    ] as const) {
      // From another ADC; what it drives itself it does not hear as such.
      pin.onChange((level) => {
        if (level && pin.state.driven !== true && (block.get('CR2') & 1) === 1) startSequence();
      });
    }

    /** The whole sequence, or in discontinuous mode the next of it. */
    function begin(injected: boolean): void {
      const isPart = isDiscontinuous(injected);
      state.left = !isPart ? lengthOf(injected) : injected ? 1 : block.field('CR1', 'DISCNUM') + 1;
      const place = !isPart ? 0 : injected ? state.injectedPlace : state.place;
      convert(place < lengthOf(injected) ? place : 0, injected);
    }

    function isDiscontinuous(injected: boolean): boolean {
      return block.field('CR1', injected ? 'JDISCEN' : 'DISCEN') === 1;
    }

    /** Number of conversions in a sequence; without SCAN only the first. */
    function lengthOf(injected: boolean): number {
      if (block.field('CR1', 'SCAN') === 0 && !isDiscontinuous(injected)) return 1;
      return injected ? ((block.get('JSQR') >>> 20) & 3) + 1 : ((block.get('SQR1') >>> 20) & 0xf) + 1;
    }

    function channelOf(index: number, injected: boolean): number {
      // JSQ4 is the last: a shorter sequence begins later.
      if (injected) return (block.get('JSQR') >>> ((index + 4 - lengthOf(true)) * 5)) & 0x1f;
      return (block.get(['SQR3', 'SQR2', 'SQR1'][Math.floor(index / 6)] ?? 'SQR3') >>> ((index % 6) * 5)) & 0x1f;
    }

    function convert(index: number, injected: boolean): void {
      state.converting = index;
      state.injected = injected;
      const channel = channelOf(index, injected);
      const sample = channel < 10 ? block.get('SMPR2') >>> (channel * 3) : block.get('SMPR1') >>> ((channel - 10) * 3);
      const bits = isF1 ? 12.5 : 12 - 2 * block.field('CR1', 'RES');
      const cycles = (sampleCycles[isF1 ? 'f1' : 'f4'][sample & 7] ?? 0) + bits;
      done.set(environment.timeline.now + (cycles * environment.clocks.cpu.hertz) / clock.hertz);
    }

    function converted(): void {
      const { converting: index, injected } = state;
      const channel = channelOf(index, injected);
      const raw = inputs.get(channel) ?? { 16: isF1 ? 1775 : 943, 17: 1489 }[channel] ?? 0;
      const value = isF1 ? raw : raw >>> (2 * block.field('CR1', 'RES'));
      watch(channel, value, injected);
      const isLast = index + 1 >= lengthOf(injected);
      state.converting = -1;
      state.left -= 1;
      if (injected) state.injectedPlace = isLast ? 0 : index + 1;
      else state.place = isLast ? 0 : index + 1;
      const isInterrupted = !isLast && state.left <= 0;
      if (injected) {
        block.set(`JDR${index}`, (value - block.get(`JOFR${index}`)) & 0xffff);
        if (isLast) block.set('SR', block.get('SR') | JEOC);
        else if (!isInterrupted) convert(index + 1, true);
        if (isLast && (state.regularWaits || ((block.get('SR') & STRT) !== 0 && block.field('CR2', 'CONT') === 1))) {
          state.regularWaits = false;
          begin(false);
        }
        return;
      }
      const status = block.get('SR');
      const overrun = !isF1 && (status & EOC) !== 0 && (block.field('CR2', 'DMA') === 1 || (block.get('CR2') & 0x400) !== 0);
      if (overrun) {
        block.set('SR', status | OVR);
      } else {
        block.set('DR', block.field('CR2', 'ALIGN') === 1 ? (value << 4) & 0xffff : value);
        // EOC after each conversion with EOCS, DMA or in discontinuous mode, else after the sequence.
        const each = isLast || isDiscontinuous(false) || block.field('CR2', 'DMA') === 1 || (!isF1 && (block.get('CR2') & 0x400) !== 0);
        block.set('SR', status | (each ? EOC : 0));
      }
      if (!isLast) {
        if (!isInterrupted) convert(index + 1, false);
      } else if (block.field('CR1', 'JAUTO') === 1 || state.injectedWaits) {
        state.injectedWaits = false;
        begin(true);
      } else if (block.field('CR2', 'CONT') === 1) {
        begin(false);
      }
    }

    function watch(channel: number, value: number, injected: boolean): void {
      if (block.field('CR1', injected ? 'JAWDEN' : 'AWDEN') === 0) return;
      if (block.field('CR1', 'AWDSGL') === 1 && block.field('CR1', 'AWDCH') !== channel) return;
      if (value > block.get('HTR') || value < block.get('LTR')) block.set('SR', block.get('SR') | AWD);
    }

    function update(): void {
      const status = block.get('SR');
      const control = block.get('CR1');
      irq.set(
        ((control & 0x20) !== 0 && (status & EOC) !== 0) ||
          ((control & 0x40) !== 0 && (status & AWD) !== 0) ||
          ((control & 0x80) !== 0 && (status & JEOC) !== 0) ||
          ((control & 0x0400_0000) !== 0 && (status & OVR) !== 0),
      );
      // In dual modes the common registers ask in its place.
      request.drive(block.field('CR2', 'DMA') === 1 ? (status & EOC) !== 0 : undefined);
      finished.drive((status & EOC) !== 0);
    }
    return block;
  },
};

/** `0=2048 1=100`. */
function parseInputs(text: string): ReadonlyMap<number, number> {
  return new Map(
    text.split(/\s+/).flatMap((entry) => {
      if (entry === '') return [];
      const match = /^(\d+)=(\d+)$/.exec(entry);
      if (match === null || Number(match[1]) > 18 || Number(match[2]) > 4095)
        throw new UsageError(`'${entry}' is no input of an ADC: CHANNEL=VALUE, channels 0 to 18, values 0 to 4095`);
      return [[Number(match[1]), Number(match[2])] as const];
    }),
  );
}

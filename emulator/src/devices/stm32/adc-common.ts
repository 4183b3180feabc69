import type { DeviceClass } from '../../machine/device.js';
import { RegisterBlock } from '../../machine/register-block.js';

/** CCR.ADCPRE. */
const dividers = [2, 4, 6, 8] as const;
const numbers = [1, 2, 3] as const;

/**
 * Common registers of the three ADCs of STM32F2 and F4, 0x300 behind ADC1 (RM0090 13.13.15): the clock of all (the board's clock `adc`), their status, and
 * dual and triple modes (13.9), in which ADC1's regular or injected sequence starts the others' as well. Interleaved ones start together, too. With DMA,
 * results come in order, one by one (mode 1) or two in a word (mode 2); mode 3 is not modelled.
 */
export const stm32AdcCommon: DeviceClass = {
  name: 'stm32-adc-common',
  summary: 'STM32F2 and F4 common ADC registers (RM0090 13.13.15)',
  size: 0x100,
  clocks: ['pclk'],
  parameters: { adc1: { type: 'number', default: 0x4001_2000, summary: 'address of ADC1; the others follow every 0x100' } },
  create(environment) {
    const bus = environment.clock('pclk');
    const adcs = numbers.map((number) => ({
      base: environment.number('adc1') + (number - 1) * 0x100,
      regular: environment.wire(`adc${number}.regular`),
      injected: environment.wire(`adc${number}.injected`),
      done: environment.wire(`adc${number}.eoc`),
    }));
    const request = environment.wire('adc1.dma');
    /** Results that DMA has not taken. */
    const state = { results: [] as number[] };
    const block: RegisterBlock = new RegisterBlock({
      warn: environment.warn,
      registers: [
        // A read of SR has no effect.
        { name: 'CSR', offset: 0x00, access: 'ro', read: () => adcs.reduce((status, { base }, adc) => status | ((read(base) & 0x3f) << (adc * 8)), 0) },
        {
          name: 'CCR',
          offset: 0x04,
          writable: 0x00c3_ef1f,
          fields: { MULTI: [4, 0], DELAY: [11, 8], DDS: [13, 13], DMA: [15, 14], ADCPRE: [17, 16], VBATE: [22, 22], TSVREFE: [23, 23] },
          write: (stored) => {
            if ((stored & 0xc000) === 0xc000) environment.warn('CCR.DMA: mode 3 is not modelled');
            state.results = [];
            update();
          },
        },
        { name: 'CDR', offset: 0x08, access: 'ro', read: () => takeResults() },
      ],
      extra: state,
      reset: () => {
        state.results = [];
        update();
      },
    });
    bus.afterChange(setClock);

    function read(address: number): number {
      return environment.bus.read(address, 4) ?? 0;
    }
    /** How many ADCs work together. */
    function partners(): number {
      const mode = block.field('CCR', 'MULTI');
      return mode === 0 ? 1 : mode < 0x10 ? 2 : 3;
    }
    function setClock(): void {
      environment.clocks.named('adc').hertz = Math.max(1, Math.round(bus.hertz / (dividers[block.field('CCR', 'ADCPRE')] ?? 2)));
    }
    const others = (): readonly (typeof adcs)[number][] => adcs.slice(1, partners());
    // 1 to 3 and 5 have injected sequences start together, 1 to 3, 6 and 7 regular ones (RM0090 13.13.16).
    for (const [kind, modes] of [
      ['regular', [1, 2, 3, 6, 7]],
      ['injected', [1, 2, 3, 5, 9]],
    ] as const) {
      adcs[0]?.[kind].onChange((level) => {
        if (level && modes.some((mode) => mode === (block.field('CCR', 'MULTI') & 0xf))) for (const other of others()) other[kind].pulse();
      });
    }
    for (const { done } of adcs)
      done.onChange(() => {
        collect();
      });

    /** When all are done, DMA gets what they have found. */
    function collect(): void {
      if (block.field('CCR', 'DMA') === 0 || partners() === 1) return;
      const all = adcs.slice(0, partners());
      if (!all.every(({ done }) => done.level)) return;
      for (const { base } of all) state.results.push(read(base + 0x4c));
      update();
    }
    function takeResults(): number {
      if (block.field('CCR', 'DMA') === 0 || partners() === 1) return (read((adcs[0]?.base ?? 0) + 0x4c) | (read((adcs[1]?.base ?? 0) + 0x4c) << 16)) >>> 0;
      const [first = 0, second = 0] = state.results.splice(0, block.field('CCR', 'DMA'));
      update();
      return (first | (second << 16)) >>> 0;
    }
    function update(): void {
      setClock();
      const mode = block.field('CCR', 'DMA');
      request.set(mode !== 0 && partners() > 1 ? state.results.length >= mode : undefined);
    }
    return block;
  },
};

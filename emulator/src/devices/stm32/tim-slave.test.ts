import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { levelsOf, timerRegisters, writeAll, type Writes } from '../../testing/stm32-timer.js';
import { stm32Adc } from './adc.js';
import { stm32Dac } from './dac.js';
import { stm32f1Dma } from './dma-f1.js';
import { stm32f4Dma } from './dma-f4.js';
import { stm32Tim } from './tim.js';

const { CR1, CR2, SMCR, DIER, SR, EGR, CCMR1, CCER, CNT, PSC, ARR, CCR1, CCR2, DCR, DMAR } = timerRegisters;

/** TIM2, the slave, whose ITR2 is TIM3. */
function pair(): DeviceBench {
  return new DeviceBench([
    { device: stm32Tim, name: 'tim2', parameters: { triggers: 'tim1.trgo tim8.trgo tim3.trgo tim4.trgo' } },
    { device: stm32Tim, name: 'tim3' },
  ]);
}

function alone(registers: Writes): DeviceBench {
  const bench = pair();
  writeAll(bench, 'tim2', registers);
  return bench;
}

const counts = (bench: DeviceBench): number => bench.read('tim2', CNT);

describe('the option registers of TIM2 and TIM5', () => {
  const bench = (): DeviceBench =>
    new DeviceBench(
      [
        { device: stm32Tim, name: 'tim2', parameters: { triggers: '- tim8.trgo', option: 'tim2' } },
        { device: stm32Tim, name: 'tim5', parameters: { bits: 32, option: 'tim5' }, clocks: { lsi: 'lsi', lse: 'lse' } },
        { device: stm32Tim, name: 'tim8' },
      ],
      { clocks: { cpu: 16_000_000, lsi: 32_000, lse: 32_768 } },
    );
  const [OR, CCMR2, CCR4] = [0x50, 0x1c, 0x40];

  // As the watchdog example of STM32Cube does, to find out how long the watchdog lasts.
  it('measure LSI and LSE: captures of every eighth edge', () => {
    const timers = bench();
    writeAll(timers, 'tim5', [
      [OR, 0x40],
      [CCMR2, 0xd00],
      [CCER, 0x1000],
      [CR1, 1],
      [DIER, 0x10],
    ]);
    const captured = (): number => {
      timers.write('tim5', SR, 0);
      for (let waited = 0; waited < 10_000 && !timers.interrupt('tim5.irq'); waited += 10) timers.pass(10);
      return timers.read('tim5', CCR4);
    };
    const first = captured();
    expect([first, captured() - first, captured() - first]).toEqual([4000, 4000, 8000]);
    timers.write('tim5', OR, 0x80);
    const slow = captured();
    expect(captured() - slow).toBe(Math.floor((16_000_000 / 32_768) * 8));
    // From its pin again; what the pin did meanwhile is no edge.
    timers.machine.pin('tim5.ch4').set(true);
    timers.write('tim5', OR, 0);
    timers.write('tim5', CCMR2, 0x100);
    timers.write('tim5', SR, 0);
    timers.pass(100_000);
    expect(timers.read('tim5', SR) & 0x10).toBe(0);
    timers.machine.pin('tim5.ch4').set(false);
    timers.machine.pin('tim5.ch4').set(true);
    expect(timers.read('tim5', SR) & 0x10).toBe(0x10);
  });

  it.each([
    ['TIM8', 0, 3],
    ['USB, which is silent', 0x800, 0],
  ])('lead ITR1 of TIM2 to %s', (_name, option, expected) => {
    const timers = bench();
    writeAll(timers, 'tim2', [
      [OR, option],
      [SMCR, 0x17],
      [CR1, 1],
    ]);
    writeAll(timers, 'tim8', [
      [CR2, 0x20],
      [ARR, 9],
      [CR1, 1],
    ]);
    timers.pass(35);
    expect(timers.read('tim2', CNT)).toBe(expected);
  });
});

describe('slave modes of timers of STM32', () => {
  it('measure period and pulse width of an input: PWM input mode, with reset by TI1', () => {
    const bench = alone([
      // CC1 takes rising edges of TI1, CC2 its falling ones; TI1FP1 resets.
      [CCMR1, 0x0201],
      [CCER, 0x31],
      [SMCR, 0x54],
      [CR1, 1],
    ]);
    const pin = bench.machine.pin('tim2.ch1');
    bench.pass(17);
    for (let period = 0; period < 3; period++) {
      pin.set(true);
      bench.pass(30);
      pin.set(false);
      bench.pass(70);
    }
    pin.set(true);
    expect([bench.read('tim2', CCR1), bench.read('tim2', CCR2), counts(bench)]).toEqual([100, 30, 0]);
    expect(bench.read('tim2', SR) & 0x41).toBe(0x41);
  });

  it('count while a gate is open', () => {
    const bench = alone([
      [SMCR, 0x55],
      [DIER, 0x40],
      [CR1, 1],
    ]);
    const pin = bench.machine.pin('tim2.ch1');
    bench.pass(50);
    expect(counts(bench)).toBe(0);
    pin.set(true);
    bench.pass(20);
    expect(bench.interrupt('tim2.trigger')).toBe(true);
    pin.set(false);
    bench.pass(50);
    expect(counts(bench)).toBe(20);
    pin.set(true);
    bench.pass(5);
    expect(counts(bench)).toBe(25);
  });

  it('start at a trigger, for one pulse', () => {
    // TI2FP2 starts the counter; OC1 in PWM mode 2 is active from CCR1 to the end.
    const bench = alone([
      [ARR, 29],
      [CCR1, 10],
      [CCMR1, 0x0170],
      [CCER, 0x11],
      [SMCR, 0x66],
      [EGR, 1],
      [CR1, 8],
    ]);
    const levels = levelsOf(bench, 'tim2.ch1');
    bench.pass(100);
    bench.machine.pin('tim2.ch2').set(true);
    bench.pass(100);
    expect([levels, bench.read('tim2', CR1) & 1]).toEqual([
      [
        [110, true],
        [130, false],
      ],
      0,
    ]);
  });

  it('count the updates of another timer: 32 bits of two of 16', () => {
    const bench = alone([
      [SMCR, 0x27],
      [PSC, 1],
      [EGR, 1],
      [CR1, 1],
    ]);
    writeAll(bench, 'tim3', [
      [ARR, 9],
      [CR2, 0x20],
      [CR1, 1],
    ]);
    bench.pass(105);
    // Ten updates, of which the prescaler takes every second.
    expect([counts(bench), bench.read('tim3', CNT)]).toEqual([5, 5]);
  });

  it('are gated by the compare output of another timer, and started by its enable', () => {
    const bench = alone([
      [SMCR, 0x25],
      [CR1, 1],
    ]);
    writeAll(bench, 'tim3', [
      [ARR, 9],
      [CCR1, 3],
      [CCMR1, 0x60],
      [CR2, 0x40],
      [EGR, 1],
      [CR1, 1],
    ]);
    bench.pass(100);
    expect(counts(bench)).toBe(30);
    const started = alone([[SMCR, 0x26]]);
    writeAll(started, 'tim3', [[CR2, 0x10]]);
    started.pass(10);
    started.write('tim3', CR1, 1);
    started.pass(7);
    expect(counts(started)).toBe(7);
  });

  it('make a trigger of each compare match, and cost nothing where nobody takes it', () => {
    const bench = alone([
      [SMCR, 0x27],
      [CR1, 1],
    ]);
    writeAll(bench, 'tim3', [
      [ARR, 9],
      [CCR1, 4],
      [CR2, 0x30],
      [CR1, 1],
    ]);
    bench.pass(34);
    expect(counts(bench)).toBe(4);
    bench.write('tim2', SMCR, 0);
    bench.write('tim2', CR1, 0);
    // The master finds that out at its next event.
    bench.pass(10);
    expect(bench.machine.timeline.next).toBe(Infinity);
  });

  it.each([
    { name: 'TI1FP1, rising', smcr: 0x57, ccer: 0, edges: 3 },
    { name: 'TI1FP1, falling', smcr: 0x57, ccer: 2, edges: 2 },
    { name: 'both edges of TI1', smcr: 0x47, ccer: 0, edges: 5 },
  ])('count an input: $name', ({ smcr, ccer, edges }) => {
    const bench = alone([
      [SMCR, smcr],
      [CCER, ccer],
      [CR1, 1],
    ]);
    for (const level of [true, false, true, false, true]) bench.machine.pin('tim2.ch1').set(level);
    bench.pass(100);
    expect(counts(bench)).toBe(edges);
  });

  it('count ETR with its prescaler (external clock mode 2), while another input resets', () => {
    const bench = alone([
      [SMCR, 0x5054],
      [CR1, 1],
    ]);
    const etr = bench.machine.pin('tim2.etr');
    const pulses = (count: number): void => {
      for (let pulse = 0; pulse < count; pulse++) {
        etr.set(true);
        bench.pass(3);
        etr.set(false);
      }
    };
    pulses(9);
    expect(counts(bench)).toBe(4);
    bench.machine.pin('tim2.ch1').set(true);
    pulses(2);
    expect(counts(bench)).toBe(1);
  });

  it.each([
    { name: 'TI1', smcr: 1, perTurn: 2 },
    { name: 'TI2', smcr: 2, perTurn: 2 },
    { name: 'both', smcr: 3, perTurn: 4 },
  ])('read an encoder by the edges of $name, up, down and around', ({ smcr, perTurn }) => {
    const bench = alone([
      [CCMR1, 0x0101],
      [ARR, 9],
      [SMCR, smcr],
      [EGR, 1],
      [SR, 0],
      [CR1, 1],
    ]);
    const [first, second] = ['ch1', 'ch2'].map((name) => bench.machine.pin(`tim2.${name}`));
    const forward = (): void => {
      first?.set(true);
      second?.set(true);
      first?.set(false);
      second?.set(false);
    };
    const backward = (): void => {
      second?.set(true);
      first?.set(true);
      second?.set(false);
      first?.set(false);
    };
    forward();
    forward();
    expect([counts(bench), bench.read('tim2', CR1) & 0x10]).toEqual([2 * perTurn, 0]);
    backward();
    expect([counts(bench), bench.read('tim2', CR1) & 0x10, bench.read('tim2', SR) & 1]).toEqual([perTurn, 0x10, 0]);
    backward();
    backward();
    expect([counts(bench), bench.read('tim2', SR) & 1]).toEqual([10 - perTurn, 1]);
    bench.pass(1000);
    expect(counts(bench)).toBe(10 - perTurn);
  });

  it('take three Hall sensors as one input, and capture the time between their edges', () => {
    const bench = alone([
      [CR2, 0x80],
      [CCMR1, 3],
      [CCER, 1],
      [SMCR, 0x44],
      [CR1, 1],
    ]);
    const seen = ['ch1', 'ch2', 'ch3', 'ch1'].map((name, step) => {
      bench.pass(10 * (step + 1));
      bench.machine.pin(`tim2.${name}`).set(step < 3);
      return bench.read('tim2', CCR1);
    });
    expect(seen).toEqual([10, 20, 30, 40]);
  });

  it('capture one of two, four or eight edges', () => {
    const bench = alone([
      [CCMR1, 0x09],
      [CCER, 1],
      [CR1, 1],
    ]);
    const flags = Array.from({ length: 8 }, () => {
      bench.machine.pin('tim2.ch1').set(true);
      bench.machine.pin('tim2.ch1').set(false);
      const flag = bench.read('tim2', SR) & 2;
      bench.write('tim2', SR, 0);
      return flag;
    });
    expect(flags).toEqual([0, 0, 0, 2, 0, 0, 0, 2]);
  });

  it('are the same however often somebody looks', () => {
    const run = (steps: readonly number[]): readonly number[] => {
      const bench = alone([
        [SMCR, 0x25],
        [PSC, 2],
        [EGR, 1],
        [CR1, 1],
      ]);
      writeAll(bench, 'tim3', [
        [ARR, 99],
        [CCR1, 37],
        [CCMR1, 0x60],
        [CR2, 0x40],
        [EGR, 1],
        [CR1, 1],
      ]);
      for (const step of steps) {
        bench.pass(step);
        counts(bench);
      }
      return [counts(bench), bench.read('tim2', SR), bench.read('tim3', CNT), bench.machine.timeline.now];
    };
    expect(run(Array.from({ length: 1200 }, () => 1))).toEqual(run([1200]));
    expect(run(Array.from({ length: 300 }, () => 4))).toEqual(run([700, 1, 499]));
  });
});

describe('DMA requests of timers of STM32', () => {
  const memory = [{ name: 'sram', kind: 'ram', base: 0x2000_0000, size: 4096 }] as const;
  const words = (bench: DeviceBench, offset: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) =>
      new DataView(bench.machine.memory('sram').buffer, bench.machine.memory('sram').byteOffset).getUint32(offset + index * 4, true),
    );

  it('move one item for each update', () => {
    const bench = new DeviceBench(
      [
        { device: stm32Tim, name: 'tim2' },
        { device: stm32f1Dma, name: 'dma' },
      ],
      { memory },
    );
    bench.machine.memory('sram').set([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    const seen: number[] = [];
    // TIM2_UP is DMA1's channel 2: words into ARR's neighbour CCR1, circular.
    const channel2 = 0x08 + 20;
    writeAll(bench, 'tim2', [
      [ARR, 9],
      [DIER, 0x100],
      [CR1, 1],
    ]);
    bench.pass(15);
    bench.write('dma', channel2 + 4, 3);
    bench.write('dma', channel2 + 8, 0x4000_0000 + CCR1);
    bench.write('dma', channel2 + 12, 0x2000_0000);
    bench.write('dma', channel2, 0xab1);
    for (let period = 0; period < 4; period++) {
      seen.push(bench.read('tim2', CCR1));
      bench.pass(10);
    }
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(bench.read('dma', 0) & 0x70).toBe(0x70);
  });

  it('write several registers in a burst through DMAR', () => {
    const bench = new DeviceBench(
      [
        { device: stm32Tim, name: 'tim3' },
        { device: stm32f4Dma, name: 'dma' },
      ],
      { memory },
    );
    bench.machine.memory('sram').set([0x13, 0, 0x25, 0, 0x37, 0]);
    const stream2 = 0x10 + 2 * 0x18;
    bench.write('dma', stream2 + 4, 3);
    bench.write('dma', stream2 + 8, 0x4000_0000 + DMAR);
    bench.write('dma', stream2 + 12, 0x2000_0000);
    // TIM3_UP is channel 5 of stream 2: half-words from memory.
    bench.write('dma', stream2, 0x0a00_2c51);
    writeAll(bench, 'tim3', [
      [ARR, 9],
      [DCR, (2 << 8) | (CCR1 / 4)],
      [DIER, 0x100],
      [CR1, 1],
    ]);
    bench.pass(10);
    expect([0, 4, 8, 12].map((offset) => bench.read('tim3', CCR1 + offset))).toEqual([0x13, 0x25, 0x37, 0]);
    expect(bench.interrupt('dma.stream2')).toBe(true);
  });

  it('store captures', () => {
    const bench = new DeviceBench(
      [
        { device: stm32Tim, name: 'tim2' },
        { device: stm32f4Dma, name: 'dma' },
      ],
      { memory },
    );
    const stream5 = 0x10 + 5 * 0x18;
    bench.write('dma', stream5 + 4, 3);
    bench.write('dma', stream5 + 8, 0x4000_0000 + CCR1);
    bench.write('dma', stream5 + 12, 0x2000_0100);
    bench.write('dma', stream5, 0x0600_5401);
    writeAll(bench, 'tim2', [
      [CCMR1, 1],
      [CCER, 1],
      [DIER, 0x200],
      [CR1, 1],
    ]);
    for (const pause of [10, 25, 40, 5]) {
      bench.pass(pause);
      bench.machine.pin('tim2.ch1').set(true);
      bench.machine.pin('tim2.ch1').set(false);
    }
    expect(words(bench, 0x100, 4)).toEqual([10, 35, 75, 0]);
    expect(bench.read('tim2', SR) & 0x202).toBe(2);
  });

  it('feed the DAC, a value for each trigger of TIM6', () => {
    const bench = new DeviceBench(
      [
        { device: stm32Tim, name: 'tim6', parameters: { channels: 0 } },
        { device: stm32Dac, name: 'dac' },
        { device: stm32f4Dma, name: 'dma' },
      ],
      { memory },
    );
    bench.machine.memory('sram').set([0x11, 0x01, 0x22, 0x02, 0x33, 0x03]);
    const stream5 = 0x10 + 5 * 0x18;
    bench.write('dma', stream5 + 4, 3);
    bench.write('dma', stream5 + 8, 0x4001_0008);
    bench.write('dma', stream5 + 12, 0x2000_0000);
    bench.write('dma', stream5, 0x0e00_2d41);
    bench.write('dac', 0, 0x1005);
    writeAll(bench, 'tim6', [
      [ARR, 9],
      [CR2, 0x20],
      [CR1, 1],
    ]);
    const seen = [0, 1, 2, 3, 4].map(() => {
      bench.pass(10);
      return bench.read('dac', 0x2c);
    });
    // A trigger puts out what the one before it has fetched.
    expect(seen).toEqual([0, 0x111, 0x222, 0x333, 0x111]);
  });

  it.each([
    { name: "a regular sequence by TIM1's channel 1", series: 'f4', cr2: 0x1000_0001, timer: 'tim1', flags: 0x12 },
    { name: "an injected one by TIM1's trigger output", series: 'f4', cr2: 0x0011_0001, timer: 'tim1', flags: 0x0c },
    { name: "a regular one of F1 by TIM1's channel 1", series: 'f1', cr2: 0x0010_0001, timer: 'tim1', flags: 0x12 },
    { name: "an injected one of F1 by TIM1's trigger output", series: 'f1', cr2: 0x0000_8001, timer: 'tim1', flags: 0x0c },
  ])('start conversions: $name', ({ series, cr2, timer, flags }) => {
    const bench = new DeviceBench([
      { device: stm32Tim, name: timer, parameters: { advanced: 1 } },
      { device: stm32Adc, name: 'adc', parameters: { series } },
    ]);
    writeAll(bench, timer, [
      [ARR, 999],
      [CCR1, 500],
      [CCMR1, 0x70],
      [CCER, 1],
      [0x44, 0x8000],
      [CR2, 0x40],
      [EGR, 1],
    ]);
    bench.write('adc', 8, cr2);
    bench.write(timer, CR1, 1);
    bench.pass(499);
    expect(bench.read('adc', 0)).toBe(0);
    bench.pass(101);
    expect(bench.read('adc', 0)).toBe(flags);
  });
});

import { describe, expect, it } from '@jest/globals';
import { DeviceBench } from '../../testing/device-bench.js';
import { levelsOf } from '../../testing/stm32-timer.js';
import { rp2040IoBank } from './io-bank.js';
import { rp2040Pio } from './pio.js';

const [CTRL, FSTAT, TXF, MEMORY] = [0, 4, 0x10, 0x48];
const settings = { CLKDIV: 0xc8, EXECCTRL: 0xcc, SHIFTCTRL: 0xd0, PINCTRL: 0xdc, INSTR: 0xd8, ADDR: 0xd4 } as const;
type Setting = Partial<Record<keyof typeof settings, number>>;

/** One state machine with a program at address 0, and PIO's function on pin 3. */
function machine(program: readonly number[], setting: Setting): DeviceBench {
  const bench = new DeviceBench([
    { device: rp2040Pio, name: 'pio0' },
    { device: rp2040IoBank, name: 'io_bank0' },
  ]);
  program.forEach((instruction, index) => {
    bench.write('pio0', MEMORY + 4 * index, instruction);
  });
  bench.write('pio0', settings.EXECCTRL, (program.length - 1) << 12);
  // SET with one pin, 3, as output.
  bench.write('pio0', settings.PINCTRL, 0x0400_0060);
  bench.write('pio0', settings.INSTR, 0xe081);
  bench.write('io_bank0', 3 * 8 + 4, 6);
  for (const [name, value] of Object.entries(setting)) bench.write('pio0', settings[name as keyof typeof settings], value);
  return bench;
}
const cyclesOf = (changes: readonly (readonly [number, boolean])[]): number[] => changes.map(([cycle]) => cycle);

describe('state machines of PIO', () => {
  // `set pins, 1 [1]` and `set pins, 0`.
  const square = [0xe101, 0xe000];
  it.each([
    ['each cycle', 0x0001_0000, [1, 3, 4, 6, 7, 9]],
    ['divided by 2.5', 0x0002_8000, [1, 6, 9, 14, 16, 21]],
    ['divided by 65,536', 0, [65_536, 196_608]],
  ])('count cycles and delays exactly, %s', (_name, CLKDIV, expected) => {
    const bench = machine(square, { CLKDIV });
    const changes = levelsOf(bench, 'io_bank0.3');
    bench.write('pio0', CTRL, 0x101);
    bench.pass(expected.at(-1)! + 1);
    const cycles = cyclesOf(changes).slice(0, expected.length);
    // From the first edge on: what lies before it is the divider's beginning.
    expect(cycles.map((cycle) => cycle - cycles[0]!)).toEqual(expected.map((cycle) => cycle - expected[0]!));
    expect(changes.map(([, level]) => level).slice(0, 2)).toEqual([true, false]);
  });

  // The blinking example: `mov x, y`, `set pins, 1`, `jmp x-- 2`, `mov x, y`, `set pins, 0`, `jmp x-- 5`.
  const blink = [0xa022, 0xe001, 0x0042, 0xa022, 0xe000, 0x0045];
  it.each([true, false])('are at the right place after long loops, watched: %s', (isWatched) => {
    const bench = machine(blink, { CLKDIV: 0x0001_0000 });
    // Y is 0x1f shifted to the left by 15: a million.
    for (const instruction of [0xe05f, 0xa0e2, 0xa0c3, 0x40e5, 0x4060, 0x406f, 0xa046]) bench.write('pio0', settings.INSTR, instruction);
    bench.write('pio0', settings.INSTR, 0xe05f);
    const half = 31 + 3;
    const changes = isWatched ? levelsOf(bench, 'io_bank0.3') : [];
    bench.write('pio0', CTRL, 0x101);
    bench.pass(1000 * half + 2 + 1);
    expect(bench.machine.pin('io_bank0.3').level).toBe(true);
    expect(bench.read('pio0', settings.ADDR)).toBe(2);
    if (isWatched)
      expect(
        cyclesOf(changes)
          .slice(-2)
          .reduce((before, cycle) => cycle - before),
      ).toBe(half);
  });

  it('skip the rounds of a loop of one instruction, four thousand million of them', () => {
    // `jmp x-- 0`, `set pins, 1`.
    const bench = machine([0x0040, 0xe001], { CLKDIV: 0x0001_0000 });
    const changes = levelsOf(bench, 'io_bank0.3');
    // `mov x, !null`.
    bench.write('pio0', settings.INSTR, 0xa02b);
    bench.write('pio0', CTRL, 0x101);
    // Round by round it takes longer than a test may.
    bench.pass(2 ** 32 + 2);
    expect(cyclesOf(changes)).toEqual([2 ** 32 + 1]);
  });

  it('put a word out bit by bit, with side-set while they wait', () => {
    // ws2812: `out x, 1 side 0 [3]`, `jmp !x 3 side 1 [2]`, `jmp 0 side 1 [2]`, `nop side 0 [2]`.
    const bench = machine([0x6321, 0x1223, 0x1200, 0xa242], { CLKDIV: 0x0001_0000, PINCTRL: 0x2000_0c00, SHIFTCTRL: 0x4402_0000 });
    const changes = levelsOf(bench, 'io_bank0.3');
    bench.write('pio0', CTRL, 0x111);
    bench.write('pio0', TXF, 0xa000_0000);
    bench.pass(40);
    // Two bits (PULL_THRESH): 1 is high for six cycles of ten, 0 for three.
    const [rise = 0, fall = 0, again = 0, last = 0] = cyclesOf(changes);
    expect([fall - rise, again - fall, last - again]).toEqual([6, 4, 3]);
    expect(bench.read('pio0', FSTAT) & 0x0100_0000).toBe(0x0100_0000);
  });

  it('keep their places where the machine is stopped and goes on', () => {
    const bench = machine(square, { CLKDIV: 0x0001_0000 });
    bench.write('pio0', CTRL, 0x101);
    bench.pass(2);
    bench.write('pio0', CTRL, 0);
    const at = bench.read('pio0', settings.ADDR);
    bench.pass(100);
    expect(bench.read('pio0', settings.ADDR)).toBe(at);
    bench.write('pio0', CTRL, 1);
    bench.pass(1);
    expect(bench.read('pio0', settings.ADDR)).toBe(1 - at);
  });
});

import { describe, expect, it } from '@jest/globals';
import { CodeTable } from './code-table.js';
import { cycleCores } from './cores.js';
import { CycleEstimate, type CycleCounts } from './estimate.js';

/** Code at 0, and the addresses of what is executed of it, one call of `add` each. */
function estimated(core: keyof typeof cycleCores, halfwords: readonly number[], ...traces: readonly (readonly number[])[]): CycleCounts {
  const { isa } = cycleCores[core];
  const estimate = new CycleEstimate(cycleCores[core], new CodeTable(isa, (address) => halfwords[address / 2] ?? 0));
  for (const trace of traces) estimate.add(Uint32Array.from(trace));
  return estimate.read();
}

const counts = (instructions: number, branches: number, taken: number, refills: number, cycles: number): CycleCounts => ({
  instructions,
  branches,
  taken,
  refills,
  cycles,
});

describe('cortex-m4', () => {
  it.each<[string, number[], number[], CycleCounts]>([
    ['one cycle each', [0x2001, 0x1840, 0x4348], [0, 2, 4], counts(3, 0, 0, 0, 3)], // movs, adds, muls
    ['a taken branch refills, one not taken does not', [0xd0fe, 0xe7fd, 0xbf00], [0, 2, 0, 0, 2], counts(5, 4, 2, 2, 9)], // beq 0; b 0
    ['a load takes two, one behind another', [0x6808, 0x6852, 0x2001], [0, 2, 4], counts(3, 0, 0, 0, 4)], // ldr r0, [r1]; ldr r2, [r2, #4]
    ['not if it needs the first for its address', [0x6808, 0x6842, 0x2001], [0, 2, 4], counts(3, 0, 0, 0, 5)], // ldr r0, [r1]; ldr r2, [r0, #4]
    ['several registers: one and one each', [0xb5f0, 0xbdf0, 0x2001], [0, 2, 0], counts(3, 1, 1, 1, 6 + 6 + 3 + 6)], // push {r4-r7, lr}; pop {r4-r7, pc}
    ['a target from memory: two and three', [0xf8d0, 0xf000, 0x2001, 0x2001], [0, 6], counts(2, 1, 1, 1, 6)], // ldr pc, [r0]
    ['a table branch takes six', [0xe8df, 0xf000, 0x2001, 0x2001], [0, 6], counts(2, 1, 1, 1, 7)], // tbb [pc, r0]
    ['a division takes seven', [0xfb90, 0xf0f1], [0], counts(1, 0, 0, 0, 7)], // sdiv r0, r0, r1
    // ite eq; moveq r0, r1; movne r0, r1: the second condition fails and is not in the trace.
    ['a failed condition takes one', [0xbf0c, 0x4608, 0x4608, 0x2001], [0, 2, 6], counts(4, 0, 0, 0, 4)],
    // it ne; bxne lr: not taken.
    ['a branch whose condition failed', [0xbf18, 0x4770, 0x2001], [0, 4], counts(3, 0, 0, 0, 3)],
  ])('%s', (_name, code, trace, expected) => {
    expect(estimated('cortex-m4', code, trace)).toEqual(expected);
  });

  it('knows across pieces of a trace where a branch went', () => {
    expect(estimated('cortex-m4', [0xe7fe], [0], [0, 0], [])).toEqual(counts(3, 2, 2, 2, 7));
  });
});

describe('cortex-m7', () => {
  it('pays for a loop twice until it is known, and for its end', () => {
    // subs r0, #1; bne 0; nop: ten rounds.
    const rounds = Array.from({ length: 10 }, () => [0, 2]).flat();
    expect(estimated('cortex-m7', [0x3801, 0xd1fd, 0xbf00], [...rounds, 4])).toEqual(counts(21, 10, 9, 3, 21 + 3 * 6));
  });
  it('waits for a loaded word that is an address, longer for a byte', () => {
    expect(estimated('cortex-m7', [0x6808, 0x6842], [0, 2]).cycles).toBe(3); // ldr r0, [r1]; ldr r2, [r0, #4]
    expect(estimated('cortex-m7', [0x7808, 0x6842], [0, 2]).cycles).toBe(4); // ldrb r0, [r1]; ldr r2, [r0, #4]
  });
});

describe('sifive-e31', () => {
  const split = (...words: number[]): number[] => words.flatMap((word) => [word & 0xffff, word >>> 16]);
  it.each<[string, number[], number[], CycleCounts]>([
    ['a loaded word can be used after two', split(0x0005_2583, 0x0015_8593), [0, 4], counts(2, 0, 0, 0, 3)], // lw a1, 0(a0); addi a1, a1, 1
    ['a byte after three', split(0x0005_0583, 0x0015_8593), [0, 4], counts(2, 0, 0, 0, 4)], // lb a1, 0(a0)
    ['compressed, with something else between', [0x410c, 0x0001, 0x0585], [0, 2, 4], counts(3, 0, 0, 0, 3)], // c.lw a1, 0(a0); c.nop; c.addi a1, 1
    ['a product after five', split(0x02b5_0533, 0x0015_0513), [0, 4], counts(2, 0, 0, 0, 6)], // mul a0, a0, a1; addi a0, a0, 1
    ['a jump is known the second time', [0xa001], [0, 0, 0], counts(3, 2, 2, 1, 3 + 3)], // c.j 0
    // c.jal 4; (2) c.j 2; (4) c.jr ra: call and return.
    ['a call and its return', [0x2011, 0xa001, 0x8082], [0, 4, 2], counts(3, 2, 2, 2, 3 + 6)],
  ])('%s', (_name, code, trace, expected) => {
    expect(estimated('sifive-e31', code, trace)).toEqual(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import { cortexFrame, riscvFrame } from './saved-frames.js';

const top = 0x2000_1000;
/** A stack of words by what they are, from the top on; a word that stands for nothing is its number. */
function stack(width: number, words: readonly (string | number)[]): { readonly read: (address: number) => bigint; readonly valueOf: (name: string) => bigint } {
  const valueOf = (name: string): bigint => BigInt(0x4000 + words.indexOf(name));
  return {
    valueOf,
    read: (address) => {
      const word = words[(address - top) / width];
      return typeof word === 'number' ? BigInt(word) : valueOf(word ?? 'nothing');
    },
  };
}

const kept = ['r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10', 'r11'];
const floats = (from: number): string[] => Array.from({ length: 16 }, (_, index) => `s${from + index}`);
const stacked = ['r0', 'r1', 'r2', 'r3', 'r12', 'lr', 'pc'];
const [plain, aligned] = [0x0100_0000, 0x0100_0200];
const [basic, extended] = [0xffff_fffd, 0xffff_ffed];

describe("what FreeRTOS's ports to Cortex-M save", () => {
  it.each([
    { port: 'ARM_CM3, ARM_CM0', words: [...kept, ...stacked, plain], free: 0 },
    { port: 'ARM_CM3, with a stack that was aligned', words: [...kept, ...stacked, aligned], free: 1 },
    { port: 'ARM_CM4F', words: [...kept, basic, ...stacked, plain], free: 0 },
    { port: 'ARM_CM4F, with the FPU in use', words: [...kept, extended, ...floats(16), ...stacked, aligned, ...floats(0), 'fpscr', 'free'], free: 1 },
    { port: 'ARM_CM33_NTZ', words: [0, basic, ...kept, ...stacked, plain], free: 0 },
    { port: 'ARM_CM33_NTZ, with the FPU in use', words: [0, extended, ...kept, ...floats(16), ...stacked, plain, ...floats(0), 'fpscr', 'free'], free: 0 },
  ])('$port', ({ words, free }) => {
    const { read, valueOf } = stack(4, words);
    const registers = cortexFrame(top, read, () => 5n);
    for (const name of words) if (typeof name === 'string' && name !== 'free') expect([name, registers(name)]).toEqual([name, valueOf(name)]);
    expect(registers('sp')).toBe(BigInt(top + 4 * (words.length + free)));
    expect(registers('psp')).toBe(registers('sp'));
    expect(registers('msp')).toBe(5n);
    expect(registers('s3') === undefined).toBe(!words.includes('s3'));
    expect(registers('primask')).toBeUndefined();
  });
});

describe.each([4, 8])("what FreeRTOS's port to RISC-V saves, with words of %s bytes", (width) => {
  it('is mepc, x1, x5 to x31, the depth of critical sections, and mstatus', () => {
    const names = 'pc ra t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
    const { read, valueOf } = stack(width, [...names, 'depth', 'mstatus']);
    const registers = riscvFrame(top, width, read, (name) => (name === 'zero' ? 0n : 7n));
    for (const name of [...names, 'mstatus']) expect([name, registers(name)]).toEqual([name, valueOf(name)]);
    expect([registers('sp'), registers('gp'), registers('tp'), registers('zero')]).toEqual([BigInt(top + 31 * width), 7n, 7n, 0n]);
    expect(registers('mepc')).toBeUndefined();
  });
});

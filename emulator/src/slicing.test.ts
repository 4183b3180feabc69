import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Isa } from '@fireball/contracts';
import { allCpus, base, guest, rwx } from './testing/guest.js';

/** A budget that wild programs are cut off at; an IT block may exceed it. */
const limit = 400;
const codeAt = base + 0x100;

const arm = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r12', 'sp', 'lr', 'xpsr'];
const riscv = ['ra', 'sp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 't6'];

const halfword = fc.integer({ min: 0, max: 0xffff });
/** Low-register arithmetic, loads and stores: what stands in an IT block without being unpredictable. */
const plainThumb = fc.oneof(fc.integer({ min: 0, max: 0x3fff }), fc.integer({ min: 0x6000, max: 0x8fff }), fc.constantFrom(0xde00, 0xdf00));
const itBlock = fc
  .record({
    condition: fc.integer({ min: 0, max: 13 }),
    mask: fc.integer({ min: 1, max: 15 }),
    slots: fc.array(plainThumb, { minLength: 4, maxLength: 4 }),
  })
  .map(({ condition, mask, slots }) => [0xbf00 | (condition << 4) | mask, ...slots.slice(0, 4 - Math.log2(mask & -mask))]);
const isHintOrIt = (code: number): boolean => (code & 0xff00) === 0xbf00;
const thumbProgram = fc
  .array(
    fc.oneof(
      plainThumb.map((code) => [code]),
      itBlock,
      halfword.filter((code) => !isHintOrIt(code)).map((code) => [code]),
    ),
    {
      minLength: 4,
      maxLength: 40,
    },
  )
  .map((parts) => parts.flat());
/** Without SYSTEM instructions: the library's counters return host time. */
const riscvProgram = fc.array(
  halfword.filter((code) => (code & 0x7f) !== 0x73),
  { minLength: 8, maxLength: 60 },
);
const registerValue = fc.oneof(fc.integer(), fc.integer({ min: base, max: base + 0xffff }));

/** Runs a program in slices; everything that a guest or a caller can see afterwards. */
function observe(isa: Isa, name: string, code: number[], values: number[], slice: number) {
  const { cpu, ram, code: write } = guest(isa, name);
  cpu.mapRam(0x6000_0000, 0x4000, { ...rwx, write: false });
  const accesses: number[] = [];
  cpu.mapDevice(0x4000_0000, 0x1000, {
    read(offset, size) {
      accesses.push(offset, size);
      return offset;
    },
    write: (offset, size, value) => accesses.push(offset, size, value),
  });
  write(codeAt, code);
  const names = isa === 'thumb2' ? arm : riscv;
  names.slice(0, -1).forEach((register, index) => {
    cpu.writeRegister(register, values[index] ?? 0);
  });
  cpu.countRange(codeAt, codeAt + 32);
  let executed = 0;
  let inRange = 0;
  let result = cpu.run(codeAt, 0);
  do {
    result = cpu.run(result.pc, Math.min(slice, limit - executed));
    executed += result.executed;
    inRange += result.executedInRange;
  } while (result.reason.kind === 'budget' && executed < limit);
  const registers = names.map((register) => cpu.readRegister(register));
  const { reason, pc, previousPc, lastPcInRange } = result;
  const memory = Buffer.from(ram).toString('latin1');
  cpu.close();
  return { reason, pc, previousPc, lastPcInRange, executed, inRange, registers, accesses, memory };
}

describe.each(allCpus)('any program on %s %s', (isa, name) => {
  it('ends the same whatever the slices', () => {
    fc.assert(
      fc.property(
        isa === 'thumb2' ? thumbProgram : riscvProgram,
        fc.array(registerValue, { minLength: 13, maxLength: 13 }),
        fc.integer({ min: 1, max: 9 }),
        (code, values, slice) => {
          const whole = observe(isa, name, code, values, limit);
          // Code that writes itself without a barrier (FENCE.I, ISB) may run as it was or as it is.
          const written = Buffer.alloc(4 * limit);
          written.set(new Uint8Array(Uint16Array.from(code).buffer));
          fc.pre(whole.memory.startsWith(written.toString('latin1'), codeAt - base));
          expect(observe(isa, name, code, values, slice)).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });
});

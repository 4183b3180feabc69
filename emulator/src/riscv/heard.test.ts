import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { publicHart } from './public-hart.js';
import type { Program } from './testing/assemble.js';
import { machineWith, ramBase, type BenchOptions } from './testing/bench.js';

/** Something that the program does in its loop. */
const steps: readonly ((p: Program) => Program)[] = [
  (p) => p.addi('s1', 's1', 1),
  (p) => p.ecall(),
  (p) => p.word(0xffff_ffff),
  (p) => p.li('t0', 0x4000_0000).lw('t0', 0, 't0'),
  (p) => p.csrr('t1', 'mcycle').sw('t1', 0, 's0'),
  (p) => p.csrci('mstatus', 8).addi('s1', 's1', 1).csrsi('mstatus', 8),
];

/** Every step in turn, for ever; the handler writes down what it is told of. */
function program(kinds: readonly number[]): (p: Program) => void {
  return (p) => {
    p.la('t0', 'handler')
      .csrw('mtvec', 't0')
      .li('s0', ramBase + 0x8000)
      .li('t0', 0x80)
      .csrw('mie', 't0')
      .csrsi('mstatus', 8)
      .label('loop');
    for (const kind of kinds) steps[kind]?.(p);
    p.j('loop').org(0x400).label('handler').csrr('a0', 'mcause').csrr('a1', 'mepc').sw('a0', 4, 's0').sw('a1', 8, 's0').addi('s0', 's0', 8);
    p.blt('a0', 'zero', 'leave').addi('a1', 'a1', 4).csrw('mepc', 'a1').label('leave').mret();
  };
}

const length = 600;

it.each(['rv32imac', 'rv64gc'])('%s: interrupts and traps are heard of at the same cycles, later or at once, by internals or public calls', (core) => {
  const outcome = (
    kinds: readonly number[],
    pulses: readonly (readonly [at: number, width: number])[],
    slice: number,
    atOnce: boolean,
    options: BenchOptions,
  ) => {
    const heard: unknown[] = [];
    const machine = machineWith(core, program(kinds), options);
    machine.processor.hearAtOnce?.(atOnce);
    machine.processor.onException = (...trap) => heard.push(trap);
    const line = machine.processor.interruptInput('mtip');
    for (const [at, width] of pulses) {
      for (const [time, level] of [
        [at, true],
        [at + width, false],
      ] as const) {
        machine.timeline
          .timer(() => {
            line.set(level);
          })
          .set(time);
      }
    }
    for (let left = length; left > 0; left -= slice) machine.run({ instructions: Math.min(slice, left) });
    const ram = createHash('sha256').update(machine.memory('ram')).digest('hex');
    machine.close();
    return { heard, ram };
  };
  fc.assert(
    fc.property(
      fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(fc.integer({ min: 10, max: length }), fc.integer({ min: 1, max: 40 })), { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (kinds, pulses, slice) => {
        const expected = outcome(kinds, pulses, 1_000_000, true, {});
        expect(outcome(kinds, pulses, 1_000_000, false, {})).toEqual(expected);
        expect(outcome(kinds, pulses, slice, false, {})).toEqual(expected);
        expect(outcome(kinds, pulses, slice, false, { hartOf: publicHart })).toEqual(expected);
      },
    ),
    { numRuns: 12 },
  );
});

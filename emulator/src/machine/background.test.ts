import { describe, expect, it } from '@jest/globals';
import { armCores } from '../arm/cores.js';
import { riscvCores } from '../riscv/hart.js';
import { machineWith } from '../riscv/testing/bench.js';
import { guest } from '../testing/arm/guest.js';
import { program } from '../testing/arm/programs.js';
import type { UnmappedListener } from './background.js';
import type { Machine } from './machine.js';

interface Heard {
  readonly address: number;
  readonly size: number;
  readonly value: number;
  readonly write: boolean;
  readonly pc: number;
  readonly cycle: number;
}

/** Loads of a word, halfword and byte from nothing, stores of the same, and an end. r0 has 0x30000000. */
const armBody = [0x2655, 0x6806, 0x2755, 0x8847, 0x2555, 0x78c5, 0x2355, 0x6043, 0x8103, 0x7303, 0x2018, 0xbeab];

function arm(core: string, onUnmapped: UnmappedListener): Machine {
  const bytes = new Uint8Array(0x400);
  bytes.set(program('faults'));
  const view = new DataView(bytes.buffer);
  armBody.forEach((halfword, index) => {
    view.setUint16(0x200 + 2 * index, halfword, true);
  });
  const machine = guest({ core, program: bytes, onUnmapped });
  machine.processor.onSemihosting = () => ({ exit: 0 });
  return machine;
}

function riscv(core: string, onUnmapped: UnmappedListener): Machine {
  return machineWith(
    core,
    (p) => {
      p.la('t0', 'handler').csrw('mtvec', 't0').li('a0', 0x3000_0000);
      p.li('s0', 0x55).lw('s0', 0, 'a0').li('s1', 0x55).lbu('s1', 3, 'a0').li('a3', 0x55).sw('a3', 4, 'a0');
      // A jump there is a fault in any case.
      p.csrw('mepc', 'a0').li('t0', 0x1800).csrs('mstatus', 't0').mret().label('handler').csrr('a1', 'mcause').csrr('a2', 'mtval').label('end').wfi().j('end');
    },
    { onUnmapped },
  );
}

function run(
  make: typeof arm,
  core: string,
  slice: number,
): { readonly heard: readonly Heard[]; readonly register: (name: string) => number; readonly instructions: number } {
  const heard: Heard[] = [];
  const machine = make(core, (address, size, value, write) => {
    heard.push({ address, size, value, write, pc: machine.processor.pc, cycle: machine.timeline.now });
  });
  while (machine.run({ instructions: slice }).kind === 'limit');
  const values = new Map(machine.processor.registerNames.map((name) => [name, machine.processor.readRegister(name)]));
  const { instructions } = machine;
  machine.close();
  return { heard, register: (name) => values.get(name) ?? NaN, instructions };
}

describe.each([...armCores.keys()])('where nothing is on %s', (core) => {
  it('loads give 0 and stores do nothing, whatever the slices', () => {
    const whole = run(arm, core, 1000);
    expect([whole.register('r6'), whole.register('r7'), whole.register('r5')]).toEqual([0, 0, 0]);
    expect(whole.heard.map(({ address, size, value, write, pc }) => [address, size, value, write, pc])).toEqual([
      [0x3000_0000, 4, 0, false, 0x202],
      [0x3000_0002, 2, 0, false, 0x206],
      [0x3000_0003, 1, 0, false, 0x20a],
      [0x3000_0004, 4, 0x55, true, 0x20e],
      [0x3000_0008, 2, 0x55, true, 0x210],
      [0x3000_000c, 1, 0x55, true, 0x212],
    ]);
    for (const slice of [1, 3]) expect(run(arm, core, slice)).toMatchObject({ heard: whole.heard, instructions: whole.instructions });
  });
});

describe.each([...riscvCores.keys()])('where nothing is on %s', (core) => {
  it('loads give 0 and stores do nothing, whatever the slices; a jump there is a fault', () => {
    const whole = run(riscv, core, 1000);
    expect([whole.register('s0'), whole.register('s1')]).toEqual([0, 0]);
    expect(whole.heard.map(({ address, size, value, write }) => [address, size, value, write])).toEqual([
      [0x3000_0000, 4, 0, false],
      [0x3000_0003, 1, 0, false],
      [0x3000_0004, 4, 0x55, true],
    ]);
    expect([whole.register('a1'), whole.register('a2')]).toEqual([1, 0x3000_0000]);
    for (const slice of [1, 3]) expect(run(riscv, core, slice)).toMatchObject({ heard: whole.heard, instructions: whole.instructions });
  });
});

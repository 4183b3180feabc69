import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Board } from './board.js';
import { createProcessor, machineCores } from './cores.js';
import type { AccessSize, DeviceClass } from './device.js';
import { Machine } from './machine.js';
import { RegisterBlock } from './register-block.js';

const deviceBase = 0x4000_1000;
const ramBase = 0x2000_0000;
const resultsAt = 0x800;
const registerCount = 8;

interface Made {
  /** Reads that reached the device itself. */
  reads: number;
}

/** Registers of every kind: stored, computed, those that a read or a timer changes, and one that tells the time. */
function deviceClass(made: Made, steady: boolean): DeviceClass {
  return {
    name: 'registers',
    summary: '',
    size: 0x1000,
    create(environment) {
      const { timeline } = environment;
      const state = { reads: 0, ticks: 0, seen: 0 };
      const tick = environment.timer(() => {
        state.ticks++;
        block.set('STATUS', state.ticks & 3);
        tick.set(timeline.now + 37);
      });
      const block: RegisterBlock = new RegisterBlock({
        registers: [
          { name: 'STORED', offset: 0x00, reset: 5 },
          { name: 'STATUS', offset: 0x04, writable: 0 },
          { name: 'SUM', offset: 0x08, access: 'ro', steady: true, read: () => block.get('STORED') + state.ticks },
          { name: 'COUNT', offset: 0x0c, access: 'ro', read: () => ++state.reads },
          { name: 'TIME', offset: 0x10, access: 'ro', read: () => timeline.now },
          // Of its values, those that are odd are taken by the read.
          {
            name: 'TAKEN',
            offset: 0x14,
            access: 'ro',
            steady: (value) => value % 2 === 0,
            read: () => (state.seen === state.ticks ? 2 : (state.seen = state.ticks) * 2 + 1),
          },
          { name: 'BYTES', offset: 0x18, width: 8, count: 4, reset: 0x7f },
          { name: 'CLEAR', offset: 0x1c, access: 'w1c', reset: 0xf0 },
        ],
        extra: state,
        reset: () => {
          tick.set(timeline.now + 37);
        },
      });
      return {
        state: block.state,
        reset: (cause) => {
          block.reset(cause);
        },
        write: (offset, size: AccessSize, value) => {
          block.write(offset, size, value);
        },
        read: (offset, size: AccessSize) => {
          made.reads++;
          return block.read(offset, size);
        },
        ...(steady ? { isSteady: (offset, value) => block.isSteady(offset, value) } : {}),
      };
    },
  };
}

/** An access: of a register, or of a part of one. `times` reads follow each other. */
interface Access {
  readonly register: number;
  readonly byte: number | undefined;
  readonly write: boolean;
  readonly times: number;
}

const accesses: fc.Arbitrary<readonly Access[]> = fc.array(
  fc.record({
    register: fc.nat({ max: registerCount - 1 }),
    byte: fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 4 }),
    write: fc.boolean(),
    times: fc.constantFrom(1, 1, 2, 30),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Code of the accesses, again and again: r0 or a0 is the device, r4 or s1 where results go, r1 or a1 what is written. */
function codeOf(isArm: boolean, list: readonly Access[]): Uint8Array {
  const code: number[] = [];
  const word = (instruction: number): number => code.push(instruction & 0xffff, instruction >>> 16);
  const load = (offset: number, byte: boolean): void => {
    if (isArm)
      code.push(byte ? 0x7802 | (offset << 6) : 0x6802 | ((offset / 4) << 6), 0xc404); // ldr(b) r2, [r0, #offset]; stmia r4!, {r2}
    else for (const instruction of [0x0005_0603 | (offset << 20) | ((byte ? 4 : 2) << 12), 0x00c4_a023, 0x0044_8493]) word(instruction); // lw or lbu a2, offset(a0); sw a2, (s1); addi s1, s1, 4
  };
  const store = (offset: number, byte: boolean): void => {
    if (isArm)
      code.push(byte ? 0x7001 | (offset << 6) : 0x6001 | ((offset / 4) << 6), 0x3103); // str(b) r1, [r0, #offset]; adds r1, #3
    else for (const instruction of [0x00b5_0023 | (offset << 7) | ((byte ? 0 : 2) << 12), 0x0035_8593]) word(instruction); // sw or sb a1, offset(a0); addi a1, a1, 3
  };
  for (const { register, byte, write, times } of list) {
    // Offsets of byte accesses have five bits on Arm.
    const offset = 4 * register + (byte ?? 0);
    for (let time = 0; time < (write ? 1 : times); time++) (write ? store : load)(offset, byte !== undefined);
  }
  if (isArm) code.push(0xe7fe);
  else word(0x0000_006f);
  return new Uint8Array(Uint16Array.from(code).buffer);
}

interface Ran {
  readonly memory: string;
  readonly instructions: number;
  readonly cycles: number;
  /** Every access, repeated ones as often as they were made. */
  readonly heard: readonly string[];
  readonly reads: number;
}

function run(
  core: string,
  list: readonly Access[],
  {
    steady,
    slice = 1_000_000,
    observes = true,
    spare = 0,
  }: { readonly steady: boolean; readonly slice?: number; readonly observes?: boolean; readonly spare?: number },
): Ran {
  const made: Made = { reads: 0 };
  const kind = deviceClass(made, steady);
  const isArm = core.startsWith('cortex');
  const board: Board = {
    name: 'small',
    summary: '',
    processor: { core, interrupts: isArm ? 16 : 0, priorityBits: 2, resetVector: ramBase, mpuRegions: 0, systickReference: undefined, bitBand: false },
    clocks: { cpu: 1_000_000 },
    memory: [{ name: 'ram', kind: 'ram', base: ramBase, size: 0x1_0000, of: undefined, fill: 0 }],
    devices: [{ name: 'registers', device: 'registers', base: deviceBase, size: 0x1000, interrupts: {}, clocks: {}, parameters: {} }],
    console: undefined,
  };
  const heard: string[] = [];
  const last = new Map<number, string>();
  const onAccess = {
    hear: (_device: string, base: number, offset: number, size: number, value: number, write: boolean): number => {
      const line = `${write ? 'write' : 'read'} ${base + offset} ${size} ${value}`;
      heard.push(line);
      last.set(offset, line);
      return write ? 0 : spare;
    },
    again: (_base: number, offset: number, count: number): void => {
      for (let time = 0; time < count; time++) heard.push(last.get(offset) ?? '');
    },
  };
  const machine = new Machine({ board, createProcessor, deviceClass: () => kind, onAccess: observes ? onAccess : undefined });
  try {
    const code = codeOf(isArm, list);
    machine.memory('ram').set(code, 0x100);
    machine.reset();
    machine.processor.writeRegister('pc', ramBase + 0x100);
    if (isArm) machine.processor.writeRegister('xpsr', 1 << 24);
    for (const [name, value] of isArm
      ? ([
          ['r0', deviceBase],
          ['r1', 3],
          ['r4', ramBase + 0x8000],
        ] as const)
      : ([
          ['a0', deviceBase],
          ['a1', 3],
          ['s1', ramBase + 0x8000],
        ] as const))
      machine.processor.writeRegister(name, value);
    const most = 3000;
    while (machine.instructions < most) machine.run({ instructions: Math.min(slice, most - machine.instructions) });
    const memory = createHash('sha256').update(machine.memory('ram').subarray(resultsAt)).digest('hex');
    return { memory, instructions: machine.instructions, cycles: machine.timeline.now, heard, reads: made.reads };
  } finally {
    machine.close();
  }
}

/** As a set: of reads of several registers in turns it does not matter which is told of first. */
const sorted = (lines: readonly string[]): string[] => [...lines].sort();

describe.each([...machineCores.keys()])('reads of steady registers on %s', (core) => {
  it('find the same as all reads do that reach the device, whatever the slices, and are heard of as often', () => {
    fc.assert(
      fc.property(accesses, fc.constantFrom(1, 777, 1_000_000), fc.constantFrom(0, 1, 3, Infinity), (list, slice, spare) => {
        const { heard, reads, ...expected } = run(core, list, { steady: false });
        const { heard: told, reads: fewer, ...got } = run(core, list, { steady: true, slice, spare });
        expect(got).toEqual(expected);
        expect(sorted(told)).toEqual(sorted(heard));
        expect(fewer).toBeLessThanOrEqual(reads);
        expect(run(core, list, { steady: true, slice, observes: false })).toMatchObject(expected);
      }),
      { numRuns: 12 },
    );
  });

  it('are answered without the device', () => {
    const list: readonly Access[] = [{ register: 2, byte: undefined, write: false, times: 300 }];
    // The timer ends runs.
    const { reads: all } = run(core, list, { steady: false });
    const { reads: few } = run(core, list, { steady: true, observes: false });
    expect(all).toBe(300);
    expect(few).toBeLessThan(30);
    expect(run(core, list, { steady: true, spare: 4 }).reads).toBeLessThan(100);
  });
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MachineEnd } from '../machine/machine-end.js';
import type { Machine } from '../machine/machine.js';
import { dataBase, guest, word } from '../testing/arm/guest.js';
import type { GuestOptions } from '../testing/arm/guest.js';
import { program } from '../testing/arm/programs.js';
import { armCores } from './cores.js';
import { exception } from './exceptions.js';
import { cfsr } from './scb.js';

const machines: Machine[] = [];
function started(options: GuestOptions): Machine {
  const machine = guest(options);
  machine.processor.onSemihosting = () => ({ exit: 0 });
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

const cores = [...armCores.keys()];

/** Runs to the end in slices of so many instructions; fails where there is none. */
function finish(machine: Machine, slice = 1_000_000): MachineEnd {
  for (let runs = 0; runs < 100_000; runs++) {
    const end = machine.run({ instructions: slice });
    if (end.kind !== 'limit') return end;
  }
  throw new Error('the program does not end');
}

function hash(machine: Machine): string {
  return createHash('sha256').update(machine.memory('ram')).digest('hex');
}

const done = { kind: 'exit', status: 0 };

describe.each(cores)('%s', (core) => {
  it('takes SysTick, PendSV and SVC, and sleeps in between', () => {
    const machine = started({ core, program: program('ticks') });
    expect(finish(machine)).toMatchObject(done);
    expect(word(machine, dataBase)).toBe(10);
    expect(word(machine, dataBase + 4)).toBe(10);
    // 10 periods of 100 cycles, and what ran before the first and behind the last.
    expect(machine.timeline.now).toBe(1018);
    expect(machine.instructions).toBe(197);
  });
  it('nests by priority, chains tails on one frame, and takes what was masked behind the unmasking instruction', () => {
    const machine = started({ core, program: program('nesting') });
    expect(finish(machine)).toMatchObject(done);
    const order = Array.from(machine.memory('ram').subarray(0, 12));
    expect(order).toEqual([0x10, 0x11, 0x91, 0x90, 0x12, 0x92, 0xff, 0xee, 0x11, 0x91, 0xdd, 0]);
    expect(word(machine, dataBase + 0x104)).toBe(word(machine, dataBase + 0x100));
  });
  it('wakes from WFI and WFE as PRIMASK, SEVONPEND and SLEEPONEXIT say', () => {
    const machine = started({ core, program: program('sleeping') });
    expect(finish(machine)).toMatchObject(done);
    expect(Array.from(machine.memory('ram').subarray(0, 9))).toEqual([1, 2, 3, 0x51, 4, 0x51, 0x51, 5, 0]);
  });
  it.each(['ticks', 'nesting', 'sleeping', ...(armCores.get(core)?.floats === true ? ['threads'] : [])])('executes %s alike in slices of any size', (name) => {
    const whole = started({ core, program: program(name) });
    expect(finish(whole)).toMatchObject(done);
    for (const slice of [1, 777]) {
      const sliced = started({ core, program: program(name) });
      finish(sliced, slice);
      expect({ now: sliced.timeline.now, ram: hash(sliced) }).toEqual({ now: whole.timeline.now, ram: hash(whole) });
    }
  });
});

describe.each(cores.filter((core) => armCores.get(core)?.floats === true))('%s', (core) => {
  it('switches threads with floating-point registers, privileged and not', () => {
    const machine = started({ core, program: program('threads') });
    expect(finish(machine)).toMatchObject(done);
    const sums = new Float32Array(machine.memory('ram').slice(0, 8).buffer);
    expect(Array.from(sums)).toEqual([0.5 + 200 * 1.5, 0.5 + 200 * 0.25]);
    expect(word(machine, dataBase + 0x18)).toBeGreaterThan(10);
  });
});

describe.each(cores.filter((core) => armCores.get(core)?.floats === true))('%s', (core) => {
  it('makes frames as FPCCR says, and new contexts as FPDSCR', () => {
    const machine = started({ core, program: program('fpu-modes') });
    expect(finish(machine)).toMatchObject(done);
    const basic = 1 << 4;
    expect([0, 4].map((offset) => word(machine, dataBase + offset) & basic)).toEqual([0, basic]);
    expect(word(machine, dataBase + 8)).toBe(0x00c0_0000);
  });
});

it('the stack of a Cortex-M33 does not go below its limit', () => {
  const machine = started({ core: 'cortex-m33', program: program('stack-limit') });
  expect(finish(machine)).toMatchObject(done);
  expect([0, 4].map((offset) => word(machine, dataBase + offset))).toEqual([cfsr.STKOF, 0x2000_7ff0]);
  machine.reset();
  expect((machine.processor as unknown as { stackLimits: number[] }).stackLimits).toEqual([0, 0]);
});

describe.each(['cortex-m3', 'cortex-m33'])('%s', (core) => {
  it.each([1000, 1_000_000])('executes code that it has put into RAM, and changes, in slices of %i', (slice) => {
    const machine = started({ core, program: program('ram-code') });
    expect(finish(machine, slice)).toMatchObject(done);
    expect(word(machine, dataBase)).toBe(3000 * (1 + 2 + 3 + 4));
  });
});

describe.each(cores.filter((core) => armCores.get(core)?.version !== 6))('%s', (core) => {
  const behind = { 'an LDREX': 0, 'an SVC': 1, 'an interrupt': 1, "a handler's LDREX": 1 };
  it.each([1, 1_000_000])('has STREX fail behind every exception and every return, in slices of %i', (slice) => {
    const machine = started({ core, program: program('exclusive') });
    expect(finish(machine, slice)).toMatchObject(done);
    const seen = Object.keys(behind).map((name, index): [string, number] => [name, word(machine, dataBase + 4 * index)]);
    expect(Object.fromEntries(seen)).toEqual(behind);
  });
});

describe.each(cores.filter((core) => armCores.get(core)?.version !== 6))('%s', (core) => {
  const selfLoop = [0xfe, 0xe7];
  it.each([
    { group: 0, basepri: 0x80, priority: 0x80, taken: false },
    { group: 0, basepri: 0x80, priority: 0x7e, taken: true },
    { group: 0, basepri: 0, priority: 0xff, taken: true },
    { group: 5, basepri: 0x60, priority: 0x40, taken: false },
    { group: 5, basepri: 0x60, priority: 0x3f, taken: true },
    // The group of these is that of the highest priority, which nothing configurable goes before.
    { group: 5, basepri: 0x20, priority: 0, taken: false },
    { group: 7, basepri: 0xff, priority: 0, taken: false },
    { group: 7, basepri: 0, priority: 0, taken: true },
  ])('with PRIGROUP $group and BASEPRI $basepri takes an exception of priority $priority: $taken', ({ group, basepri, priority, taken }) => {
    const bytes = new Uint8Array(0x400);
    bytes.set(program('faults'));
    bytes.set(selfLoop, 0x200);
    const machine = started({ core, program: bytes });
    machine.run({ instructions: 10 });
    machine.bus.write(0xe000_ed0c, 4, 0x05fa_0000 | (group << 8));
    machine.bus.write(0xe000_ed22, 1, priority); // of PendSV
    machine.processor.writeRegister('basepri', basepri);
    machine.bus.write(0xe000_ed04, 4, 1 << 28);
    expect(machine.run({ instructions: 1000 }).kind).toBe(taken ? 'exit' : 'limit');
  });
});

/** A region: from, to (exclusive), rights. */
type Region = readonly [begin: number, end: number, rights: 'rx' | 'rw' | 'r' | 'privileged'];

/** Writes the MPU's registers, and switches it on with the default map for privileged code. */
function protect(machine: Machine, regions: readonly Region[]): void {
  const version = armCores.get(machine.processor.name)?.version;
  const registers = 0xe000_ed90;
  regions.forEach(([begin, end, rights], number) => {
    machine.bus.write(registers + 8, 4, number);
    const size = Math.log2(end - begin) - 1;
    const v7 = { rx: 0x0600_0000, rw: 0x1300_0000, r: 0x1600_0000, privileged: 0x1100_0000 }[rights];
    const v8 = { rx: 6, rw: 3, r: 7, privileged: 1 }[rights];
    machine.bus.write(registers + 12, 4, version === 8 ? begin | v8 : begin);
    machine.bus.write(registers + 16, 4, version === 8 ? (end - 32) | 1 : v7 | (size << 1) | 1);
  });
  machine.bus.write(registers + 4, 4, 5);
}

describe.each(['cortex-m3', 'cortex-m4', 'cortex-m7', 'cortex-m33'])('%s', (core) => {
  const data = dataBase;
  const regions: readonly Region[] =
    core === 'cortex-m33'
      ? [
          [0, 0x1_0000, 'rx'],
          [data, data + 0x1000, 'rw'],
          [data + 0x1000, data + 0x1020, 'r'],
          [data + 0x1020, data + 0x2000, 'rw'],
          [data + 0x2000, data + 0x2020, 'privileged'],
          [data + 0x2020, data + 0x1_0000, 'rw'],
        ]
      : [
          [0, 0x1_0000, 'rx'],
          [data, data + 0x1_0000, 'rw'],
          [data + 0x1000, data + 0x1020, 'r'],
          [data + 0x2000, data + 0x2020, 'privileged'],
        ];
  it.each([1, 777, 1_000_000])('enforces MPU regions of 32 bytes and the privilege, in slices of %i', (slice) => {
    const machine = started({ core, program: program('protection') });
    protect(machine, regions);
    expect(finish(machine, slice)).toMatchObject(done);
    const rows = Array.from({ length: 9 }, (_, row) => [0, 1, 2].map((column) => word(machine, data + 0x8000 + 16 * row + 4 * column)));
    const refused = cfsr.DACCVIOL | cfsr.MMARVALID;
    expect(rows).toEqual([
      [exception.memManage, refused, data + 0x1000],
      [exception.memManage, refused, data + 0x2000],
      [exception.memManage, refused, data + 0x2003],
      [exception.memManage, refused, data + 0x1004],
      [exception.memManage, refused, data + 0x2000],
      [exception.busFault, cfsr.PRECISERR | cfsr.BFARVALID, 0xe000_ed00],
      [exception.memManage, refused, data + 0x2000],
      [exception.memManage, cfsr.IACCVIOL, 0],
      [0, 0, 0],
    ]);
    expect(word(machine, data + 0x8000 + 16 * 7 + 12)).toBe(data + 0x2ffc);
  });
});

describe.each(['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m7'])('%s', (core) => {
  const region = dataBase + 0x4000;
  /** Subregions, from the lowest bit on, that are disabled, and so as the region below, which everybody may access. */
  it.each([
    { size: 12, disabled: 0b1010_0101 },
    { size: 12, disabled: 0b0000_1111 },
    { size: 11, disabled: 0b0101_0101 },
    { size: 8, disabled: 0b1110_0111 },
    { size: 13, disabled: 0b0011_0011 },
  ])('keeps subregions of a region of 2**$size bytes apart where $disabled are disabled', ({ size, disabled }) => {
    const bytes = new Uint8Array(0x400);
    bytes.set(program('faults'));
    // b .; ldrb r0, [r1], for every address that is put into r1; b .
    bytes.set([0xfe, 0xe7, 0x08, 0x78, 0xfe, 0xe7], 0x200);
    const machine = started({ core, program: bytes });
    machine.run({ instructions: 10 });
    const write = (offset: number, value: number): void => void machine.bus.write(0xe000_ed90 + offset, 4, value);
    [
      [0, 0x0300_003f],
      [region, (disabled << 8) | ((size - 1) << 1) | 1],
    ].forEach(([base = 0, attributes = 0], number) => {
      write(8, number);
      write(12, base);
      write(16, attributes);
    });
    write(4, 1);
    const step = 2 ** (size - 3);
    const order = [0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1, 0];
    const allowed = order.map((subregion) => {
      machine.processor.writeRegister('pc', 0x202);
      machine.processor.writeRegister('r1', region + subregion * step + step - 1);
      const saved = machine.save();
      const goesOn = machine.run({ instructions: 3 }).kind === 'limit' && machine.processor.pc === 0x204;
      machine.restore(saved);
      return goesOn;
    });
    expect(allowed).toEqual(order.map((subregion) => (disabled & (1 << subregion)) !== 0));
  });
});

const assembler = spawnSync('arm-none-eabi-as', ['--version']).status === 0;
(assembler ? it : it.skip)('the machine code of the test programs is that of their sources (GNU as for Arm)', () => {
  const script = fileURLToPath(new URL('../testing/arm/assemble.mjs', import.meta.url));
  expect(spawnSync(process.execPath, [script, '--check']).status).toBe(0);
});

import { afterEach, describe, expect, it } from '@jest/globals';
import type { Machine } from '../machine/machine.js';
import { RegisterBlock } from '../machine/register-block.js';
import type { DeviceClass } from '../machine/device.js';
import { dataBase, guest, word } from '../testing/arm/guest.js';
import type { GuestOptions } from '../testing/arm/guest.js';
import { program } from '../testing/arm/programs.js';
import { armCores } from './cores.js';

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

const scs = 0xe000_e000;
const cores = [...armCores.values()];
const mainline = cores.filter(({ version }) => version >= 7);

/** Vectors, and a loop of two instructions. */
function looping(core: string, options: Partial<GuestOptions> = {}): Machine {
  const bytes = new Uint8Array(0x110);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_8000, true);
  for (let vector = 1; vector < 48; vector++) view.setUint32(4 * vector, 0x101, true);
  [0xbf00, 0xe7fd].forEach((halfword, index) => {
    view.setUint16(0x100 + 2 * index, halfword, true);
  });
  return started({ core, program: bytes, ...options });
}

function access(machine: Machine): { read: (offset: number, size?: 1 | 2 | 4) => number; write: (offset: number, value: number, size?: 1 | 2 | 4) => void } {
  return {
    read: (offset, size = 4) => machine.bus.read(scs + offset, size) ?? -1,
    write: (offset, value, size = 4) => {
      machine.bus.write(scs + offset, size, value);
    },
  };
}

describe.each(cores)('registers of $name', ({ name, version, cpuid }) => {
  it('of interrupts are set and cleared by ones', () => {
    const { read, write } = access(looping(name));
    write(0x100, 0x8000_0005);
    expect([read(0x100), read(0x180)]).toEqual([0x8000_0005, 0x8000_0005]);
    write(0x180, 4);
    expect(read(0x100)).toBe(0x8000_0001);
    write(0x180, 0xffff_ffff);
    write(0x200, 6);
    write(0x280, 2);
    expect([read(0x200), read(0x280)]).toEqual([4, 4]);
    expect(read(0xd04) & 0x0040_0000).toBe(0x0040_0000); // ISRPENDING
  });
  it('of priorities keep the implemented bits', () => {
    const { read, write } = access(looping(name, { priorityBits: version === 6 ? 2 : 3 }));
    write(0x404, 0xffff_ffff);
    const bits = version === 6 ? 0xc0 : 0xe0;
    expect(read(0x404, 1)).toBe(bits);
    write(0xd20, 0x12_3400 * 0x100 + 0x5678);
    expect(read(0xd20) >>> 16).toBe(((0x12 & bits) << 8) | (0x34 & bits));
    write(0xd1c, 0xff00_0000);
    expect(read(0xd1c)).toBe(bits * 2 ** 24);
  });
  it('of the system: CPUID, AIRCR with its key, VTOR', () => {
    const { read, write } = access(looping(name));
    expect(read(0xd00)).toBe(cpuid);
    expect(read(0xd0c)).toBe(0xfa05_0000);
    write(0xd0c, 0x0000_0700);
    expect(read(0xd0c)).toBe(0xfa05_0000);
    write(0xd0c, 0x05fa_0300);
    expect(read(0xd0c)).toBe(version === 6 ? 0xfa05_0000 : 0xfa05_0300);
    write(0xd08, 0x2000_01ff);
    expect(read(0xd08)).toBe(name === 'cortex-m0' ? 0 : version === 6 ? 0x2000_0100 : 0x2000_0180);
  });
  it('ask for a reset', () => {
    const machine = looping(name);
    const reasons: string[] = [];
    machine.onReset = (why) => reasons.push(why);
    machine.run({ instructions: 10 });
    access(machine).write(0xd0c, 0x05fa_0004);
    machine.run({ instructions: 10 });
    expect(reasons).toEqual(['AIRCR.SYSRESETREQ']);
    expect(machine.timeline.now).toBe(20);
  });
  it('count SysTick down, by either clock, and say once that it was 0', () => {
    const machine = looping(name);
    const { read, write } = access(machine);
    expect(read(0x1c)).toBe(999); // the reference has 100 kHz
    write(0x14, 9);
    write(0x18, 5);
    write(0x10, 5);
    const values: number[] = [];
    for (let step = 0; step < 12; step++) {
      machine.run({ instructions: 1 });
      values.push(read(0x18));
    }
    expect(values).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8]);
    expect([read(0x10), read(0x10)]).toEqual([0x1_0005, 5]);
    write(0x10, 1); // ten cycles a tick now
    write(0x18, 0);
    machine.run({ instructions: 25 });
    expect(read(0x18)).toBe(8);
    write(0x10, 0);
    machine.run({ instructions: 100 });
    expect(read(0x18)).toBe(8);
  });
  it('make SysTick pending at the cycle at which it gets 0', () => {
    const machine = looping(name);
    const { read, write } = access(machine);
    write(0x14, 99);
    write(0x10, 7);
    machine.run({ instructions: 99 });
    expect(read(0xd04) & 0x1ff).toBe(0);
    machine.run({ instructions: 1 });
    machine.run({ instructions: 1 });
    expect(read(0xd04) & 0x1ff).toBe(15);
  });
});

describe.each(mainline)('$name', ({ name, identification, floats }) => {
  it('has STIR, ICTR, active bits and groups', () => {
    const machine = looping(name);
    const { read, write } = access(machine);
    write(0xf00, 7);
    expect(read(0x200)).toBe(1 << 7);
    expect(read(0x004)).toBe(0);
    write(0x100, 1 << 7);
    machine.run({ instructions: 1 });
    expect(read(0x300)).toBe(1 << 7);
    expect(read(0x200)).toBe(0);
    expect(read(0xd04) & 0x1ff).toBe(16 + 7);
  });
  it('identifies itself', () => {
    const { read } = access(looping(name));
    expect(identification.map((_, index) => read(0xd40 + 4 * index))).toEqual(identification);
    expect(read(0xf40) !== 0).toBe(floats);
  });
  it('counts cycles in DWT while it is told to', () => {
    const machine = looping(name);
    const cycles = (): number => machine.bus.read(0xe000_1004, 4) ?? -1;
    machine.run({ instructions: 10 });
    expect(cycles()).toBe(0);
    access(machine).write(0xdfc, 1 << 24);
    machine.bus.write(0xe000_1000, 4, 1);
    machine.run({ instructions: 123 });
    expect(cycles()).toBe(123);
    machine.bus.write(0xe000_1004, 4, 0xffff_fff0);
    machine.run({ instructions: 20 });
    expect(cycles()).toBe(4);
  });
  it('preempts by the group of a priority only', () => {
    const machine = looping(name);
    const { read, write } = access(machine);
    write(0xd0c, 0x05fa_0600); // one bit of group
    write(0x400, 0x40_20_80_10); // interrupts 0 to 3: groups 0, 1, 0, 0
    write(0x100, 0xf);
    write(0x200, 2);
    machine.run({ instructions: 1 });
    write(0x200, 0xc); // 2 preempts 1; 3 has 2's group
    machine.run({ instructions: 1 });
    expect(read(0xd04) & 0x1ff).toBe(16 + 2);
    write(0x200, 1); // the same group, though it is more urgent
    machine.run({ instructions: 1 });
    expect(read(0xd04) & 0x1ff).toBe(16 + 2);
    expect((read(0xd04) >>> 12) & 0x1ff).toBe(16);
  });
});

/** Four words; everything is stored. */
const words: DeviceClass = {
  name: 'words',
  summary: 'words for tests',
  size: 16,
  create: () => new RegisterBlock({ registers: [{ name: 'WORD', offset: 0, count: 4 }] }),
};

it.each(['cortex-m3', 'cortex-m4'])('bits of %s have addresses of their own', (core) => {
  const machine = started({
    core,
    program: program('bit-band'),
    deviceClasses: [words],
    devices: [{ name: 'words', device: 'words', base: 0x4000_1000, size: 16, interrupts: {}, clocks: {}, parameters: {} }],
  });
  expect(machine.run({ instructions: 1000 })).toMatchObject({ kind: 'exit' });
  expect(word(machine, dataBase + 0x104)).toBe((1 << 5) | (1 << 9));
  expect([0, 4, 8, 12].map((offset) => word(machine, dataBase + offset))).toEqual([1, 0, 1, 0]);
  expect(machine.bus.read(0x4000_1000, 4)).toBe(1 << 9);
  expect(word(machine, dataBase + 0x14)).toBe(0x4210_0000);
});

it("stores to flash are its controller's business, whatever the instruction", () => {
  const machine = started({ core: 'cortex-m3', program: program('flash') });
  const flash = machine.memory('flash');
  const writes: [number, number, number][] = [];
  machine.processor.onRomWrite = (address, size, value) => {
    writes.push([address - 0x8000, size, value]);
    return address < 0x8030;
  };
  flash.fill(0xff, 0x8000, 0x8040);
  const before = machine.instructions;
  expect(machine.run({ instructions: 1000 })).toMatchObject({ kind: 'exit' });
  expect(writes).toEqual([
    [0, 4, 1],
    [4, 2, 2],
    [7, 1, 3],
    [8, 4, 4],
    [12, 4, 5],
    [18, 2, 6],
    [20, 4, 7],
    [24, 4, 8],
    [28, 4, 8],
    [32, 4, 7],
    [32, 4, 7],
    [40, 4, 7],
  ]);
  expect([0, 4, 8].map((offset) => word(machine, dataBase + offset))).toEqual([0x8012, 0x8024, 9]);
  expect(machine.instructions - before).toBe(28);
});

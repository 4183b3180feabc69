import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { machineCores, type DeviceClass, type Machine } from '@fireball/emulator';
import { smallMachine } from '../testing/small-machine.js';
import { describePolled, Polls, type PolledRegister } from './polls.js';

interface Loops {
  readonly core: string;
  readonly level: string;
  readonly code: string;
  readonly functions: Readonly<Record<string, number>>;
}
const { programs } = JSON.parse(readFileSync(new URL('testing/loops.json', import.meta.url), 'utf8')) as { readonly programs: readonly Loops[] };

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

interface Watched {
  readonly machine: Machine;
  readonly polls: Polls;
  readonly said: readonly string[];
}

/** A machine with one register at 0x40001000 that always has a value, at the beginning of a function. */
function watched({ core, code }: Pick<Loops, 'core' | 'code'>, start: number, value: number, modelled = false): Watched {
  const isArm = core.startsWith('cortex');
  const constant: DeviceClass = {
    name: 'constant',
    summary: '',
    size: 0x1000,
    create: () => ({
      state: {},
      reset: () => undefined,
      ...(modelled ? {} : { registerAt: () => undefined }),
      isSteady: () => true,
      fieldAt: (_offset, bit) => (bit === 17 ? 'HSERDY' : undefined),
      read: (_offset, size) => (size === 4 ? value : value % 2 ** (8 * size)),
      write: () => undefined,
    }),
  };
  const said: string[] = [];
  const machine = smallMachine({
    core,
    code: Buffer.from(code, 'hex'),
    start,
    device: constant,
    onAccess: {
      hear: (name, at, offset, _size, read, write) => {
        if (write) polls.write(at);
        else if (polls.read(name, at, at + offset, read)) return polls.spare(at + offset);
        return 0;
      },
      again: (at, offset, count) => {
        polls.again(at + offset, count);
      },
    },
  });
  machines.push(machine);
  const polls = new Polls({ machine, symbols: () => undefined, say: (line) => said.push(line), waitsForInput: () => false });
  machine.processor.writeRegister(isArm ? 'r0' : 'a0', 0x4000_0ffc);
  machine.processor.writeRegister(isArm ? 'r1' : 'a1', 0x10);
  return { machine, polls, said };
}

/** What the register has, and what is said of the loop; undefined: of what it waits for nothing can be said. */
const loops: Readonly<Record<string, readonly [value: number, awaits: string | undefined]>> = {
  bit_17_set: [0xfffd_ffff, 'bit 17 (HSERDY) never set'],
  bit_0_set: [0xffff_fffe, 'bit 0 never set'],
  bit_31_set: [0x7fff_ffff, 'bit 31 never set'],
  bit_31_clear: [0x8000_0000, 'bit 31 never clear'],
  bit_7_clear: [0x80, 'bit 7 never clear'],
  bit_12_not_1: [0, 'bit 12 never set'],
  byte_bit_5_set: [0xdf, 'bit 5 never set'],
  half_bit_9_set: [0xfdff, 'bit 9 never set'],
  field_of_two_bits: [4, 'bits 0x0000000c never 0x00000008'],
  any_of_three_bits: [0xfff8_ffff, 'none of bits 0x00070000 ever set'],
  all_clear: [5, 'bits 0xffffffff never all clear'],
  masked: [0xffff_ffef, 'bit 4 never set'],
  with_a_counter: [3, 'bit 2 never set'],
  with_a_call: [0, 'bit 10 never set'],
  before_another: [0, 'bit 6 never set'],
  in_a_variable: [0, 'bit 8 never set'],
  unsure_product: [0, undefined],
  unsure_order: [9, undefined],
  unsure_sum: [9, undefined],
};

/** What GCC keeps on the stack without optimization. */
const inMemory = new Set(['in_a_variable']);

describe.each(programs)('loops of GCC $level for $core', ({ functions, ...program }) => {
  it.each(Object.entries(loops))('%s', (name, [value, awaits]) => {
    const { machine, polls, said } = watched(program, functions[name]!, value);
    for (let slices = 0; said.length === 0 && slices < 30; slices++) machine.run({ instructions: 20_000 });
    const [polled] = polls.list();
    expect(polled).toMatchObject({ address: 0x4000_1000, value });
    // Of values that go through the stack nothing is known.
    expect(polled?.awaits).toBe(program.level === '-O0' && inMemory.has(name) ? undefined : awaits);
    expect(said).toHaveLength(1);
    expect(said[0]).toBe(describePolled({ ...(polled as PolledRegister), reads: 10_000 }, undefined));
  });
});

describe('a poll is told of', () => {
  const program = programs.find(({ core, level }) => core === 'cortex-m4' && level === '-Os')!;
  const start = program.functions['bit_17_set']!;

  it('at the same instruction, whatever the slices', () => {
    const at = (slice: number): number => {
      const { machine, said } = watched(program, start, 0);
      while (said.length === 0) machine.run({ instructions: slice });
      return Math.ceil(machine.instructions / 21);
    };
    expect(at(21)).toBe(at(7));
  });

  it('late where the register is modelled, but listed at the end', () => {
    const { machine, polls, said } = watched(program, start, 0, true);
    machine.run({ instructions: 400_000 });
    expect(said).toEqual([]);
    expect(polls.list()).toMatchObject([{ awaits: 'bit 17 (HSERDY) never set' }]);
    for (let reads = 0; reads < 10_000_000; reads++) polls.read('device', 0x4000_1000, 0x4000_1000, 0);
    expect(said).toEqual([expect.stringMatching(/^device \+ 0x0 at 0x40001000 read 10,000,000 times from 0x00000[0-9a-f]{3}, bit 17 \(HSERDY\) never set$/)]);
  });

  it('not where reads are far apart, or the device is written to in between', () => {
    const { machine, polls } = watched(program, start, 0);
    for (let count = 0; count < 50_000; count++) {
      polls.read('device', 0x4000_1000, 0x4000_1000, 1);
      machine.timeline.advance(2000);
      polls.read('device', 0x4000_1000, 0x4000_1004, 1);
      polls.write(0x4000_1000);
    }
    expect(polls.list()).toEqual([]);
  });

  it('not where another register of the device changes, as that of a clock does', () => {
    const { polls } = watched(program, start, 0);
    for (let count = 0; count < 50_000; count++) {
      polls.read('device', 0x4000_1000, 0x4000_1000, count);
      polls.read('device', 0x4000_1000, 0x4000_1004, 1);
    }
    expect(polls.list()).toEqual([]);
  });

  it('and firmware that reads everywhere does not fill memory', () => {
    const { polls } = watched(program, start, 0);
    for (let address = 0; address < 100_000; address += 4) expect(polls.read('nothing', address, address, 0)).toBe(false);
    expect(polls.read('nothing', 0, 0, 0)).toBe(false);
  });
});

it('every core has loops of its width', () => {
  expect(programs.every(({ core }) => machineCores.has(core))).toBe(true);
});

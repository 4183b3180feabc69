import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Machine, MachineEnd } from '../machine/machine.js';
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
  it.each(['ticks'])('executes %s alike in slices of any size', (name) => {
    const whole = started({ core, program: program(name) });
    expect(finish(whole)).toMatchObject(done);
    for (const slice of [1, 777]) {
      const sliced = started({ core, program: program(name) });
      finish(sliced, slice);
      expect({ now: sliced.timeline.now, ram: hash(sliced) }).toEqual({ now: whole.timeline.now, ram: hash(whole) });
    }
  });
});

const assembler = spawnSync('arm-none-eabi-as', ['--version']).status === 0;
(assembler ? it : it.skip)('the machine code of the test programs is that of their sources (GNU as for Arm)', () => {
  const script = fileURLToPath(new URL('../testing/arm/assemble.mjs', import.meta.url));
  expect(spawnSync(process.execPath, [script, '--check']).status).toBe(0);
});

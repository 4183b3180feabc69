import { expect, it } from '@jest/globals';
import { stuckAt } from './stuck.js';
import { riscvCode, smallMachine } from './testing/small-machine.js';

const nop = 0xbf00;
const wfi = 0xbf30;

/** Code from the beginning of the loop on, where in it the CPU is seen, in instructions, and whether nobody gets out. */
it.each<[what: string, core: string, halves: readonly number[], seenAt: number, stuck: boolean]>([
  ['a jump to itself', 'cortex-m3', [0xe7fe], 0, true],
  ['a long jump to itself', 'cortex-m3', [0xf7ff, 0xbffe], 0, true],
  ['a wait in a loop, seen at the wait', 'cortex-m3', [wfi, 0xe7fd], 0, true],
  ['a wait in a loop, seen at the jump', 'cortex-m3', [nop, wfi, 0xe7fc], 2, true],
  ['a poll with a way out: ldr, lsls, bmi, b', 'cortex-m3', [0x6808, 0x03c0, 0xd400, 0xe7fb], 3, false],
  ['a loop that stores: str, b', 'cortex-m3', [0x6008, 0xe7fd], 1, false],
  ['a jump out', 'cortex-m3', [0xe000], 0, false],
  ['c.j to itself', 'rv32imac', [0xa001], 0, true],
  ['jal to itself', 'rv64gc', [0x006f, 0], 0, true],
  ['a wait in a loop, seen at the jump', 'rv32imac', [0x0073, 0x1050, 0xbff5], 2, true],
  ['a poll with a way out: c.lw, bgeu, c.j', 'rv32imac', [0x4188, 0x7363, 0x00c5, 0xbfe5], 3, false],
  ['a stack that grows for ever: c.addi, c.swsp, c.j', 'rv64gc', [0x1141, 0xc006, 0xbff5], 2, false],
])('%s (%s)', (_what, core, halves, seenAt, stuck) => {
  const isArm = core.startsWith('cortex');
  const start = isArm ? 0x100 : riscvCode;
  const machine = smallMachine({ core, code: new Uint8Array(Uint16Array.from(halves).buffer), start });
  try {
    machine.processor.writeRegister('pc', start + 2 * seenAt);
    if (isArm) machine.processor.writeRegister('primask', 1);
    expect(stuckAt(machine) !== undefined).toBe(stuck);
  } finally {
    machine.close();
  }
});

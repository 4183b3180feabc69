import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { loadBoard } from '../board-file.js';
import { createProcessor } from '../machine/cores.js';
import type { MachineEnd } from '../machine/machine-end.js';
import { Machine } from '../machine/machine.js';

const testing = new URL('../testing/boards/', import.meta.url);
/** Machine code of programs in testing/boards, in hex, linked at the beginning of the flash. */
const { code } = JSON.parse(readFileSync(new URL('programs.json', testing), 'utf8')) as { readonly code: Readonly<Record<string, string>> };

interface BoardRun {
  readonly name: string;
  /** `name` where nothing is said. */
  readonly program?: string;
  readonly button: string;
  readonly says: string;
  readonly hertz: number;
  readonly milliseconds: number;
}

interface Run {
  readonly machine: Machine;
  readonly text: string;
  readonly end: MachineEnd;
  /** Virtual time at which the program had told the length of its millisecond. */
  readonly seconds: number;
}

const stm32 = (megahertz: number): string => `${megahertz} MHz\n1000 us a tick\npress\nagain\npressed twice\nflash written\nback by software reset\n`;
const rp2040 = '125000 kHz\n125 thousand cycles a ms\npress\nagain\npressed twice\nflash written\n9 bits\nback by watchdog\n';
const boards: readonly BoardRun[] = [
  { name: 'stm32vldiscovery', button: 'gpioa.0', says: stm32(24), hertz: 24e6, milliseconds: 11 },
  { name: 'netduino2', button: 'gpioa.0', says: stm32(120), hertz: 120e6, milliseconds: 11 },
  { name: 'netduinoplus2', button: 'gpioa.0', says: stm32(168), hertz: 168e6, milliseconds: 11 },
  { name: 'rp2040', button: 'io_bank0.0', says: rp2040, hertz: 125e6, milliseconds: 1 },
  { name: 'rp2040', program: 'rp2040-boot2', button: 'io_bank0.0', says: rp2040, hertz: 125e6, milliseconds: 1 },
];

async function create(name: string): Promise<Machine> {
  const { board, deviceClass } = await loadBoard(name);
  return new Machine({ board, createProcessor, deviceClass });
}

/** Runs a board's program to its end, in slices; presses the button when the program asks for it. */
async function run({ name, program = name, button }: BoardRun, slice = Infinity): Promise<Run> {
  const machine = await create(name);
  machine.memory('flash').set(Buffer.from(code[program] ?? '', 'hex'));
  let text = '';
  let seconds = 0;
  machine.serial(machine.board.console ?? '').onOutput = (byte) => {
    text += String.fromCharCode(byte);
    if (text.endsWith('press\n')) seconds = machine.clocks.seconds;
    if (/(press|again)\n$/.test(text)) for (const level of [true, false]) machine.pin(button).set(level);
  };
  machine.reset();
  let end: MachineEnd;
  let left = 20_000_000;
  do {
    end = machine.run({ instructions: Math.min(slice, left) });
    left -= slice;
  } while (end.kind === 'limit' && left > 0);
  return { machine, text, end, seconds };
}

describe.each(boards.map((board) => [board.program ?? board.name, board] as const))('%s', (_program, board) => {
  it('stops with blank flash', async () => {
    const machine = await create(board.name);
    machine.reset();
    expect(machine.run({ instructions: 100_000 })).toMatchObject({ kind: 'fault' });
    machine.close();
  });

  it('runs a program that sets its clocks up, in the right time', async () => {
    const { machine, text, end, seconds } = await run(board);
    expect(text).toBe(board.says);
    expect(end).toEqual({ kind: 'asleep' });
    expect(machine.clocks.cpu.hertz).toBe(board.hertz);
    // The ticks, and what it took to tell of them at 115,200 baud.
    expect(seconds * 1000).toBeGreaterThan(board.milliseconds);
    expect(seconds * 1000).toBeLessThan(board.milliseconds + 5);
    machine.close();
  });

  it.each([7, 777])('is the same in slices of %i', async (slice) => {
    const whole = await run(board);
    const cut = await run(board, slice);
    expect(cut.text).toBe(whole.text);
    expect([cut.machine.instructions, cut.machine.timeline.now]).toEqual([whole.machine.instructions, whole.machine.timeline.now]);
    const ram = ({ machine }: Run): Buffer => Buffer.from(machine.memory('sram'));
    expect(ram(cut).equals(ram(whole))).toBe(true);
    whole.machine.close();
    cut.machine.close();
  });
});

const compiler = spawnSync('arm-none-eabi-gcc', ['--version']).status === 0;
(compiler ? it : it.skip)('the machine code of the programs is that of their sources (GNU C for Arm)', () => {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('build.mjs', testing)), '--check']);
  // 69: another version of the compiler.
  expect([0, 69]).toContain(status);
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { boardNames, createProcessor, loadBoard, Machine, type MachineEnd } from '@fireball/emulator';
import { readImage } from '@fireball/image';
import { boards, driverPrograms, programs } from '../firmware/boards.mjs';
import { fireball } from './testing/fireball.js';
import { connectSemihosting, hashOfRam } from './testing/machines.js';

const folder = fileURLToPath(new URL('../../e2e/firmware/images/', import.meta.url));
const imageOf = (board: string, program: string): string => join(folder, board, `${program}.elf`);

/** What hangs has failed. */
const mostInstructions = 20_000_000;

/** Those of `names` that there are for each board. */
const rowsOf = (names: object): { readonly board: string; readonly program: string }[] =>
  boardNames().flatMap((board) =>
    board in boards ? Object.keys(names).flatMap((program) => (existsSync(imageOf(board, program)) ? [{ board, program }] : [])) : [],
  );
/** Programs of ours (e2e/firmware), on every board that there is. */
const rows = rowsOf(programs);
/** Those that drive a chip's devices, on the board with chips and wires around it. */
const driverRows = rowsOf(driverPrograms);

interface Outcome {
  readonly status: number | null;
  readonly console: string;
  readonly uart: string;
}

function withScratch<T>(use: (uart: string) => T): T {
  const scratch = mkdtempSync(join(tmpdir(), 'fireball-firmware-'));
  try {
    return use(join(scratch, 'uart'));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** QEMU's names where they are others, and the program that has the machine. */
const qemuMachines: Readonly<Record<string, readonly string[]>> = {
  'virt-rv32': ['qemu-system-riscv32', '-M', 'virt', '-bios', 'none'],
  'virt-rv64': ['qemu-system-riscv64', '-M', 'virt', '-bios', 'none'],
  'sifive-e': ['qemu-system-riscv32', '-M', 'sifive_e'],
};

/**
 * QEMU's time passes by instructions. By the host's, a timer of 83 us ticks once more where the host has something else to do between two instructions of
 * the handler that stops it.
 */
const instructionTime = ['-icount', 'shift=5,sleep=off'];

function inQemu(board: string, program: string): Outcome {
  const [qemu = '', ...machine] = qemuMachines[board] ?? ['qemu-system-arm', '-M', board];
  return withScratch((uart) => {
    const { status, stdout, stderr } = spawnSync(
      qemu,
      [
        ...machine,
        '-display',
        'none',
        '-monitor',
        'none',
        ...instructionTime,
        '-serial',
        `file:${uart}`,
        '-semihosting-config',
        'enable=on,target=native,arg=all',
        '-kernel',
        imageOf(board, program),
      ],
      { encoding: 'utf8', timeout: 30_000 },
    );
    return { status, console: `${stdout}${stderr}`, uart: readFileSync(uart, 'utf8') };
  });
}

/**
 * Where QEMU 7.2 is not what the manuals say: it escalates BKPT as another fault (DEBUGEVT stays clear) and has no CCR.UNALIGN_TRP; its
 * microbit reads zeros where nothing is, and the MPU of its mps2-an505 has 16 regions (8 in later releases, as in the FPGA image).
 */
const qemuDiffers = (board: string): RegExp =>
  ({ microbit: /^(breakpoint|unaligned|load|store):/, 'mps2-an505': /^(breakpoint|unaligned|mpu):/ })[board] ?? /^(breakpoint|unaligned):/;
/** On RISC-V it has AMOs trap as loads (the privileged architecture, 3.1.15, has them trap as stores). */
const riscvDiffers = /^misaligned-add:/;
/** What QEMU itself says on stderr: of the timers of lm3s6965evb, and where firmware waits while no timer runs. */
const ofQemu = /^(Timer with period zero, disabling|qemu-system-\w+: warning: icount sleep disabled and no active timers)$/;
const comparable = (board: string, text: string): string[] =>
  text.split('\n').filter((line) => !ofQemu.test(line) && !qemuDiffers(board).test(line) && !riscvDiffers.test(line));

/** There, QEMU lets accesses to nothing pass, and a jump there runs for ever. */
const qemuFindsNoFaults = ['netduino2', 'lm3s6965evb'];

/** Names of the machines that a QEMU has; none where it is not installed. */
const machinesOf = new Map<string, ReadonlySet<string>>();
function hasQemu(board: string): boolean {
  const [qemu = '', , machine = ''] = qemuMachines[board] ?? ['qemu-system-arm', '-M', board];
  let machines = machinesOf.get(qemu);
  if (machines === undefined) {
    const { stdout } = spawnSync(qemu, ['-M', 'help'], { encoding: 'utf8' }) as { stdout: string | null };
    machines = new Set((stdout ?? '').split('\n').map((line) => line.split(/\s/)[0] ?? ''));
    machinesOf.set(qemu, machines);
  }
  return machines.has(machine);
}

describe.each(rows)('$program on $board', ({ board, program }) => {
  const judged = hasQemu(board);
  it(`ends as it should, slices change nothing, and QEMU ${judged ? 'prints the same' : 'is not installed, or has no such board: not compared'}`, async () => {
    const loaded = await loadBoard(board);
    const outcome = run(loaded, imageOf(board, program), 1_000_000, Infinity);
    expect(outcome.end).toMatchObject({ kind: 'exit', status: program === 'hello' ? 42 : 0 });
    if (program === 'hello')
      expect(outcome).toMatchObject({ console: `semihosting: hello from ${board}\nargument 1: all\n`, uart: `uart: hello from ${board}\n` });
    expect(run(loaded, imageOf(board, program), 777, Infinity)).toEqual(outcome);
    const [whole, single] = [1_000_000, 1].map((slice) => run(loaded, imageOf(board, program), slice, mostSingly));
    expect(single).toEqual(whole);
    if (!judged) return;
    if (program === 'faults' && qemuFindsNoFaults.includes(board)) return;
    const judge = inQemu(board, program);
    const { status } = outcome.end as { readonly status: number };
    expect({ status, uart: outcome.uart, console: comparable(board, outcome.console) }).toEqual({ ...judge, console: comparable(board, judge.console) });
  }, 60_000);
});

describe.each(driverRows)('$program on $board', ({ board, program }) => {
  it('finds all as the manuals have it, and slices change nothing', async () => {
    const loaded = await loadBoard(fileURLToPath(new URL(`../firmware/wired/${board}.yaml`, import.meta.url)));
    const outcome = run(loaded, imageOf(board, program), 1_000_000, Infinity);
    // What differs is printed with two blanks before it.
    expect(outcome.console.split('\n').filter((line) => !/^[\w ,]+: [1-9]\d* checks$/.test(line))).toEqual(['']);
    expect(outcome.end).toMatchObject({ kind: 'exit', status: 0 });
    const [whole, sliced] = [1_000_000, 777].map((slice) => run(loaded, imageOf(board, program), slice, 10 * mostSingly));
    expect(sliced).toEqual(whole);
  });
});

describe('the command line', () => {
  it('connects console, semihosting, arguments and exit status', () => {
    const ran = fireball(['emulate', imageOf('mps2-an385', 'hello'), '--machine', 'mps2-an385', '--args', 'one two']);
    expect(ran).toMatchObject({ status: 42, stderr: '' });
    expect(ran.stdout).toContain('argument 2: two\n');
  });

  it('takes an image from --load alone', () => {
    expect(fireball(['emulate', '--load', `${imageOf('mps2-an385', 'hello')}@0`, '--machine', 'mps2-an385'])).toMatchObject({ status: 42, stderr: '' });
    expect(fireball(['emulate', '--machine', 'mps2-an385'])).toMatchObject({ status: 2, stderr: 'fireball: give an image: a file, or --load FILE@ADDRESS\n' });
  });

  it.each(['thumb2', 'rv32'])('tells firmware of the virtual SoC from that of the board fireball-%s, where one is given to the other', (name) => {
    const soc = fileURLToPath(new URL(`../../vsoc/guest/firmware/generated/${name}.elf`, import.meta.url));
    const onBoard = fireball(['emulate', soc, '--machine', `fireball-${name}`, '--max-instructions', '3000000']);
    expect(onBoard).toMatchObject({ status: 1, stderr: expect.stringContaining(`firmware for the virtual SoC runs on --machine vsoc-${name}`) as unknown });
    const onSoc = fireball(['emulate', imageOf(`fireball-${name}`, 'hello'), '--machine', `vsoc-${name}`]);
    expect(onSoc.status).not.toBe(0);
    expect(onSoc.stderr).toContain(`ordinary firmware, with startup code of its own, runs on --machine fireball-${name}`);
    // What fails on the right board is not suspected.
    if (name === 'thumb2')
      expect(fireball(['emulate', imageOf('fireball-thumb2', 'faults'), '--machine', 'fireball-thumb2', '--args', 'divide']).stderr).not.toContain(
        'virtual SoC',
      );
  });
});

/** Instructions that are run one by one: the beginning of a program is enough. */
const mostSingly = 10_000;

interface Ran {
  readonly end: MachineEnd;
  readonly console: string;
  readonly uart: string;
  readonly now: number;
  /** SHA-256 of all RAM. */
  readonly ram: string;
}

function run({ board, deviceClass }: Awaited<ReturnType<typeof loadBoard>>, image: string, slice: number, most: number): Ran {
  const machine = new Machine({ board, createProcessor, deviceClass });
  try {
    const written: number[] = [];
    const sent: number[] = [];
    if (board.console !== undefined) machine.serial(board.console).onOutput = (byte) => sent.push(byte);
    // Programs that drive another one find its output at its input.
    for (const { name, device } of board.devices) {
      if (name === board.console || deviceClass(device).serial !== true) continue;
      const link = machine.serial(name);
      link.onOutput = (byte) => {
        link.type(Uint8Array.of(byte));
      };
    }
    connectSemihosting(machine, (bytes) => written.push(...bytes));
    machine.load(readImage(readFileSync(image)));
    machine.reset();
    let end: MachineEnd = { kind: 'limit' };
    while (end.kind === 'limit' && machine.instructions < Math.min(most, mostInstructions)) {
      end = machine.run({ instructions: Math.min(slice, most - machine.instructions) });
    }
    return { end, console: Buffer.from(written).toString(), uart: Buffer.from(sent).toString(), now: machine.timeline.now, ram: hashOfRam(machine) };
  } finally {
    machine.close();
  }
}

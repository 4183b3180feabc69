/** What is typed is part of what happens: it comes in at its moment wherever that is gone through again, and something else may be typed in the past. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { History } from '@fireball/debugger';
import { createProcessor, loadBoard, Machine, MachineTarget, Semihosting } from '@fireball/emulator';
import { Random } from '@fireball/engines';
import { readImage } from '@fireball/image';
import { fireball, root } from './testing/fireball.js';
import { hashOfRam } from './testing/machines.js';

const sample = (name: string): string => join(root, 'e2e', 'firmware', 'debug', name);
/** Of Debian's package firmware-microbit-micropython. */
const micropython = '/usr/share/firmware-microbit-micropython/firmware.hex';

const echoes = [
  { isa: 'thumb2', board: 'mps2-an386', program: 'echo' },
  { isa: 'rv32', board: 'virt-rv32', program: 'echo' },
  { isa: 'thumb2', board: 'mps2-an386', program: 'host-echo' },
  { isa: 'rv32', board: 'virt-rv32', program: 'host-echo' },
].map(({ isa, board, program }) => ({
  title: `${program} on ${board}`,
  board,
  image: sample(`${program}-${isa}.elf`),
  lead: 3000,
  pause: 20_000,
  keys: ['a', 'bc', 'Z', 'xyz', '!', 'q'],
}));
const rows = [
  ...echoes,
  { title: 'MicroPython on microbit', board: 'microbit', image: micropython, lead: 3_400_000, pause: 300_000, keys: ['print', '(6*7)\r', '\r', '\r'] },
];

const mostMemory = 0x11_0000;

interface Opened {
  readonly target: MachineTarget;
  /** The port that is typed to. */
  readonly port: string;
  text: string;
}

async function open({ board: name, image }: (typeof rows)[number]): Promise<Opened> {
  const { board, deviceClass } = await loadBoard(name);
  // Little memory: it is hashed often.
  const memory = board.memory.map((part) => ({ ...part, size: Math.min(part.size, mostMemory) }));
  const machine = new Machine({ board: { ...board, memory }, createProcessor, deviceClass });
  const port = board.console!;
  const opened = { target: new MachineTarget(machine), port, text: '' };
  const link = machine.serial(port);
  link.onOutput = (byte) => {
    opened.text += String.fromCharCode(byte);
  };
  const semihosting = new Semihosting({
    bus: machine.bus,
    wordSize: 4,
    write: (bytes) => {
      opened.text += Buffer.from(bytes).toString();
    },
    read: () => link.receive() ?? (link.ended ? undefined : 'waits'),
    waiting: () => link.waiting,
    commandLine: '',
    seconds: () => machine.clocks.seconds,
    heap: () => ({ base: 0, limit: 0 }),
    warn: () => undefined,
  });
  machine.processor.onSemihosting = semihosting.handle;
  machine.addPart('semihosting', semihosting);
  machine.load(readImage(readFileSync(image)));
  machine.reset();
  return opened;
}

function stateOf({ target }: Opened): string {
  const registers = target.registers.map(({ name }) => target.readRegister(name)).join(' ');
  const { state } = target.machine.save();
  const devices = createHash('sha1')
    .update(
      JSON.stringify([state.devices, state.serial, state.signals, state.timeline], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    )
    .digest('hex');
  return [target.instructions, registers, devices, hashOfRam(target.machine)].join(' ');
}

const spacing = { spacing: 150_000, denseSpacing: 2000, share: Infinity };

describe.each(rows.filter(({ image }) => existsSync(image)))('$title', (row) => {
  it('comes in again at its moment, wherever one has been', async () => {
    const opened = await open(row);
    const { target, port } = opened;
    const history = new History(target, spacing);
    const random = new Random(5);
    const visited = new Map<number, string>();
    const typed: { readonly at: number; readonly key: string }[] = [];
    let isAsleep = false;
    const note = (): void => {
      visited.set(target.instructions, stateOf(opened));
    };
    history.run(row.lead);
    for (const key of row.keys) {
      target.inputs.give(port, Buffer.from(key));
      history.cut();
      typed.push({ at: target.instructions, key });
      note();
      for (let piece = 0; piece < 4; piece++) {
        isAsleep = history.run(1 + random.below(piece === 3 ? row.pause : 60)).why === 'asleep';
        note();
      }
    }
    const end = target.instructions;
    const { text } = opened;
    const counts = [...visited.keys()];
    for (const count of [...counts.toReversed(), ...Array.from({ length: 4 }, () => counts[random.below(counts.length)]!)]) {
      history.goTo(count);
      expect(stateOf(opened)).toBe(visited.get(count));
    }
    // Back and forth across every moment at which something came in.
    for (const { at } of typed) {
      for (const steps of [1, 7]) {
        history.goTo(at);
        for (let left = steps; left > 0; left--) history.stepBack();
        history.run(at - target.instructions);
        expect(stateOf(opened)).toBe(visited.get(at));
      }
    }
    // As somebody who never goes back would type.
    const plain = await open(row);
    for (const { at, key } of typed) {
      plain.target.machine.run({ instructions: at - plain.target.instructions });
      plain.target.machine.serial(port).type(key);
    }
    plain.target.machine.run({ instructions: end - plain.target.instructions + (isAsleep ? 1 : 0) });
    expect([plain.text, hashOfRam(plain.target.machine)]).toEqual([text, visited.get(end)!.split(' ').at(-1)]);
    expect(text).toContain(row.board === 'microbit' ? '42' : 'ABCZXYZ!Q');
    for (const { machine } of [plain.target, target]) machine.close();
  }, 60_000);

  it('something else typed in the past leads elsewhere, and what lay ahead is gone', async () => {
    const opened = await open(row);
    const { target, port } = opened;
    const history = new History(target, spacing);
    // It sleeps once nothing more has come.
    history.run(row.lead);
    const begin = target.instructions;
    target.inputs.give(port, Buffer.from('12'));
    history.cut();
    history.run(60_000);
    history.goTo(begin - 4);
    history.run(2);
    opened.text = '';
    target.inputs.give(port, Buffer.from('78'));
    history.cut();
    expect(history.end).toBe(begin - 2);
    history.run(60_000);
    expect(opened.text).toContain('78');
    expect(opened.text).not.toContain('1');
    const state = stateOf(opened);
    const end = target.instructions;
    history.goTo(begin - 6);
    history.goTo(end);
    expect(stateOf(opened)).toBe(state);
    target.machine.close();
  }, 60_000);
});

it.each(echoes)('$title, by commands of the shell', ({ board, image }) => {
  const commands = [
    'break keep',
    'type ab',
    'c',
    'where',
    'c',
    'where',
    'rc',
    'c',
    'where',
    'rc',
    'type q.',
    'delete 1',
    'c',
    'x/4xb typed',
    'goto 0',
    'c',
    'x/4xb typed',
  ];
  const { status, stdout, stderr } = fireball(['debug', image, '--board', board, '--batch', '--json', ...commands.flatMap((command) => ['-e', command])]);
  expect({ status, stderr: stderr.replace(/[\0ABQ]/g, '') }).toEqual({ status: 0, stderr: '' });
  const outputs = (JSON.parse(stdout) as { readonly commands: readonly { readonly output: string }[] }).commands.map(({ output }) => output);
  expect(outputs[1]).toBe('2 bytes typed after 0 machine instructions');
  expect(outputs[8]).toBe(outputs[5]);
  expect(outputs[12]).toMatch(/^the firmware has ended/);
});

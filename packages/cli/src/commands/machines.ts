import { formatTable } from '@fireball/contracts';
import { boardNames, loadBoard, type Board, type LoadedBoard } from '@fireball/emulator';
import { hex } from '../emulate/places.js';
import type { Report } from '../report.js';
import type { CommandRegistration } from './command.js';

export const registerMachines: CommandRegistration = (program, run) => {
  const command = program
    .command('machines')
    .description('the machines that firmware can be run on, or one of them: memory map, devices, interrupts, clocks')
    .argument('[machine]', 'name, or a board file of your own (docs/boards.md)');
  run(command, async (_context, machine: string | undefined) => (machine === undefined ? listMachines() : showMachine(await loadBoard(machine))));
};

async function listMachines(): Promise<Report> {
  const boards = await Promise.all(boardNames().map(async (name) => (await loadBoard(name)).board));
  const machines = boards.map(({ name, summary, processor, clocks }) => ({ name, core: processor.core, hertz: clocks['cpu'] ?? 0, summary }));
  return {
    exitStatus: 0,
    document: { machines },
    text: formatTable(
      ['machine', 'core', 'clock', 'what it is'],
      machines.map(({ name, core, hertz, summary }) => [name, core, frequency(hertz), summary]),
      1,
    ),
  };
}

/** A line of the memory map. */
interface Row {
  readonly base: number;
  readonly size: number;
  readonly cells: readonly string[];
}

function showMachine({ board, deviceClass }: LoadedBoard): Report {
  const { processor } = board;
  const rows: Row[] = [
    ...board.memory.map(({ name, kind, base, size, of }) => ({ base, size, cells: [name, of === undefined ? kind : `${of} again`, '', ''] })),
    ...board.devices.map(({ name, device, base, size, interrupts }) => ({
      base,
      size,
      cells: [name, device, interruptList(interrupts), deviceClass(device).summary],
    })),
  ];
  const placed = rows.filter(({ size }) => size > 0).sort((a, b) => a.base - b.base);
  const others = rows.filter(({ size }) => size === 0);
  return {
    exitStatus: 0,
    document: { machine: { ...board, devices: board.devices.map((device) => ({ ...device, summary: deviceClass(device.device).summary })) } },
    text: [
      `${board.name}: ${board.summary}`,
      `processor: ${[processor.core, ...processorFacts(board)].join(', ')}`,
      `clocks: ${Object.entries(board.clocks)
        .map(([name, hertz]) => `${name} ${frequency(hertz)}`)
        .join(', ')}`,
      ...(board.console === undefined ? [] : [`console: ${board.console}`]),
      '',
      formatTable(
        ['addresses', 'bytes', 'name', 'kind', 'interrupts', 'what it is'],
        [
          ...placed.map(({ base, size, cells }) => [`${hex(base)}..${hex(base + size - 1)}`, bytes(size), ...cells]),
          ...others.map(({ cells }) => ['', '', ...cells]),
        ],
        2,
      ),
    ].join('\n'),
  };
}

function processorFacts({ processor: { interrupts, priorityBits, mpuRegions, bitBand } }: Board): string[] {
  return [
    ...(interrupts === 0 ? [] : [`${interrupts} interrupts`]),
    ...(priorityBits === 0 ? [] : [`priorities of ${priorityBits} bits`]),
    ...(mpuRegions === 0 ? [] : [`MPU of ${mpuRegions} regions`]),
    ...(bitBand ? ['bit-band aliases'] : []),
  ];
}

/** `rx 0, tx 1`; an output that is called `irq` is the only one. */
function interruptList(interrupts: Board['devices'][number]['interrupts']): string {
  return Object.entries(interrupts)
    .map(([output, input]) => (output === 'irq' ? `${input}` : `${output} ${input}`))
    .join(', ');
}

function bytes(size: number): string {
  const [divisor, unit] = size % 1024 ** 2 === 0 ? [1024 ** 2, ' MiB'] : size % 1024 === 0 ? [1024, ' KiB'] : [1, ''];
  return `${size / divisor}${unit}`;
}

function frequency(hertz: number): string {
  if (hertz >= 1e6) return `${hertz / 1e6} MHz`;
  return hertz >= 1e3 && hertz % 1e3 === 0 ? `${hertz / 1e3} kHz` : `${hertz} Hz`;
}

import { formatCount } from '@fireball/contracts';
import { hostEnvironment } from '../modules.js';
import { programTitles, type BenchImage } from './images.js';
import type { ImageRun } from './machine-run.js';
import { emulators, type EmulateRow, type Emulator } from './measure.js';

/** Names of a row's first columns. */
const nameOf = ({ program, core, machine }: BenchImage & { readonly machine: string }): string[] => [programTitles[program], core, machine];
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What repeats exactly. */
export function formatEmulateSection(rows: readonly ImageRun[]): string {
  return [
    '## Firmware on emulated boards',
    '',
    'Written by `./fireball bench emulate`, checked by `./fireball bench emulate --check`. Images of our own ([packages/bench/firmware](../packages/bench/firmware)) from reset to their end;',
    'each knows what it must compute. Instructions and time of the machine are the same in every run, on every computer.',
    '',
    '| image | core | machine | instructions | cycles | seconds of the machine |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...rows.map((row) => line([...nameOf(row), formatCount(row.instructions), formatCount(row.cycles), row.virtualSeconds.toFixed(6)])),
  ].join('\n');
}

const emulatorTitles: Readonly<Record<Emulator, string>> = { bare: 'bare libunicorn', qemu: 'qemu -icount', rp2040js: 'rp2040js' };

/** MIPS of ours and, with our multiple, those of each other; a dash where one does not run the image. */
export function emulateCells({ mips, others, ...row }: EmulateRow): string[] {
  return [
    ...nameOf(row),
    mips.toFixed(row.program === 'sleep' ? 2 : 1),
    ...emulators.flatMap((emulator) => {
      const other = others[emulator];
      return other === undefined ? ['-', '-'] : [other.toFixed(1), (mips / other).toFixed(2)];
    }),
  ];
}

/** Of the table of speeds; ratios are ours to the other's. */
export const emulateColumns: readonly string[] = ['image', 'core', 'machine', 'MIPS', ...emulators.flatMap((emulator) => [emulatorTitles[emulator], 'ratio'])];

/** Those that ran nothing. */
function missing(rows: readonly EmulateRow[]): string {
  const absent = emulators.filter((emulator) => rows.every(({ others }) => others[emulator] === undefined));
  return absent.length === 0 ? '' : `; not installed here: ${absent.map((emulator) => emulatorTitles[emulator]).join(', ')}`;
}

/**
 * What differs from run to run.
 * @param bootSeconds to MicroPython's prompt; undefined: not measured
 */
export function formatEmulateTimes(rows: readonly EmulateRow[], bootSeconds: number | undefined): string {
  const { node, cpu } = hostEnvironment();
  const day = new Date().toISOString().slice(0, 10);
  return [
    '## Speed of emulated boards',
    '',
    `Written by \`./fireball bench emulate --times\` on ${day} with Node ${node} on one core of: ${cpu}. Millions of instructions a second, and how many times as fast`,
    'we are. *Bare libunicorn* is a loop in C++ over the same library, with one code hook that counts, without interrupts and devices; *qemu -icount* is QEMU with exact time; rp2040js is the emulator of the',
    `npm package${missing(rows)}. All run in turns, so that each has the same share of what else the computer does. Aims: twice the bare loop, 0.4 of QEMU, five times rp2040js, and the boot within 300 ms. Times differ from run to run, so nothing checks this table.`,
    '',
    line(emulateColumns),
    line([...emulateColumns.map((_, index) => (index < 3 ? '---' : '---:'))]),
    ...rows.filter(({ program }) => program !== 'sleep').map((row) => line(emulateCells(row))),
    '',
    ...rows
      .filter(({ program }) => program === 'sleep')
      .map(
        ({ core, machine, seconds, instructions }) =>
          `- An hour of virtual time asleep (${core}, ${machine}; ${formatCount(instructions)} instructions): ${(seconds * 1000).toFixed(1)} ms.`,
      ),
    ...(bootSeconds === undefined
      ? []
      : [`- The micro:bit's MicroPython, from the start of \`./fireball emulate\` to its prompt and end: ${(bootSeconds * 1000).toFixed(0)} ms.`]),
  ].join('\n');
}

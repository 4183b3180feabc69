import { spawnSync } from 'node:child_process';
import { InternalError } from '@fireball/contracts';
import { imageFile, type BenchImage } from './images.js';

const machines: Readonly<Partial<Record<BenchImage['core'], readonly string[]>>> = {
  'cortex-m4': ['qemu-system-arm', '-M', 'mps2-an386'],
  rv32: ['qemu-system-riscv32', '-M', 'virt', '-bios', 'none'],
};

/**
 * Nanoseconds of an instruction, as a power of two. The boards count 25 MHz, 40 ns a cycle: with 32 ns, 1,250 instructions pass between two
 * interrupts, which are 1,000 of ours.
 */
const shifts: Readonly<Partial<Record<BenchImage['program'], number>>> = { mixed: 0, ticks: 5 };
const tickInstructions = 1250 / 1000;

/** Seconds of an image under `qemu-system-* -icount`, from the start of the process to its end, and of one that ends at once. */
export interface QemuRun {
  readonly instructions: number;
  readonly seconds: number;
  readonly emptySeconds: number;
}

/**
 * @param instructions of our machine
 * @returns undefined where QEMU is not installed, has no such machine, or executes another number of instructions: its UARTs are never busy, and it sleeps in real time
 */
export function runQemu({ program, core }: BenchImage, instructions: number): QemuRun | undefined {
  const machine = machines[core];
  const shift = shifts[program];
  if (machine === undefined || shift === undefined || !hasQemu(core)) return undefined;
  return {
    instructions: program === 'ticks' ? instructions * tickInstructions : instructions,
    seconds: secondsOf(machine, shift, imageFile(program, core)),
    emptySeconds: secondsOf(machine, shift, imageFile('empty', core)),
  };
}

/** Is there a QEMU for a core's machine? */
export function hasQemu(core: BenchImage['core']): boolean {
  const machine = machines[core];
  return machine !== undefined && spawnSync('which', machine.slice(0, 1)).status === 0;
}

function secondsOf([command = '', ...machine]: readonly string[], shift: number, image: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(
    command,
    [
      ...machine,
      '-icount',
      `shift=${shift}`,
      '-semihosting-config',
      'enable=on,target=native',
      '-display',
      'none',
      '-monitor',
      'none',
      '-serial',
      'null',
      '-kernel',
      image,
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  if (status !== 0) throw new InternalError(`${command}: ${image} ended with ${status}: ${stderr}`);
  return (performance.now() - start) / 1000;
}

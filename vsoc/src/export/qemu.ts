import type { Isa } from '@fireball/contracts';
import { defaultCpu } from '../chip/default-cpu.js';
import { boards, type Board } from './board.js';

/** A machine of QEMU that runs bare ELF files. */
export interface QemuMachine {
  readonly name: string;
  readonly board: Board;
  /** Cores whose code it runs: its own has all that they have. */
  readonly cpus: readonly [string, ...string[]];
  readonly program: string;
  /** In front of those for semihosting and `-kernel FILE`. */
  readonly args: readonly string[];
}

/** In order of their instruction sets, the default core's machine first. */
export const qemuMachines: readonly QemuMachine[] = [
  { name: 'mps2-an386', board: boards['mps2-an386'], cpus: ['cortex-m4', 'cortex-m3'], program: 'qemu-system-arm', args: ['-M', 'mps2-an386'] },
  { name: 'mps2-an505', board: boards['mps2-an505'], cpus: ['cortex-m33'], program: 'qemu-system-arm', args: ['-M', 'mps2-an505'] },
  { name: 'virt', board: boards.virt, cpus: ['rv32imc', 'rv32imfdc'], program: 'qemu-system-riscv32', args: ['-M', 'virt', '-bios', 'none'] },
];

/** The machine for code of a core, the default one unless told otherwise; undefined where QEMU is not known to have one. */
export function qemuMachineOf(isa: Isa, cpu: string = defaultCpu[isa]): QemuMachine | undefined {
  return qemuMachines.find(({ board, cpus }) => board.isa === isa && cpus.includes(cpu));
}

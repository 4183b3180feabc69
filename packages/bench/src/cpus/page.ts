import { hostEnvironment } from '../modules.js';
import { geometricMean } from '../performance-page.js';
import type { CpuRow } from './measure.js';

/** A kernel's speed in this process, and in one that makes nothing of the library's internals. */
export interface CpuComparison extends CpuRow {
  readonly withoutInternals: number;
}

/** Titles of the table of speeds. */
export const cpuColumns: readonly string[] = ['kernel', 'target', 'MIPS', 'without internals', 'ratio', 'bare libunicorn', 'ratio'];

/** A row of the table of speeds; ratios are ours to the other's. */
export function cpuCells({ name, target, mips, withoutInternals, bare }: CpuComparison): string[] {
  const beside = (other: number | undefined): string[] => (other === undefined ? ['-', '-'] : [other.toFixed(0), (mips / other).toFixed(2)]);
  return [name, target, mips.toFixed(0), ...beside(withoutInternals), ...beside(bare)];
}

/** The section of the performance page. */
export function formatCpuSection(rows: readonly CpuComparison[], passes: number): string {
  const { node, cpu } = hostEnvironment();
  const day = new Date().toISOString().slice(0, 10);
  return [
    '## Emulated CPUs',
    '',
    `Written by \`./fireball bench cpus\` on ${day} with Node ${node} on one core of: ${cpu}. Millions of instructions a second of the kernels' native code, counted exactly, in the fastest`,
    `of at least ${passes} warm calls. *Without internals* is the same with \`UNICORN_INTERNALS=off\`: no fast stores, and every instruction counted by a hook. *Bare libunicorn* is a program in C++ that makes the same`,
    'call from the same memory and registers, without any hook, so that it knows neither how much was executed nor where it stood, and without fast stores; it and ours take turns. Times differ from run to run, so nothing checks this table.',
    '',
    `| ${cpuColumns.join(' | ')} |`,
    `| --- | --- |${' ---: |'.repeat(cpuColumns.length - 2)}`,
    ...rows.map((row) => `| ${cpuCells(row).join(' | ')} |`),
    ...(['thumb2', 'rv32'] as const).map((target) => {
      const mean = (other: (row: CpuComparison) => number | undefined): string =>
        geometricMean(rows.filter((row) => row.target === target).map((row) => row.mips / (other(row) ?? NaN))).toFixed(2);
      return `| **geometric mean** | ${target} | | | **${mean((row) => row.withoutInternals)}** | | **${mean((row) => row.bare)}** |`;
    }),
  ].join('\n');
}

import { formatCount } from '@fireball/contracts';
import type { CycleCore } from '@fireball/emulator';
import type { CycleRow, CycleTier } from './cycles.js';
import { geometricMean } from './performance-page.js';

/** Badly predicted branches per 1,000 executed wasm instructions. */
export function badlyPredicted({ refills, wasmInstructions }: CycleRow): number {
  return (1000 * refills) / wasmInstructions;
}

/** Estimated cycles of a wasm instruction, on average. */
export function cyclesPerWasm({ cycles, wasmInstructions }: CycleRow): number {
  return cycles / wasmInstructions;
}

/** The same kernel on the same core, interpreted and compiled. */
export interface CyclePair {
  readonly name: string;
  readonly interpreter: CycleRow;
  readonly compiled: CycleRow;
  /** Compiled, laid out by how often branches were taken. */
  readonly laidOut: CycleRow;
}

/** By core, in the order of the rows. */
export function pairsByCore(rows: readonly CycleRow[]): Map<CycleCore, CyclePair[]> {
  const pairs = new Map<CycleCore, CyclePair[]>();
  for (const interpreter of rows.filter(({ tier }) => tier === 'interpreter')) {
    const { name, core } = interpreter;
    const rowOf = (tier: CycleTier): CycleRow | undefined => rows.find((row) => row.tier === tier && row.name === name && row.core === core);
    const [compiled, laidOut] = [rowOf('compiled'), rowOf('laidOut')];
    if (compiled !== undefined && laidOut !== undefined) pairs.set(core, [...(pairs.get(core) ?? []), { name, interpreter, compiled, laidOut }]);
  }
  return pairs;
}

/** Geometric means over the kernels of one core. A kernel without a badly predicted branch counts as if it had one. */
function meansOf(pairs: readonly CyclePair[]): { bad: [interpreter: number, compiled: number]; cycles: [interpreter: number, compiled: number] } {
  const mean = (measure: (row: CycleRow) => number): [number, number] => [
    geometricMean(pairs.map(({ interpreter }) => measure(interpreter))),
    geometricMean(pairs.map(({ compiled }) => measure(compiled))),
  ];
  return { bad: mean((row) => badlyPredicted({ ...row, refills: Math.max(row.refills, 1) })), cycles: mean(cyclesPerWasm) };
}

/** The section of the performance page. Estimates are exact functions of executed addresses, so that they repeat. */
export function formatCycleSection(rows: readonly CycleRow[]): string {
  const byCore = [...pairsByCore(rows)];
  return [
    '## Estimated cycles and badly predicted branches',
    '',
    'Written by `./fireball bench cycles`, checked by `./fireball bench cycles --check`. One warm `run()` of each kernel, by the interpreter in ROM and as',
    'native code: every executed instruction of the emulated CPU goes through a model of the core',
    '([emulator/src/cycles](../emulator/src/cycles)). Wasm instructions are those that the reference interpreter executes for the same call. *Bad* is badly',
    'predicted branches, calls and returns per 1,000 of them; means are geometric.',
    '',
    '**An estimate, not a measurement.** Not in it: wait states of flash, caches and their misses, contention on buses, alignment of what is fetched, the',
    'second instruction that a Cortex-M7 can issue in a cycle, multipliers and dividers that are still busy, interrupts, and what the compiler costs.',
    'A conditional instruction of an IT block whose condition fails takes one cycle.',
    '',
    '| core | bad, interpreter | bad, native | ratio | cycles / wasm instruction, interpreter | native | ratio |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...byCore.map(([{ name }, pairs]) => {
      const { bad, cycles } = meansOf(pairs);
      return `| ${[name, short(bad[0]), short(bad[1]), times(bad), short(cycles[0]), short(cycles[1]), times(cycles)].join(' | ')} |`;
    }),
    '',
    'Where the numbers of the cores come from:',
    '',
    ...byCore.map(([{ name, source }]) => `- *${name}.* ${source}`),
    ...byCore.flatMap(([core, pairs]) => ['', ...formatCore(core, pairs)]),
    '',
    ...formatLayout(byCore),
  ].join('\n');
}

function formatCore(core: CycleCore, pairs: readonly CyclePair[]): string[] {
  const { bad, cycles } = meansOf(pairs);
  return [
    `### ${core.name}`,
    '',
    '| kernel | wasm instructions | interpreter: branches | taken | bad | cycles | native: branches | taken | bad | cycles | interpreter / native: bad | cycles |',
    `| --- |${' ---: |'.repeat(11)}`,
    ...pairs.map(({ name, interpreter, compiled }) => {
      const cells = [interpreter, compiled].flatMap((row) => [
        formatCount(row.branches),
        formatCount(row.taken),
        short(badlyPredicted(row)),
        formatCount(row.cycles),
      ]);
      const ratios = [times([interpreter.refills, compiled.refills]), times([interpreter.cycles, compiled.cycles])];
      return `| ${[name, formatCount(interpreter.wasmInstructions), ...cells, ...ratios].join(' | ')} |`;
    }),
    `| **geometric mean** | | | | **${short(bad[0])}** | | | | **${short(bad[1])}** | | **${times(bad)}** | **${times(cycles)}** |`,
  ];
}

/** Native code with branch layout beside native code without. */
function formatLayout(byCore: readonly (readonly [CycleCore, readonly CyclePair[]])[]): string[] {
  return [
    '### Branch layout by taken counts',
    '',
    'Native code in the order of the wasm code (*off*), and with code that is mostly passed over moved behind its function, so that the usual way has no taken branch (*on*;',
    '[cold-branches.ts](../jit/src/plan/cold-branches.ts)). Counts come from one `run()` in the reference interpreter. The interpreter in ROM keeps none: a counter for every branch would cost it two',
    'loads or stores and an addition each time, and RAM for each. So mixed mode lays nothing out by itself.',
    '',
    '| core | kernel | instructions, off | on | cycles, off | on | change | bad, off | on | code bytes, off | on |',
    `| --- | --- |${' ---: |'.repeat(9)}`,
    ...byCore.flatMap(([{ name: core }, pairs]) =>
      pairs.map(({ name, compiled, laidOut }) => `| ${[core, name, ...layoutCells(compiled, laidOut)].join(' | ')} |`),
    ),
  ];
}

function layoutCells(off: CycleRow, on: CycleRow): string[] {
  const change = (100 * (on.cycles - off.cycles)) / off.cycles;
  const both = (format: (row: CycleRow) => string): string[] => [format(off), format(on)];
  return [
    ...both(({ instructions }) => formatCount(instructions)),
    ...both(({ cycles }) => formatCount(cycles)),
    `${change > 0 ? '+' : ''}${change.toFixed(1)} %`,
    ...both((row) => short(badlyPredicted(row))),
    ...both(({ codeBytes }) => formatCount(codeBytes)),
  ];
}

function times([interpreter, compiled]: readonly [number, number]): string {
  if (compiled === 0) return '';
  const ratio = interpreter / compiled;
  return ratio < 1000 ? ratio.toFixed(1) : formatCount(Math.round(ratio));
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

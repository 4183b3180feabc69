import type { Isa } from '@fireball/contracts';
import { loadTemplates, packTemplates } from '@fireball/jit';
import { loadRom } from '@fireball/vsoc';
import { formatCount } from '../report.js';
import type { Kernel } from './kernels.js';

/** One measured number beside the one it is judged by. */
export interface BenchRow {
  readonly name: string;
  readonly target: Isa;
  readonly metric: 'instructions' | 'code bytes';
  readonly value: number;
  readonly unit: 'instructions' | 'bytes';
  readonly baseline: number;
  readonly ratio: number;
}

/** A kernel that a target cannot compile yet. */
export interface MissingRow {
  readonly name: string;
  readonly target: Isa;
  readonly reason: string;
}

/** All that was measured. */
export interface Measurements {
  readonly rows: BenchRow[];
  readonly missing: MissingRow[];
  readonly failures: string[];
  /** Largest size of the routines that a module's functions share, by target. */
  readonly sharedBytes: Map<Isa, number>;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The geometric mean of a metric's ratios on one target; undefined where nothing was measured. */
export function meanRatio(rows: readonly BenchRow[], target: Isa, metric: BenchRow['metric']): number | undefined {
  const ratios = rows.filter((row) => row.target === target && row.metric === metric).map((row) => row.ratio);
  return ratios.length === 0 ? undefined : geometricMean(ratios);
}

const titles: Readonly<Record<Isa, string>> = { thumb2: 'thumb2 (Cortex-M4)', rv32: 'rv32 (RV32IMC)' };

/**
 * The kernel section: a table per target, means, and how other ways to run the same wasm compare. Everything in it repeats
 * exactly: executed instructions and bytes, no time, so that CI can compare the committed page with a fresh one.
 */
export function formatSection(kernels: readonly Kernel[], measurements: Measurements): string {
  const { rows } = measurements;
  const targets = (['thumb2', 'rv32'] as const).filter((target) => rows.some((row) => row.target === target));
  return [
    '## Kernels',
    '',
    'Written by `./fireball bench kernels`, checked by `./fireball bench kernels --check`. Instructions are those that one warm',
    '`run()` executes on the emulated CPU, runtime routines included; code bytes are everything that its functions put',
    'into code memory, trap stubs included. Instructions are compared with `gcc -O2`, bytes with `gcc -O0`, both compiling the C',
    'source of the same kernel.',
    ...targets.flatMap((target) => ['', ...formatTarget(target, measurements)]),
    '',
    '### The same kernels run in other ways',
    '',
    'Geometric means of executed instructions relative to `gcc -O2`, from `e2e/kernels/baselines.json`.',
    '',
    ...formatOthers(kernels, targets, rows),
    '',
    '### What a device carries',
    '',
    'Bytes of the template set in the packed form (`./fireball templates pack`), all of it: code, field maps, headers, patch points;',
    'and of the ROM with the routines that are not inline.',
    '',
    '| | packed templates | ROM |',
    '| --- | ---: | ---: |',
    ...targets.map((target) => `| ${target} | ${formatCount(packTemplates(loadTemplates(target)).bytes.length)} | ${formatCount(loadRom(target).code.length)} |`),
  ].join('\n');
}

function formatTarget(target: Isa, { rows, missing, sharedBytes }: Measurements): string[] {
  const own = rows.filter((row) => row.target === target);
  const names = [...new Set(own.map((row) => row.name))];
  const lines = names.map((name) => {
    const cells = (['instructions', 'code bytes'] as const).flatMap((metric) => {
      const row = own.find((candidate) => candidate.name === name && candidate.metric === metric)!;
      return [formatCount(row.value), formatCount(row.baseline), row.ratio.toFixed(2)];
    });
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  const mean = (metric: BenchRow['metric']): string => meanRatio(rows, target, metric)!.toFixed(2);
  return [
    `### ${titles[target]}`,
    '',
    '| kernel | instructions | gcc -O2 | ratio | code bytes | gcc -O0 | ratio |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
    `| **geometric mean** | | | **${mean('instructions')}** | | | **${mean('code bytes')}** |`,
    '',
    `Beside these bytes, a module with a memory holds ${sharedBytes.get(target) ?? 0} bytes of a routine that all of its functions share.`,
    ...missing.filter((row) => row.target === target).map(({ name, reason }) => `\n\`${name}\` is left out: not supported yet: ${reason}.`),
  ];
}

/** Levels of the baselines file in the order of the table; only those known for every kernel count. */
function formatOthers(kernels: readonly Kernel[], targets: readonly Isa[], rows: readonly BenchRow[]): string[] {
  const levels = Object.keys(kernels[0]?.baselines.thumb2 ?? {}).filter((level) =>
    kernels.every(({ baselines }) => targets.every((target) => baselines[target][level] !== undefined)),
  );
  const others = levels.map((level) => {
    const means = targets.map((target) =>
      geometricMean(
        kernels.map(({ baselines }) => baselines[target][level]!.instructions / baselines[target]['gcc-O2']!.instructions),
      ).toFixed(2),
    );
    return `| ${[level, ...means].join(' | ')} |`;
  });
  const ours = targets.map((target) => meanRatio(rows, target, 'instructions')!.toFixed(2));
  return [
    `| | ${targets.join(' | ')} |`,
    `| --- |${targets.map(() => ' ---: |').join('')}`,
    `| **fireball** | ${ours.join(' | ')} |`,
    ...others,
  ];
}

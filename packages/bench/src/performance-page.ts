import { formatCount, type Isa } from '@fireball/contracts';
import { loadTemplates, packedSize } from '@fireball/jit';
import type { Kernel } from '@fireball/kernels';
import { loadRom } from '@fireball/vsoc';

/** One measured number beside the one it is judged by. */
export interface BenchRow {
  readonly name: string;
  /** The engine's name. */
  readonly target: string;
  readonly metric: 'instructions' | 'code bytes' | 'table bytes';
  readonly value: number;
  readonly unit: 'instructions' | 'bytes';
  readonly baseline: number;
  readonly ratio: number;
}

/** A kernel that an engine cannot run yet. */
export interface MissingRow {
  readonly name: string;
  readonly target: string;
  readonly reason: string;
}

/** All that was measured. */
export interface Measurements {
  readonly rows: BenchRow[];
  readonly missing: MissingRow[];
  readonly failures: string[];
  /** Largest size of the routines that a module's functions share, by target. */
  readonly sharedBytes: Map<string, number>;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The geometric mean of a metric's ratios on one target; undefined where nothing was measured. */
export function meanRatio(rows: readonly BenchRow[], target: string, metric: BenchRow['metric']): number | undefined {
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
    ...formatInterpreter(targets, rows),
    '',
    '### The same kernels run in other ways',
    '',
    'Geometric means of executed instructions relative to `gcc -O2`, from `packages/kernels/data/baselines.json`.',
    '',
    ...formatOthers(kernels, targets, rows),
    '',
    '### What a device carries',
    '',
    'Bytes of the template set in the packed form (`./fireball templates pack`), all of it: code, field maps, headers, patch points;',
    'of the ROM with the routines that are not inline, and of the ROM that also has the interpreter.',
    '',
    '| | packed templates | ROM | with interpreter |',
    '| --- | ---: | ---: | ---: |',
    ...targets.map((target) => {
      const carried = [packedSize(loadTemplates(target)), loadRom(target).code.length, loadRom(target, undefined, 'rom/interp').code.length];
      return `| ${[target, ...carried.map(formatCount)].join(' | ')} |`;
    }),
  ].join('\n');
}

/** The section of the wide set: code made by gcc is all that it is compared with. */
export function formatWideSection(kernels: readonly Kernel[], measurements: Measurements): string {
  const { rows } = measurements;
  const targets = (['thumb2', 'rv32'] as const).filter((target) => rows.some((row) => row.target === target));
  return [
    '## Kernels of other kinds',
    '',
    'The second set (`packages/kernels/data/wide`), measured, written and checked by the same command: programs of kinds that the first',
    'lacks (lists, strings, state machines, parsers, compression, fixed-point signals), so that code is not tuned on eight loops only.',
    ...targets.flatMap((target) => ['', ...formatTarget(target, measurements, 'The wide set on ')]),
    '',
    'Geometric means of executed instructions relative to `gcc -O2`:',
    '',
    ...formatOthers(kernels, targets, rows),
  ].join('\n');
}

function formatTarget(target: Isa, { rows, missing, sharedBytes }: Measurements, heading = ''): string[] {
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
    `### ${heading}${titles[target]}`,
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

/** What a good interpreter may need of wasm3's instructions, which is compiled C with a translation of the code in RAM. */
const interpreterAims = { thumb2: 1.4, rv32: 2 } as const satisfies Record<Isa, number>;

/** The interpreter in ROM beside wasm3 on the same cores: instructions, and the tables that it needs. */
function formatInterpreter(targets: readonly Isa[], rows: readonly BenchRow[]): string[] {
  const measured = targets.filter((target) => meanRatio(rows, interpreterOf(target), 'instructions') !== undefined);
  if (measured.length === 0) return [];
  const of = (name: string, target: Isa, metric: BenchRow['metric']): BenchRow | undefined =>
    rows.find((row) => row.name === name && row.target === interpreterOf(target) && row.metric === metric);
  const names = [...new Set(rows.map((row) => row.name))];
  const cells = (name: string, target: Isa): string[] => {
    const row = of(name, target, 'instructions');
    return row === undefined ? ['', '', ''] : [formatCount(row.value), formatCount(row.baseline), row.ratio.toFixed(2)];
  };
  const lines = names.map((name) => {
    const tables = of(name, measured[0] as Isa, 'table bytes');
    return `| ${[name, ...measured.flatMap((target) => cells(name, target)), formatCount(tables?.baseline ?? 0), formatCount(tables?.value ?? 0)].join(' | ')} |`;
  });
  const means = measured.map((target) => ` | | **${meanRatio(rows, interpreterOf(target), 'instructions')!.toFixed(2)}** |`);
  return [
    '',
    '### The interpreter in ROM',
    '',
    'The same kernels on `vsoc-interp-thumb2` and `vsoc-interp-rv32`, beside wasm3 (compiled with `gcc -O3`) on the same cores. wasm3 translates code into RAM, the interpreter',
    'runs it where it lies; tables are what it needs beside the wasm code: side table, descriptors and lists. Aims: ' +
      `${measured.map((target) => `${interpreterAims[target].toFixed(1)} on ${target}`).join(', ')}.`,
    '',
    `| kernel |${measured.map((target) => ` ${target} | wasm3 | ratio |`).join('')} wasm code bytes | table bytes |`,
    `| --- |${measured.map(() => ' ---: | ---: | ---: |').join('')} ---: | ---: |`,
    ...lines,
    `| **geometric mean** |${means.join('')} | |`,
  ];
}

function interpreterOf(target: Isa): string {
  return `vsoc-interp-${target}`;
}

/** Levels of the baselines file in the order of the table; only those known for every kernel count. */
function formatOthers(kernels: readonly Kernel[], targets: readonly Isa[], rows: readonly BenchRow[]): string[] {
  const levels = Object.keys(kernels[0]?.baselines.thumb2 ?? {}).filter((level) =>
    kernels.every(({ baselines }) => targets.every((target) => baselines[target][level] !== undefined)),
  );
  const others = levels.map((level) => {
    const means = targets.map((target) =>
      geometricMean(kernels.map(({ baselines }) => baselines[target][level]!.instructions / baselines[target]['gcc-O2']!.instructions)).toFixed(2),
    );
    return `| ${[level, ...means].join(' | ')} |`;
  });
  const ours = targets.map((target) => meanRatio(rows, target, 'instructions')!.toFixed(2));
  const interpreted = targets.map((target) => interpreterMean(kernels, target, rows) ?? '');
  return [
    `| | ${targets.join(' | ')} |`,
    `| --- |${targets.map(() => ' ---: |').join('')}`,
    `| **fireball** | ${ours.join(' | ')} |`,
    ...(interpreted.some((mean) => mean !== '') ? [`| **fireball's interpreter** | ${interpreted.join(' | ')} |`] : []),
    ...others,
  ];
}

function interpreterMean(kernels: readonly Kernel[], target: Isa, rows: readonly BenchRow[]): string | undefined {
  const own = rows.filter((row) => row.target === interpreterOf(target) && row.metric === 'instructions');
  if (own.length !== kernels.length) return undefined;
  return geometricMean(own.map((row) => row.value / kernels.find(({ name }) => name === row.name)!.baselines[target]['gcc-O2']!.instructions)).toFixed(2);
}

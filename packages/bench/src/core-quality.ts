import { InternalError, type Isa } from '@fireball/contracts';
import { nativeEngines, type Engine } from '@fireball/engines';
import type { CompilerName } from '@fireball/jit';
import { isChecksum, runKernel, type Kernel } from '@fireball/kernels';

/** Kernels that are judged together. */
export interface KernelSet {
  readonly name: string;
  readonly kernels: readonly Kernel[];
}

/** What the code of a compiler takes, as geometric means over a set: of executed instructions, and of bytes, relative to `gcc -O2`. */
export interface QualityRow {
  readonly name: string;
  readonly target: Isa;
  readonly compiler: CompilerName;
  readonly instructions: number;
  readonly bytes: number;
}

/** @throws InternalError where a kernel does not return its checksum */
export async function measureQuality(sets: readonly KernelSet[], compilers: readonly CompilerName[]): Promise<QualityRow[]> {
  const rows: QualityRow[] = [];
  for (const engine of nativeEngines)
    for (const { name, kernels } of sets)
      for (const compiler of compilers) {
        const ratios = await Promise.all(kernels.map((kernel) => ratiosOf(kernel, engine, compiler)));
        const [instructions, bytes] = [0, 1].map((column) => geometricMean(ratios.map((row) => row[column]!))) as [number, number];
        rows.push({ name, target: engine.isa!, compiler, instructions, bytes });
      }
  return rows;
}

async function ratiosOf(kernel: Kernel, engine: Engine, compiler: CompilerName): Promise<[instructions: number, bytes: number]> {
  const ran = await runKernel(kernel, engine, { fuel: 1_000_000_000, maxPages: 1024, compiler });
  if (ran.kind !== 'ran') throw new InternalError(`${kernel.name} on ${engine.name}, ${compiler}: ${ran.reason}`);
  try {
    if (!isChecksum(kernel, ran.outcome)) throw new InternalError(`${kernel.name} on ${engine.name}, ${compiler}: another checksum`);
    const { instructions, bytes = NaN } = kernel.baselines[engine.isa!]['gcc-O2']!;
    return [ran.statistics.instructions / instructions, ran.statistics.codeBytes / bytes];
  } finally {
    ran.instance.close();
  }
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** A part of a section. */
export function formatQuality(rows: readonly QualityRow[]): string[] {
  return [
    '### Code of the two compilers',
    '',
    'Geometric means over the kernels, relative to `gcc -O2`: executed instructions of a warm call, and bytes of code.',
    '',
    '| kernels | target | compiler | instructions | bytes |',
    '| --- | --- | --- | ---: | ---: |',
    ...rows.map(({ name, target, compiler, instructions, bytes }) => `| ${[name, target, compiler, instructions.toFixed(2), bytes.toFixed(2)].join(' | ')} |`),
  ];
}

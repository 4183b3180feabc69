import { formatCount, type Isa } from '@fireball/contracts';
import type { CompilerName, TemplateSet } from '@fireball/jit';
import { DeviceCore } from '@fireball/vsoc';
import type { ValidatedModule } from '@fireball/wasm';

/** Functions up to so many bytes of wasm are those whose memory is judged. */
export const mostJudgedBytes = 4096;

/** What compiling all functions of a module on the device takes, verification included. */
export interface WholeModule {
  readonly target: Isa;
  readonly compiler: CompilerName;
  readonly functions: number;
  /** Guest instructions for each byte of wasm, of all functions and of those of up to 4 KiB. */
  readonly perByte: number;
  readonly perByteOfSmall: number;
  /** Bytes of memory that one function takes beside what is fixed, of those of up to 4 KiB: at most, 95th percentile, median. */
  readonly most: number;
  readonly high: number;
  readonly median: number;
  /** Of any function. */
  readonly mostOfAll: number;
}

/** @throws InternalError where the device's code is not what the host makes */
export function measureWhole(templates: TemplateSet, module: ValidatedModule, compiler: CompilerName): WholeModule {
  const device = new DeviceCore(templates.isa);
  const sums = { instructions: 0, bytes: 0 };
  const small = { instructions: 0, bytes: 0 };
  const memory: number[] = [];
  let functions = 0;
  let mostOfAll = 0;
  device.takeCounts();
  device.takeMemoryUse();
  try {
    for (const { source } of device.compileSame(module, () => true, templates, compiler)) {
      const bytes = source.end - source.start;
      const instructions = [...device.takeCounts().values()].reduce((sum, count) => sum + count, 0);
      const { taken } = device.takeMemoryUse();
      functions++;
      mostOfAll = Math.max(mostOfAll, taken);
      sums.instructions += instructions;
      sums.bytes += bytes;
      if (bytes > mostJudgedBytes) continue;
      small.instructions += instructions;
      small.bytes += bytes;
      memory.push(taken);
    }
  } finally {
    device.close();
  }
  memory.sort((a, b) => a - b);
  const quantile = (part: number): number => memory[Math.ceil(part * memory.length) - 1] ?? 0;
  return {
    target: templates.isa,
    compiler,
    functions,
    perByte: sums.instructions / sums.bytes,
    perByteOfSmall: small.instructions / small.bytes,
    most: quantile(1),
    high: quantile(0.95),
    median: quantile(0.5),
    mostOfAll,
  };
}

/** A part of a section. */
export function formatWhole(name: string, measured: readonly WholeModule[]): string[] {
  const row = (what: string, numberOf: (whole: WholeModule) => number): string =>
    `| ${[what, ...measured.map((whole) => formatCount(Math.round(numberOf(whole))))].join(' | ')} |`;
  return [
    `### All ${formatCount(measured[0]?.functions ?? 0)} functions of ${name}`,
    '',
    'Each once, verification included:',
    '',
    `| | ${measured.map(({ target, compiler }) => `${target}, ${compiler}`).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(measured.length)}`,
    row('instructions a byte of wasm', ({ perByte }) => perByte),
    row('of functions of up to 4 KiB', ({ perByteOfSmall }) => perByteOfSmall),
    row('bytes of memory for one function of these, at most', ({ most }) => most),
    row('95th percentile', ({ high }) => high),
    row('median', ({ median }) => median),
    row('for any function, at most', ({ mostOfAll }) => mostOfAll),
  ];
}

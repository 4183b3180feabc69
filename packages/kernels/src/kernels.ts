import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InternalError, InvalidInputError, readInputText, UnsupportedError, type Isa } from '@fireball/contracts';
import { loadModule, type CallStatistics, type Engine, type EngineInstance, type EngineOptions, type LoadedModule, type Outcome } from '@fireball/engines';

/** The kernels that come with the checkout. */
export const bundledKernels = fileURLToPath(new URL('../data/', import.meta.url));

/** A second set, of other kinds of programs: what is tuned on the first is judged on this one. */
export const wideKernels = fileURLToPath(new URL('../data/wide/', import.meta.url));

/** What a C compiler's code needs: executed instructions of one warm `run()`, and code bytes where they are known. */
export interface Baseline {
  readonly instructions: number;
  readonly bytes?: number;
}

/** A kernel that was loaded, with what other compilers need for it. */
export interface Kernel {
  readonly name: string;
  /** What `run()` returns, as an unsigned number. */
  readonly checksum: number;
  /** By compiler and level, e.g. `gcc-O2`. */
  readonly baselines: Readonly<Record<Isa, Readonly<Record<string, Baseline>>>>;
  readonly loaded: LoadedModule;
}

interface BaselineRow {
  readonly checksum: string;
  readonly thumb2: Readonly<Record<string, Baseline>>;
  readonly rv32: Readonly<Record<string, Baseline>>;
}

/** Loads `baselines.json` and `wasm/NAME.wasm` of every kernel named there. */
export async function loadKernels(folder: string): Promise<Kernel[]> {
  const file = join(folder, 'baselines.json');
  if (!existsSync(file)) {
    throw new InvalidInputError('no baselines.json here', {
      file: folder,
      hint: 'a kernel folder holds baselines.json and wasm/NAME.wasm, as packages/kernels/data does',
    });
  }
  const rows = parseBaselines(file);
  const kernels: Kernel[] = [];
  for (const [name, { checksum, thumb2, rv32 }] of Object.entries(rows)) {
    kernels.push({
      name,
      checksum: Number.parseInt(checksum, 16),
      baselines: { thumb2, rv32 },
      loaded: await loadModule(join(folder, 'wasm', `${name}.wasm`)),
    });
  }
  return kernels;
}

function parseBaselines(file: string): Readonly<Record<string, BaselineRow>> {
  let rows: Record<string, Partial<BaselineRow> | null> | null;
  try {
    rows = JSON.parse(readInputText(file)) as typeof rows;
  } catch (error) {
    throw error instanceof SyntaxError ? new InvalidInputError(error.message, { file }, { cause: error }) : error;
  }
  for (const [name, row] of Object.entries(rows ?? {})) {
    for (const isa of ['thumb2', 'rv32'] as const) {
      for (const level of ['gcc-O0', 'gcc-O2']) {
        const baseline = row?.[isa]?.[level];
        if (typeof baseline?.instructions !== 'number' || typeof baseline.bytes !== 'number') {
          throw new InvalidInputError(`${name}: ${isa}: ${level} needs instructions and bytes`, { file });
        }
      }
    }
    if (!/^[0-9a-f]{8}$/.test(row?.checksum ?? '')) {
      throw new InvalidInputError(`${name}: checksum must be eight hexadecimal digits`, { file });
    }
  }
  if (rows === null || Object.keys(rows).length === 0) throw new InvalidInputError('no kernel is named here', { file });
  return rows as Record<string, BaselineRow>;
}

/** One kernel on one engine. */
export type KernelRun =
  /** The engine cannot do something yet. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** A bug of ours showed itself. */
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'ran';
      readonly outcome: Outcome;
      /** Of a warm call: the second one, as the baselines were measured. */
      readonly statistics: CallStatistics;
      /** Still open, for comparing its state. */
      readonly instance: EngineInstance;
    };

/** Calls the kernel's `run` twice: the first call warms up, the second is measured. */
export async function runKernel(kernel: Kernel, engine: Engine, options: EngineOptions): Promise<KernelRun> {
  try {
    const instance = await engine.instantiate(kernel.loaded, options);
    instance.invoke('run', []);
    const outcome = instance.invoke('run', []);
    return { kind: 'ran', outcome, statistics: outcome.statistics, instance };
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: 'unsupported', reason: error.feature };
    if (error instanceof InternalError) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

/** Whether the call returned the kernel's checksum. */
export function isChecksum(kernel: Kernel, { results }: Outcome): boolean {
  const [result] = results;
  return results.length === 1 && result?.type === 'i32' && result.value >>> 0 === kernel.checksum;
}

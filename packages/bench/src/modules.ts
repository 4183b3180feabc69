import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { formatCount, InternalError, MissingPartError, readInputFile } from '@fireball/contracts';
import { decodeInput, WebAssembly } from '@fireball/engines';
import { processorSeconds } from './processor-time.js';

/** A module that is measured, and what it is called. */
export interface NamedModule {
  readonly name: string;
  readonly file: string;
}

/** Large modules that come with the development dependencies of the end-to-end tests. */
const packagedModules: Readonly<Record<string, string>> = {
  'sql.js': 'sql.js/dist/sql-wasm.wasm',
  quickjs: '@jitl/quickjs-wasmfile-release-sync/wasm',
  'capstone-js': '@alexaltea/capstone-js/dist/capstone.wasm',
  esbuild: 'esbuild-wasm/esbuild.wasm',
};

/** @throws MissingPartError where a package is not installed */
export function findPackagedModules(): NamedModule[] {
  const { resolve } = createRequire(new URL('../../../e2e/package.json', import.meta.url));
  return Object.entries(packagedModules).map(([name, path]) => {
    try {
      return { name, file: resolve(path) };
    } catch (error) {
      throw new MissingPartError(`the package with ${path}`, 'pnpm install', { cause: error });
    }
  });
}

/** Bytes that the host works through in a second of one processor, beside V8's validation of the same module. */
export interface ModuleRow {
  readonly name: string;
  readonly target: 'host';
  readonly metric: 'decode+validate';
  /** Megabytes (10^6 bytes) in a second of processor time. */
  readonly value: number;
  readonly unit: 'MB/s';
  readonly baseline: number;
  readonly ratio: number;
  readonly bytes: number;
  readonly functions: number;
}

/** @param passes how often each is measured at least */
export function measureModule({ name, file }: NamedModule, passes: number): ModuleRow {
  const content = readInputFile(file);
  const { module } = decodeInput(file, content);
  const rate = (work: () => void): number => content.length / 1e6 / secondsOfPass(work, passes);
  const value = rate(() => decodeInput(file, content));
  const baseline = rate(() => {
    if (!WebAssembly.validate(content)) throw new InternalError(`${file}: V8 finds this module invalid`);
  });
  return {
    name,
    target: 'host',
    metric: 'decode+validate',
    value,
    unit: 'MB/s',
    baseline,
    ratio: value / baseline,
    bytes: content.length,
    functions: module.functionTypes.length,
  };
}

/** The system counts processor time in ticks of a few milliseconds: less than this says nothing. */
const leastSeconds = 0.3;

/** Processor time of one pass, on all threads: V8 validates on several. What is compiled while a module is met first is not counted. */
function secondsOfPass(work: () => void, passes: number): number {
  for (let pass = 0; pass < passes; pass++) work();
  let seconds = 0;
  let done = 0;
  for (; done < passes || seconds < leastSeconds; done++) seconds += processorSeconds(work);
  return seconds / done;
}

/** The fastest of several passes, because others of the computer only ever slow it down. */
export function fastestSeconds(work: () => void, passes: number): number {
  let fastest = Infinity;
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest / 1000;
}

/** What times depend on. */
export function hostEnvironment(): { readonly node: string; readonly arch: string; readonly cpu: string } {
  return { node: process.version, arch: process.arch, cpu: cpus()[0]?.model ?? 'unknown' };
}

/** The section of the performance page. */
export function formatModulesSection(rows: readonly ModuleRow[]): string {
  const { node, cpu } = hostEnvironment();
  return [
    '## Large modules',
    '',
    `Written by \`./fireball bench modules --page docs/performance.md\` with Node ${node} on one core of: ${cpu}. How fast modules of published`,
    "packages are decoded and validated in a second of processor time, beside V8's `WebAssembly.validate`, whose threads count together. Times differ from run to run, so nothing checks this table.",
    '',
    '| module | MB | functions | MB/s | V8 | ratio |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ name, bytes, functions, value, baseline, ratio }) =>
        `| ${[name, (bytes / 1e6).toFixed(2), formatCount(functions), value.toFixed(1), baseline.toFixed(1), ratio.toFixed(3)].join(' | ')} |`,
    ),
  ].join('\n');
}

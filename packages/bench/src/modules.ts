import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
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

/** Bytes that the host works through in a second of processor time, beside V8's validation of the same module on one thread. */
export interface ModuleRow {
  readonly name: string;
  readonly target: 'host';
  readonly metric: 'decode+validate';
  /** Megabytes (10^6 bytes) in a second of processor time. */
  readonly value: number;
  readonly unit: 'MB/s';
  readonly baseline: number;
  readonly ratio: number;
  /** V8 with as many threads as it likes, whose processor time counts together. */
  readonly threaded: number;
  readonly bytes: number;
  readonly functions: number;
}

/** @param passes how often each is measured at least */
export function measureModule({ name, file }: NamedModule, passes: number): ModuleRow {
  const content = readInputFile(file);
  const { module } = decodeInput(file, content);
  const rate = (seconds: number): number => content.length / 1e6 / seconds;
  const value = rate(secondsOfPass(() => decodeInput(file, content), passes));
  const threaded = rate(
    secondsOfPass(() => {
      if (!WebAssembly.validate(content)) throw new InternalError(`${file}: V8 finds this module invalid`);
    }, passes),
  );
  const baseline = rate(singleThreadedSeconds(file, passes));
  return {
    name,
    target: 'host',
    metric: 'decode+validate',
    value,
    unit: 'MB/s',
    baseline,
    ratio: value / baseline,
    threaded,
    bytes: content.length,
    functions: module.functionTypes.length,
  };
}

/** The system counts processor time in ticks of a few milliseconds: less than this says nothing. */
const leastSeconds = 0.3;

/** Until then Node compiles what works on the module, on threads beside it. */
const warmSeconds = 3;

/** Processor time of one pass, on all threads: V8 validates on several. What is compiled while a module is met first is not counted. */
function secondsOfPass(work: () => void, passes: number): number {
  let warm = 0;
  for (let pass = 0; pass < passes || warm < warmSeconds; pass++) warm += processorSeconds(work);
  let seconds = 0;
  let done = 0;
  for (; done < passes || seconds < leastSeconds; done++) seconds += processorSeconds(work);
  return seconds / done;
}

const singleThreadedProgram = `
  const bytes = require('node:fs').readFileSync(process.argv[1]);
  const passes = Number(process.argv[2]);
  for (let pass = 0; pass < passes; pass++) WebAssembly.validate(bytes);
  let microseconds = 0;
  let done = 0;
  for (; done < passes || microseconds < ${leastSeconds} * 1e6; done++) {
    const before = process.cpuUsage();
    WebAssembly.validate(bytes);
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
  }
  console.log(microseconds / 1e6 / done);`;

/** Processor time of one pass of V8, without threads of its own. */
function singleThreadedSeconds(file: string, passes: number): number {
  const output = execFileSync(process.execPath, ['--single-threaded', '-e', singleThreadedProgram, resolve(file), String(passes)], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return Number(output);
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
    "packages are decoded and validated in a second of processor time, threads of the garbage collector counted, beside V8's `WebAssembly.validate`: on one thread (`--single-threaded`), which",
    'the ratio is to, and on as many as it likes, which count together. Times differ from run to run, so nothing checks this table.',
    '',
    '| module | MB | functions | MB/s | V8, one thread | ratio | V8, its threads |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ name, bytes, functions, value, baseline, ratio, threaded }) =>
        `| ${[name, (bytes / 1e6).toFixed(2), formatCount(functions), value.toFixed(1), baseline.toFixed(1), ratio.toFixed(3), threaded.toFixed(1)].join(' | ')} |`,
    ),
  ].join('\n');
}

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { formatCount, readInputFile, type Isa } from '@fireball/contracts';
import { decodeInput } from '@fireball/engines';
import { compileFunction, functionSource, loadTemplates, type CompilerName, type FunctionSource } from '@fireball/jit';
import { offlineEnvironment } from '@fireball/vsoc';
import { countInstructions } from './device-compile.js';
import { fastestSeconds, hostEnvironment, type NamedModule } from './modules.js';

const compileTargets = ['thumb2', 'rv32'] as const satisfies readonly Isa[];
const compilers = ['optimizing', 'baseline'] as const satisfies readonly CompilerName[];

/** Compilation of all functions of a module for one target, beside V8's baseline compiler on the same module. */
export interface CompileRow {
  readonly name: string;
  readonly target: Isa;
  readonly compiler: CompilerName;
  readonly metric: 'compile';
  /** Megabytes (10^6 bytes) of function bodies a second, structural verification included, of the fastest pass. */
  readonly value: number;
  readonly unit: 'MB/s';
  /** The same of V8's Liftoff. */
  readonly baseline: number;
  readonly ratio: number;
  /** Bytes of function bodies. */
  readonly bytes: number;
  /** Bytes of machine code. */
  readonly codeBytes: number;
  /** Bytes of JavaScript's heap and of its array buffers that compiling allocates for each wasm instruction, what is kept included. */
  readonly allocated: number;
}

/** @param passes how often each is compiled; the fastest counts */
export function measureCompilation({ name, file }: NamedModule, passes: number): CompileRow[] {
  const { validated } = decodeInput(file, readInputFile(file));
  const sources = validated.functions.map((entry) => functionSource(validated, entry));
  const bytes = sources.reduce((sum, { start, end }) => sum + end - start, 0);
  const baseline = bytes / 1e6 / liftoffSeconds(file, passes);
  return compileTargets.flatMap((target) =>
    compilers.map((compiler) => {
      const templates = loadTemplates(target);
      const environment = { ...offlineEnvironment(validated, target, 'direct'), compiler };
      const compile = (source: FunctionSource): number =>
        compileFunction(source, templates, environment).linkAt(environment.codeAddress, environment.entries).bytes.length;
      let codeBytes = 0;
      const seconds = fastestSeconds(() => {
        codeBytes = 0;
        for (const source of sources) codeBytes += compile(source);
      }, passes);
      const value = bytes / 1e6 / seconds;
      const allocated = allocatedByInstruction(sources, compile);
      return { name, target, compiler, metric: 'compile', value, unit: 'MB/s', baseline, ratio: value / baseline, bytes, codeBytes, allocated };
    }),
  );
}

/** Functions while which garbage is collected do not count. */
function allocatedByInstruction(sources: readonly FunctionSource[], compile: (source: FunctionSource) => void): number {
  let bytes = 0;
  let instructions = 0;
  // What is left of other modules would be swept meanwhile.
  collectGarbage();
  let looking = Infinity;
  for (let looks = 0; looks < 16 || looking === Infinity; looks++) looking = Math.min(looking, allocatedBy(() => undefined) ?? Infinity);
  for (const source of sources) {
    const allocated = allocatedBy(() => {
      compile(source);
    });
    if (allocated === undefined) continue;
    bytes += allocated - looking;
    instructions += countInstructions(source);
  }
  return bytes / instructions;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

/** Undefined: garbage was collected. */
function allocatedBy(work: () => void): number | undefined {
  const before = process.memoryUsage();
  work();
  const after = process.memoryUsage();
  const heap = after.heapUsed - before.heapUsed;
  const buffers = after.arrayBuffers - before.arrayBuffers;
  return heap < 0 || buffers < 0 ? undefined : heap + buffers;
}

/** V8's baseline compiler alone, for all functions at once, on one thread. */
const liftoffFlags = ['--liftoff', '--no-wasm-tier-up', '--no-wasm-lazy-compilation', '--single-threaded'];

const liftoffProgram = `
  const bytes = require('node:fs').readFileSync(process.argv[1]);
  let fastest = Infinity;
  for (let pass = 0; pass < Number(process.argv[2]); pass++) {
    // V8 keeps the code of modules by their bytes: a custom section of its own makes each pass a new module.
    const module = Buffer.concat([bytes, Buffer.from([0, 3, 1, 0x70, pass])]);
    const start = performance.now();
    new WebAssembly.Module(module);
    fastest = Math.min(fastest, performance.now() - start);
  }
  console.log(fastest / 1000);`;

function liftoffSeconds(file: string, passes: number): number {
  const output = execFileSync(process.execPath, [...liftoffFlags, '-e', liftoffProgram, resolve(file), String(passes)], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return Number(output);
}

/** The section of the performance page. */
export function formatCompileSection(rows: readonly CompileRow[]): string {
  const { node, cpu } = hostEnvironment();
  return [
    '## Compilation of large modules',
    '',
    `Written by \`./fireball bench modules --page docs/performance.md\` with Node ${node} on one core of: ${cpu}. Megabytes of function bodies`,
    "compiled a second, structural verification included, beside V8's Liftoff in the same run",
    `(\`${liftoffFlags.join(' ')}\`; its time includes decoding and validation), and bytes of machine code for each`,
    "byte of wasm; *allocated* are bytes of JavaScript's heap and array buffers for each instruction of wasm, of which the code and what is kept of it is a part. Times differ from run to run, so nothing checks this table.",
    '',
    '| module | target | compiler | MB of functions | MB/s | V8 Liftoff | ratio | code bytes | code / wasm | allocated |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${compileCells(row).join(' | ')} |`),
  ].join('\n');
}

/** A row of the table of compile speeds. */
export function compileCells({ name, target, compiler, bytes, value, baseline, ratio, codeBytes, allocated }: CompileRow): string[] {
  return [
    name,
    target,
    compiler,
    (bytes / 1e6).toFixed(2),
    value.toFixed(2),
    baseline.toFixed(1),
    ratio.toFixed(3),
    formatCount(codeBytes),
    (codeBytes / bytes).toFixed(2),
    allocated.toFixed(1),
  ];
}

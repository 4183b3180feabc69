import { join } from 'node:path';
import { formatCount, InternalError } from '@fireball/contracts';
import { assembleText, createHost, decodeInput, engineNamed, loadModule, Random, runProgram, type EngineOptions, type LoadedModule } from '@fireball/engines';
import { wideKernels } from '@fireball/kernels';
import type { TierStatistics } from '@fireball/vsoc';

/** A program with more native code than the budget holds, and what it reads. */
export interface BudgetProgram {
  readonly name: string;
  readonly loaded: LoadedModule;
  /** What the program finds on standard input; undefined: it is no WASI program, `run` is called. */
  readonly input: string | undefined;
  /** Times that `run` is called, one after the other. */
  readonly calls: number;
  /** Bytes of packed templates and native code together, apart from `unlimited`. */
  readonly budgets: readonly number[];
}

/** A program in mixed mode under one budget. */
export interface BudgetRow {
  readonly name: string;
  readonly target: string;
  /** Bytes of packed templates and native code together; undefined: nothing is ever compiled. */
  readonly budget: number | undefined;
  readonly instructions: number;
  /** Of those, the ones retired in native code. */
  readonly nativeInstructions: number;
  readonly tier: TierStatistics | undefined;
  /** Most bytes that templates and code took. */
  readonly memory: number;
}

/** Room for everything: what the others are compared with. */
const unlimited = 256 * 1024;
const budgets = [16 * 1024, 8 * 1024] as const;
const targets = ['thumb2', 'rv32'] as const;
const options: EngineOptions = { fuel: 1_000_000_000, maxPages: 64 };

const functions = 96;
const rounds = 800;

/**
 * The worst that can happen to a cache: functions in a circle, each called as often as the others, so that the one thrown
 * out is always needed again.
 */
export async function circle(): Promise<BudgetProgram> {
  const step = (index: number, at: number): string => {
    const constant = (index * 2654435761 + at * 40503) % 65521;
    return at % 3 === 2
      ? `(i32.store offset=${4 * (index % 64)} (i32.const 64) (local.get $x)) (local.set $x (i32.xor (local.get $x) (i32.load offset=${4 * (at % 64)} (i32.const 128))))`
      : `(local.set $x (i32.add (i32.mul (local.get $x) (i32.const ${constant})) (i32.rotl (local.get $x) (i32.const ${(index + at) % 31}))))`;
  };
  const bodies = Array.from(
    { length: functions },
    (_, index) => `(func $f${index} (param $x i32) (result i32) ${Array.from({ length: 30 }, (_item, at) => step(index, at)).join(' ')} (local.get $x))`,
  );
  const calls = Array.from({ length: functions }, (_, index) => `(local.set $x (call $f${index} (local.get $x)))`);
  const text = `(module (memory 1) ${bodies.join('\n')}
    (func (export "run") (result i32) (local $x i32) (local $left i32)
      (local.set $left (i32.const ${rounds}))
      (loop $next ${calls.join(' ')} (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.get $x)))`;
  const loaded = decodeInput('circle.wat', await assembleText('circle.wat', text));
  return { name: `${functions} functions in a circle`, loaded, input: undefined, calls: 1, budgets };
}

/** A program in C with its library, for WASI: counts words. */
export async function words(file: string): Promise<BudgetProgram> {
  const random = new Random(1);
  const word = (): string => String.fromCharCode(...Array.from({ length: random.between(1, 3) }, () => random.between(0x61, 0x68)));
  const input = Array.from({ length: 3000 }, word).join(' ');
  return { name: 'words', loaded: await loadModule(file), input, calls: 1, budgets };
}

/** A kernel, with less room than its code takes: enough for most of it, and for less than half. */
export async function crowded(name: string): Promise<BudgetProgram> {
  return { name, loaded: await loadModule(join(wideKernels, 'wasm', `${name}.wasm`)), input: undefined, calls: 15, budgets: [4 * 1024, 3 * 1024] };
}

/**
 * Runs a program in the interpreter, and in mixed mode with each budget.
 * @throws InternalError where results differ, or a budget does not hold
 */
export async function measureBudgets(program: BudgetProgram, progress: (text: string) => void): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  const expected = await run(program, 'interp', options);
  for (const target of targets) {
    for (const budget of [undefined, unlimited, ...program.budgets]) {
      progress(`${program.name} on ${target}`);
      const engine = budget === undefined ? `vsoc-interp-${target}` : `vsoc-${target}`;
      const { output, statistics } = await run(program, engine, { ...options, ...(budget === undefined ? {} : { budget }) });
      if (output !== expected.output)
        throw new InternalError(`${program.name} on ${engine} with a budget of ${budget} bytes: ${output} instead of ${expected.output}`);
      const { instructions, nativeInstructions, templateBytes, tier } = statistics;
      const memory = tier === undefined ? 0 : templateBytes + tier.cacheHighWater;
      if (budget !== undefined && memory > budget) throw new InternalError(`${program.name} on ${engine} took ${memory} bytes of ${budget}`);
      rows.push({ name: program.name, target, budget, instructions, nativeInstructions, tier, memory });
    }
  }
  return rows;
}

async function run({ loaded, input, calls }: BudgetProgram, name: string, engineOptions: EngineOptions): ReturnType<typeof runFunction> {
  return input === undefined ? runFunction(loaded, calls, name, engineOptions) : runWithInput(loaded, input, name, engineOptions);
}

async function runFunction(loaded: LoadedModule, calls: number, name: string, engineOptions: EngineOptions) {
  const instance = await engineNamed(name).instantiate(loaded, engineOptions);
  const sums = { instructions: 0, nativeInstructions: 0 };
  try {
    for (let call = 1; ; call++) {
      const { results, trap, statistics } = instance.invoke('run', []);
      sums.instructions += statistics.instructions;
      sums.nativeInstructions += statistics.nativeInstructions;
      if (call === calls || trap !== null)
        return { output: trap === null ? String(results[0]?.value) : `trap: ${trap.kinds.join()}`, statistics: { ...statistics, ...sums } };
    }
  } finally {
    instance.close();
  }
}

async function runWithInput(loaded: LoadedModule, input: string, name: string, engineOptions: EngineOptions): ReturnType<typeof runFunction> {
  let rest = new TextEncoder().encode(input);
  let output = '';
  const print = (bytes: Uint8Array): void => {
    output += new TextDecoder().decode(bytes);
  };
  const host = createHost({
    args: [loaded.file],
    seed: 0,
    stdin: (bytes) => {
      const part = rest.subarray(0, bytes.length);
      bytes.set(part);
      rest = rest.subarray(part.length);
      return part.length;
    },
    stdout: print,
    stderr: print,
  });
  const end = await runProgram(engineNamed(name), loaded, host, engineOptions);
  if (end.kind === 'exit') return { output: `${output}exit ${end.code}`, statistics: end.statistics };
  return { output: end.outcome.trap === null ? output : `${output}trap`, statistics: end.outcome.statistics };
}

/** The section of the performance page: it repeats exactly. */
export function formatBudgetSection(
  rows: readonly BudgetRow[],
  sizes: readonly { readonly name: string; readonly wasmBytes: number; readonly codeBytes: number }[],
): string {
  return [
    '## Programs larger than the budget',
    '',
    'Written by `./fireball bench budget`, checked by `./fireball bench budget --check`. Mixed mode with packed templates and native code together',
    `within the budget; *unlimited* is ${formatCount(unlimited)} bytes. Instructions are executed ones of the whole run, interpreter included; what the compiler`,
    'does beside them takes time (as in vsoc/README.md, "Mixed mode") and is not among them. Output is compared with the reference interpreter.',
    'The kernel of the wide set is called fifteen times, in so little room that not all of its code can be native at once.',
    ...sizes.map(
      ({ name, wasmBytes, codeBytes }) =>
        `\n*${name}*: ${formatCount(wasmBytes)} bytes of wasm code, all of it native would be ${formatCount(codeBytes)} bytes (thumb2).`,
    ),
    '',
    '| program | target | budget | instructions | x unlimited | x interpreter | native | compilations | again | evictions | most bytes |',
    `| --- | --- |${' ---: |'.repeat(9)}`,
    ...rows.map((row) => `| ${cells(row, rows).join(' | ')} |`),
  ].join('\n');
}

/** A row of the budget table. */
export function cells(row: BudgetRow, rows: readonly BudgetRow[]): string[] {
  const { name, target, budget, instructions, nativeInstructions, tier, memory } = row;
  const same = (other: number | undefined): number =>
    rows.find((each) => each.name === name && each.target === target && each.budget === other)?.instructions ?? NaN;
  return [
    name,
    target,
    budget === undefined ? 'interpreter' : budget === unlimited ? 'unlimited' : formatCount(budget),
    formatCount(instructions),
    (instructions / same(unlimited)).toFixed(3),
    (instructions / same(undefined)).toFixed(3),
    `${((100 * nativeInstructions) / instructions).toFixed(1)} %`,
    ...(tier === undefined ? ['', '', ''] : [tier.compilations, tier.recompilations, tier.evictions].map(formatCount)),
    memory === 0 ? '' : formatCount(memory),
  ];
}

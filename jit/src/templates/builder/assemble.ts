/** Runs the GNU assembler on probe instances and cuts its object file into instances. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError, InvalidInputError, MissingPartError, type Isa } from '@fireball/contracts';
import { readElf32, type ElfFile } from '@fireball/image';
import type { SourceFile, SourceTemplate } from './source.js';
import { describeValues, expandBody, type Probe, type Variable } from './probe.js';

const assemblers = {
  thumb2: { command: 'arm-none-eabi-as', debianPackage: 'binutils-arm-none-eabi' },
  rv32: { command: 'riscv64-unknown-elf-as', debianPackage: 'binutils-riscv64-unknown-elf' },
} as const satisfies Record<Isa, object>;

/** Every instance of one template, as the assembler encoded it. */
export interface Assembled {
  /** In the order of the probes. */
  readonly instances: readonly Uint8Array[];
  /** Byte ranges [begin, end) of the first instance that are data (`.word`), not instructions. */
  readonly data: readonly (readonly [number, number])[];
}

export interface Job {
  readonly template: SourceTemplate;
  readonly variables: readonly Variable[];
  readonly probes: readonly Probe[];
}

/** First line of the assembler's `--version`. */
export function assemblerVersion(isa: Isa): string {
  return runAssembler(isa, ['--version'], undefined).stdout.split('\n')[0] ?? '';
}

/** Assembles all probes of all templates of one source file in one run. */
export function assembleFile(source: SourceFile, jobs: readonly Job[]): Assembled[] {
  const lines: { text: string; origin?: { job: Job; probe: Probe; line: number } }[] = [];
  const emit = (text: string): void => void lines.push({ text });
  for (const text of preamble(source.isa)) emit(text);
  let label = 0;
  for (const job of jobs)
    for (const probe of job.probes) {
      emit(`probe.${label++}:`);
      expandBody(job.template, job.variables, probe.values).forEach((text, index) => {
        const origin = { job, probe, line: job.template.body[index]?.line ?? 0 };
        for (const part of withCompression(source.isa, text)) lines.push({ text: part, origin });
      });
    }
  emit(`probe.${label}:`);

  const folder = mkdtempSync(join(tmpdir(), 'fireball-templates-'));
  try {
    const input = join(folder, 'probes.s');
    const output = join(folder, 'probes.o');
    writeFileSync(input, lines.map(({ text }) => `${text}\n`).join(''));
    const result = runAssembler(source.isa, [...flags(source), '-o', output, input], folder);
    if (result.status !== 0) {
      const message = /:(\d+): (?:Error|Warning): (.*)/.exec(result.stderr);
      const origin = lines[Number(message?.[1]) - 1]?.origin;
      if (origin === undefined) throw new InvalidInputError(`the assembler failed: ${result.stderr.trim()}`, { file: source.file });
      const { job, probe, line } = origin;
      throw new InvalidInputError(`template ${job.template.name}: the assembler says "${message?.[2]}" for ${describeValues(job.template, probe.values)}`, {
        file: source.file,
        line,
        hint: 'narrow the operand so that every value assembles',
      });
    }
    return cut(readElf32(readFileSync(output)), source, jobs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function preamble(isa: Isa): string[] {
  return isa === 'thumb2' ? ['.syntax unified', '.thumb', '.text'] : ['.option norelax', '.option norvc', '.text'];
}

function flags(source: SourceFile): string[] {
  // The ABI only marks the object file; instructions follow from -march alone.
  if (source.isa === 'rv32') return ['--fatal-warnings', `-march=${source.cpu}`, '-mabi=ilp32'];
  const fpu = source.fpu === undefined ? [] : [`-mfpu=${source.fpu}`, '-mfloat-abi=hard'];
  return ['--fatal-warnings', '-mthumb', `-mcpu=${source.cpu}`, ...fpu];
}

/** RISC-V: an instruction is compressed exactly where the author writes `c.` (hazard 9). */
function withCompression(isa: Isa, text: string): string[] {
  return isa === 'rv32' && /^(\d+:\s*)?c\./.test(text) ? ['.option rvc', text, '.option norvc'] : [text];
}

function runAssembler(isa: Isa, args: string[], cwd: string | undefined): { status: number; stdout: string; stderr: string } {
  const { command, debianPackage } = assemblers[isa];
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } });
  if (result.error !== undefined) {
    if ('code' in result.error && result.error.code === 'ENOENT')
      throw new MissingPartError(command, `apt-get install ${debianPackage}`, { cause: result.error });
    throw new InternalError(`cannot run ${command}: ${result.error.message}`, { cause: result.error });
  }
  return { status: result.status ?? 1, stdout: result.stdout, stderr: result.stderr };
}

function cut(elf: ElfFile, source: SourceFile, jobs: readonly Job[]): Assembled[] {
  const text = elf.sections.find(({ name }) => name === '.text');
  if (text === undefined) throw new InternalError('the assembler wrote no .text section');
  const starts: number[] = [];
  const modes: { at: number; data: boolean }[] = [];
  for (const symbol of elf.symbols) {
    if (symbol.section !== text.index) continue;
    if (symbol.name.startsWith('probe.')) starts[Number(symbol.name.slice(6))] = symbol.value;
    else if (/^\$[dtx]/.test(symbol.name)) modes.push({ at: symbol.value, data: symbol.name.startsWith('$d') });
  }
  modes.sort((a, b) => a.at - b.at);
  rejectRelocations(elf, text.index, source, jobs, starts);

  let probe = 0;
  return jobs.map((job) => {
    const begin = starts[probe] ?? 0;
    const end = starts[probe + 1] ?? begin;
    const instances = job.probes.map(() => text.data.slice(starts[probe] ?? 0, starts[++probe] ?? 0));
    return { instances, data: dataRanges(modes, begin, end) };
  });
}

function dataRanges(modes: readonly { at: number; data: boolean }[], begin: number, end: number): [number, number][] {
  return modes.flatMap(({ at, data }, index): [number, number][] => {
    const first = Math.max(at, begin);
    const last = Math.min(modes[index + 1]?.at ?? end, end);
    return data && first < last ? [[first - begin, last - begin]] : [];
  });
}

/** PC-relative RISC-V relocations keep the distance in the instruction; it is complete within one section. */
const riscvPcRelative: ReadonlySet<number> = new Set([16, 17, 44, 45]);

function rejectRelocations(elf: ElfFile, section: number, source: SourceFile, jobs: readonly Job[], starts: readonly number[]): void {
  for (const relocation of elf.relocations) {
    if (relocation.section !== section) continue;
    const symbol = elf.symbols[relocation.symbol];
    if (source.isa === 'rv32' && riscvPcRelative.has(relocation.type) && symbol?.section === section) continue;
    let probe = starts.findIndex((start) => start > relocation.offset) - 1;
    const job = jobs.find(({ probes }) => (probe -= probes.length) < 0);
    throw new InvalidInputError(`template ${job?.template.name}: refers to the symbol ${symbol?.name || '(unnamed)'}; use an operand`, {
      file: source.file,
      line: job?.template.line,
    });
  }
}

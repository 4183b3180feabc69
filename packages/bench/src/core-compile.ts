import { formatCount, type Isa } from '@fireball/contracts';
import type { CompilerName, TemplateSet } from '@fireball/jit';
import { DeviceCore, loadRom, Profile, type CoreFunction, type ProfileCounts } from '@fireball/vsoc';
import type { WasmModule } from '@fireball/wasm';
import type { CoreSizes } from './core-sizes.js';
import { formatQuality, type QualityRow } from './core-quality.js';
import { formatWhole, mostJudgedBytes, type WholeModule } from './core-whole.js';
import type { DeviceInput } from './device-compile.js';

/** What the compiler does with a function, by what of it is called for that. */
const phases = {
  plan: ['readBody', 'nameOperands', 'planFunction', 'scanBody'],
  allocation: ['findExtendedLocals', 'analyseUses', 'findCandidates', 'allocateRegisters', 'giveRegisters', 'findLiveLocals', 'findRegions'],
  selection: ['selectByNeed', 'compileBaseline'],
  placing: ['layOutPlaced', 'layOut', 'link', 'crc32'],
  memory: ['allocate', 'makeRoom', 'reset'],
  verification: ['verify'],
} as const satisfies Readonly<Record<string, readonly CoreFunction[]>>;

/** One of them. */
export type CorePhase = keyof typeof phases;

const phaseNames = Object.keys(phases) as CorePhase[];

/** Sums over a module's functions. */
export interface CoreRow {
  readonly name: string;
  readonly target: Isa;
  readonly compiler: CompilerName;
  readonly functions: number;
  readonly wasmBytes: number;
  readonly codeBytes: number;
  /** Guest instructions. */
  readonly phases: Readonly<Record<CorePhase, number>>;
  /** Most bytes of memory for one function of at most 4 KiB, and for any. */
  readonly memory: number;
  readonly mostMemory: number;
}

/** What the compiler takes of a device, in bytes. */
export interface CoreFacts {
  /** Flash, as firmware has it. */
  readonly sizes: CoreSizes;
  /** Of its memory: fields and tables of fixed size; tables of the template set, and of what the functions of the last module have in common. */
  readonly fixed: number;
  readonly tables: number;
  readonly stack: number;
  /** Of the ROM with interpreter and routines. */
  readonly rom: number;
}

/** What compiling by the core on the device takes. */
export interface CoreMeasurements {
  readonly rows: readonly CoreRow[];
  /** The same without bounds checks of its own. */
  readonly trusted: readonly CoreRow[];
  readonly facts: CoreFacts;
}

/**
 * Compiles every wanted function by the compiler of which sizes are given, compiled by the optimizing one, on the device.
 * @throws InternalError where its code is not what the host makes
 */
export function measureCore(templates: TemplateSet, sizes: CoreSizes, inputs: readonly DeviceInput[], progress: (text: string) => void): CoreMeasurements {
  const target = templates.isa;
  const device = new DeviceCore(target);
  const trusting = new DeviceCore(target, { boundsChecks: 'none' });
  try {
    const [rows, trusted] = [device, trusting].map((core) =>
      inputs.map((input): CoreRow => {
        progress(`${input.name} on ${target}, ${sizes.kind}`);
        return measureInput(core, templates, input, sizes.kind);
      }),
    ) as [CoreRow[], CoreRow[]];
    const { fixed, tables } = device.takeMemoryUse();
    const rom = loadRom(target, undefined, 'rom/interp').code.length;
    return { rows, trusted, facts: { sizes, fixed, tables, stack: device.stackBytes, rom } };
  } finally {
    device.close();
    trusting.close();
  }
}

/**
 * Where the compiler's instructions go while it compiles the wanted functions, its start included; of `compiler`, whose names are `FILE/FUNCTION`.
 * @throws InternalError where its code is not what the host makes
 */
export function profileCore(
  templates: TemplateSet,
  { module, step }: DeviceInput,
  compiler: CompilerName,
): { readonly counts: ProfileCounts; readonly compiler: WasmModule; readonly wasmBytes: number } {
  const profile = new Profile();
  const device = new DeviceCore(templates.isa, { profile });
  try {
    let wasmBytes = 0;
    for (const { source } of device.compileSame(module, (_, position) => position % step === 0, templates, compiler)) wasmBytes += source.end - source.start;
    return { counts: profile.read(), compiler: device.module.module, wasmBytes };
  } finally {
    device.close();
  }
}

function measureInput(device: DeviceCore, templates: TemplateSet, { name, module, step }: DeviceInput, compiler: CompilerName): CoreRow {
  const sums = { functions: 0, wasmBytes: 0, codeBytes: 0, memory: 0, mostMemory: 0 };
  const instructions = Object.fromEntries(phaseNames.map((phase) => [phase, 0])) as Record<CorePhase, number>;
  device.takeCounts();
  device.takeMemoryUse();
  for (const { source, code } of device.compileSame(module, (_, position) => position % step === 0, templates, compiler)) {
    const counts = device.takeCounts();
    for (const phase of phaseNames) for (const called of phases[phase]) instructions[phase] += counts.get(called) ?? 0;
    const { taken } = device.takeMemoryUse();
    const wasmBytes = source.end - source.start;
    sums.functions++;
    sums.wasmBytes += wasmBytes;
    sums.codeBytes += code.bytes.length;
    sums.mostMemory = Math.max(sums.mostMemory, taken);
    if (wasmBytes <= mostJudgedBytes) sums.memory = Math.max(sums.memory, taken);
  }
  return { name, target: templates.isa, compiler, ...sums, phases: instructions };
}

/** Executed instructions of all that makes code. */
export function instructionsToCode({ phases: { verification, ...making } }: Pick<CoreRow, 'phases'>): number {
  return Object.values(making).reduce((sum, instructions) => sum + instructions);
}

/** The section of the performance page: it repeats exactly. `whole`: all functions of the module of that name, on each target. */
export function formatCoreSection(measured: readonly CoreMeasurements[], name: string, whole: readonly WholeModule[], quality: readonly QualityRow[]): string {
  return [
    '## The compiler on the device',
    '',
    'Written by `./fireball bench core`, checked by `./fireball bench core --check`. The whole compiler, [one module of WebAssembly](../jit/src/core) that the optimizing one of its two compilers has compiled, runs on the',
    'emulated CPU and compiles functions there, to the same bytes as on the host: executed instructions for each byte of wasm. *Plan* reads the body and proves what it can, or counts what names locals; *allocation* is with the analyses of',
    'locals and their uses; *placing* is layout, patching and CRC-32; *heap* is asking for memory; *code* is the sum of these, and *verification* comes on top. What one function takes of memory beside what is fixed is in the last columns, in bytes:',
    'the most of any of up to 4 KiB of wasm, and of any. What types, functions, globals and tables an instruction names is looked up there, too; the host writes a list of these once for a module. Its memory has a fixed size there.',
    '',
    '**Aims** for a device: 150 instructions a byte for CoreMark-like code and 220 for sql.js (*code* on thumb2); 96 KB of flash for compiler, templates and the ROM with the interpreter; 16 KB of RAM for',
    'functions of up to 4 KB. The baseline compiler meets the one of flash, on both targets, and comes nearer to the others; the optimizing one was written for the speed of the host, whose memory costs nothing, and meets none.',
    ...measured.flatMap((each) => [
      '',
      `### The ${each.facts.sizes.kind} compiler on ${each.facts.sizes.target}`,
      '',
      ...formatTable(each.rows),
      '',
      ...formatFacts(each),
    ]),
    '',
    ...formatWhole(name, whole),
    '',
    ...formatQuality(quality),
  ].join('\n');
}

function formatTable(rows: readonly CoreRow[]): string[] {
  return [
    '| module | functions | wasm bytes | code bytes | plan | allocation | selection | placing | heap | code | verification | memory up to 4 KiB | memory at most |',
    `| --- |${' ---: |'.repeat(12)}`,
    ...rows.map((row) => {
      const { name, functions, wasmBytes, codeBytes, memory, mostMemory } = row;
      const { verification, ...making } = row.phases;
      const perByte = [...Object.values(making), instructionsToCode(row), verification].map((instructions) => (instructions / wasmBytes).toFixed(1));
      return `| ${[name, ...[functions, wasmBytes, codeBytes].map(formatCount), ...perByte, ...[memory, mostMemory].map(formatCount)].join(' | ')} |`;
    }),
  ];
}

function formatFacts({ rows, trusted, facts: { sizes, fixed, tables, stack, rom } }: CoreMeasurements): string[] {
  const { compiler: code, tables: packed } = sizes;
  const [checked, unchecked] = [code.all, code.none].map((bytes) => formatCount(bytes + packed + rom));
  const ram = fixed + tables + stack + Math.max(...rows.map(({ memory }) => memory));
  const each = trusted.map((row) => `${(instructionsToCode(row) / row.wasmBytes).toFixed(1)} for ${row.name}`);
  return [
    `Flash: ${formatCount(code.all)} bytes of compiler as \`compile-core\` writes it, ${formatCount(packed)} of its tables, packed, ${formatCount(rom)} of the ROM with the interpreter: ${checked}. [Without bounds checks of its own](compile-core.md#without-bounds-checks-of-its-own) the compiler is ${formatCount(code.none)} bytes, all of it ${unchecked}, and *code* takes ${each.join(', ')}.`,
    `RAM: ${formatCount(fixed)} bytes of fixed size, with constant tables of operations, ${formatCount(tables)} of tables of templates and of what the functions of the last module have in common, and ${formatCount(stack)} of stack; with what a function of up to 4 KiB above takes at most, ${formatCount(ram)}.`,
  ];
}

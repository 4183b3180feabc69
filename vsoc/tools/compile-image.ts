import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { InternalError, InvalidInputError, MissingPartError, type Isa } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import { coreDefinitions, derivedFunctions, loadTemplates, trapKinds } from '@fireball/jit';
import { validationDefinitions } from '@fireball/wasm';
import { codeImageSchema, type CodeImageFile } from '../src/chip/code-image.js';
import { expanderErrors } from '../src/tier/expander-error.js';
import { packedSet, setDigest } from '../src/tier/packed-set.js';
import { layoutDefinitions, programDefinitions } from '../src/runtime/interpreter/layout.js';
import { folderOf } from './folders.js';

/** Compilers, and the least cores that run what they make. */
export const targets = {
  thumb2: { command: 'arm-none-eabi-gcc', flags: ['-mcpu=cortex-m3', '-mthumb'] },
  rv32: { command: 'riscv64-unknown-elf-gcc', flags: ['-march=rv32imc', '-mabi=ilp32', '-mcmodel=medany'] },
} as const satisfies Record<Isa, object>;

/**
 * The image must not depend on its address: it is linked at two, which must give the same bytes.
 * Neither is near 0, where the RISC-V linker would relax PC-relative addresses to absolute ones.
 */
const imageBases = [0x8000_0400, 0x0801_0800] as const;

/** The rows of the interpreter's dispatch tables, which its sources include (runtime/interpreter/handlers.ts). */
export const handlersFile = folderOf('rom') + 'interp/generated/handlers.inc';

/** The same for all. */
const linkerScript = folderOf('rom') + 'rom.ld';

/** Of everything that runs on the virtual SoC. */
export const commonFlags = ['-std=c11', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding'];

const flags = [
  ...commonFlags,
  // Copy loops must stay loops: there is no C library to call.
  '-fno-tree-loop-distribute-patterns',
  '-fomit-frame-pointer',
  '-nostdlib',
  '-Wl,--build-id=none',
  '-Wl,--fatal-warnings',
];

const libraryLicence =
  'with routines of libgcc: GPL-3.0-or-later with the GCC Runtime Library Exception 3.1, which allows their use in compiled programs under any terms';

/** What the compiler's functions for firmware know by their numbers. */
const coreNames = Object.keys(coreDefinitions);

/** What is built from one folder of sources. */
interface ImageKind {
  readonly folder: string;
  /** Where the image goes, in it. */
  readonly output: string;
  readonly flags: readonly string[];
  /** Files of the folder, or of folders in it, that are compiled for an instruction set. */
  isSource(name: string, isa: Isa): boolean;
  /** Undefined where the symbol is no entry. */
  entryName(symbol: string): string | undefined;
  /** Digest of the template set that is compiled in. */
  readonly templates?: (isa: Isa) => string;
}

export const imageKinds: readonly ImageKind[] = [
  {
    folder: folderOf('rom'),
    output: 'generated',
    flags: [],
    isSource: (name) => /^[^/]+\.c$/.test(name),
    entryName: (symbol) => symbol.replace('_', '.'),
  },
  {
    folder: folderOf('rom'),
    output: 'interp/generated',
    flags: Object.entries(layoutDefinitions()).map(([name, value]) => `-D${name}=${value}`),
    isSource: (name, isa) => /^[^/]+\.c$/.test(name) || name === `interp/${isa}.S`,
    entryName: (symbol) => symbol.replace('_', '.'),
  },
  {
    folder: folderOf('board'),
    output: 'generated',
    // Texts are reached relative to the program counter.
    flags: ['-fpie', '-fvisibility=hidden'],
    isSource: (name, isa) => name.endsWith('.c') || name === `start-${isa}.S`,
    entryName: (symbol) => symbol,
  },
  coreKind('generated', [], ['core.c']),
  coreKind(
    'interp/generated',
    [
      ...Object.entries(programDefinitions()).map(([name, value]) => `-D${name}=${value}`),
      ...Object.entries(validationDefinitions).map(([name, value]) => `-DV_${name}=${value}u`),
    ],
    ['core.c', 'reader.c', 'load.c', 'imports.c', 'bodies.c', 'program.c', 'loops.c'],
  ),
  expanderKind('packed', []),
  { ...expanderKind('compiled', ['-DCOMPILED_IN']), templates: (isa) => setDigest(packedSet(loadTemplates(isa))) },
];

/** What firmware calls of the compiler alone, or with the interpreter. */
function coreKind(output: string, definitions: readonly string[], sources: readonly string[]): ImageKind {
  const assembly = sources.includes('loops.c') ? ['enter', 'loops'] : ['enter'];
  return {
    folder: folderOf('core'),
    output,
    flags: ['-fpie', '-fvisibility=hidden', ...coreNames.map((name, number) => `-D${name}=${number}`), `-DLAYOUT_WORDS=${coreNames.length}`, ...definitions],
    isSource: (name, isa) => sources.includes(name) || assembly.some((part) => name === `${part}-${isa}.S`),
    entryName: (symbol) => /^(fireball_.*|core_descriptor|core_state)$/.exec(symbol)?.[1],
  };
}

/** The expander with templates as data, or compiled in. */
function expanderKind(form: 'packed' | 'compiled', definitions: readonly string[]): ImageKind {
  return {
    folder: folderOf('expander'),
    output: `${form}/generated`,
    flags: ['-fpie', '-fvisibility=hidden', ...expanderDefinitions(), ...definitions],
    isSource: (name) => name.endsWith('.c') && (!name.includes('/') || name.startsWith(`${form}/`)),
    entryName: (symbol) => /^expander_(.*)/.exec(symbol)?.[1],
  };
}

/** `TRAP_INTEGER_OVERFLOW` and its like, numbered as the code generator numbers them. */
function trapDefinitions(): string[] {
  return trapKinds.map((kind, number) => `-DTRAP_${kind.toUpperCase().replaceAll(' ', '_')}=${number}`);
}

/** `ERROR_STREAM`, `DERIVE_HI20` and their like, numbered as the host and packed templates number them. */
function expanderDefinitions(): string[] {
  const derived = Object.keys(derivedFunctions);
  return [
    ...expanderErrors.map((kind, number) => `-DERROR_${kind.toUpperCase()}=${number + 1}`),
    ...derived.map((name, number) => `-DDERIVE_${name.toUpperCase()}=${number + 1}`),
    `-DDERIVED_FUNCTIONS=${derived.length}`,
  ];
}

/** Compiles and links the sources of a folder for one instruction set. */
export function compileImage(kind: ImageKind, isa: Isa): CodeImageFile {
  const target = targets[isa];
  const { folder } = kind;
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => kind.isSource(name, isa))
    .sort();
  const options = [...target.flags, ...flags, ...kind.flags, ...trapDefinitions()];
  const inputs = dependencies(compile(target.command, [...options, '-MM', ...sources], folder));
  const output = mkdtempSync(join(tmpdir(), 'fireball-rom-'));
  try {
    const map = join(output, 'rom.map');
    const images = imageBases.map((base) => {
      const elf = join(output, `${base}.elf`);
      const link = ['-T', linkerScript, `-Wl,--defsym=rom_base=${base}`, `-Wl,-Map=${map}`];
      compile(target.command, [...options, ...link, ...sources, '-o', elf, '-lgcc'], folder);
      return contents(kind, new Uint8Array(readFileSync(elf)));
    });
    const [{ bytes, entries }, other] = images as [ImageContents, ImageContents];
    if (!Buffer.from(bytes).equals(other.bytes)) throw new InternalError(`the ${isa} code of ${folder} is not position-independent`);
    const members = libraryMembers(readFileSync(map, 'utf8'));
    return {
      schema: codeImageSchema,
      isa,
      target: target.flags.join(' '),
      inputsHash: hashOf([...inputs.map((name) => join(folder, name)), linkerScript], options),
      compiler: compile(target.command, ['--version'], folder).split('\n')[0] ?? '',
      licence: members.length === 0 ? 'MIT' : `MIT, ${libraryLicence}`,
      libraryMembers: members,
      ...(kind.templates === undefined ? {} : { templates: kind.templates(isa) }),
      size: bytes.length,
      entries,
      code: Buffer.from(bytes).toString('base64'),
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Runs a compiler in a folder; returns what it printed. */
export function compile(command: string, args: readonly string[], cwd: string): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw new MissingPartError(command, `apt-get install --no-install-recommends ${packageOf(command)}`, { cause: error });
  if (status !== 0) throw new InvalidInputError(`${command} failed:\n${stderr.trim()}`, { file: cwd });
  return stdout;
}

function packageOf(command: string): string {
  return command.startsWith('arm') ? 'gcc-arm-none-eabi' : 'gcc-riscv64-unknown-elf';
}

/** `st_info` of ELF. */
const functionSymbol = 2;
const globalSymbol = 1;

interface ImageContents {
  readonly bytes: Uint8Array;
  /** Offsets in `bytes`. */
  readonly entries: Record<string, number>;
}

/** The one section, and every external function of our own in it: names with `__` are the compiler library's. */
function contents(kind: ImageKind, elf: Uint8Array): ImageContents {
  const { sections, symbols } = readElf32(elf);
  const rom = sections.find(({ name }) => name === '.rom');
  if (rom === undefined) throw new InternalError('the linked image has no section .rom');
  const entries = symbols
    .filter(({ name, type, binding }) => type === functionSymbol && binding === globalSymbol && !name.startsWith('__'))
    .flatMap(({ name, value }): [string, number][] => {
      const entry = kind.entryName(name);
      return entry === undefined ? [] : [[entry, (value & ~1) - (rom.address | 0)]];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { bytes: rom.data, entries: Object.fromEntries(entries) };
}

/** Archive members as the linker's map lists them, one `libgcc.a(member.o)` a line. */
function libraryMembers(map: string): string[] {
  return [...new Set([...map.matchAll(/libgcc\.a\(([^)]+)\)/g)].map(([, member]) => member ?? ''))].sort();
}

/** The files in make rules, `bulk.o: bulk.c rom.h`, as the compiler lists them: no file that a source includes can be forgotten. */
function dependencies(rules: string): string[] {
  return [...new Set(rules.split(/[\s\\]+/).filter((word) => word !== '' && !word.endsWith(':')))].sort();
}

function hashOf(files: readonly string[], options: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const file of files) hash.update(JSON.stringify([basename(file), readFileSync(file, 'utf8')]));
  return hash.digest('hex');
}

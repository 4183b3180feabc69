import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError, InvalidInputError, MissingPartError, type Isa } from '@fireball/contracts';
import { readElf32 } from '@fireball/image';
import { trapKinds } from '@fireball/jit';
import { romSchema, type RomFile } from '../src/rom.js';

const targets = {
  thumb2: { command: 'arm-none-eabi-gcc', flags: ['-mcpu=cortex-m3', '-mthumb'] },
  rv32: { command: 'riscv64-unknown-elf-gcc', flags: ['-march=rv32imc', '-mabi=ilp32', '-mcmodel=medany'] },
} as const satisfies Record<Isa, object>;

/**
 * The image must not depend on its address: it is linked at two, which must give the same bytes.
 * Neither is near 0, where the RISC-V linker would relax PC-relative addresses to absolute ones.
 */
const romBases = [0x8000_0400, 0x0801_0800] as const;

const flags = [
  '-std=c11',
  '-Os',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-ffreestanding',
  // Copy loops must stay loops: there is no C library to call.
  '-fno-tree-loop-distribute-patterns',
  '-fomit-frame-pointer',
  '-nostdlib',
  '-Wl,--build-id=none',
  '-Wl,--fatal-warnings',
];

const licence =
  'MIT (vsoc/rom), with routines of libgcc: GPL-3.0-or-later with the GCC Runtime Library Exception 3.1, which allows their use in compiled programs under any terms';

/** `TRAP_INTEGER_OVERFLOW` and its like, numbered as the code generator numbers them. */
function trapDefinitions(): string[] {
  return trapKinds.map((kind, number) => `-DTRAP_${kind.toUpperCase().replaceAll(' ', '_')}=${number}`);
}

/** Compiles and links the C sources of `folder` for one instruction set. */
export function compileRom(isa: Isa, folder: string): RomFile {
  const target = targets[isa];
  const names = readdirSync(folder).filter((name) => /\.(?:c|h|ld)$/.test(name)).sort();
  const options = [...target.flags, ...flags, ...trapDefinitions()];
  const output = mkdtempSync(join(tmpdir(), 'fireball-rom-'));
  try {
    const map = join(output, 'rom.map');
    const sources = names.filter((name) => name.endsWith('.c'));
    const images = romBases.map((base) => {
      const elf = join(output, `${base}.elf`);
      const link = ['-T', 'rom.ld', `-Wl,--defsym=rom_base=${base}`, `-Wl,-Map=${map}`];
      compile(target.command, [...options, ...link, ...sources, '-o', elf, '-lgcc'], folder);
      return contents(new Uint8Array(readFileSync(elf)));
    });
    const [{ bytes, entries }, other] = images as [RomContents, RomContents];
    if (!Buffer.from(bytes).equals(other.bytes)) throw new InternalError(`the ${isa} ROM is not position-independent`);
    return {
      schema: romSchema,
      isa,
      target: target.flags.join(' '),
      inputsHash: hashOf(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]), options),
      compiler: compile(target.command, ['--version'], folder).split('\n')[0] ?? '',
      licence,
      libraryMembers: libraryMembers(readFileSync(map, 'utf8')),
      size: bytes.length,
      entries,
      code: Buffer.from(bytes).toString('base64'),
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function compile(command: string, args: readonly string[], cwd: string): string {
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

interface RomContents {
  readonly bytes: Uint8Array;
  /** Offsets in `bytes`. */
  readonly entries: Record<string, number>;
}

/** The one section, and every external function of our own in it: names with `__` are the compiler library's. */
function contents(elf: Uint8Array): RomContents {
  const { sections, symbols } = readElf32(elf);
  const rom = sections.find(({ name }) => name === '.rom');
  if (rom === undefined) throw new InternalError('the linked ROM has no section .rom');
  const entries = symbols
    .filter(({ name, type, binding }) => type === functionSymbol && binding === globalSymbol && !name.startsWith('__'))
    .map(({ name, value }): [string, number] => [name.replace('_', '.'), (value & ~1) - (rom.address | 0)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { bytes: rom.data, entries: Object.fromEntries(entries) };
}

/** Archive members as the linker's map lists them, one `libgcc.a(member.o)` a line. */
function libraryMembers(map: string): string[] {
  return [...new Set([...map.matchAll(/libgcc\.a\(([^)]+)\)/g)].map(([, member]) => member ?? ''))].sort();
}

function hashOf(files: readonly (readonly [string, string])[], options: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const [name, text] of files) hash.update(JSON.stringify([name, text]));
  return hash.digest('hex');
}

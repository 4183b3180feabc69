import { basename, extname } from 'node:path';
import { Option } from 'commander';
import { formatCount, printable, SettingError, UsageError, writeOutputFile, type Isa } from '@fireball/contracts';
import { featuresOf, loadTemplates, loadTemplatesFrom, type CompilerName, type MisalignedAccess } from '@fireball/jit';
import {
  buildCoreImage,
  coreExecutable,
  coreHeader,
  coreObject,
  coreSource,
  defaultCpu,
  type CoreBoundsChecks,
  type CoreImage,
  type MemoryRange,
} from '@fireball/vsoc';
import { parseRange } from '../compile/elf.js';
import type { CommandRegistration } from './command.js';
import { compilerOption, misalignedOption, optionGroups, templatesOption } from './engine-options.js';

interface CompileCoreOptions {
  readonly target: Isa;
  readonly cpu?: string;
  readonly templates?: string;
  readonly misaligned: MisalignedAccess;
  readonly compiler: CompilerName;
  readonly boundsChecks: CoreBoundsChecks;
  readonly interpreter: boolean;
  readonly ram?: MemoryRange;
  readonly at?: number;
  readonly output: string;
}

/** RAM of the boards that QEMU has: mps2-an386 and virt. */
const usualRam = {
  thumb2: { base: 0x2100_0000, size: 0x10_0000 },
  rv32: { base: 0x8200_0000, size: 0x10_0000 },
} as const satisfies Record<Isa, MemoryRange>;

/** By the ending of the file's name. */
const kinds: Readonly<Record<string, (image: CoreImage, address: number, header: string) => Uint8Array | string>> = {
  '.o': (image) => coreObject(image),
  '.elf': (image, address) => coreExecutable(image, address),
  '.c': (image, _address, header) => coreSource(image, header),
};

export const registerCompileCore: CommandRegistration = (program, run) => {
  const command = program
    .command('compile-core')
    .description('write the compiler itself as machine code for firmware, with a C header beside it: it makes machine code of wasm functions on the device')
    .addOption(new Option('--target <isa>', 'instruction set').choices(['thumb2', 'rv32']).default('thumb2'))
    .addOption(new Option('--cpu <core>', 'core that it runs on and compiles for; default: cortex-m4 or rv32imc').helpGroup(optionGroups.code))
    .addOption(templatesOption())
    .addOption(misalignedOption())
    .addOption(compilerOption())
    .addOption(
      new Option(
        '--bounds-checks <which>',
        "of the compiler's own memory accesses: all, or none, where it is trusted like the firmware; code that it makes has all",
      )
        .choices(['all', 'none'] satisfies CoreBoundsChecks[])
        .default('all')
        .helpGroup(optionGroups.code),
    )
    .addOption(
      new Option('--interpreter', 'with the interpreter, and what validates modules on the device and makes them ready for it; default: the compiler alone')
        .default(false)
        .helpGroup(optionGroups.code),
    )
    .addOption(
      new Option('--ram <address:size>', 'RAM of its own; default: 0x21000000:1M, or 0x82000000:1M on rv32').argParser((text: string) =>
        parseRange('ram', text),
      ),
    )
    .addOption(new Option('--at <address>', 'where it lies, of an .elf; an .o is placed by the linker, as is what becomes of a .c').argParser(addressOf))
    .requiredOption('-o, --output <file>', 'object file .o, executable without an entry .elf, or C source .c');
  run(command, (_context, options: CompileCoreOptions) => {
    const { target, cpu = defaultCpu[target], templates, misaligned, compiler, boundsChecks, interpreter, ram = usualRam[target], at, output } = options;
    const ending = extname(output);
    const write = kinds[ending];
    if (write === undefined) throw new UsageError(`${printable(output)} is no .o, .elf or .c: the ending says what is written`);
    if (ending === '.elf' ? at === undefined : at !== undefined)
      throw new UsageError(ending === '.elf' ? 'an .elf needs --at ADDRESS' : `--at is for an .elf, not for an ${ending}`);
    // An unknown core is refused as such.
    featuresOf(target, cpu);
    const image = buildCoreImage({
      isa: target,
      cpu,
      misaligned,
      compiler,
      boundsChecks,
      interpreter,
      ram,
      templates: templates === undefined ? loadTemplates(target) : loadTemplatesFrom(templates, target),
    });
    if (at !== undefined) checkPlace(at, image, ram);
    const header = `${output.slice(0, -ending.length)}.h`;
    writeOutputFile(output, write(image, at ?? 0, basename(header)));
    writeOutputFile(header, coreHeader(image, cpu, ram));
    const { bytes, parts, memoryBytes } = image;
    return {
      exitStatus: 0,
      document: {
        target,
        cpu,
        compiler,
        boundsChecks,
        interpreter,
        file: output,
        header,
        bytes: bytes.length,
        parts,
        ram: { address: ram.base, bytes: ram.size, memory: memoryBytes },
      },
      text: [
        `${output}, ${header}: ${formatCount(bytes.length)} bytes for ${cpu}`,
        `${formatCount(parts.code)} of the compiler${interpreter ? ' and of validation' : ''}, ${formatCount(parts.routines)} of routines${interpreter ? ', the interpreter' : ''} and what firmware calls, ${formatCount(parts.tables)} of tables`,
        `RAM: ${formatCount(ram.size)} bytes at 0x${ram.base.toString(16)}, ${formatCount(memoryBytes)} of them the compiler's memory`,
      ]
        .map(printable)
        .join('\n'),
    };
  });
};

function addressOf(text: string): number {
  const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : NaN;
  if (!(value < 2 ** 32)) throw new SettingError('at', `'${text}' is no address; e.g. 0x10000`);
  return value;
}

function checkPlace(at: number, { bytes }: CoreImage, ram: MemoryRange): void {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  if (at % 16 !== 0) throw new SettingError('at', `${hex(at)} is no multiple of 16`);
  if (at + bytes.length > 2 ** 32) throw new SettingError('at', `${bytes.length} bytes from ${hex(at)} on end behind the last address`);
  if (at < ram.base + ram.size && ram.base < at + bytes.length)
    throw new SettingError(
      'at',
      `the compiler from ${hex(at)} to ${hex(at + bytes.length)} would lie in its RAM from ${hex(ram.base)} to ${hex(ram.base + ram.size)}`,
    );
}

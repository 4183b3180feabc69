import { Option } from 'commander';
import { formatCount, formatTable, InvalidInputError, listNames, printable, UnsupportedError, UsageError, writeOutputFile } from '@fireball/contracts';
import {
  createStandIns,
  formatFunction,
  listFunction,
  loadModule,
  openVerifier,
  summarizeFunction,
  symbolsOf,
  vsocExtern,
  vsocHost,
  type LoadedModule,
} from '@fireball/engines';
import { loadTemplates, loadTemplatesFrom, type LinkedCode, type SymbolTable, type TemplateSet } from '@fireball/jit';
import { createVsoc, qemuMachines } from '@fireball/vsoc';
import { DataSegments, type ValidatedFunction, type WasmModule } from '@fireball/wasm';
import { buildElf, parseRange, type ElfOptions } from '../compile/elf.js';
import type { Report } from '../report.js';
import { compilerOption, misalignedOption, optionGroups, templatesOption, verifyOption } from './engine-options.js';
import { wholeNumber, type CommandRegistration } from './command.js';

interface CompileOptions extends ElfOptions {
  readonly disassemble?: true;
  readonly output?: string;
}

export const registerCompile: CommandRegistration = (program, run) => {
  const command = program
    .command('compile')
    .description('compile every function of a module and show its code, or write a bare ELF file that calls some of them')
    .argument('<file>', 'module, .wasm or .wat; - reads it from standard input')
    .addOption(new Option('--target <isa>', 'instruction set').choices(['thumb2', 'rv32']).default('thumb2'))
    .addOption(new Option('--cpu <core>', 'core to compile for; default: cortex-m4 or rv32imc').helpGroup(optionGroups.code))
    .addOption(templatesOption())
    .addOption(verifyOption())
    .addOption(misalignedOption())
    .addOption(compilerOption())
    .option('--disassemble', 'list wasm instruction, template, filled holes and machine instructions side by side')
    .option(
      '-o, --output <file>',
      `write a bare ELF file: for QEMU (${qemuMachines.map(({ name }) => name).join(', ')}, as the core says) or the memories given; it prints results by semihosting`,
    )
    .addOption(
      elfOption('--invoke <name[=args]>', 'a call to make, e.g. add=1,0x2; may be repeated; default: run, or the only one exported')
        .argParser(append((text) => text))
        .default([], 'none'),
    )
    .addOption(
      elfOption('--rom <address:size>', 'where code and constants go; the core starts there; default: that of the QEMU board').argParser((text: string) =>
        parseRange('rom', text),
      ),
    )
    .addOption(
      elfOption('--ram <address:size>', 'RAM; a second one is for linear memory')
        .argParser(append((text) => parseRange('ram', text)))
        .default([], 'those of the QEMU board'),
    )
    .addOption(elfOption('--stack <bytes>', 'size of the stack; default: 65536, or a quarter of the RAM where that is less').argParser(wholeNumber(1)));
  run(command, async (_context, file: string, options: CompileOptions) => {
    const loaded = await loadModule(file);
    if (options.output !== undefined) return writeElf(loaded, options, options.output);
    requireOutput(options);
    const { module, validated } = loaded;
    const document = { target: options.target, verify: options.verify };
    const total = (functions: readonly { readonly codeBytes: number }[]): number => functions.reduce((sum, { codeBytes }) => sum + codeBytes, 0);
    if (options.disassemble) {
      const functions = await compileAll(loaded, options, (templates, source, code, symbols) => listFunction(templates, module, source, code, symbols));
      return {
        exitStatus: 0,
        document: { ...document, codeBytes: total(functions), functions },
        text: functions.map((entry, position) => formatFunction(module, validated.functions[position]!, entry)).join('\n\n'),
      };
    }
    const functions = await compileAll(loaded, options, (_templates, source, code) => summarizeFunction(module, source, code));
    return {
      exitStatus: 0,
      document: { ...document, codeBytes: total(functions), functions },
      text: [
        formatTable(
          ['function', 'index', 'bytes', 'templates', 'CRC-32'],
          functions.map(({ name, index, codeBytes, templates, crc }) => [name, `${index}`, formatCount(codeBytes), formatCount(templates), crc]),
        ),
        `${formatCount(functions.length)} functions, ${formatCount(total(functions))} bytes of ${options.target} code`,
      ].join('\n'),
    };
  });
};

/** An option of the bare ELF file. */
function elfOption(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup('With -o:');
}

/** For options that may be repeated. */
function append<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => readonly T[] {
  return (text, before) => [...before, parse(text)];
}

/** Refuses options that mean nothing in a listing. */
function requireOutput({ invoke, rom, ram, stack }: CompileOptions): void {
  const given = [invoke.length > 0 && '--invoke', rom !== undefined && '--rom', ram.length > 0 && '--ram', stack !== undefined && '--stack'];
  const found = given.find((name) => name !== false);
  if (found !== undefined) throw new UsageError(`${found} needs -o FILE`);
}

async function writeElf(loaded: LoadedModule, options: CompileOptions, output: string): Promise<Report> {
  const { bytes, codeBytes, calls, qemu } = await buildElf(loaded, options);
  writeOutputFile(output, bytes);
  const command = qemu === null ? null : `${qemu} ${output}`;
  return {
    exitStatus: 0,
    document: { target: options.target, verify: options.verify, file: output, bytes: bytes.length, codeBytes, calls, command },
    text: [
      `${output}: ${formatCount(bytes.length)} bytes, ${formatCount(codeBytes)} of them code of the module; calls ${listNames(calls)}`,
      ...(command === null ? [] : [`run it: ${command}`]),
    ]
      .map(printable)
      .join('\n'),
  };
}

function atRest(module: WasmModule): WasmModule {
  return {
    ...module,
    start: undefined,
    elements: module.elements.map((segment) => ({ ...segment, position: undefined })),
    data: DataSegments.of(Array.from(module.data, (segment) => ({ ...segment, position: undefined }))),
  };
}

/** No memory that a module imports is larger. */
const mostPages = 1024;

/** Compiles without running anything of the guest: start function and active segments, which may not fit, are left out. */
async function compileAll<T>(
  { file, module, validated }: LoadedModule,
  { target, cpu, templates: folder, verify, misaligned, compiler }: CompileOptions,
  tell: (templates: TemplateSet, source: ValidatedFunction, code: LinkedCode, symbols: SymbolTable) => T | Promise<T>,
): Promise<T[]> {
  const verifier = await openVerifier(verify);
  const templates = folder === undefined ? loadTemplates(target) : loadTemplatesFrom(folder, target);
  const vsoc = createVsoc({
    isa: target,
    templates,
    misaligned,
    compiler,
    ...(cpu === undefined ? {} : { cpu }),
    ...(verifier === undefined ? {} : { verifier }),
  });
  try {
    // Nobody calls them, but code is linked against them.
    const standIns = createStandIns(file, module, vsocHost(vsoc), { others: 'trap', seed: 0 }, mostPages);
    const { code } = vsoc.instantiate({ ...validated, module: atRest(module) }, (from, name) => vsocExtern(standIns.resolve(from, name)));
    const symbols = symbolsOf(module, vsoc);
    const told: T[] = [];
    for (const [position, source] of validated.functions.entries()) told.push(await tell(templates, source, code[position]!, symbols));
    return told;
  } catch (error) {
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(file) : error;
  } finally {
    vsoc.close();
  }
}

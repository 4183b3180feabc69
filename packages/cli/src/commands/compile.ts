import { Option } from 'commander';
import { InvalidInputError, UnsupportedError, type Isa } from '@fireball/contracts';
import { loadTemplates, loadTemplatesFrom } from '@fireball/jit';
import { createVsoc } from '@fireball/vsoc';
import { formatFunction, listFunction, type ListedFunction } from '../compile/listing.js';
import { loadModule, type LoadedModule } from '../inputs/module.js';
import { formatCount, formatTable } from '../report.js';
import type { CommandRegistration } from './command.js';

interface CompileOptions {
  readonly target: Isa;
  readonly cpu?: string;
  readonly templates?: string;
  readonly disassemble?: true;
}

export const registerCompile: CommandRegistration = (program, run) => {
  const command = program
    .command('compile')
    .description('compile every function of a module and show its code')
    .argument('<file>', 'module, .wasm or .wat')
    .addOption(new Option('--target <isa>', 'instruction set').choices(['thumb2', 'rv32']).default('thumb2'))
    .option('--cpu <core>', 'core to compile for; default: cortex-m4 or rv32imc')
    .option('--templates <folder>', 'folder with thumb2.json and rv32.json; default: the built-in sets')
    .option('--disassemble', 'list wasm instruction, template, filled holes and machine instructions side by side');
  run(command, async (_context, file: string, options: CompileOptions) => {
    const loaded = await loadModule(file);
    const functions = await compileAll(loaded, options);
    const codeBytes = functions.reduce((sum, entry) => sum + entry.codeBytes, 0);
    const { module, validated } = loaded;
    const details = functions.map(({ sites, ...entry }) => ({ ...entry, templates: sites.length }));
    return {
      exitStatus: 0,
      document: { target: options.target, codeBytes, functions: options.disassemble ? functions : details },
      text: options.disassemble
        ? functions.map((entry, position) => formatFunction(module, validated.functions[position]!, entry)).join('\n\n')
        : [
            formatTable(
              ['function', 'index', 'bytes', 'templates', 'CRC-32'],
              details.map(({ name, index, codeBytes: bytes, templates, crc }) => [name, `${index}`, formatCount(bytes), formatCount(templates), crc]),
            ),
            `${formatCount(functions.length)} functions, ${formatCount(codeBytes)} bytes of ${options.target} code`,
          ].join('\n'),
    };
  });
};

/** Compiles without running anything of the guest: its start function is left out. */
async function compileAll({ file, module, validated }: LoadedModule, { target, cpu, templates: folder }: CompileOptions): Promise<ListedFunction[]> {
  const templates = folder === undefined ? loadTemplates(target) : loadTemplatesFrom(folder, target);
  const vsoc = createVsoc({ isa: target, templates, ...(cpu === undefined ? {} : { cpu }) });
  try {
    const { code } = vsoc.instantiate({ ...validated, module: { ...module, start: undefined } });
    const listed: ListedFunction[] = [];
    for (const [position, source] of validated.functions.entries()) {
      listed.push(await listFunction(templates, module, source, code[position]!));
    }
    return listed;
  } catch (error) {
    throw error instanceof InvalidInputError || error instanceof UnsupportedError ? error.inFile(file) : error;
  } finally {
    vsoc.close();
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { formatCount, formatTable, InvalidInputError, makeOutputFolder, unknownName, writeOutputFile, type Isa } from '@fireball/contracts';
import {
  buildTemplateSet,
  checkTemplates,
  listTemplates,
  loadTemplates,
  loadTemplatesFrom,
  packTemplates,
  readTemplateSources,
  serializeTemplateSet,
  showTemplate,
  TemplateSet,
  type TemplateSetJson,
  validateTemplateSet,
} from '@fireball/jit';
import { checkContracts, type ContractCheck } from '@fireball/vsoc';
import type { ActionRunner, CommandRegistration } from './command.js';

const targets: readonly Isa[] = ['thumb2', 'rv32'];

interface SetOptions {
  readonly target?: Isa;
  readonly templates?: string;
}

export const registerTemplates: CommandRegistration = (program, run) => {
  const templates = program.command('templates').description('look at and check the templates that code is made of');
  registerList(templates, run);
  registerShow(templates, run);
  registerCheck(templates, run);
  registerPack(templates, run);
  registerBuild(templates, run);
};

function addSetOptions(command: Command): Command {
  return command
    .addOption(new Option('--target <isa>', 'only this target; default: both').choices(targets))
    .option('--templates <folder>', 'folder with thumb2.json and rv32.json; default: the built-in sets');
}

/** The chosen sets, each with its target. */
function chosenSets({ target, templates }: SetOptions): { readonly target: Isa; readonly set: TemplateSet }[] {
  return (target === undefined ? targets : [target]).map((isa) => ({
    target: isa,
    set: templates === undefined ? loadTemplates(isa) : loadTemplatesFrom(templates, isa),
  }));
}

function registerList(parent: Command, run: ActionRunner): void {
  const command = addSetOptions(parent.command('list').description('all templates with their sizes'));
  run(command, (_context, options: SetOptions) => {
    const sets = chosenSets(options).map(({ target, set }) => ({ target, templates: listTemplates(set) }));
    return {
      exitStatus: 0,
      document: { sets },
      text: sets
        .map(({ target, templates }) => {
          const rows = templates.map(({ name, size, patchPoints, version, cpu, doc }) => [name, `${size}`, `${patchPoints}`, `${version}`, cpu, doc]);
          const bytes = templates.reduce((sum, { size }) => sum + size, 0);
          return `${target}: ${templates.length} templates, ${bytes} code bytes\n${formatTable(['template', 'bytes', 'patches', 'version', 'cpu', 'what it does'], rows, 4)}`;
        })
        .join('\n\n'),
    };
  });
}

function registerShow(parent: Command, run: ActionRunner): void {
  const command = addSetOptions(parent.command('show').description('one template in full: operands, patch points, listing').argument('<name>', 'template'));
  run(command, (_context, name: string, options: SetOptions) => {
    const sets = chosenSets(options);
    const holders = sets.filter(({ set }) => listTemplates(set).some((row) => row.name === name));
    if (holders.length === 0) {
      throw unknownName(
        'template',
        name,
        sets.flatMap(({ set }) => listTemplates(set).map((row) => row.name)),
      );
    }
    return {
      exitStatus: 0,
      document: { templates: holders.map(({ target, set }) => ({ target, ...set.require(name).json })) },
      text: holders.map(({ set }) => showTemplate(set, name).trimEnd()).join('\n\n'),
    };
  });
}

function registerCheck(parent: Command, run: ActionRunner): void {
  const command = addSetOptions(
    parent
      .command('check')
      .description(
        'validate the sets, patch random instances of every template and read them back, run others on emulated CPUs and hold what they read and change against what they declare',
      ),
  );
  run(command, (_context, options: SetOptions) => {
    const checks = chosenSets(options).map(({ target, set }) => {
      const patched = checkTemplates(set);
      const { runs, problems, warnings } = checkContracts(set);
      return { target, ...patched, runs, problems: [...patched.problems, ...problems], warnings };
    });
    return {
      exitStatus: checks.every(({ problems }) => problems.length === 0) ? 0 : 1,
      document: { checks },
      text: checks
        .flatMap(({ target, templates, instances, runs, problems, warnings }) => [
          ...formatFindings(target, { problems, warnings }),
          `${target}: ${templates} templates, ${formatCount(instances)} instances, ${formatCount(runs)} runs: ${problems.length} problems`,
        ])
        .join('\n'),
    };
  });
}

function formatFindings(target: Isa, { problems, warnings }: Pick<ContractCheck, 'problems' | 'warnings'>): string[] {
  return [...problems.map((problem) => `${target}: ${problem}`), ...warnings.map((warning) => `${target}: warning: ${warning}`)];
}

function registerPack(parent: Command, run: ActionRunner): void {
  const command = parent
    .command('pack')
    .description('write a set in the compact binary form that a device carries, and say what its bytes are spent on')
    .addOption(new Option('--target <isa>', 'the set of this target').choices(targets).default('thumb2'))
    .option('--templates <folder>', 'folder with thumb2.json and rv32.json; default: the built-in sets')
    .option('-o, --output <file>', 'where to write; default: nowhere, the sizes are only shown');
  run(command, (_context, options: SetOptions & { readonly target: Isa; readonly output?: string }) => {
    const { target, output } = options;
    const [chosen] = chosenSets(options);
    const { bytes, sizes } = packTemplates(chosen!.set);
    if (output !== undefined) writeOutputFile(output, bytes);
    const { code, header, maps } = sizes;
    return {
      exitStatus: 0,
      document: { target, file: output ?? null, bytes: bytes.length, sizes },
      text: `${target}: ${formatCount(bytes.length)} bytes: ${formatCount(code)} of code, ${formatCount(header + maps)} of header and field maps, ${formatCount(bytes.length - code - header - maps)} of template headers and patch points`,
    };
  });
}

function registerBuild(parent: Command, run: ActionRunner): void {
  const command = parent
    .command('build')
    .description(
      'assemble template sources (jit/TEMPLATES.md) into a folder for --templates, run every template on an emulated CPU and hold what it reads and changes against what it declares',
    )
    .argument('<sources>', 'folder with thumb2/*.S, rv32/*.S or both')
    .requiredOption('-o, --output <folder>', 'where to write thumb2.json and rv32.json')
    .option('--no-check', 'only assemble');
  run(command, async (_context, sources: string, { output, check }: { readonly output: string; readonly check: boolean }) => {
    const present = targets.filter((target) => existsSync(join(sources, target)));
    if (present.length === 0) throw new InvalidInputError('no folder thumb2 or rv32 with template sources', { file: sources });
    const built: ({ target: Isa; file: string; templates: number; bytes: number } & Partial<ContractCheck>)[] = [];
    for (const target of present) {
      const set = await buildIn(join(sources, target), target);
      const file = join(output, `${target}.json`);
      makeOutputFolder(output);
      writeOutputFile(file, serializeTemplateSet(set));
      built.push({
        target,
        file,
        templates: set.templates.length,
        bytes: set.templates.reduce((sum, { size }) => sum + size, 0),
        ...(check ? checkContracts(new TemplateSet(validateTemplateSet(set), file)) : {}),
      });
    }
    return {
      exitStatus: built.every(({ problems = [] }) => problems.length === 0) ? 0 : 1,
      document: { built },
      text: built
        .flatMap(({ target, file, templates, bytes, runs, problems = [], warnings = [] }) => {
          const checked = runs === undefined ? 'not run' : `${formatCount(runs)} runs: ${problems.length} problems`;
          return [...formatFindings(target, { problems, warnings }), `${file}: ${templates} templates, ${formatCount(bytes)} code bytes, ${checked}`];
        })
        .join('\n'),
    };
  });
}

/** Builds the set of a folder; what is wrong with a source is said with the folder that it lies in. */
async function buildIn(folder: string, target: Isa): Promise<TemplateSetJson> {
  const sources = readTemplateSources(folder);
  try {
    return await buildTemplateSet(target, sources);
  } catch (error) {
    throw error instanceof InvalidInputError && error.facts.file !== undefined ? error.inFile(join(folder, error.facts.file)) : error;
  }
}

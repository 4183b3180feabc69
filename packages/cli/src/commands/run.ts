import { formatCount, printable, UsageError } from '@fireball/contracts';
import {
  callWith,
  checkNamedImports,
  chooseFunction,
  engineNamed,
  engineNames,
  formatTier,
  importPolicy,
  isProgram,
  loadModule,
  parseCall,
  type Engine,
  type Outcome,
} from '@fireball/engines';
import { Profile } from '@fireball/vsoc';
import { formatValue, valueDocument, type WasmModule } from '@fireball/wasm';
import { Option } from 'commander';
import type { Report } from '../report.js';
import { formatProfile, profileTables } from '../reports/profile.js';
import { runOnConsole, type ProgramOptions } from '../wasi/run-program.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addWorldOptions } from './world-options.js';
import { addEngineOptions, importsOption } from './engine-options.js';
import { refuseImports } from './refuse-imports.js';

interface RunOptions extends Omit<ProgramOptions, 'imports' | 'profile'> {
  readonly invoke?: string;
  readonly imports?: string;
  readonly engine: string;
  readonly profile?: true;
}

export const registerRun: CommandRegistration = (program, run) => {
  const command = program
    .command('run')
    .description('run a WASI program (a module with _start), or call one exported function and show its results')
    .argument('<file>', 'module, .wasm or .wat; - reads it from standard input')
    .argument(
      '[args...]',
      'of a program: its arguments, after --; of a function: integers (decimal or 0x), floats also inf, nan, bits:0x7fc00000; negative ones after --',
    )
    .option(
      '--invoke <name[=args]>',
      'function to call, with arguments here, e.g. add=1,0x2, or behind the module; default: run, or the only one exported, where the module is no program',
    )
    .option('--engine <name>', `one of ${engineNames.join(', ')}`, engineNames[0])
    .addOption(new Option('--seed <number>', "seed of a program's random numbers").argParser(wholeNumber(0)).default(0));
  command.option('--profile', 'count the machine instructions of thumb2 and rv32 by function, wasm instruction, template and place');
  addWorldOptions(command, 'a program').addOption(importsOption());
  addEngineOptions(command);
  run(command, async (context, file: string, args: string[], options: RunOptions) => {
    const engine = engineNamed(options.engine);
    const loaded = await loadModule(file);
    const { imports: choice, profile: isProfiled, ...others } = options;
    const profile = isProfiled === true ? profileOf(engine) : undefined;
    const engineOptions = { ...others, ...(profile === undefined ? {} : { profile }) };
    const startsProgram = options.invoke === undefined && isProgram(loaded.module);
    if (startsProgram && choice === undefined) return withProfile(await runOnConsole(engine, loaded, args, engineOptions, context), profile, loaded.module);
    // With stand-ins a program is a call like any other.
    const name = startsProgram ? '_start' : options.invoke;
    const { entry, args: values } = args.length === 0 ? parseCall(loaded, name) : callWith(chooseFunction(loaded, name), args);
    const world = { environ: options.env, folders: options.dir };
    const imports = choice === undefined ? undefined : { ...importPolicy(choice, options.seed), world };
    if (imports === undefined) refuseImports(loaded);
    else checkNamedImports(loaded, imports);
    const instance = await engine.instantiate(loaded, { ...engineOptions, ...(imports === undefined ? {} : { imports }) });
    try {
      return withProfile(report(engine.name, entry.name, instance.invoke(entry.name, values)), profile, loaded.module);
    } finally {
      instance.close();
    }
  });
};

function profileOf({ name, native }: Engine): Profile {
  if (!native) throw new UsageError(`--profile counts compiled code, and ${name} runs none alone: take --engine thumb2 or rv32`);
  return new Profile();
}

/** Standard output is the program's, where one ran; of a call it is ours. */
function withProfile(report: Report, profile: Profile | undefined, module: WasmModule): Report {
  if (profile === undefined) return report;
  const tables = profileTables(profile.read(), module);
  const text = formatProfile(tables);
  return { ...report, ...(report.text === '' ? { remarks: text } : { text: `${report.text}\n\n${text}` }), document: { ...report.document, profile: tables } };
}

function report(engine: string, name: string, { results, trap, statistics, hostCalls }: Outcome): Report {
  const memory =
    statistics.interpreterInstructions > 0
      ? `${formatCount(statistics.wasmCodeBytes)} bytes of wasm code, ${formatCount(statistics.tableBytes)} of tables`
      : `${formatCount(statistics.codeBytes)} bytes of code`;
  const cost =
    statistics.instructions > 0
      ? `${formatCount(statistics.instructions)} instructions, ${memory}`
      : statistics.wasmInstructions > 0
        ? `${formatCount(statistics.wasmInstructions)} wasm instructions`
        : undefined;
  const where = trap === null ? '' : location(trap);
  const lines = [
    ...(trap !== null ? [`trap: ${trap.kinds.join(' or ')}${where}`] : results.length === 0 ? ['no result'] : results.map(formatValue)),
    ...(cost === undefined ? [] : [`${engine}: ${name}: ${cost}`]),
    ...(hostCalls === undefined ? [] : [`${formatCount(hostCalls.length)} calls of imports, answered by stand-ins`]),
    ...(statistics.tier === undefined ? [] : [formatTier(engine, statistics.tier)]),
  ];
  return {
    exitStatus: trap === null ? 0 : 1,
    document: {
      results: results.map(valueDocument),
      trap: trap === null ? null : { kind: trap.kinds[0], wasmOffset: trap.wasmOffset, function: trap.function },
      stats: statistics,
      ...(hostCalls === undefined ? {} : { hostCalls: hostCalls.length }),
    },
    text: lines.map(printable).join('\n'),
  };
}

function location(trap: NonNullable<Outcome['trap']>): string {
  const parts = [
    ...(trap.function === null ? [] : [`in ${trap.function}`]),
    ...(trap.wasmOffset === null ? [] : [`at offset 0x${trap.wasmOffset.toString(16)}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}

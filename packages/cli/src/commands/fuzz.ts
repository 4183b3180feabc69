import { availableParallelism } from 'node:os';
import { formatCount, printable, UsageError } from '@fireball/contracts';
import { featureArguments, findWasmOpt, generatorNames, parseFeatures, runCampaign, type CampaignResult, type GeneratorName } from '@fireball/differential';
import { engineNames, enginesNamed, formatTier, referenceEngine, type MixedSettings } from '@fireball/engines';
import type { CompilerName, MisalignedAccess } from '@fireball/jit';
import { InvalidArgumentError, Option } from 'commander';
import type { Report } from '../report.js';
import { wholeNumber, type CommandRegistration } from './command.js';
import { addMixedOptions, cpuOption, compilerOption, fuelOption, misalignedOption, optionGroups, sandboxOption } from './engine-options.js';
import { maxInconclusiveOption, tooInconclusive } from './inconclusive.js';

interface Options extends MixedSettings {
  readonly seed: number;
  readonly runs?: number;
  readonly minutes?: number;
  readonly engines: string;
  readonly generator: GeneratorName;
  readonly features: string;
  readonly corpus: string;
  readonly jobs: number;
  readonly timeout: number;
  readonly fuel: number;
  readonly maxPages: number;
  readonly cpu?: string;
  readonly templates?: string;
  readonly sandbox: boolean;
  readonly misaligned: MisalignedAccess;
  readonly compiler: CompilerName;
  readonly maxInconclusive: number;
}

const runsByDefault = 1000;
const memoryPages = 64;

export const registerFuzz: CommandRegistration = (program, run) => {
  const command = program
    .command('fuzz')
    .description('run random modules on several engines, compare, reduce and keep what differs')
    .addOption(new Option('--seed <number>', 'of the first case; each further one counts up').argParser(wholeNumber(0)).default(1))
    .addOption(new Option('--runs <number>', `cases to run; default: ${runsByDefault}, or no limit with --minutes`).argParser(wholeNumber(1)))
    .addOption(new Option('--minutes <number>', 'how long to go on').argParser(minutes))
    .option('--engines <names>', `of ${engineNames.join(', ')}; ${referenceEngine.name} always runs first`, 'interp,v8')
    .addOption(new Option('--generator <name>', 'own, or wasm-opt of Binaryen').choices(generatorNames).default('own'))
    .option('--features <names>', `comma-separated, of ${featureArguments.join(', ')}`, 'full')
    .option('--corpus <folder>', 'where found cases are kept', '.fireball/fuzz')
    .addOption(new Option('--jobs <number>', 'processes; default: one for each core').argParser(wholeNumber(1)).default(availableParallelism()))
    .addOption(new Option('--timeout <seconds>', 'longest time of one case').argParser(wholeNumber(1)).default(20))
    .addOption(cpuOption())
    .addOption(sandboxOption())
    .addOption(misalignedOption())
    .addOption(compilerOption())
    .option('--templates <folder>', 'folder with thumb2.json and rv32.json for the native engines; default: the built-in sets')
    .addOption(fuelOption(1_000_000))
    .addOption(maxInconclusiveOption('percent of the cases'))
    .addOption(new Option('--max-pages <pages>', 'to which any memory may grow').argParser(wholeNumber(1)).default(memoryPages).helpGroup(optionGroups.limits));
  addMixedOptions(command);
  run(command, async (context, options: Options) => {
    parseFeatures(options.features);
    if (options.generator === 'binaryen') findWasmOpt();
    const engines = [referenceEngine, ...enginesNamed(options.engines).filter((engine) => engine !== referenceEngine)];
    if (engines.length === 1) throw new UsageError(`--engines needs one besides ${referenceEngine.name}`);
    const stop = new AbortController();
    const interrupt = (): void => stop.abort();
    process.once('SIGINT', interrupt);
    try {
      const {
        fuel,
        maxPages,
        cpu,
        templates,
        sandbox,
        misaligned,
        compiler,
        hot,
        budget,
        workers,
        worker,
        workerMemory,
        workerCore,
        workerShare,
        compileCost,
        audit,
        inject,
      } = options;
      const result = await runCampaign(
        {
          ...options,
          engines,
          runs: options.runs ?? (options.minutes === undefined ? runsByDefault : Infinity),
          time: (options.minutes ?? Infinity) * 60_000,
          timeout: options.timeout * 1000,
          engineOptions: {
            fuel,
            maxPages,
            sandbox,
            misaligned,
            compiler,
            ...(hot === undefined ? {} : { hot }),
            ...(budget === undefined ? {} : { budget }),
            ...(workers === undefined ? {} : { workers }),
            ...(worker === undefined ? {} : { worker }),
            ...(workerMemory === undefined ? {} : { workerMemory }),
            ...(workerCore === undefined ? {} : { workerCore }),
            ...(workerShare === undefined ? {} : { workerShare }),
            ...(compileCost === undefined ? {} : { compileCost }),
            ...(audit === undefined ? {} : { audit }),
            ...(inject === undefined ? {} : { inject }),
            ...(cpu === undefined ? {} : { cpu }),
            ...(templates === undefined ? {} : { templates }),
          },
        },
        (text) => context.progress(text),
        stop.signal,
      );
      return reportOf(result, options.maxInconclusive);
    } finally {
      process.removeListener('SIGINT', interrupt);
    }
  });
};

function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number of minutes above 0.');
  return value;
}

function reportOf(result: CampaignResult, maxInconclusive: number): Report {
  const { failures, mismatches, fallbacks } = result;
  const inconclusive = tooInconclusive(result.inconclusive, result.modules, 'cases', maxInconclusive);
  const lines = failures.flatMap(({ name, engine, kind, function: called, args, expected, actual, file, originalBytes, bytes, unsaved, replay }) =>
    [
      `${name}: ${kind}${engine === '' ? '' : ` on ${engine}`}${called === null ? '' : `, ${called}(${args.map(({ value }) => value).join(', ')})`}`,
      `  expected ${expected}`,
      `  actual   ${actual}`,
      unsaved === null ? `  ${file}, ${bytes} of ${originalBytes} bytes` : `  not saved: ${unsaved}`,
      ...(replay === null ? [] : [`  ${replay}`]),
    ].map(printable),
  );
  const missing = Object.entries(result.unsupportedFeatures).flatMap(([engine, features]) =>
    Object.entries(features).map(([feature, count]) => `${engine} does not support ${feature}: ${formatCount(count)} cases`),
  );
  const tiers = Object.entries(result.tier).map(([engine, totals]) => formatTier(engine, totals));
  return {
    exitStatus: mismatches + fallbacks === 0 && inconclusive === undefined ? 0 : 1,
    document: { ...result, maxInconclusive },
    text: [...lines, ...missing, ...tiers, ...(inconclusive === undefined ? [] : [inconclusive]), summaryOf(result)].join('\n'),
  };
}

function summaryOf(result: CampaignResult): string {
  const { cases, calls, traps, engines, mismatches, inconclusive, fallbacks, unsupported, casesPerSecond, interrupted } = result;
  return (
    `${interrupted ? 'interrupted after ' : ''}${formatCount(cases)} cases, ${formatCount(calls)} calls (${formatCount(traps)} traps) on ${engines.join(', ')}: ` +
    `${mismatches} mismatches, ${inconclusive} inconclusive, ${fallbacks} fallbacks, ${unsupported} unsupported, ${casesPerSecond} cases/s`
  );
}

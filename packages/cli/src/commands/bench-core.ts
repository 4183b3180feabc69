import { join } from 'node:path';
import type { Command } from 'commander';
import {
  findPackagedModules,
  formatCoreSection,
  formatCoreSizesSection,
  instructionsToCode,
  measureCore,
  measureCoreSizes,
  measureQuality,
  measureWhole,
  profileCore,
  refreshPage,
  type CoreMeasurements,
  type CoreRow,
  type DeviceInput,
  type KernelSet,
  type NamedModule,
} from '@fireball/bench';
import { formatCount, formatTable } from '@fireball/contracts';
import { loadModule } from '@fireball/engines';
import { loadTemplates, type CompilerName } from '@fireball/jit';
import { bundledKernels, loadKernels, wideKernels } from '@fireball/kernels';
import { repositoryRoot } from '../paths.js';
import type { Report } from '../report.js';
import { benchReport } from '../reports/bench-page.js';
import { formatProfile, profileTables } from '../reports/profile.js';
import { htmlOption } from '../reports/write.js';
import type { ActionRunner, CommandContext } from './command.js';

interface CoreOptions {
  readonly check?: true;
  readonly page: string;
  readonly sizesPage: string;
  readonly html?: string;
  readonly profile?: true;
}

const targets = ['thumb2', 'rv32'] as const;
const compilers = ['optimizing', 'baseline'] as const satisfies readonly CompilerName[];
/** Each compiler, for each target. */
const kinds = targets.flatMap((isa) => compilers.map((compiler) => ({ isa, compiler })));

/** Of a large module, every how manieth function is compiled: of sql.js, these take as much for each byte as all. */
const largeStep = 40;

/** Adds `bench core`. */
export function registerBenchCore(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('core')
    .description('instructions, flash and RAM that the compiler takes where it runs on the device itself; writes docs/performance.md')
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--sizes-page <file>', 'page that gets the bytes that it takes of firmware', join(repositoryRoot, 'docs', 'compile-core.md'))
    .option('--check', 'write nothing; exit with status 1 where the page is not what it would be')
    .option('--profile', "only show where the compiler's instructions go, by function, wasm instruction, template and place; writes nothing")
    .addOption(htmlOption('the section'));
  run(command, async (context, { page, sizesPage, check, html, profile }: CoreOptions) => {
    const { inputs, large, sets } = await loadInputs();
    if (profile === true) return profileReport(inputs, context);
    const sizes = kinds.map(({ isa, compiler }) => measureCoreSizes(loadTemplates(isa), compiler));
    const measured = sizes.map((each) => measureCore(loadTemplates(each.target), each, inputs, (text) => context.progress(text)));
    const whole = kinds.map(({ isa, compiler }) => {
      context.progress(`all of ${large.name} on ${isa}, ${compiler}`);
      return measureWhole(loadTemplates(isa), large.module, compiler);
    });
    context.progress('kernels');
    const quality = await measureQuality(sets, compilers);
    context.progress('');
    const section = formatCoreSection(measured, large.name, whole, quality);
    const outdated = [
      ...(refreshPage(page, { core: section }, !check) ? [page] : []),
      ...(refreshPage(sizesPage, { 'core sizes': formatCoreSizesSection(sizes) }, !check) ? [sizesPage] : []),
    ];
    await benchReport(html, [section]);
    return {
      exitStatus: check && outdated.length > 0 ? 1 : 0,
      document: {
        suite: 'core',
        rows: measured.flatMap(({ rows }) => rows.flatMap(documentRows)),
        device: measured.map(({ facts: { sizes, ...facts } }) => ({ ...sizes, ...facts })),
        whole,
        quality,
        outdated,
        environment: { node: process.version, arch: process.arch },
      },
      text: [formatRows(measured), ...(check ? outdated.map((file) => `${file} is out of date: run ./fireball bench core`) : [])].join('\n'),
    };
  });
}

/** Of each target and input. */
function profileReport(inputs: readonly DeviceInput[], context: CommandContext): Report {
  const profiles = kinds.flatMap(({ isa: target, compiler: kind }) =>
    inputs.map((input) => {
      context.progress(`${input.name} on ${target}, ${kind}`);
      const { counts, compiler, wasmBytes } = profileCore(loadTemplates(target), input, kind);
      return { name: input.name, target, kind, wasmBytes, ...profileTables(counts, compiler) };
    }),
  );
  context.progress('');
  return {
    exitStatus: 0,
    document: { suite: 'core', profiles },
    text: profiles
      .map(
        (each) =>
          `${each.name} on ${each.target}, ${each.kind}: ${formatCount(each.instructions)} instructions for ${formatCount(each.wasmBytes)} bytes\n\n${formatProfile(each)}`,
      )
      .join('\n\n'),
  };
}

/** What is measured by phases, and the large module that is compiled as a whole. */
async function loadInputs(): Promise<{
  readonly inputs: readonly DeviceInput[];
  readonly large: Pick<DeviceInput, 'name' | 'module'>;
  readonly sets: KernelSet[];
}> {
  const sets: KernelSet[] = [
    { name: 'eight kernels', kernels: await loadKernels(bundledKernels) },
    { name: 'the wide set', kernels: await loadKernels(wideKernels) },
  ];
  const coremark = sets.flatMap(({ kernels }) => kernels).filter(({ name }) => name === 'coremark');
  const small = coremark.map(({ name, loaded }): DeviceInput => ({ name, module: loaded.validated, step: 1 }));
  const [{ name, file }] = findPackagedModules() as [NamedModule];
  const { validated: module } = await loadModule(file);
  return { inputs: [...small, { name: `${name}, every ${largeStep}th function`, module, step: largeStep }], large: { name, module }, sets };
}

/** One metric a row, as every suite of `bench` has them. */
function documentRows({ name, target, compiler, phases, ...values }: CoreRow): object[] {
  return [
    ...Object.entries(phases).map(([metric, value]) => ({ name, target, compiler, metric, value, unit: 'instructions' })),
    ...Object.entries(values).map(([metric, value]) => ({ name, target, compiler, metric, value, unit: metric === 'functions' ? 'functions' : 'bytes' })),
  ];
}

function formatRows(measured: readonly CoreMeasurements[]): string {
  const header = [
    'module',
    'target',
    'compiler',
    'wasm bytes',
    'code bytes',
    'plan',
    'allocation',
    'selection',
    'placing',
    'verification',
    'to code / wasm byte',
  ];
  const lines = measured.flatMap(({ rows }) =>
    rows.map((row) => {
      const { name, target, compiler, wasmBytes, codeBytes, phases } = row;
      const instructions = [phases.plan, phases.allocation, phases.selection, phases.placing, phases.verification];
      return [name, target, compiler, ...[wasmBytes, codeBytes, ...instructions].map(formatCount), (instructionsToCode(row) / wasmBytes).toFixed(1)];
    }),
  );
  return formatTable(header, lines);
}

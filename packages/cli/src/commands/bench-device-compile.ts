import { join } from 'node:path';
import type { Command } from 'commander';
import {
  findPackagedModules,
  formatDeviceSection,
  measureDevice,
  refreshPage,
  type DeviceInput,
  type DeviceMeasurements,
  type DeviceRow,
} from '@fireball/bench';
import { formatCount, formatTable } from '@fireball/contracts';
import { loadModule } from '@fireball/engines';
import { loadTemplates } from '@fireball/jit';
import { bundledKernels, loadKernels } from '@fireball/kernels';
import { repositoryRoot } from '../paths.js';
import { benchReport } from '../reports/bench-page.js';
import { htmlOption } from '../reports/write.js';
import type { ActionRunner } from './command.js';

interface DeviceCompileOptions {
  readonly check?: true;
  readonly page: string;
  readonly html?: string;
}

/** Of a large module, every how manieth function is compiled. */
const largeStep = 20;

/** Adds `bench device-compile`. */
export function registerBenchDeviceCompile(bench: Command, run: ActionRunner): void {
  const command = bench
    .command('device-compile')
    .description('instructions that a device executes to expand, patch and check code; writes docs/performance.md')
    .option('--page <file>', 'page to write', join(repositoryRoot, 'docs', 'performance.md'))
    .option('--check', 'write nothing; exit with status 1 where the page is not what it would be')
    .addOption(htmlOption('the section'));
  run(command, async (context, { page, check, html }: DeviceCompileOptions) => {
    const inputs = await loadInputs();
    const measured = (['thumb2', 'rv32'] as const).map((isa) => measureDevice(loadTemplates(isa), inputs, (text) => context.progress(text)));
    context.progress('');
    const section = formatDeviceSection(measured);
    const outdated = refreshPage(page, { 'device-compile': section }, !check);
    await benchReport(html, [section]);
    const rows = measured.flatMap((target) => target.rows);
    return {
      exitStatus: check && outdated ? 1 : 0,
      document: {
        suite: 'device-compile',
        rows: rows.flatMap(documentRows),
        device: measured.map(({ facts }) => facts),
        outdated,
        environment: { node: process.version, arch: process.arch },
      },
      text: [formatRows(measured), ...(check && outdated ? [`${page} is out of date: run ./fireball bench device-compile`] : [])].join('\n'),
    };
  });
}

async function loadInputs(): Promise<DeviceInput[]> {
  const kernels = (await loadKernels(bundledKernels)).map(({ name, loaded }): DeviceInput => ({ name, module: loaded.validated, step: 1 }));
  const [large] = findPackagedModules();
  if (large === undefined) return kernels;
  const { validated } = await loadModule(large.file);
  return [...kernels, { name: `${large.name}, every ${largeStep}th function`, module: validated, step: largeStep }];
}

/** One metric a row, as every suite of `bench` has them. */
function documentRows({ name, target, ...values }: DeviceRow): object[] {
  return Object.entries(values).map(([metric, value]) => ({
    name,
    target,
    metric,
    value,
    unit: metric.endsWith('Bytes') ? 'bytes' : metric === 'functions' ? 'functions' : metric === 'placedTemplates' ? 'templates' : 'instructions',
  }));
}

function formatRows(measured: readonly DeviceMeasurements[]): string {
  const header = ['module', 'target', 'wasm bytes', 'code bytes', 'layout', 'patch', 'CRC', 'instructions / wasm byte', '/ code byte'];
  const lines = measured.flatMap(({ rows }) =>
    rows.map(({ name, target, wasmBytes, codeBytes, layout, patch, crc }) => {
      const all = layout + patch + crc;
      return [name, target, ...[wasmBytes, codeBytes, layout, patch, crc].map(formatCount), (all / wasmBytes).toFixed(1), (all / codeBytes).toFixed(1)];
    }),
  );
  return formatTable(header, lines);
}

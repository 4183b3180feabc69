/** The extension for VS Code: what it declares is what the adapter takes, and it starts the adapter. VS Code itself is not run here. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { fireball, root } from './testing/fireball.js';

interface Manifest {
  readonly main: string;
  readonly contributes: {
    readonly grammars: readonly { readonly path: string }[];
    readonly languages: readonly { readonly configuration: string }[];
    readonly debuggers: readonly {
      readonly type: string;
      readonly configurationAttributes: {
        readonly launch: { readonly properties: Readonly<Record<string, { readonly default?: unknown; readonly enum?: readonly string[] }>> };
      };
    }[];
  };
}

let folder = '';
let files: Readonly<Record<string, Uint8Array>>;
let manifest: Manifest;
const textOf = (name: string): string => Buffer.from(files[`extension/${name.replace('./', '')}`]!).toString();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-vsix-'));
  const vsix = join(folder, 'fireball.vsix');
  const packed = spawnSync(process.execPath, [join(root, 'editors/vscode/pack.mjs'), vsix], { encoding: 'utf8' });
  expect(packed).toMatchObject({ status: 0, stderr: '' });
  files = unzipSync(readFileSync(vsix));
  manifest = JSON.parse(textOf('package.json')) as Manifest;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('the package has what its manifest names, and the archive what VS Code looks for', () => {
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['extension.vsixmanifest', '[Content_Types].xml']));
  const { main, contributes } = manifest;
  for (const name of [main, ...contributes.grammars.map(({ path }) => path), ...contributes.languages.map(({ configuration }) => configuration)])
    expect(textOf(name)).not.toBe('');
});

it('every field of a launch configuration is an option of the command line, with its values', () => {
  const help = fireball(['debug', '--help']).stdout.replaceAll(/\s+/g, ' ');
  const [{ configurationAttributes }] = manifest.contributes.debuggers as [Manifest['contributes']['debuggers'][number]];
  for (const [field, { enum: values = [] }] of Object.entries(configurationAttributes.launch.properties)) {
    if (['program', 'args', 'stopOnEntry', 'stopOnExit'].includes(field)) continue;
    expect(help).toContain(`--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    for (const value of values) expect(help).toContain(`"${value}"`);
  }
});

describe('grammars', () => {
  const patternsIn = (value: unknown): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, part]) => (['match', 'begin', 'end'].includes(key) ? [String(part)] : patternsIn(part)));
  const samples = {
    wat: ['(module (func $f (param i32) ;; x', 'i32.add', '"a\\0a"', '0x1.8p3'],
    template: ['//@ template alu_rrr', '${rd}', 'adds.w r0, r1, #4', '// why'],
  };

  it.each(['wat', 'template'] as const)('patterns of %s are regular expressions, and each sample has one', (name) => {
    const patterns = patternsIn(JSON.parse(textOf(`syntaxes/${name}.tmLanguage.json`))).map((pattern) => new RegExp(pattern, 'm'));
    expect(patterns.length).toBeGreaterThan(5);
    for (const sample of samples[name]) expect(patterns.some((pattern) => pattern.test(sample))).toBe(true);
  });
});

it('it starts the debug adapter by the configured command', () => {
  const started: unknown[] = [];
  const DebugAdapterExecutable = function (command: string, args: readonly string[]): void {
    started.push([command, args]);
  };
  const vscode = {
    DebugAdapterExecutable,
    workspace: { getConfiguration: () => ({ get: () => '/checkout/fireball' }) },
    debug: {
      registerDebugAdapterDescriptorFactory: (_type: string, factory: { createDebugAdapterDescriptor(): unknown }) => factory.createDebugAdapterDescriptor(),
    },
  };
  const exported: { activate?: (context: { subscriptions: unknown[] }) => void } = {};
  const load = createRequire(import.meta.url);
  runInNewContext(textOf(manifest.main), { exports: exported, require: (name: string): unknown => (name === 'vscode' ? vscode : load(name)) });
  exported.activate?.({ subscriptions: [] });
  expect(started).toEqual([['/checkout/fireball', ['debug', '--dap']]]);
});

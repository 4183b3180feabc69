/** The extension for VS Code: what it declares is what the adapter takes, and it starts the adapter. vscode.test.ts runs it in VS Code itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

/** A module of the package, with a `vscode` of our own. */
function loadPart(name: string, vscode: unknown): Record<string, unknown> {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const load = (wanted: string): unknown => (wanted === 'vscode' ? vscode : loadPart(wanted, vscode));
  runInNewContext(textOf(name), { module, exports: module.exports, require: load });
  return module.exports;
}

it('it starts the debug adapter by the configured command, and asks it for templates behind each stop', async () => {
  const started: unknown[] = [];
  const asked: unknown[] = [];
  const none = (): void => undefined;
  const tell: ((message: object) => void)[] = [];
  const vscode = {
    DebugAdapterExecutable: function (command: string, args: readonly string[]): void {
      started.push([command, args]);
    },
    EventEmitter: function (this: object): void {
      Object.assign(this, { event: none, fire: none });
    },
    workspace: { getConfiguration: () => ({ get: () => '/checkout/fireball' }) },
    window: { createTreeView: () => ({ visible: true, onDidChangeVisibility: none, reveal: none }) },
    debug: {
      activeDebugSession: {
        type: 'fireball',
        customRequest: (...request: unknown[]) => {
          asked.push(request);
          return Promise.reject(new Error('it runs'));
        },
      },
      onDidChangeActiveStackItem: none,
      onDidTerminateDebugSession: none,
      registerDebugAdapterDescriptorFactory: (_type: string, factory: { createDebugAdapterDescriptor(): unknown }) => factory.createDebugAdapterDescriptor(),
      registerDebugAdapterTrackerFactory: (_type: string, factory: { createDebugAdapterTracker(): { onDidSendMessage(message: object): void } }) => {
        tell.push((message) => {
          factory.createDebugAdapterTracker().onDidSendMessage(message);
        });
      },
    },
  };
  const { activate } = loadPart(manifest.main, vscode) as { readonly activate: (context: { subscriptions: unknown[] }) => void };
  activate({ subscriptions: [] });
  expect(started).toEqual([['/checkout/fireball', ['debug', '--dap']]]);
  for (const event of ['output', 'stopped', 'thread']) tell[0]!({ type: 'event', event });
  await Promise.resolve();
  expect(asked).toEqual([['fireball/templates', { frameId: 0 }]]);
});

it('templates are a tree: an instruction, what was placed for it, its machine code', () => {
  const { treeOf } = loadPart('./templates-view.js', {}) as { readonly treeOf: (columns: object) => unknown };
  const template = { name: 'add_rrr', holes: [{ name: 'rd', value: 3, fields: [] }], trap: null };
  const rows = [
    { wasmOffset: 0x23, wasm: { text: 'local.get 0', depth: 0, outOfLine: false } },
    { wasmOffset: 0x25, wasm: { text: 'i32.add', depth: 0, outOfLine: false }, template, machine: { address: 0x10100, text: 'adds r3, r0, r1' } },
    { wasmOffset: 0x25, machine: { address: 0x10102, text: 'nop' } },
  ];
  const machine = (label: string, description: string, isHere: boolean): object => ({ label, description, isHere, children: [] });
  expect(JSON.parse(JSON.stringify(treeOf({ first: 4, rows, here: { wasm: 4, machine: 6, exact: true }, pc: '0x10102' })))).toEqual([
    { label: 'local.get 0', description: '000023', isHere: true, children: [] },
    {
      label: 'i32.add',
      description: '000025',
      isHere: false,
      children: [
        {
          label: 'add_rrr',
          description: 'rd=3',
          isHere: false,
          children: [machine('adds r3, r0, r1', '00010100', false), machine('nop', '00010102', true)],
        },
      ],
    },
  ]);
  const disassembly = [{ address: 0x118, text: 'mul r0, r0, r0', place: 'square' }];
  expect(JSON.parse(JSON.stringify(treeOf({ first: 0, rows: [], here: { exact: false }, pc: '0x118', disassembly })))).toEqual([
    machine('mul r0, r0, r0', '00000118 square', true),
  ]);
});

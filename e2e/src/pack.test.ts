import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from './testing/fireball.js';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly files?: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
const published = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'jit', 'emulator', 'vsoc'].filter(
  (folder) => manifestOf(folder).private !== true,
);
const examples = readdirSync(join(root, 'examples')).filter((name) => /\.c?ts$/.test(name));

/** A folder outside of the workspace, with every published package installed from its tarball, as a user has them. */
let consumer: string;

function run(command: string, args: readonly string[], folder = consumer): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 300_000, env: { ...process.env, NODE_OPTIONS: '' } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${String(status)}\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'fireball-consumer-'));
  const pnpm = ['-r', ...published.map((folder) => `--filter=${manifestOf(folder).name}`), 'pack', '--pack-destination', consumer];
  run('pnpm', pnpm, root);
  const tarballs = readdirSync(consumer).filter((name) => name.endsWith('.tgz'));
  expect(tarballs).toHaveLength(published.length);
  const versions = manifestOf('.').devDependencies;
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    ...tarballs.map((name) => `./${name}`),
    `typescript@${versions['typescript']!}`,
    `@types/node@${versions['@types/node']!}`,
  ]);
  for (const name of examples) cpSync(join(root, 'examples', name), join(consumer, name));
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    outDir: 'out',
    types: ['node'],
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.cts'] }));
  run('npx', ['tsc']);
}, 300_000);

afterAll(() => {
  rmSync(consumer, { recursive: true, force: true });
});

describe.each(published)('%s', (folder) => {
  it('says what it is, and has a README of its own', () => {
    expect(manifestOf(folder).description).toMatch(/^.{20,}/);
    expect(readFileSync(join(root, folder, 'README.md'), 'utf8')).toMatch(/^# @fireball\//);
  });

  it('is imported by its name', () => {
    const { name } = manifestOf(folder);
    // The command line has no interface but the command.
    if (name === '@fireball/cli') expect(run('npx', ['fireball', '--version'])).toBe('0.1.0\n');
    else expect(run('node', ['--input-type=module', '-e', `console.log(Object.keys(await import('${name}')).length > 0)`])).toBe('true\n');
  });
});

const output: Readonly<Record<string, RegExp>> = {
  'compile-function.ts': /^clamp \(function 0\): \d+ bytes[^]*i32\.gt_u[^]*bx lr/,
  'diff-engines.ts': /^\d+ calls, 0 mismatches, 0 fallbacks$/m,
  'emulated-m4.ts': /value: 832040[^]* \d+ instructions, \d+ bytes of code/,
  'own-template.ts': /^ 0 add\.w r0, r1, r2, lsl #3\n 4 subw r0, r0, #0x64\n$/,
  'unicorn-alone.cts': /^budget 1000 500\n$/,
};

const assembler = spawnSync('arm-none-eabi-as', ['--version']).status === 0;

it.each(examples)('the example %s compiles and runs outside of the workspace', (name) => {
  // It says in its first line what it needs.
  if (name === 'own-template.ts' && !assembler) return;
  expect(run('node', [join('out', name.replace(/ts$/, 'js'))])).toMatch(output[name]!);
});

it('the installed command runs a module, and says what needs the repository', () => {
  writeFileSync(join(consumer, 'id.wat'), '(module (func (export "run") (result i32) (i32.const 42)))');
  expect(run('npx', ['fireball', 'run', 'id.wat', '--engine', 'thumb2'])).toMatch(/\b42\b/);
  const bench = spawnSync('npx', ['fireball', 'bench', 'kernels'], { cwd: consumer, encoding: 'utf8' });
  expect(bench).toMatchObject({ status: 69, stdout: '' });
  expect(bench.stderr).toMatch(/^fireball: the repository, which 'bench kernels' is about, is missing: git clone/m);
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundledKernels } from '@fireball/kernels';
import { builtCli, documentOf, runCli, withFolder } from '@fireball/testkit';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');

describe('wrong usage', () => {
  it.each([
    { args: [], says: 'a command is needed' },
    { args: ['rnu', fib], says: "unknown command 'rnu' (Did you mean run?)" },
    { args: ['run'], says: "missing required argument 'file'" },
    { args: ['run', '--jsno', fib], says: "unknown option '--jsno' (Did you mean --json?)" },
    { args: ['run', fib, '--engine', 'v9'], says: "unknown engine 'v9' (did you mean v8?)" },
    { args: ['run', fib, '--invoke', 'rnu'], says: "unknown exported function 'rnu' (did you mean run?)" },
    { args: ['run', fib, '--invoke', 'run=1'], says: 'run takes 0 argument(s), 1 given' },
    { args: ['run', fib, '1'], says: 'run takes 0 argument(s), 1 given' },
    { args: ['run', fib, '--fuel', 'much'], says: 'It must be a whole number, at least 1.' },
    { args: ['diff', fib, '--engines', 'interp,v9'], says: "unknown engine 'v9'" },
    { args: ['templates', 'shwo', 'x'], says: "unknown command 'shwo' (Did you mean show?)" },
    { args: ['templates', 'show', 'alu_rr'], says: "unknown template 'alu_rr' (did you mean alu_rrr?)" },
    { args: ['run', fib, '--engine', 'vsoc-thumb2', '--budget', '100'], says: '--budget: a budget of 100 bytes has no room' },
    { args: ['test'], says: './fireball test' },
  ])('$args', ({ args, says }) => {
    const result = runCli(args);
    expect(result.stderr).toContain(says);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result).toMatchObject({ status: 2, stdout: '' });
  });

  it('is one JSON document on stdout with --json', () => {
    const result = runCli(['run', fib, '--engine', 'v9', '--json']);
    expect(documentOf(result)).toMatchObject({ error: { family: 'UsageError', exitStatus: 2 } });
    expect(result.status).toBe(2);
  });

  it('shows where it comes from with --verbose only', () => {
    expect(runCli(['run', fib, '--engine', 'v9', '--verbose']).stderr).toContain('    at ');
    expect(runCli(['run', fib, '--engine', 'v9']).stderr).not.toContain('    at ');
  });
});

describe('help', () => {
  it.each([
    { args: ['--help'] },
    ...['demo', 'run', 'diff', 'spec', 'compile', 'templates', 'bench', 'test'].map((command) => ({ args: [command, '--help'] })),
    { args: ['templates', 'show', '--help'] },
    { args: ['bench', 'kernels', '--help'] },
  ])('$args', ({ args }) => {
    expect(runCli(args)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('Usage: fireball') });
  });

  it.each([
    ['diff', ['Arguments:', 'Options:', 'Native code:', 'Limits:', 'Mixed mode:']],
    ['spec', ['Arguments:', 'Options:', 'Native code:', 'Limits:', 'Mixed mode:']],
    ['compile', ['Arguments:', 'Options:', 'Native code:', 'With -o:']],
  ])('of %s is in groups, essentials first', (command, groups) => {
    const { stdout } = runCli([command, '--help']);
    expect([...stdout.matchAll(/^[A-Z][^:\n]*:$/gm)].map(([heading]) => heading)).toEqual(groups);
    const mixed = stdout.split('Mixed mode:\n')[1] ?? '';
    // Every option there says what it is by default.
    expect(mixed.match(/^ {2}--/gm)?.length ?? 0).toBe(mixed.replaceAll(/\s+/g, ' ').match(/default: /g)?.length ?? 0);
  });

  it('gives the version', () => {
    expect(runCli(['--version'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('run', () => {
  it.each(['interp', 'v8'])('calls the kernel on %s', (engine) => {
    const result = runCli(['run', fib, '--engine', engine, '--json']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({ results: [{ type: 'i32', value: '46368' }], trap: null });
  });

  const floats = '(module (func (export "f") (param f32 i64) (result i64 f32) local.get 1 local.get 0))';
  it.each(['interp', 'v8'])('keeps every bit of a signalling NaN on %s', (engine) => {
    return withFolder({ 'a.wat': floats }, (folder) => {
      const result = runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--json', '--', 'bits:0xffa00001', '-9223372036854775808']);
      expect(documentOf(result)['results']).toEqual([
        { type: 'i64', value: '-9223372036854775808' },
        { type: 'f32', value: 'nan', bits: 'ffa00001' },
      ]);
    });
  });

  it.each([
    { args: ['--invoke', 'add=-1,0x2'], result: '1' },
    { args: ['--invoke', 'add', '--', '-1', '0x2'], result: '1' },
    { args: ['--invoke', 'a=b'], result: '7' },
    { args: ['--invoke', 'a=b', '8'], result: undefined },
  ])('takes arguments of a function with its name or behind the module: $args', ({ args, result }) => {
    const text =
      '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))) (func (export "a=b") (result i32) i32.const 7))';
    return withFolder({ 'a.wat': text }, (folder) => {
      const ran = runCli(['run', join(folder, 'a.wat'), '--json', ...args]);
      expect(ran.status).toBe(result === undefined ? 2 : 0);
      expect(documentOf(ran)['results']).toEqual(result === undefined ? undefined : [{ type: 'i32', value: result }]);
    });
  });

  it.each([
    { engine: 'interp', trap: { kind: 'integer divide by zero', wasmOffset: expect.any(Number), function: 'div' } },
    { engine: 'v8', trap: { kind: 'integer divide by zero', wasmOffset: expect.any(Number), function: 'div' } },
  ])('reports a trap on $engine with exit status 1', ({ engine, trap }) => {
    const text = '(module (func $div (export "f") (param i32) (result i32) i32.const 1 local.get 0 i32.div_u))';
    return withFolder({ 'a.wat': text }, (folder) => {
      const result = runCli(['run', join(folder, 'a.wat'), '0', '--engine', engine, '--json']);
      expect(result).toMatchObject({ status: 1, stderr: '' });
      expect(documentOf(result)).toMatchObject({ results: [], trap });
    });
  });
});

describe('the process', () => {
  it('ends by SIGINT at once, without a stack trace', async () => {
    const loop = '(module (func (export "run") (loop (br 0))))';
    await withFolder({ 'a.wat': loop }, async (folder) => {
      const child = spawn(process.execPath, [builtCli, 'run', join(folder, 'a.wat'), '--fuel', '9007199254740991'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = once(child, 'exit');
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      // The module is read long before; what runs then is the endless loop.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      child.kill('SIGINT');
      const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
      expect(signal).toBe('SIGINT');
      expect(errors).toBe('');
    });
  });

  it('ends quietly where its reader has gone', () => {
    const { stderr } = spawnSync('bash', ['-c', `"${process.execPath}" "${builtCli}" templates list | head -n 1`], { encoding: 'utf8' });
    expect(stderr).toBe('');
  });
});

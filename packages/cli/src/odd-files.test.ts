import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bundledKernels } from '@fireball/kernels';
import { builtCli, runCli, withFolder } from '@fireball/testkit';
import { repositoryRoot } from './paths.js';

const fib = join(bundledKernels, 'wasm', 'fib.wasm');
const firmware = join(repositoryRoot, 'vsoc', 'guest', 'firmware', 'generated', 'thumb2.elf');
const launcher = join(repositoryRoot, 'fireball');

/** Every way by which a command comes to read a file; `odd` stands for it. */
const readers: readonly (readonly [string, (odd: string, folder: string) => readonly string[]])[] = [
  ['run', (odd) => ['run', odd]],
  ['run --imports', (odd) => ['run', fib, '--imports', odd]],
  ['diff', (odd) => ['diff', odd]],
  ['compile', (odd) => ['compile', odd]],
  ['spec', (odd) => ['spec', odd, '--jobs', '1']],
  ['emulate', (odd) => ['emulate', odd, '--machine', 'vsoc-rv32']],
  ['bench modules', (odd) => ['bench', 'modules', odd]],
  [
    'a template set',
    (odd, folder) => {
      symlinkSync(odd, join(folder, 'thumb2.json'));
      return ['templates', 'list', '--target', 'thumb2', '--templates', folder];
    },
  ],
  [
    'template sources',
    (odd, folder) => {
      mkdirSync(join(folder, 'thumb2'));
      symlinkSync(odd, join(folder, 'thumb2', 'odd.S'));
      return ['templates', 'build', folder, '-o', join(folder, 'out')];
    },
  ],
  [
    'baselines',
    (odd, folder) => {
      symlinkSync(odd, join(folder, 'baselines.json'));
      return ['demo', '--kernels', folder];
    },
  ],
];

describe('a file that never ends, or never begins', () => {
  it.each(readers)('is refused by %s', (_name, command) => {
    return withFolder({}, (folder) => {
      const odd = join(folder, 'pipe');
      execFileSync('mkfifo', [odd]);
      const { status, stdout, stderr } = runCli(command(odd, folder));
      expect({ status, stdout }).toEqual({ status: 65, stdout: '' });
      expect(stderr).toMatch(/^fireball: .*: cannot be read: is a pipe, and no regular file.*\n$/);
    });
  });
});

it.each(['null', '{}', '{"fib":null}', '[1]', '{"fib":{"thumb2":3}}'])('baselines that are %s are refused', (text) =>
  withFolder({ 'baselines.json': text }, (folder) => {
    expect(runCli(['demo', '--kernels', folder])).toMatchObject({ status: 65, stdout: '', stderr: expect.stringContaining('baselines.json: ') });
  }),
);

describe('standard input', () => {
  const given = (args: readonly string[], input: Uint8Array): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [builtCli, ...args], { input, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });

  it.each([
    ['run', '-'],
    ['diff', '-', '--engines', 'v8'],
    ['compile', '-'],
  ])('is the module of %s %s', (...args) => {
    expect(given(args, readFileSync(fib))).toMatchObject({ status: 0, stderr: '' });
    expect(given(args, new Uint8Array([0, 0x61]))).toMatchObject({ status: 65, stderr: expect.stringContaining('(standard input), offset 0x2') });
  });

  it('is the firmware of emulate -', () => {
    expect(given(['emulate', '-', '--machine', 'vsoc-thumb2'], readFileSync(firmware))).toMatchObject({ status: 0, stdout: expect.stringContaining('primes') });
  });

  it('is a pipe, and what --verbose tells is told all the same', () =>
    withFolder({}, (folder) => {
      const image = join(folder, 'reset.bin');
      // ldr r0, =AIRCR; ldr r1, =SYSRESETREQ with its key; str r1, [r0]; b .
      writeFileSync(image, Uint32Array.of(0x2000_1000, 9, 0x4902_4801, 0xe7fe_6001, 0xe000_ed0c, 0x05fa_0004));
      const args = ['emulate', image, '--base', '0', '--machine', 'mps2-an385', '--max-instructions', '3', '--verbose'];
      expect(given(args, Uint8Array.of(0x61))).toMatchObject({ status: 0, stderr: expect.stringMatching(/^\{.*"msg":"reset: AIRCR.SYSRESETREQ"\}\n$/) });
      expect(given([...args.slice(0, -2), '4000'], new Uint8Array())).toMatchObject({
        status: 0,
        stderr: 'fireball: 1,000 resets so far, the last one by AIRCR.SYSRESETREQ at 0x0000000e\n',
      });
    }));

  it('is not read without end', () => {
    const { status, stderr } = spawnSync('bash', ['-c', '"$@" </dev/zero', 'bash', process.execPath, builtCli, 'run', '-'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 65, stderr: 'fireball: standard input: is larger than 64 MiB, the largest input that is read\n' });
  });
});

describe('a full disk', () => {
  /** Files may have 1,024 bytes: less than each command writes. */
  const limited = (args: readonly string[]): { status: number | null; stderr: string } =>
    spawnSync('bash', ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath, builtCli, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const writers: readonly (readonly [string, (file: string) => readonly string[]])[] = [
    ['compile -o', (file) => ['compile', fib, '-o', file]],
    ['templates pack', (file) => ['templates', 'pack', '-o', file]],
    ['bench --page', (file) => ['bench', 'modules', fib, '--passes', '1', '--page', file]],
  ];

  it.each(writers)('%s leaves no part of a file, and what was there', (_name, command) => {
    return withFolder({ old: 'before' }, (folder) => {
      for (const name of ['new', 'old']) {
        const { status, stderr } = limited(command(join(folder, name)));
        expect({ status, stderr }).toEqual({ status: 69, stderr: `fireball: cannot write ${join(folder, name)}: files may not become that large here\n` });
      }
      expect(readdirSync(folder)).toEqual(['old']);
      expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('before');
    });
  });

  it('emulate --report', () => {
    const { status, stderr } = runCli(['emulate', firmware, '--machine', 'vsoc-thumb2', '--report', '/dev/full']);
    expect({ status, stderr }).toEqual({ status: 69, stderr: 'fireball: cannot write /dev/full: there is no room left on the device\n' });
  });
});

describe('standard output', () => {
  const shell = (script: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync('bash', ['-c', script, 'bash', process.execPath, builtCli], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });

  it.each(['templates list', `run ${fib} --json`, `emulate ${firmware} --machine vsoc-thumb2`])('that is full ends %s with a sentence', (args) => {
    expect(shell(`"$@" ${args} >/dev/full`)).toMatchObject({
      status: 69,
      stderr: 'fireball: cannot write to standard output: there is no room left on the device\n',
    });
  });

  it('whose reader has gone ends quietly, as by SIGPIPE', () => {
    for (const args of ['templates list', `debug ${fib} --batch -e help -e help -e 'disas run'`])
      expect(shell(`"$@" ${args} | true; echo "\${PIPESTATUS[0]}"`)).toMatchObject({ stdout: '141\n', stderr: '' });
  });

  it('that is closed is found by the launcher', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `${launcher} --version >&-`], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 69, stderr: 'fireball: standard output is closed\n' });
  });
});

describe('standard error', () => {
  it.each(['2>/dev/full', '2>&-'])('that takes nothing, by %s, changes no exit status', (redirection) => {
    const { status } = spawnSync('bash', ['-c', `"$@" run /nowhere --verbose ${redirection}`, 'bash', process.execPath, builtCli], { encoding: 'utf8' });
    expect(status).toBe(65);
  });
});

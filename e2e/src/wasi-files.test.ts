import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHost, engineNamed, engineNames, loadModule, openFolders, runProgram } from '@fireball/engines';
import { main, root } from './testing/fireball.js';

const files = join(root, 'e2e/wasi/files');
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fireball-'));
  cpSync(files, join(home, 'files'), { recursive: true, verbatimSymlinks: true });
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

interface Ended {
  readonly status: number | 'trap';
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that has the folder as `/files` and may change it. */
async function run(name: string, engine: string, args: readonly string[], input = ''): Promise<Ended> {
  const output = { stdout: '', stderr: '' };
  let rest = Buffer.from(input);
  const host = createHost({
    args: [name, ...args],
    seed: 0,
    folders: openFolders([{ host: join(home, 'files'), guest: '/files' }], 'through'),
    stdin: (bytes) => {
      const count = rest.copy(bytes);
      rest = rest.subarray(count);
      return count;
    },
    stdout: (bytes) => void (output.stdout += Buffer.from(bytes).toString()),
    stderr: (bytes) => void (output.stderr += Buffer.from(bytes).toString()),
  });
  const loaded = await loadModule(join(root, 'e2e/wasi/wasm', `${name}.wasm`));
  const end = await runProgram(engineNamed(engine), loaded, host, { fuel: 10_000_000, maxPages: 64 });
  if (end.kind === 'exit') return { status: end.code, ...output };
  return { status: end.outcome.trap === null ? 0 : 'trap', ...output };
}

const text = (...names: readonly string[]): string => readFileSync(join(home, 'files', ...names), 'utf8');

const listed = `/files:
d 1     0   2  0 fish
- 1    18   3  0 numbers.txt
`;

const shown = `nothing to recover
recovered 7 pages
0: first 0
1: first 1
2: second 2
3: second 3
4: first 4
5: first 5
6: (empty)
7: (empty)
512 bytes, generation=2
`;

describe.each(engineNames)('programs with files on %s', (engine) => {
  it('cat', async () => {
    const args = ['/files/numbers.txt', '-', '/files/fish/link', '/files/fish', '/files/nowhere', '/files/../secret'];
    expect(await run('cat', engine, args, 'from outside\n')).toEqual({
      status: 1,
      stdout: 'one fish\ntwo fish\nfrom outside\none fish\ntwo fish\n',
      stderr: '/files/fish: Is a directory\n/files/nowhere: No such file or directory\n/files/../secret: Capabilities insufficient\n',
    });
  });

  it('grep', async () => {
    expect(await run('grep', engine, ['^[^b]*', '/files'])).toEqual({ status: 1, stdout: '', stderr: '' });
    expect(await run('grep', engine, ['^.*d f.*h$', '/files'])).toEqual({ status: 0, stdout: '/files/fish/colours.txt:1:red fish\n', stderr: '' });
  });

  it('ls', async () => {
    expect(await run('ls', engine, ['/files'])).toEqual({
      status: 0,
      stdout: `${listed}/files/fish:\n- 1    27   4  0 colours.txt\nl 1    14   5  0 link -> ../numbers.txt\n`,
      stderr: '',
    });
  });

  it('cp', async () => {
    expect(await run('cp', engine, ['/files/fish', '/files/copy'])).toEqual({ status: 0, stdout: '/files/copy/colours.txt: 27 bytes\n', stderr: '' });
    expect([readdirSync(join(home, 'files/copy')), text('copy', 'colours.txt'), readlinkSync(join(home, 'files/copy/link'))]).toEqual([
      ['colours.txt', 'link'],
      text('fish', 'colours.txt'),
      '../numbers.txt',
    ]);
    expect(await run('cp', engine, ['/files/fish', '/files/copy'])).toMatchObject({ status: 1, stderr: '/files/copy: File exists\n' });
  });

  it('journal, twice', async () => {
    for (let round = 0; round < 2; round++) expect(await run('journal', engine, ['/files/db'])).toEqual({ status: 0, stdout: shown, stderr: '' });
    expect(readdirSync(join(home, 'files/db'))).toEqual(['data', 'log', 'settings']);
    expect([text('db', 'settings'), text('db', 'log')]).toEqual(['generation=2\n', 'committed\ncommitted\ninterrupted\nrecovered\n'.repeat(2)]);
  });
});

describe('the command line', () => {
  const fireball = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: home, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    return { status, stdout, stderr };
  };
  const program = (name: string): string => join(root, 'e2e/wasi/wasm', `${name}.wasm`);

  it('run changes the folder; a folder without a name has its own', () => {
    expect(fireball('run', program('cp'), '--dir', 'files', '--engine', 'thumb2', '--', 'files/numbers.txt', 'files/copy')).toEqual({
      status: 0,
      stdout: 'files/copy: 18 bytes\n',
      stderr: '',
    });
    expect(text('copy')).toBe('one fish\ntwo fish\n');
  });

  it('diff leaves it as it is, for every engine; clocks and random numbers are the same', () => {
    const result = fireball('diff', program('journal'), program('system'), '--dir', 'files::.', '--env', 'A=1', '--engines', engineNames.join(','), '--json');
    expect(JSON.parse(result.stdout)).toMatchObject({ modules: 2, calls: 2, mismatches: 0, inconclusive: 0, fallbacks: 0 });
    expect([existsSync(join(home, 'files/data')), readdirSync(join(home, 'files'))]).toEqual([false, ['fish', 'numbers.txt']]);
  });

  it('a function called by name has the folder, and leaves it as it is', () => {
    const { status, stdout } = fireball('run', program('journal'), '--dir', 'files::.', '--imports', 'zero', '--invoke', '_start');
    expect({ status, text: stdout }).toEqual({ status: 0, text: expect.stringMatching(/^no result\n.*\n2\d\d calls of imports, answered by stand-ins\n$/) });
    expect(readdirSync(join(home, 'files'))).toEqual(['fish', 'numbers.txt']);
  });

  it.each([
    ['nowhere::/files', 'fireball: --dir: nowhere cannot be used: no such file\n'],
    ['files/numbers.txt', 'fireball: --dir: files/numbers.txt is no folder\n'],
  ])('--dir %s', (given, stderr) => {
    expect(fireball('run', program('ls'), '--dir', given)).toEqual({ status: 2, stdout: '', stderr });
    expect(fireball('diff', program('ls'), '--dir', given)).toEqual({ status: 2, stdout: '', stderr });
  });

  it.each(['::/files', 'files::'])('--dir %s wants both', (given) => {
    expect(fireball('run', program('ls'), '--dir', given)).toMatchObject({ status: 2, stderr: expect.stringContaining('It must be HOST::GUEST or HOST.') });
  });
});

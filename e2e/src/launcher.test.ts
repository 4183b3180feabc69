import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What the launcher finds of the real system; everything else on its PATH is a stand-in that records its call. */
const systemTools = ['bash', 'env', 'dirname', 'readlink', 'find', 'touch', 'mv', 'rm', 'mkdir', 'tail', 'flock', 'id', 'sleep', 'cat'];
const pinned = '10.9.8';

let folder: string;

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A stand-in for a tool: a shell script that notes its arguments. */
function standIn(name: string, script = ''): void {
  write(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >>"${folder}/calls"\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

/** A checkout with the launcher, and stand-ins that do what the real steps leave behind. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-launcher-'));
  mkdirSync(join(folder, 'bin'));
  const path = process.env['PATH']!.split(':');
  for (const tool of systemTools) {
    const found = path.map((entry) => join(entry, tool)).find((candidate) => existsSync(candidate));
    symlinkSync(found!, join(folder, 'bin', tool));
  }
  symlinkSync(process.execPath, join(folder, 'bin/node'));
  copyFileSync(join(repository, 'fireball'), join(folder, 'fireball'));
  write('package.json', JSON.stringify({ packageManager: `pnpm@${pinned}` }));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.json', 'tsconfig.base.json']) write(file, '');
  for (const member of ['packages/cli', 'packages/unicorn.js', 'emulator', 'jit', 'vsoc', 'e2e']) {
    write(`${member}/package.json`, '{}');
    write(`${member}/tsconfig.json`, '{}');
    write(`${member}/src/index.ts`, '');
  }
  for (const file of ['native/addon.cc', 'Makefile', 'build.mjs']) write(`packages/unicorn.js/${file}`, '');
  write('packages/cli/bundle.mjs', '');
  standIn('g++');
  standIn('make');
  standIn('npm', 'echo /nowhere');
  standIn(
    'pnpm',
    `case "$1" in
      --version) echo ${pinned} ;;
      install) mkdir -p "${folder}/node_modules" ;;
      --filter) mkdir -p "${folder}/packages/unicorn.js/build" && touch "${folder}/packages/unicorn.js/build/unicorn.node" ;;
      build) sleep 0.2; mkdir -p "${folder}/packages/cli/dist/bundle" && echo 'console.log("ran", ...process.argv.slice(2))' >"${folder}/packages/cli/dist/bundle/main.js" ;;
    esac`,
  );
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: join(folder, 'bin'), HOME: folder, ...extra };
}

function launch(args: readonly string[], extra: Readonly<Record<string, string>> = {}): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(folder, 'fireball'), args, { encoding: 'utf8', env: environment(extra) });
  return { status, stdout, stderr };
}

/** Steps of set-up that were done since the last look, by the stand-ins' notes. */
function steps(): string[] {
  const file = join(folder, 'calls');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  rmSync(file);
  return lines.filter((line) => /^(pnpm (?!--version)|npm install|apt-get|sudo)/.test(line));
}

const wholeSetUp = ['pnpm install --frozen-lockfile', 'pnpm --filter @fireball/unicorn.js run install', 'pnpm build'];

/** Makes a file newer than every stamp. */
function change(path: string): void {
  const later = new Date(Date.now() + 5000);
  utimesSync(join(folder, path), later, later);
}

describe('set-up', () => {
  it('is done at the first start, in a few lines on stderr, and not at the second', () => {
    const first = launch(['run', 'a b', '--json']);
    expect(first).toMatchObject({ status: 0, stdout: 'ran run a b --json\n' });
    expect(first.stderr.trim().split('\n').length).toBeLessThan(6);
    expect(steps()).toEqual(wholeSetUp);

    expect(launch(['demo'])).toEqual({ status: 0, stdout: 'ran demo\n', stderr: '' });
    expect(steps()).toEqual([]);
  });

  it.each([
    ['jit/src/index.ts', ['pnpm build']],
    ['e2e/tsconfig.json', ['pnpm build']],
    ['packages/unicorn.js/native/addon.cc', ['pnpm --filter @fireball/unicorn.js run install']],
    ['pnpm-lock.yaml', wholeSetUp],
    ['vsoc/package.json', wholeSetUp],
  ])('after a change of %s does %p', (path, expected) => {
    launch(['demo']);
    steps();
    change(path);
    launch(['demo']);
    expect(steps()).toEqual(expected);
  });

  it('is done once where two start at the same time', async () => {
    const children = [1, 2].map(() => spawn(join(folder, 'fireball'), ['demo'], { env: environment(), stdio: 'ignore' }));
    const ends = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(ends.map(([status]) => status as number | null)).toEqual([0, 0]);
    expect(steps()).toEqual(wholeSetUp);
  });

  it('stops at a step that fails, shows its output, and tries again at the next start', () => {
    standIn('pnpm', `[ "$1" = --version ] && echo ${pinned} || { echo 'no network'; exit 1; }`);
    const failed = launch(['demo']);
    expect(failed).toMatchObject({ status: 69, stdout: '' });
    expect(failed.stderr).toContain('no network');
    expect(failed.stderr).toContain('this step failed: env CI=true pnpm install --frozen-lockfile');
    steps();
    launch(['demo']);
    expect(steps()).toEqual(['pnpm install --frozen-lockfile']);
  });
});

describe('a checkout that cannot be written', () => {
  /** As root may write everywhere: a file in the place of the launcher's folder is an obstacle to everybody. */
  it('is refused in one sentence, before anything is done', () => {
    write('.fireball', '');
    const refused = launch(['demo']);
    expect(refused).toMatchObject({ status: 69, stdout: '' });
    expect(refused.stderr).toMatch(/^fireball: this checkout has to be set up, and .*\.fireball cannot be written: [^\n]*\n$/);
    expect(steps()).toEqual([]);
  });

  it('is used as it is once it is set up', () => {
    launch(['demo']);
    chmodSync(join(folder, '.fireball'), 0o555);
    expect(launch(['demo'])).toEqual({ status: 0, stdout: 'ran demo\n', stderr: '' });
    chmodSync(join(folder, '.fireball'), 0o755);
  });
});

describe('a missing part', () => {
  it.each([
    ['libunicorn', () => standIn('g++', 'exit 1'), /libunicorn-dev is missing\. Type: (sudo )?apt-get install libunicorn-dev$/],
    ['the compiler', () => rmSync(join(folder, 'bin/g++')), /g\+\+ libunicorn-dev is missing\. Type: (sudo )?apt-get install g\+\+ libunicorn-dev$/],
    ['pnpm', () => standIn('pnpm', 'echo 9.0.0'), new RegExp(`pnpm ${pinned} is missing\\. Type: npm install -g pnpm@${pinned}$`)],
    ['Node.js', () => rmSync(join(folder, 'bin/node')), /Node\.js 20\.19 or newer is missing\. Type: apt-get install nodejs npm/],
  ])('%s: one line with what to type, and exit status 69', (_name, remove, line) => {
    remove();
    const { status, stdout, stderr } = launch(['demo'], { FIREBALL_NO_INSTALL: '1' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr.trim()).toMatch(line);
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    expect(steps()).toEqual([]);
  });

  it('libunicorn is installed by apt-get where that may be done', () => {
    standIn('g++', `[ -e "${folder}/unicorn-installed" ]`);
    standIn('sudo', '[ "$1" = -n ] && exit 0; "$@"');
    standIn('apt-get', `touch "${folder}/unicorn-installed"`);
    expect(launch(['demo'])).toMatchObject({ status: 0, stdout: 'ran demo\n' });
    expect(steps().filter((step) => step.startsWith('apt-get'))).toEqual(['apt-get install -y --no-install-recommends libunicorn-dev']);
  });

  it('another pnpm than the pinned one is left alone: the pinned one goes under .fireball/', () => {
    const real = readFileSync(join(folder, 'bin/pnpm'), 'utf8');
    standIn('pnpm', 'echo 9.0.0');
    standIn(
      'npm',
      `if [ "$1" = install ]; then d="${folder}/.fireball/pnpm/node_modules/.bin"; mkdir -p "$d"; printf '%s' '${real.replaceAll("'", `'\\''`)}' >"$d/pnpm"; chmod +x "$d/pnpm"; fi`,
    );
    chmodSync(join(folder, 'bin/npm'), 0o755);
    symlinkSync('/bin/chmod', join(folder, 'bin/chmod'));
    expect(launch(['demo'])).toMatchObject({ status: 0, stdout: 'ran demo\n' });
    expect(steps()).toEqual([expect.stringMatching(/^npm install .*--prefix .*\.fireball\/pnpm pnpm@/), ...wholeSetUp]);
  });
});

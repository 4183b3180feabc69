import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { main, root } from './testing/fireball.js';

const environment = { ...process.env, NODE_OPTIONS: '' };

const modulePath = (name: string): string => `e2e/wasi/wasm/${name}.wasm`;

interface Run {
  readonly engine: string;
  readonly args?: readonly string[];
  readonly options?: readonly string[];
  readonly input?: string;
}

/** Runs a program as a user would, from the root of the checkout. */
function run(name: string, { engine, args = [], options = [], input = '' }: Run) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'run', modulePath(name), '--engine', engine, ...options, '--', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: environment,
    input,
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** Whether the engine walks the guest's stack; the others know where the trap was. */
const engines = { interp: true, v8: true, thumb2: false, rv32: false };

const traps: readonly (readonly [how: string, kind: string, functions: readonly string[]])[] = [
  ['memory', 'out of bounds memory access', ['read_node', 'dispatch', 'main']],
  ['divide', 'integer divide by zero', ['divide', 'dispatch', 'main']],
  ['overflow', 'integer overflow', ['divide', 'dispatch', 'main']],
  ['abort', 'unreachable', ['abort', 'dispatch', 'main']],
  ['stack', 'out of bounds memory access', ['overflow_stack', 'overflow_stack', 'overflow_stack']],
];

type Ended = ReturnType<typeof run>;
const references = new Map<string, Ended>();

/** How the trapping program ends in the reference interpreter. */
function referenceOf(how: string): Ended {
  const reference = references.get(how) ?? run('trap', { engine: 'interp', args: [how] });
  references.set(how, reference);
  return reference;
}

describe('traps in the reference interpreter', () => {
  it.each(traps)('%s: a backtrace with names and offsets', (how, kind, functions) => {
    const { status, stdout, stderr } = referenceOf(how);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'before the trap\n' });
    const [first, ...frames] = stderr.trimEnd().split('\n');
    expect(first).toBe(`fireball: ${modulePath('trap')}: trap: ${kind}`);
    expect(frames.length).toBeGreaterThan(5);
    const shown = frames.slice(0, 3).map((line) => /^ {4}at (\w+) \(wasm-function\[\d+\]:0x[0-9a-f]+\)$/.exec(line)?.[1]);
    expect(shown).toEqual(functions);
  });
});

describe.each(Object.entries(engines))('WASI programs on %s', (engine, walksStack) => {
  it('words: a filter on standard input', () => {
    const input = 'The cat and the dog.\nThe end: of the cat\n';
    expect(run('words', { engine, input, args: ['2'] })).toEqual({
      status: 0,
      stdout: '2 lines, 10 words, 41 bytes\n     4 the\n     2 cat\n',
      stderr: '',
    });
  });

  it('words: no input at all', () => {
    expect(run('words', { engine })).toEqual({ status: 0, stdout: '0 lines, 0 words, 0 bytes\n', stderr: '' });
  });

  it('floats: printf and libm', () => {
    const expected = readFileSync(join(root, 'e2e/wasi/expected/floats.txt'), 'utf8');
    expect(run('floats', { engine })).toEqual({ status: 0, stdout: expected, stderr: '' });
  });

  it.each([0, 255])('status: ends with %d', (status) => {
    expect(run('status', { engine, args: [String(status)] })).toEqual({
      status,
      stdout: 'still buffered',
      stderr: `ending with status ${status}\n`,
    });
  });

  it.each(traps)('trap: %s', (how) => {
    const reference = referenceOf(how);
    // An engine that does not walk the guest's stack knows the innermost frame.
    const stderr = walksStack ? reference.stderr : `${reference.stderr.split('\n').slice(0, 2).join('\n')}\n`;
    expect(run('trap', { engine, args: [how] })).toEqual({ ...reference, stderr });
  });

  it('system: arguments, environment, clocks, seeded random numbers; nothing of the real system', () => {
    const options = ['--env', 'A=1', '--env', 'B=x=y', '--seed', '5'];
    const { status, stdout, stderr } = run('system', { engine, args: ['-x', 'a b', ''], options });
    expect(stdout.split('\n')).toEqual([
      'argument 0: system.wasm',
      'argument 1: -x',
      'argument 2: a b',
      'argument 3: ',
      'environment: A=1',
      'environment: B=x=y',
      'random: 03 ff 0d 35 74 3d 32 05',
      'the clock runs forward',
      'it is after 2020: yes',
      'yield: 0',
      'terminal: 1 1',
      'open: refused',
      'sleep: Success',
      'seek: -1',
      '',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the console', () => {
  const engine = 'interp';

  it('words: input in pieces, as from a terminal', async () => {
    const child = spawn(process.execPath, [main, 'run', modulePath('words'), '--engine', engine], { cwd: root, env: environment });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    for (const piece of ['a b', 'c ', '\nd']) {
      child.stdin.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(output).toBe('1 lines, 3 words, 7 bytes\n     1 a\n     1 bc\n     1 d\n');
  });

  it('words: input that cannot be read is an end of input', () => {
    const folder = openSync(root, 'r');
    const { status, stdout } = spawnSync(process.execPath, [main, 'run', modulePath('words'), '--engine', engine], {
      cwd: root,
      encoding: 'utf8',
      env: environment,
      stdio: [folder, 'pipe', 'pipe'],
    });
    closeSync(folder);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '0 lines, 0 words, 0 bytes\n' });
  });

  it('--json: one document, with what the program wrote', () => {
    const returned = run('words', { engine, input: 'é', options: ['--json'] });
    expect(JSON.parse(returned.stdout)).toMatchObject({ exit: 0, stdout: '0 lines, 0 words, 2 bytes\n', results: [], trap: null });
    const ended = run('status', { engine, options: ['--json'] });
    expect(ended).toMatchObject({ status: 3, stderr: 'ending with status 3\n' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ exit: 3, stdout: 'still buffered', results: [], trap: null });
    const trapped = run('trap', { engine, options: ['--json'] });
    expect(JSON.parse(trapped.stdout)).toMatchObject({ exit: null, stdout: 'before the trap\n', trap: { function: 'read_node' } });
  });

  it('ends like by SIGPIPE where nobody reads', async () => {
    const child = spawn(process.execPath, [main, 'run', modulePath('words'), '--engine', engine], { cwd: root, env: environment });
    const ended = once(child, 'close');
    child.stdout.destroy();
    child.stdin.end('word');
    expect(await ended).toEqual([141, null]);
  });
});

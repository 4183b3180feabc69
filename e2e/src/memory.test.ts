import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { main } from './testing/fireball.js';
import { bytesOfText } from './testing/native.js';

// Commands that work through many modules keep the memory that they had after the first ones.

/** Modules that each command goes through; a nightly run takes 2,000. */
const modules = Number.parseInt(process.env['FIREBALL_MEMORY_MODULES'] ?? '80', 10);
/** Growth for each module, in KiB, that is no leak (what was found had 9,000), and what a process may take once as it warms up. */
const most = 60;
const once = 8192;

/** Loaded in front of every process of a command: notes the resident memory after a collection, several times a second. */
const sampler = `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync } from 'node:fs';
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const note = () => {
    gc();
    appendFileSync(process.env.MEMORY_SAMPLES + '/' + process.pid, process.memoryUsage.rss() + '\\n');
  };
  setInterval(note, 250).unref();`)}`;

/** A module with memory, global and table, different from every other. */
function text(index: number): string {
  return `(module (memory (export "m") 1) (global $g (mut i32) (i32.const ${index})) (table 4 funcref) (elem (i32.const 1) $f)
    (func $f (export "f") (param i32 i32) (result i32)
      (global.set $g (i32.add (global.get $g) (local.get 0)))
      (i32.store offset=${index * 4} (i32.and (local.get 0) (i32.const 1020)) (local.get 1))
      (i32.add (i32.const ${index}) (i32.mul (local.get 0) (local.get 1))))
    (func (export "s") (param f64) (result f64) (f64.mul (local.get 0) (f64.const ${index}))))`;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-memory-'));
  mkdirSync(join(folder, 'samples'));
  mkdirSync(join(folder, 'inputs'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Growth from the second quarter of a process's time to its last, in KiB beyond `once` for each of `count` modules; the worst process. */
function growth(count: number): number {
  const samples = join(folder, 'samples');
  const rates = readdirSync(samples).map((name) => {
    const resident = readFileSync(join(samples, name), 'utf8').trim().split('\n').map(Number);
    const quarter = (n: number): readonly number[] => resident.slice(Math.floor((n * resident.length) / 4), Math.ceil(((n + 1) * resident.length) / 4));
    return resident.length < 8 ? 0 : ((median(quarter(3)) - median(quarter(1))) / 1024 - once) / (count / 2);
  });
  expect(rates.length).toBeGreaterThan(0);
  return Math.max(...rates);
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NODE_OPTIONS: `--import=${sampler}`, MEMORY_SAMPLES: join(folder, 'samples') },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe(`memory over ${modules} modules`, () => {
  const inputs = (): string => join(folder, 'inputs');
  const report = (command: string): void => {
    const rate = growth(modules);
    // Worth a line where the run is long.
    if (modules > 1000) process.stdout.write(`${command}: ${Math.round(rate)} KiB a module, beyond ${once} KiB once\n`);
    expect(rate).toBeLessThan(most);
  };

  it.each(['v8,thumb2,rv32', 'vsoc-rv32'])(
    'is the same in diff on %s',
    (engines) => {
      for (let index = 0; index < modules; index++) writeFileSync(join(inputs(), `${index}.wasm`), bytesOfText(text(index)));
      run(['diff', inputs(), '--engines', engines, '--calls', '3']);
      report(`diff ${engines}`);
    },
    600_000,
  );

  it('is the same in spec', () => {
    for (let index = 0; index < modules; index++) {
      writeFileSync(join(inputs(), `${index}.wasm`), bytesOfText(text(index)));
      const i32 = (value: number): object => ({ type: 'i32', value: String(value) });
      const script = {
        source_filename: `${index}.wast`,
        commands: [
          { type: 'module', line: 1, filename: `${index}.wasm` },
          { type: 'assert_return', line: 2, action: { type: 'invoke', field: 'f', args: [i32(3), i32(5)] }, expected: [i32(15 + index)] },
        ],
      };
      writeFileSync(join(inputs(), `${index}.json`), JSON.stringify(script));
    }
    run(['spec', inputs(), '--engines', 'thumb2,rv32', '--jobs', '1']);
    report('spec');
  }, 600_000);

  it('is the same in fuzz', () => {
    run(['fuzz', '--runs', String(modules), '--jobs', '1', '--seed', '1', '--engines', 'thumb2', '--corpus', join(folder, 'corpus')]);
    report('fuzz');
  }, 600_000);
});

// Processor time of short commands, for docs/performance.md: node packages/cli/scripts/start-up.mjs [CHECKOUT..]
// Built checkouts, this one where none is named, by turns in 41 rounds, so that a change of the machine's load meets all of them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const rounds = 41;
const here = join(import.meta.dirname, '../../..');
const named = process.argv.slice(2);
const checkouts = named.length > 0 ? named.map((name) => resolve(name)) : [here];

const folder = mkdtempSync(join(tmpdir(), 'fireball-start-up-'));
const module = join(folder, 'constant.wasm');
// (module (func (export "f") (result i32) i32.const 42))
writeFileSync(module, Buffer.from('0061736d010000000105016000017f03020100070501016600000a06010400412a0b', 'hex'));
const empty = join(folder, 'empty.cjs');
writeFileSync(empty, '');
const kernel = join(here, 'packages/kernels/data/wasm/fib.wasm');
const firmware = join(here, 'e2e/firmware/images/mps2-an385/context.elf');

const commands = {
  'Node alone': () => ['node', empty],
  'run, interp': (main) => ['node', main, 'run', module],
  'run, thumb2': (main) => ['node', main, 'run', module, '--engine', 'thumb2'],
  'run, rv32': (main) => ['node', main, 'run', module, '--engine', 'rv32'],
  '`./fireball` run, thumb2': (_, checkout) => [join(checkout, 'fireball'), 'run', module, '--engine', 'thumb2'],
  'diff of fib': (main) => ['node', main, 'diff', kernel],
  'compile of fib': (main) => ['node', main, 'compile', kernel],
  'debug of fib to its end': (main) => ['node', main, 'debug', kernel, '--batch', '-e', 'continue'],
  'emulate a Cortex-M3': (main) => ['node', main, 'emulate', firmware, '--machine', 'mps2-an385'],
};

/** Seconds of user and system time, of all threads, as bash tells them of its children. */
function processorTime(command) {
  const told = execFileSync('bash', ['-c', '"$@" >/dev/null; times', 'bash', ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [, ofChildren] = told.trim().split('\n');
  return ofChildren.split(' ').reduce((sum, time) => {
    const [minutes, seconds] = time.slice(0, -1).split('m');
    return sum + 60 * Number(minutes) + Number(seconds);
  }, 0);
}

const rows = Object.entries(commands).flatMap(([name, of]) =>
  checkouts.map((checkout) => ({ name, checkout, command: of(join(checkout, 'packages/cli/dist/bundle/main.js'), checkout), times: [] })),
);
for (let round = 0; round < rounds; round++) for (const { command, times } of rows) times.push(processorTime(command));
rmSync(folder, { recursive: true });

console.log(
  `Node ${process.version}\n\n| command |${checkouts.map((checkout) => ` ${checkout} |`).join('')}\n| --- |${checkouts.map(() => ' ---: |').join('')}`,
);
for (const name of Object.keys(commands)) {
  const cells = rows
    .filter((row) => row.name === name)
    .map(({ times }) => {
      const sorted = times.toSorted((a, b) => a - b);
      return ` ${sorted[rounds >> 1].toFixed(3)}, fastest ${sorted[0].toFixed(3)} |`;
    });
  console.log(`| ${name} |${cells.join('')}`);
}

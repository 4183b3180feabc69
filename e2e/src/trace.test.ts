/** `fireball trace`: what it lists is what was executed, whatever is left out, and it ends when nobody reads. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fireball, main, root } from './testing/fireball.js';

const text = `(module (memory 1)
  (func $square (param $n i32) (result i32) (i32.mul (local.get $n) (local.get $n)))
  (func (export "run") (param $count i32) (result i32) (local $total i32)
    (loop $again
      (local.set $total (i32.add (local.get $total) (call $square (local.get $count))))
      (i32.store offset=16 (i32.const 0) (local.get $total))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (memory.fill (i32.const 64) (i32.const 1) (i32.const 100))
    (i32.load offset=16 (i32.const 0))))`;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-trace-'));
  file = join(folder, 'sums.wat');
  writeFileSync(file, text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Entry {
  readonly count: number;
  readonly address: number;
  readonly function: number | null;
  readonly text: string;
  readonly operands?: readonly (readonly number[] | null)[];
  readonly changed?: Readonly<Record<string, number>>;
}

function trace(engine: string, ...more: readonly string[]): { readonly entries: readonly Entry[]; readonly end: string } {
  const { status, stdout, stderr } = fireball(['trace', file, '--engine', engine, '--invoke', 'run=4', '--json', ...more]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as ReturnType<typeof trace>;
}

describe.each(['thumb2', 'rv32'])('on %s', (engine) => {
  it('every layer', () => {
    const wasm = trace(engine);
    expect(wasm.end).toContain('i32 30');
    const products = wasm.entries.filter((entry) => entry.text === 'i32.mul');
    expect(products.map(({ operands }) => operands)).toEqual([4, 3, 2, 1].map((n) => [[n], [n]]));
    const machine = trace(engine, '--layer', 'machine');
    // Nothing is left out, and routines in ROM are named.
    expect(machine.entries.map(({ count }) => count)).toEqual(machine.entries.map((_, index) => index));
    expect(machine.entries.some((entry) => entry.function === null && entry.text.startsWith('memory.fill'))).toBe(true);
    const templates = trace(engine, '--layer', 'template');
    const addresses = new Set(machine.entries.map(({ count, address }) => `${count} ${address}`));
    expect(templates.entries.filter(({ count, address }) => !addresses.has(`${count} ${address}`))).toEqual([]);
    expect(templates.entries.length).toBeGreaterThan(20);

    const [function0, kind] = [trace(engine, '--function', 'square'), trace(engine, '--kind', 'i32.store')];
    expect(function0.entries).toEqual(wasm.entries.filter((entry) => entry.function === 0));
    expect(kind.entries).toEqual(wasm.entries.filter((entry) => entry.text.startsWith('i32.store')));
    expect(kind.entries).toHaveLength(4);
    // Constants have no code of their own, but are listed.
    const constants = wasm.entries.filter((entry) => entry.text.startsWith('i32.const'));
    expect(constants.length).toBeGreaterThan(4);
    expect(trace(engine, '--kind', 'i32.const').entries).toEqual(constants);
    const part = trace(engine, '--layer', 'machine', '--from', '10', '--to', '25');
    expect(part.entries).toEqual(machine.entries.slice(10, 25));
    expect(part.end).toBe('25 instructions executed');
    const { address } = machine.entries[20]!;
    const range = trace(engine, '--layer', 'machine', '--range', `${address}-${address + 1}`);
    expect(range.entries).toEqual(machine.entries.filter((entry) => entry.address === address));
  }, 30_000);

  it('is equal to the reference, to the other target, and to the virtual SoC', () => {
    for (const against of ['interp', engine === 'rv32' ? 'thumb2' : 'rv32', `vsoc-interp-${engine}`, `vsoc-${engine}`]) {
      const { status, stdout } = fireball(['trace', file, '--engine', engine, '--invoke', 'run=4', '--hot', '2,3', '--against', against]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('no difference; the call has returned i32 30') });
    }
  });
});

it.each(['vsoc-interp-thumb2', 'vsoc-interp-rv32', 'vsoc-thumb2', 'vsoc-rv32'])('on %s, as the native code does and more', (engine) => {
  const isMixed = !engine.includes('interp');
  const more = isMixed ? ['--hot', '2,3'] : [];
  const wasm = trace(engine, ...more);
  expect(wasm.end).toContain('i32 30');
  const products = wasm.entries.filter((entry) => entry.text === 'i32.mul');
  expect(products.map(({ operands }) => operands)).toEqual([4, 3, 2, 1].map((n) => [[n], [n]]));
  expect(trace(engine, '--function', 'square', ...more).entries).toEqual(wasm.entries.filter((entry) => entry.function === 0));
  const machine = trace(engine, '--layer', 'machine', ...more);
  // The instructions of an IT block are one.
  const longest = engine.endsWith('rv32') ? 1 : 5;
  const gaps = machine.entries.map(({ count }, index) => count - (machine.entries[index - 1]?.count ?? -1));
  expect(gaps.every((gap) => gap >= 1 && gap <= longest)).toBe(true);
  // Every wasm instruction begins at a machine instruction.
  const counts = new Set(machine.entries.map(({ count }) => count));
  expect(wasm.entries.filter(({ count }) => !counts.has(count))).toEqual([]);
  if (isMixed) expect(trace(engine, '--layer', 'template', ...more).entries.length).toBeGreaterThan(10);
});

it.each(['thumb2', 'rv32'])('what lies in front of a loop is listed once, not in every round, on %s', (engine) => {
  const { entries } = trace(engine);
  expect(entries.filter((entry) => entry.text === 'loop')).toHaveLength(1);
  expect(entries.filter((entry) => entry.text === 'br_if 0')).toHaveLength(4);
});

it.each([
  { isa: 'thumb2', board: 'mps2-an386' },
  { isa: 'rv32', board: 'virt-rv32' },
  { isa: 'rv64', board: 'virt-rv64' },
])('firmware of $isa, its machine instructions with symbols', ({ isa, board }) => {
  const image = join(root, 'e2e', 'firmware', 'debug', `sample-${isa}.elf`);
  const run = (...more: readonly string[]): ReturnType<typeof trace> => {
    const { status, stdout, stderr } = fireball(['trace', image, '--board', board, '--json', ...more]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as ReturnType<typeof trace>;
  };
  const all = run();
  expect(all.end).toBe('the firmware has ended');
  expect(all.entries[0]!.text).toMatch(/^(start|reset)/);
  const squares = run('--function', 'square');
  expect(squares.entries.filter(({ text }) => /^square( at|:)/.test(text))).toHaveLength(15);
  expect(squares.entries).toEqual(all.entries.filter(({ text }) => text.startsWith('square')));
  expect(run('--from', '10', '--to', '20').entries).toEqual(all.entries.filter(({ count }) => count >= 10 && count < 20));
});

it('ends when nobody reads any more', () => {
  const shown = spawnSync(
    'bash',
    ['-c', `'${process.execPath}' '${main}' trace '${file}' --layer machine --invoke run=100000000 | head -3; echo "\${PIPESTATUS[0]}"`],
    { encoding: 'utf8', timeout: 20_000 },
  );
  expect(shown.stdout.trim().split('\n')).toHaveLength(4);
  expect(shown.stdout.trim().split('\n').at(-1)).toBe('141');
});

it.each([
  [['--layer', 'machine', '--against', 'interp'], '--against'],
  [['--against', 'thumb2'], 'thumb2'],
  [['--function', 'nobody'], "unknown function 'nobody'"],
  [['--kind', 'i32.lode'], "unknown wasm instruction 'i32.lode'"],
  [['--kind', 'add_rrr', '--layer', 'template'], "unknown template or instruction 'add_rrr'"],
  [['--range', '12'], '--range'],
  [['--from', '9', '--to', '3'], '--from'],
  [['--against', 'interp', '--to', '3'], '--to'],
])('%j is a usage error', (options, says) => {
  const { status, stderr } = fireball(['trace', file, '--invoke', 'run=4', ...options]);
  expect(status).toBe(2);
  expect(stderr).toContain(says);
});

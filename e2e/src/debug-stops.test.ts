/** Stops that are no place in code: interrupts, devices, traps without a stub, rounds of a loop; and changes of locals, gone back to. */
import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { engines } from '@fireball/engines';
import { fireball, root } from './testing/fireball.js';

const wat = `(module
  (func $sum (export "sum") (param $n i32) (result i32) (local $s i32)
    (local.set $s (i32.const 7))
    (loop $again
      (local.set $s (i32.add (local.get $s) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "div64") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1))))`;

const everyEngine = engines.filter(({ vsoc }) => vsoc !== undefined).map(({ name }) => name);

/** Offset of its first instruction. */
const constant = 0x33;

let folder = '';
let module = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-stops-'));
  module = join(folder, 'stops.wat');
  writeFileSync(module, wat);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What each command printed. */
function outputsOf(args: readonly string[], commands: readonly string[]): string[] {
  const { status, stdout, stderr } = fireball(['debug', ...args, '--batch', '--json', ...commands.flatMap((command) => ['-e', command])]);
  expect({ status, message: /^fireball: .*/m.exec(stderr)?.[0] }).toEqual({ status: 0, message: undefined });
  return (JSON.parse(stdout) as { readonly commands: readonly { readonly output: string }[] }).commands.map(({ output }) => output);
}

it.each(everyEngine)('%s: a breakpoint in front of a loop is met once, and one in it each round', (engine) => {
  const args = [module, '--invoke', 'sum=3', '--engine', engine];
  const at = (offset: number): string => `break 0x${(constant + offset).toString(16)}`;
  // i32.const 7, local.set, loop, and the first instruction of a round: those without code of their own share an address in native code.
  const outputs = outputsOf(args, [at(0), at(6), ...Array.from({ length: 5 }, () => 'continue'), 'info breakpoints', ...Array.from({ length: 4 }, () => 'rc')]);
  expect(outputs.slice(2, 6).map((text) => /^breakpoint (\d)/.exec(text)?.[1])).toEqual(['1', '2', '2', '2']);
  expect(outputs[6]).toContain('returned i32 13');
  expect(outputs[7]).toMatch(/ 1 hits\n.* 3 hits$/);
  expect(outputs.slice(8).map((text) => /^breakpoint (\d)/.exec(text)?.[1])).toEqual(['2', '2', '2', '1']);
  if (engine.startsWith('vsoc')) return;
  const loop = outputsOf(args, [at(4), 'continue', 'continue']);
  expect(loop[1]).toMatch(/^breakpoint 1/);
  expect(loop[2]).toContain('returned');
});

it.each(everyEngine)('%s: changes of a local, forwards, backwards, and who made the last one', (engine) => {
  const args = [module, '--invoke', 'sum=3', '--engine', engine];
  const outputs = outputsOf(args, ['tbreak sum', 'continue', 'wi 3', 'watch l1', 'continue', 'continue', 'continue', 'rc', 'delete w1', 'who l0']);
  const changeOf = (index: number): string => /^(l\d.*)$/m.exec(outputs[index]!)?.[1] ?? '';
  expect([5, 6].map(changeOf)).toEqual(['l1 of sum: 10 (0xa), now 12 (0xc)', 'l1 of sum: 12 (0xc), now 13 (0xd)']);
  expect(outputs[7]).toBe(outputs[5]);
  expect(outputs[9]).toMatch(/^l0 of sum: 3 \(0x3\), now 2 \(0x2\)\n.*(local\.tee 0|i32\.sub)/);
});

it.each(everyEngine)('%s: a trap that no stub of code raises is met by its kind', (engine) => {
  const outputs = outputsOf(
    [module, '--invoke', 'div64=1,0', '--engine', engine],
    ['break trap integer overflow', 'break trap integer divide by zero', 'continue', 'info breakpoints', 'continue'],
  );
  expect(outputs[2]).toMatch(/^breakpoint 2: trap integer divide by zero\n/);
  expect(outputs[3]).toMatch(/overflow, 0 hits\n2 .* 1 hits$/);
  expect(outputs[4]).toContain('divide by zero');
});

const images = join(root, 'e2e', 'firmware', 'images');

it.each([
  { board: 'microbit', device: undefined },
  { board: 'virt-rv32', device: 'clint' },
])('firmware on $board stops at interrupts and accesses to devices, the same when it is gone back to', ({ board, device }) => {
  const commands = ['break irq', 'continue', 'si 5', 'rc', 'delete 1', ...(device === undefined ? [] : [`tbreak device ${device} write`, 'continue'])];
  const outputs = outputsOf([join(images, board, 'interrupts.elf'), '--board', board], commands);
  expect(outputs[1]).toMatch(/^breakpoint 1: irq\n\S.*, taken at 0x/);
  expect(outputs[3]).toBe(outputs[1]);
  if (device !== undefined) expect(outputs[6]).toMatch(/^breakpoint 2: .*\nwrite of \d bytes at 0x/);
});

it.each([
  { isa: 'thumb2', board: 'mps2-an386' },
  { isa: 'rv64', board: 'virt-rv64' },
])('$isa firmware: the backtrace, and where functions return and were called, are told by machine code', ({ isa, board }) => {
  const image = join(root, 'e2e', 'firmware', 'debug', `sample-${isa}.elf`);
  const outputs = outputsOf([image, '--board', board], ['break square', 'continue', 'bt', 'delete 1', 'finish', 'bt', 'finish', 'rfinish', 'where']);
  expect(outputs[2]).toMatch(/^#0 .* in square at .*\n#1 .* in sum\+.*\n#2 .* in main\+.*\n#3 .* in start\+/);
  expect(outputs[5]).toBe(outputs[2]!.replace(/^#0.*\n/, '').replaceAll(/^#(\d)/gm, (_, depth: string) => `#${Number(depth) - 1}`));
  expect(outputs[6]).toMatch(/ in main\+/);
  expect(outputs[7]).toMatch(/ in start\+/);
});

/** The line shell on firmware: symbols, steps over calls, watched variables, backwards, to the end. */
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { fireball, root } from './testing/fireball.js';

it.each([
  { isa: 'thumb2', board: 'mps2-an386' },
  { isa: 'rv32', board: 'virt-rv32' },
  { isa: 'rv64', board: 'virt-rv64' },
])('$isa on $board', ({ isa, board }) => {
  const image = join(root, 'e2e', 'firmware', 'debug', `sample-${isa}.elf`);
  const commands = [
    'break square',
    'continue',
    'where',
    'si 3',
    'rsi 3',
    'delete 1',
    'watch counter',
    'continue',
    'print [counter]',
    'continue',
    'print [counter]',
    'rc',
    'print [counter]',
    'last-write counter',
    'goto 0',
    'delete w1',
    'break main',
    'continue',
    'ni 12',
    'set [counter] = 77',
    'print [counter]',
    'rsi 2',
    'print [counter]',
    'si 2',
    'print [counter]',
    'rc',
    'delete 2',
    'break sample.c:30',
    'continue',
    'list 30,30',
    'rstep',
    'next',
    'step 3',
    'delete 3',
    'continue',
    'rsi 3',
    'set [counter] = 5',
    'si',
    'last-write counter',
  ];
  const { status, stdout, stderr } = fireball(['debug', image, '--board', board, '--batch', '--json', ...commands.flatMap((command) => ['-e', command])]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const outputs = (JSON.parse(stdout) as { readonly commands: readonly { readonly output: string }[] }).commands.map(({ output }) => output);
  const at = (command: string): string => outputs[commands.indexOf(command)]!;
  expect(at('continue')).toMatch(/^breakpoint 1: square\n.* in square at sample.c:2\d$/);
  expect(at('rsi 3')).toBe(at('where'));
  expect([8, 10, 12].map((index) => outputs[index]!.split(' ')[0])).toEqual(['1', '2', '1']);
  expect(outputs[13]).toMatch(/ in sum\+/);
  // Over the call of sum, which takes hundreds of instructions.
  expect(Number(/after (\d+)/.exec(at('ni 12'))![1])).toBeGreaterThan(40);
  expect(at('ni 12')).not.toMatch(/ in (sum|square)/);
  expect(outputs[20]).toMatch(/^77 /);
  // It is part of what happened.
  expect([22, 24].map((index) => outputs[index]!.split(' ')[0])).toEqual([expect.not.stringMatching('77'), '77']);
  expect(outputs[25]).toMatch(/^breakpoint 2: main/);
  // Lines of its sources, where they have code.
  const lineOf = (text: string): number => Number(/ at sample\.c:(\d+)$/.exec(text)?.[1]);
  expect(at('list 30,30')).toBe('30\t    counter++;');
  expect(['rstep', 'next', 'step 3'].map((command) => lineOf(at(command)))).toEqual([29, 30, 23]);
  expect(outputs.at(-5)).toMatch(/^the firmware has ended/);
  expect(outputs.at(-1)).toBe(`set from the debugger, here:\n${outputs.at(-4)}`);
});

it.each([
  { isa: 'thumb2', board: 'mps2-an386' },
  { isa: 'rv32', board: 'virt-rv32' },
  { isa: 'rv64', board: 'virt-rv64' },
])('over calls, and back over them, on $isa', ({ isa, board }) => {
  const image = join(root, 'e2e', 'firmware', 'debug', `sample-${isa}.elf`);
  const steps = 8;
  const way = (command: string): string[] => Array.from({ length: steps }, () => ['-e', command, '-e', 'where']).flat();
  const options = ['--batch', '--json', '-e', 'break main', '-e', 'continue', '-e', 'where', ...way('ni'), ...way('rni')];
  const { status, stdout, stderr } = fireball(['debug', image, '--board', board, ...options]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { commands } = JSON.parse(stdout) as { readonly commands: readonly { readonly command: string; readonly output: string }[] };
  const places = commands.filter(({ command }) => command === 'where').map(({ output }) => output);
  expect(places).toHaveLength(1 + 2 * steps);
  expect(new Set(places).size).toBe(1 + steps);
  expect(places.slice(steps)).toEqual(places.slice(0, steps + 1).reverse());
});

it('a function that never returns ends the backtrace, instead of having called itself', () => {
  const image = join(root, 'e2e', 'firmware', 'images', 'stm32vldiscovery', 'hello.elf');
  const { stdout } = fireball(['debug', image, '--board', 'stm32vldiscovery', '--batch', '-e', 'continue', '-e', 'bt']);
  expect(stdout).toMatch(/\n#0 {2}\S+ in sys_semihost at .*\n#1 {2}\S+ in sys_semihost_exit_extended\S* at .*\n$/);
});

it.each([
  [['-e', 'wi'], 'no wasm'],
  [['--lockstep'], '--lockstep'],
  [['-e', 'break nowhere'], "unknown function 'nowhere'"],
])('%j is a usage error', (options, says) => {
  const { status, stderr } = fireball(['debug', join(root, 'e2e', 'firmware', 'debug', 'sample-thumb2.elf'), '--board', 'mps2-an386', '--batch', ...options]);
  expect(status).toBe(2);
  expect(stderr).toContain(says);
});

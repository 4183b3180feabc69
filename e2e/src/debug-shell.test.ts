/** The line shell, driven by scripts, on both targets. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fireball, main } from './testing/fireball.js';

const text = `(module (memory (export "m") 1) (global $g (mut i32) (i32.const 0))
  (func $square (param $n i32) (result i32) (i32.mul (local.get $n) (local.get $n)))
  (func (export "run") (param $count i32) (result i32) (local $total i32)
    (loop $again
      (local.set $total (i32.add (local.get $total) (call $square (local.get $count))))
      (i32.store offset=16 (i32.const 0) (local.get $total))
      (global.set $g (local.get $total))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $total))
  (func (export "trap") (result i32) (i32.div_u (i32.const 1) (i32.const 0))))`;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fireball-shell-'));
  file = join(folder, 'sums.wat');
  writeFileSync(file, text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function shell(
  engine: string,
  invoke: string,
  commands: readonly string[],
): { readonly status: number | null; readonly stderr: string; readonly outputs: readonly string[] } {
  const script = join(folder, 'script');
  writeFileSync(script, commands.join('\n'));
  const { status, stdout, stderr } = fireball(['debug', file, '--engine', engine, '--invoke', invoke, '--batch', '-x', script, '--json']);
  const outputs =
    stdout === '' ? [] : ((JSON.parse(stdout) as { readonly commands?: readonly { readonly output: string }[] }).commands ?? []).map(({ output }) => output);
  return { status, stderr, outputs };
}

describe.each(['thumb2', 'rv32'])('on %s', (engine) => {
  it('breakpoints, frames, values, and the way to the end', () => {
    const { status, outputs } = shell(engine, 'run=5', ['break square', 'continue', 'bt', 'info locals', 'finish', 'info operands', 'delete 1', 'continue']);
    expect(status).toBe(0);
    const [, , frames, locals, , operands, , end] = outputs;
    expect(frames?.split('\n').map((line) => line.replace(/0x[0-9a-f]+ /, ''))).toEqual([
      expect.stringMatching(/^#0 +in square/),
      expect.stringMatching(/^#1 +in run: .*call 0$/),
    ]);
    expect(locals).toMatch(/^local 0 .* 5 /);
    expect(operands).toMatch(/operand 1 .*25/);
    expect(end).toContain('the call has returned i32 55');
  });

  it.each(['wi', 'ti', 'si'])('%s forwards and back ends where it began', (unit) => {
    const { outputs } = shell(engine, 'run=5', ['break square', 'continue', 'where', `${unit} 9`, `r${unit} 9`, 'where', 'info locals']);
    expect(outputs[5]).toBe(outputs[2]);
    expect(outputs[4]).toBe(outputs[2]);
    expect(outputs[6]).toMatch(/^local 0 .* 5 /);
  });

  it('watched globals and memory, backwards, and who wrote last', () => {
    const { outputs } = shell(engine, 'run=5', [
      'watch g0',
      'continue',
      'print g0',
      'continue',
      'print g0',
      'rc',
      'print g0',
      'delete w1',
      'continue',
      'last-write @16',
      'print [0x30000000+16]',
      'layers',
      'wi 3',
      'set [@16] = 7',
      'wi',
      'last-write @16',
      'set l0 = 3',
      'wi 2',
      'who l0',
    ]);
    expect([outputs[2], outputs[4], outputs[6]].map((value) => value?.split(' ')[0])).toEqual(['25', '41', '25']);
    expect(outputs[8]).toContain('i32 55');
    expect(outputs[9]).toMatch(/in run/);
    expect(outputs[11]).toContain('=>');
    for (const [asked, behind] of [
      [15, 12],
      [18, 15],
    ] as const)
      expect(outputs[asked]).toMatch(new RegExp(`^set from the debugger, here:\n${/^after \d+ /.exec(outputs[behind]!.split('\n').at(-1)!)![0]}`));
  });

  it('a trap is said, and caught before', () => {
    const { outputs } = shell(engine, 'trap', ['break trap integer divide by zero', 'continue', 'continue']);
    expect(outputs[1]).toMatch(/^breakpoint 1: trap integer divide by zero\n.*in trap/);
    expect(outputs[2]).toMatch(/trap: .*divide by zero/);
  });

  it('every instruction of a kind, passed some times; a condition without a value stops', () => {
    const { outputs } = shell(engine, 'run=5', [
      'break kind i32.store',
      'ignore 1 3',
      'continue',
      'info breakpoints',
      'print l0',
      'continue',
      'print l0',
      'delete 1',
      'rc',
      'break square if l7 == 1',
      'continue',
    ]);
    expect(outputs[2]).toMatch(/^breakpoint 1: kind i32.store\n.*i32.store offset=16/);
    expect(outputs[3]).toMatch(/kind i32.store, 4 hits$/);
    expect([outputs[4], outputs[6]].map((value) => value?.split(' ')[0])).toEqual(['2', '1']);
    expect(outputs[8]).toMatch(/^history begins here/);
    expect(outputs[10]).toMatch(/^breakpoint 2: square if l7 == 1 \(its condition cannot be told: there is no l7 here\)/);
  });

  it('breakpoints that do not stop for a while, or under another condition; all of them are taken out', () => {
    const { outputs } = shell(engine, 'run=5', [
      'break square',
      'watch g0',
      'disable 1',
      'continue',
      'info breakpoints',
      'enable',
      'disable w1',
      'condition 1 l0 == 2',
      'continue',
      'print l0',
      'info breakpoints',
      'bt 1',
      'condition 1',
      'condition w1 g0 == 55',
      'enable w1',
      'delete 1',
      'continue',
      'info watchpoints',
      'delete',
      'info breakpoints',
    ]);
    expect(outputs[3]).toMatch(/^watchpoint w1/);
    expect(outputs[4]).toMatch(/^1 .* square, 0 hits, disabled\nw1 .*, 1 hits$/);
    expect(outputs[8]).toMatch(/^breakpoint 1: square if l0 == 2\n/);
    expect(outputs[9]).toBe('2 (0x2)');
    expect(outputs[10]).toMatch(/^1 .* square if l0 == 2, 1 hits\nw1 .*, 1 hits, disabled$/);
    expect(outputs[11]).toMatch(/^#0 .* in square: [^\n]*$/);
    expect(outputs[17]).toMatch(/ if g0 == 55, 2 hits$/);
    expect(outputs[19]).toBe('');
  });

  it('a watched local is disabled and enabled with all others, and by its number', () => {
    const { status, outputs } = shell(engine, 'run=5', [
      'wi',
      'watch l1',
      'disable',
      'info watchpoints',
      'break kind global.set',
      'continue',
      'enable w1',
      'delete 1',
      'continue',
      'info watchpoints',
    ]);
    expect(status).toBe(0);
    expect(outputs[3]).toBe('w1  changes of l1 of run, disabled');
    expect(outputs[5]).toMatch(/^breakpoint 1/);
    expect(outputs[8]).toMatch(/^l1 of run: 25 \(0x19\), now 41 /);
    expect(outputs[9]).toBe('w1  changes of l1 of run');
  });

  it('a line that is no command is an expression', () => {
    const { outputs } = shell(engine, 'run=5', ['l0 + 1', '[@16]', '$l0 == 5']);
    expect(outputs).toEqual(['6 (0x6)', '0 (0x0)', '1 (0x1)']);
  });

  it('over calls and out of them, backwards; locals that change', () => {
    const { outputs } = shell(engine, 'run=5', [
      'break kind call',
      'continue',
      'where',
      'n',
      'rn',
      'where',
      'break square',
      'continue',
      'info locals',
      'rfin',
      'where',
      'rfin wasm',
      'delete 1',
      'delete 2',
      'goto 0',
      'until g0',
      'until g0',
      'watch l0',
      'continue',
      'info breakpoints',
      'continue',
      'goto 0',
      'wi',
      'goto 0',
      'nw',
    ]);
    const call = outputs[2];
    expect(call).toContain('call 0');
    expect(outputs[5]).toBe(call);
    expect(outputs[10]).toContain('call 0');
    expect(outputs[15]).toMatch(/^g0: 0 \(0x0\), now 25 \(0x19\)/);
    expect(outputs[16]).toMatch(/^g0: 25 \(0x19\), now 41 \(0x29\)/);
    expect(outputs[18]).toMatch(/^l0 of run: 4 \(0x4\), now 3 \(0x3\)/);
    expect(outputs[20]).toMatch(/^l0 of run: 3 \(0x3\), now 2 \(0x2\)/);
    // Who sets its frame up has not called itself.
    expect(outputs[24]).toBe(outputs[22]);
    expect(outputs[24]).toMatch(/ in run: /);
  });

  it('what is written counts from then on', () => {
    const { outputs } = shell(engine, 'run=5', [
      'break square',
      'continue',
      'set l0 = 7',
      'set g0 = 99',
      'print g0',
      'set [@16] = 0x1234',
      'x/xw @16',
      'rc',
      'delete 1',
      'continue',
    ]);
    expect(outputs[2]).toBe('l0 is 7 (0x7)');
    expect(outputs[4]).toBe('99 (0x63)');
    expect(outputs[6]).toContain('0x00001234');
    expect(outputs[7]).toContain('history begins here');
    expect(outputs[9]).toContain('i32 79');
  });

  it('lockstep: nothing differs', () => {
    const { stdout, status } = fireball(['debug', file, '--engine', engine, '--invoke', 'run=5', '--lockstep', '--batch', '-e', 'continue']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^lockstep: .* no difference; the call has returned i32 55/);
  });

  it.each([
    ['frobnicate', 'frobnicate'],
    ['print l99', 'no l99'],
  ])('%s is a usage error with its line', (command, says) => {
    const { status, stderr } = shell(engine, 'run=5', ['break square', command]);
    expect(status).toBe(2);
    expect(stderr).toContain('script:2: ');
    expect(stderr).toContain(says);
  });
});

it('mistakes are told, and it goes on', () => {
  const mistakes = [
    ['frobnicate', 'frobnicate'],
    ['break nowhere', "unknown function 'nowhere'"],
    ['break 0xffffff', 'no compiled function'],
    ['print l99', 'no l99'],
    ['print nothing', "there is no variable and no register 'nothing' here"],
    ['l99', 'there is no l99 here'],
    ['l0 +', 'a value is missing'],
    ['x/4xw 0x99999999', '0x99999999'],
    ['goto -1', '-1'],
    ['delete 7', '7'],
    ['break kind i32.lode', 'i32.lode'],
    ['break trap out of luck', 'out of luck'],
    ['ignore 9 1', '9'],
    ['disable 9', 'there is no breakpoint 9'],
    ['condition w3 1', 'there is no watchpoint w3'],
    ['condition', 'the number of a breakpoint'],
    ['info registers r99', "'r99'"],
    ['bt full', "'full'"],
    ['set l7 = 1', 'l7'],
    ['set nothing', 'set l0 = 5'],
    ['set [0] = 1', '0x00000000'],
    ['watch l9', 'l9'],
    ['finish sometime', 'sometime'],
  ] as const;
  const { status, stdout } = spawnSync(process.execPath, [main, 'debug', file, '--invoke', 'run=5'], {
    encoding: 'utf8',
    input: [...mistakes.flatMap(([command]) => [command, 'where']), 'continue'].join('\n'),
  });
  expect(status).toBe(0);
  const told = stdout.split(/\nafter 0 instructions.*\n/);
  expect(told).toHaveLength(mistakes.length + 1);
  for (const [index, [, says]] of mistakes.entries()) expect(told[index]).toContain(says);
  expect(told.at(-1)).toContain('i32 55');
});

it.each([
  { what: 'one register for two locals that are copies', steps: 4, command: 'set l1 = 7', says: 'l1 and l0 have the same value now, and one register' },
  {
    what: 'more than code reads of the local',
    steps: 14,
    command: 'set l2 = 5000000000',
    says: 'of l2 the code reads the lower word only: give it a signed number of 32 bits',
  },
  { what: 'what code reads of it', steps: 14, command: 'set l2 = -3', says: 'l2 is -3' },
])('a local is set, or refuses: $what', ({ steps, command, says }) => {
  const copies = join(folder, 'copies.wat');
  writeFileSync(
    copies,
    `(module (func (export "run") (param i32) (result i64) (local i32 i64)
      (local.set 1 (local.get 0))
      (local.set 2 (i64.extend_i32_s (local.get 0)))
      (loop
        (local.set 2 (i64.extend_i32_s (i32.add (local.get 0) (local.get 1))))
        (br_if 0 (i64.eqz (i64.mul (local.get 2) (local.get 2)))))
      (i64.mul (local.get 2) (local.get 2))))`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [main, 'debug', copies, '--invoke', 'run=5', '--batch', '-e', `wi ${steps}`, '-e', command], {
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toContain(says);
});

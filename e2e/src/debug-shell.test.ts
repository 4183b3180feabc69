/** The line shell, driven by scripts, on both targets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fireball } from './testing/fireball.js';

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

function shell(engine: string, invoke: string, commands: readonly string[]): { readonly status: number | null; readonly stderr: string; readonly outputs: readonly string[] } {
  const script = join(folder, 'script');
  writeFileSync(script, commands.join('\n'));
  const { status, stdout, stderr } = fireball(['debug', file, '--engine', engine, '--invoke', invoke, '--batch', '-x', script, '--json']);
  const outputs = stdout === '' ? [] : ((JSON.parse(stdout) as { readonly commands?: readonly { readonly output: string }[] }).commands ?? []).map(({ output }) => output);
  return { status, stderr, outputs };
}

describe.each(['thumb2', 'rv32'])('on %s', (engine) => {
  it('breakpoints, frames, values, and the way to the end', () => {
    const { status, outputs } = shell(engine, 'run=5', ['break square', 'continue', 'bt', 'info locals', 'finish', 'info operands', 'delete 1', 'continue']);
    expect(status).toBe(0);
    const [, , frames, locals, , operands, , end] = outputs;
    expect(frames?.split('\n').map((line) => line.replace(/0x[0-9a-f]+ /, ''))).toEqual([expect.stringMatching(/^#0 +in square/), expect.stringMatching(/^#1 +in run: .*call 0$/)]);
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
    const { outputs } = shell(engine, 'run=5', ['watch g0', 'continue', 'print g0', 'continue', 'print g0', 'rc', 'print g0', 'delete w1', 'continue', 'last-write @16', 'print [0x30000000+16]', 'layers']);
    expect([outputs[2], outputs[4], outputs[6]].map((value) => value?.split(' ')[0])).toEqual(['25', '41', '25']);
    expect(outputs[8]).toContain('i32 55');
    expect(outputs[9]).toMatch(/in run/);
    expect(outputs[11]).toContain('=>');
  });

  it('a trap is said', () => {
    expect(shell(engine, 'trap', ['continue']).outputs[0]).toMatch(/trap: .*divide by zero/);
  });

  it.each([
    ['frobnicate', 'frobnicate'],
    ['break nowhere', "unknown function 'nowhere'"],
    ['break 0xffffff', 'no compiled function'],
    ['print l99', 'no l99'],
    ['x/4xw 0x99999999', '0x99999999'],
    ['goto -1', '-1'],
    ['delete 7', '7'],
  ])('%s is a usage error with its line', (command, says) => {
    const { status, stderr } = shell(engine, 'run=5', ['break square', command]);
    expect(status).toBe(2);
    expect(stderr).toContain('script:2: ');
    expect(stderr).toContain(says);
  });
});

/** `monitor` of Debian's gdb: what our session shows, on modules and on firmware, and a clear word where there is no such thing. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gdb, hasGdb, runGdb, Served } from './gdb/clients.js';
import { fireball, root } from './testing/fireball.js';

const withGdb = hasGdb ? describe : describe.skip;
const judge = hasGdb ? gdb : `${gdb} is not installed: skipped`;
const kernel = (name: string): string => join(root, 'packages', 'kernels', 'data', 'wasm', `${name}.wasm`);
const firmware = (path: string): string => fileURLToPath(new URL(`../../e2e/firmware/${path}`, import.meta.url));

const started: Served[] = [];
afterEach(() => {
  for (const served of started.splice(0)) served.kill();
});

/** What gdb prints for each of these, served by a command line. */
async function answers(command: string, args: readonly string[], before: readonly string[], asked: readonly string[]): Promise<string[]> {
  const served = await Served.start([...args, '--wait'], command);
  started.push(served);
  const printed = await runGdb(served.port, [...before, ...asked.flatMap((line) => ['echo \\n==\\n', line]), 'echo \\n==\\n', 'kill']);
  return printed
    .split(/^==\n/m)
    .slice(1, -1)
    .map((text) => text.trim());
}

/** What the shell prints for these lines. */
function shell(args: readonly string[], lines: readonly string[]): string[] {
  const { stdout } = fireball(['debug', ...args, '--batch', '--json', ...lines.flatMap((line) => ['-e', line])]);
  return (JSON.parse(stdout) as { commands: { output: string }[] }).commands.map(({ output }) => output);
}

withGdb(`monitor on a module (${judge})`, () => {
  it.each(['thumb2', 'vsoc-rv32'])(
    '%s: says what the shell says',
    async (engine) => {
      const args = [kernel('fib'), '--engine', engine];
      const views = ['wasm-bt', 'wasm-locals', 'wasm-locals 2', 'templates 2'];
      const others = ['snapshot', 'wasm-locals 77', 'icache', 'queue', 'irq', 'nothing', 'snapshot 7', 'snapshot 9999999999', 'reset', 'help'];
      const said = await answers(
        'debug',
        args,
        // A step of gdb is one of wasm where functions are interpreted.
        engine === 'thumb2' ? ['stepi 3001'] : ['monitor snapshot 3001', 'maintenance flush register-cache'],
        [...[...views, ...others].map((line) => `monitor ${line}`), 'monitor snapshot 40000', 'info threads'],
      );
      const [, bt, locals, , outer, , layers, , tasks] = shell(args, [
        ...['si 3001', 'bt', 'info locals', 'frame 2', 'info locals', 'frame 0', 'layers 2'],
        ...['goto 40000', 'info threads'],
      ]);
      expect(said.slice(0, views.length)).toEqual([bt, locals, outer, layers].map((text) => text!.trim()));
      expect(bt).toMatch(/^#4 /m);
      const mixed = engine.startsWith('vsoc');
      const [snapshot, noFrame, icache, queue, irq, nothing, moved, tooFar, reset, help, , threads] = said.slice(views.length);
      expect(snapshot).toMatch(/^after 3\d\d\d instructions, .*\nfrom 0 instructions on, \d+ bytes of snapshots$/);
      expect(noFrame).toBe('there is no frame 77');
      expect(icache).toMatch(/the instruction cache holds what memory does, in all \d+ lines of 32 bytes/);
      expect(queue).toMatch(
        mixed
          ? /^\d+ requests wait; there were \d+, and \d+ compilations[^]*\nthe compiler had at most \d+ of 1048576 bytes of memory in use, and \d+ of 65536 bytes of stack/
          : /^nothing is compiled while this runs/,
      );
      expect(irq).toMatch(/^there is no interrupt controller here/);
      expect(nothing).toBe("there is no monitor command 'nothing'; monitor help lists them");
      expect(moved).toMatch(/^after 7 instructions/);
      expect(tooFar).toMatch(/the call has returned i32 46368/);
      expect(reset).toMatch(/^reset: at 0x[0-9a-f]+$/);
      expect(help?.split('\n').map((line) => line.split(/ {2,}|\[/)[0]?.trim())).toEqual([
        ...['help', 'reset', 'wasm-bt', 'wasm-locals', 'templates', 'snapshot', 'info map', 'type TEXT', 'type-end', 'icache'],
        ...(mixed ? ['queue'] : []),
      ]);
      // What is compiled beside the call is a thread, without registers.
      expect(tasks).toMatch(
        mixed
          ? /^\* rv32imc\n {2}compile worker 1 \(compiling function 1, in \w+ at 0x\w{8} in [^:]+: 0x\w+ [\w.]+, with \d+ bytes of memory and \d+ of stack, \d+ of \d+ instructions\)$/
          : /^\* cortex-m4$/,
      );
      const worker = / {2}(compile worker 1) (\(.*\))/.exec(tasks!);
      expect(/^ +2 +Thread 2 "(.+)" (\(.*\)) <unavailable>/m.exec(threads!)?.slice(1)).toEqual(worker?.slice(1));
    },
    60_000,
  );
});

withGdb(`monitor on firmware (${judge})`, () => {
  it.each([
    { machine: 'mps2-an385', enabled: /^SysTick +enabled/m },
    { machine: 'sifive-e', enabled: /^machine timer interrupt +enabled/m },
  ])(
    '$machine: interrupts, and what there is of modules only',
    async ({ machine, enabled }) => {
      const image = firmware(`images/${machine}/interrupts.elf`);
      const asked = ['irq', 'wasm-bt', 'wasm-locals', 'templates', 'icache', 'queue', 'snapshot', 'info machine', 'info map', 'snapshot 1', 'irq'];
      const said = await answers(
        'emulate',
        [image, '--machine', machine],
        ['break main', 'continue', 'delete', 'stepi 3000'],
        asked.map((line) => `monitor ${line}`),
      );
      const [irq, bt, locals, templates, icache, queue, snapshot, info, map, moved, before] = said;
      expect(irq).toMatch(enabled);
      for (const text of [bt, locals, templates]) expect(text).toMatch(/^there is no wasm here/);
      expect(icache).toMatch(/^there is no instruction cache here/);
      expect(queue).toMatch(/^nothing is compiled while this runs/);
      expect(snapshot).toMatch(/^after \d+ instructions, .*\nfrom 0 instructions on/);
      expect(info).toContain(`${machine}, `);
      expect(map).toMatch(/^0x[0-9a-f]{8}\.\.0x[0-9a-f]{8} +ram/m);
      expect(moved).toMatch(/^after 1 instructions/);
      // Nothing had been enabled yet.
      expect(before).not.toMatch(enabled.source.startsWith('^SysTick') ? /interrupt \d+ +enabled/ : enabled);
    },
    60_000,
  );
});

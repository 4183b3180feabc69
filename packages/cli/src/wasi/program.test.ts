import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runCli, withFolder } from '@fireball/testkit';

const wasi = (name: string, type: string): string => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`;
const exit = wasi('proc_exit', '(param i32)');
const write = wasi('fd_write', '(param i32 i32 i32 i32) (result i32)');

/** Calls fd_write(1, 0, 1, 8) and ends with what that returns. */
const writeAndExit = 'i32.const 1 i32.const 0 i32.const 1 i32.const 8 call $fd_write call $proc_exit';

interface Row {
  readonly what: string;
  readonly text: string;
  readonly status: number;
  readonly stdout?: string;
  readonly stderr?: RegExp;
}

const rows: readonly Row[] = [
  { what: 'returning is status 0', text: '(func (export "_start"))', status: 0 },
  {
    what: 'writes a buffer',
    text: `${write} ${exit} (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\02") (data (i32.const 16) "ok") (func (export "_start") ${writeAndExit})`,
    status: 0,
    stdout: 'ok',
  },
  {
    what: 'a bad pointer is EFAULT',
    text: `${write} ${exit} (memory (export "memory") 1) (data (i32.const 0) "\\ff\\ff\\ff\\ff\\02") (func (export "_start") ${writeAndExit})`,
    status: 21,
  },
  { what: 'no exported memory: EFAULT', text: `${write} ${exit} (memory 1) (func (export "_start") ${writeAndExit})`, status: 21 },
  {
    what: 'a start function has no memory yet or has it, but never crashes',
    text: `${write} (memory (export "memory") 1) (func $s i32.const 1 i32.const 0 i32.const 0 i32.const 8 call $fd_write drop) (start $s) (func (export "_start"))`,
    status: 0,
  },
  { what: 'an exit from a start function', text: `${exit} (func $s i32.const 9 call $proc_exit) (start $s) (func (export "_start"))`, status: 9 },
  { what: 'a status beyond a byte is cut as everywhere', text: `${exit} (func (export "_start") i32.const 0x1234 call $proc_exit)`, status: 0x34 },
  { what: 'a trap', text: '(func $f unreachable) (func (export "_start") call $f)', status: 1, stderr: /trap: unreachable\n {4}at \w+.*\n {4}at _start/ },
  { what: 'an import from elsewhere', text: '(import "env" "f" (func)) (func (export "_start"))', status: 65, stderr: /unknown import "env" "f"/ },
  {
    what: 'a function that does not exist here is ENOSYS, and that is said once',
    text: `${wasi('path_openat', '(param i32) (result i32)')} ${exit} (func (export "_start") (drop (call $path_openat (i32.const 1))) (call $proc_exit (call $path_openat (i32.const 1))))`,
    status: 52,
    stderr: /^[^\n]*"function":"path_openat"[^\n]*does not exist here: ENOSYS[^\n]*\n$/,
  },
  {
    what: 'the older interface',
    text: `(import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32))) (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32))) (memory (export "memory") 1) (func (export "_start") (call $proc_exit (call $seek (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0))))`,
    status: 70,
  },
  {
    what: 'both interfaces at once',
    text: `(import "wasi_unstable" "fd_close" (func $old (param i32) (result i32))) ${wasi('fd_close', '(param i32) (result i32)')} ${exit} (func (export "_start") (drop (call $old (i32.const 1))) (call $proc_exit (call $fd_close (i32.const 1))))`,
    status: 8,
  },
  { what: 'an import of another type', text: `${wasi('fd_close', '(param i64)')} (func (export "_start"))`, status: 65, stderr: /incompatible import type/ },
  { what: 'a _start with parameters is no program', text: '(func (export "_start") (param i32))', status: 2, stderr: /takes 1 argument/ },
];

describe.each(['interp', 'v8'])('programs on %s', (engine) => {
  it.each(rows)('$what', ({ text, status, stdout = '', stderr = /^$/ }) =>
    withFolder({ 'a.wat': `(module ${text})` }, (folder) => {
      const result = runCli(['run', join(folder, 'a.wat'), '--engine', engine]);
      expect(result).toMatchObject({ status, stdout });
      expect(result.stderr).toMatch(stderr);
    }),
  );

  it('a function is called by name where the module is a program too', () =>
    withFolder({ 'a.wat': '(module (func (export "_start") unreachable) (func (export "f") (result i32) i32.const 7))' }, (folder) => {
      const result = runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--invoke', 'f']);
      expect(result.stdout).toMatch(/^i32 7 /);
    }));
});

describe.each([
  { engine: 'interp', counted: ['wasmInstructions'] },
  { engine: 'thumb2', counted: ['instructions', 'nativeInstructions', 'codeBytes'] },
  { engine: 'rv32', counted: ['instructions', 'nativeInstructions', 'codeBytes'] },
] as const)('statistics on $engine', ({ engine, counted }) => {
  it('count what ran before proc_exit', () =>
    withFolder(
      {
        'a.wat': `(module ${exit} (func (export "_start") (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 1000)))) i32.const 3 call $proc_exit))`,
      },
      (folder) => {
        const { status, stdout } = runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--json']);
        expect(status).toBe(3);
        const { stats } = JSON.parse(stdout) as { readonly stats: Readonly<Record<string, number>> };
        for (const name of counted) expect(stats[name]).toBeGreaterThan(name === 'codeBytes' ? 0 : 2000);
      },
    ));
});

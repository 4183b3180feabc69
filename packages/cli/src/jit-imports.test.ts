import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { engines } from '@fireball/engines';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

/** Has function 1 compiled if that can be, calls it, and returns what the compiler said beside its result. */
const program = `(module
  (import "fireball" "builtin_jit_compile" (func $compile (param i32) (result i32)))
  (func $double (param i32) (result i32) (i32.add (local.get 0) (local.get 0)))
  (func (export "run") (result i32 i32) (call $compile (i32.const 1)) (call $double (i32.const 21))))`;

describe('builtin_jit_* as imports of a module', () => {
  it.each(engines)('$name', async ({ name, mixedMode }) => {
    await withFolder({ 'ask.wat': program }, (folder) => {
      const run = runCli(['run', join(folder, 'ask.wat'), '--engine', name, '--json']);
      expect(run).toMatchObject({ status: 0 });
      const native = 3;
      const unavailable = -1;
      expect(documentOf(run)['results']).toMatchObject([
        { type: 'i32', value: String(mixedMode === true ? native : unavailable) },
        { type: 'i32', value: '42' },
      ]);
    });
  });

  it('a program with another name too runs with stand-ins', async () => {
    const started = program.replace('jit_compile', 'jit_what').replace('(func (export "run") (result i32 i32)', '(func (export "_start") (result i32 i32)');
    const text = started.replace('(result i32 i32) (call', '(call').replace('(call $double (i32.const 21))', '(drop) (drop (call $double (i32.const 21)))');
    await withFolder({ 'ask.wat': text }, (folder) => {
      expect(runCli(['run', join(folder, 'ask.wat')])).toMatchObject({ status: 65 });
      const run = runCli(['run', join(folder, 'ask.wat'), '--imports', 'zero']);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toContain('1 calls of imports, answered by stand-ins');
    });
  });

  it('another name is an unknown import', async () => {
    await withFolder({ 'ask.wat': program.replace('jit_compile', 'jit_what') }, (folder) => {
      for (const { name } of engines) {
        const run = runCli(['run', join(folder, 'ask.wat'), '--engine', name]);
        expect(run).toMatchObject({ status: 65, stdout: '' });
        expect(run.stderr).toContain('builtin_jit_what');
      }
    });
  });
});

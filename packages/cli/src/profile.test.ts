/** `run --profile`: where the machine instructions of compiled code go. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { documentOf, runCli, withFolder } from '@fireball/testkit';

interface Row {
  readonly name: string;
  readonly times?: number;
  readonly instructions: number;
}

interface Tables {
  readonly instructions: number;
  readonly functions: readonly Row[];
  readonly operations: readonly Row[];
  readonly templates: readonly Row[];
  readonly places: readonly (Row & { readonly function: number; readonly wasmOffset: number })[];
}

/** `run` calls `twice` seven times, and divides seven times. */
const module = `(module
  (func $twice (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $unused (result i32) (i32.const 1))
  (func $run (export "run") (result i64) (local $i i32) (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.div_u (i64.const 0x123456789abcdef) (i64.extend_i32_u (i32.add (call $twice (local.get $i)) (i32.const 3))))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
    (local.get $sum)))`;

const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, { instructions }) => sum + instructions, 0);

describe.each(['thumb2', 'rv32'])('run --profile on %s', (engine) => {
  it('counts calls and instructions of functions, routines, templates and places', () =>
    withFolder({ 'a.wat': module }, (folder) => {
      const document = documentOf(runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--profile', '--json']));
      const { instructions, functions, operations, templates, places } = document['profile'] as Tables;
      const named = (name: string): Row | undefined => functions.find((row) => row.name === name);
      expect(named('run')).toMatchObject({ times: 1 });
      expect(named('twice')).toMatchObject({ times: 7 });
      expect(named('routine i64.div_u')).toMatchObject({ times: 7 });
      expect(named('unused')).toBeUndefined();
      expect(instructions).toBe((document['stats'] as { instructions: number }).instructions);
      expect(sumOf(functions)).toBe(instructions);
      const compiled = sumOf(functions.filter(({ name }) => !name.startsWith('routine ')));
      for (const rows of [operations, templates, places]) {
        expect(sumOf(rows)).toBe(compiled);
        expect(rows.map((row) => row.instructions)).toEqual(rows.map((row) => row.instructions).sort((a, b) => b - a));
      }
      // The shift, and the way back.
      const ofTwice = places.filter(({ function: index }) => index === 0);
      expect(sumOf(ofTwice)).toBe(14);
      for (const { name, wasmOffset } of ofTwice) expect(name).toMatch(new RegExp(`^twice 0x${wasmOffset.toString(16)} \\S+$`));
    }));

  it('shows the most of each to people', () =>
    withFolder({ 'a.wat': module }, (folder) => {
      const { stdout } = runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--profile']);
      for (const heading of ['function ', 'code for ', 'template ', 'place ']) expect(stdout).toMatch(new RegExp(`^${heading}`, 'm'));
      expect(stdout).toMatch(/^twice +7 +\d+ +\d+\.\d$/m);
    }));
});

it.each(['interp', 'v8', 'vsoc-thumb2', 'vsoc-interp-rv32'])('run --profile is refused on %s, which does not run compiled code alone', (engine) =>
  withFolder({ 'a.wat': module }, (folder) => {
    const { status, stderr } = runCli(['run', join(folder, 'a.wat'), '--engine', engine, '--profile']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`--profile counts compiled code, and ${engine} runs none alone`) });
  }),
);

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { assembleText, engineNamed, type EngineOptions } from '@fireball/engines';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import type { KnownFailure } from './known-failures.js';
import { runScript, type SpecResult } from './runner.js';

const options: EngineOptions = { fuel: 1_000_000, maxPages: 65_536 };

/** Modules of the scripts below, by the names of their files. */
const modules = {
  'main.wasm': `(module
    (type $i (func (result i32)))
    (table (export "t") 2 funcref) (elem (i32.const 0) $one)
    (global (export "g") i64 (i64.const 7))
    (func $one (export "one") (result i32) (i32.const 1))
    (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "neg") (param f32) (result f32) (f32.neg (local.get 0)))
    (func (export "nan") (result f64) (f64.div (f64.const 0) (f64.const 0)))
    (func (export "same") (param externref) (result externref) (local.get 0))
    (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
    (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1))))`,
  'importer.wasm': `(module
    (import "main" "t" (table 1 funcref)) (import "main" "one" (func $one (result i32))) (import "main" "g" (global i64))
    (import "spectest" "print_i32_f32" (func $print (param i32 f32))) (import "spectest" "global_f32" (global $f f32))
    (import "spectest" "memory" (memory 1 2)) (import "spectest" "table" (table 10 20 funcref))
    (func (export "through") (result i32) (call $print (i32.const 1) (f32.const 2)) (call_indirect 0 (result i32) (i32.const 0)))
    (func (export "own") (result i32) (call $one))
    (func (export "float") (result f32) (global.get $f)))`,
  'wrong-type.wasm': '(module (import "spectest" "print_i32" (func (param i64))))',
  'unknown.wasm': '(module (import "spectest" "print_i65" (func)))',
  'traps.wasm': '(module (func $s unreachable) (start $s))',
  'segment.wasm': '(module (memory 1) (data (i32.const 65536) "a"))',
} as const;
const assembled = new Map<string, Uint8Array>();
beforeAll(async () => {
  for (const [name, text] of Object.entries(modules)) assembled.set(name, await assembleText(name, text));
});

const raw = {
  invalid: Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 2, 1, 0]),
  malformed: Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]),
};

type Command = Readonly<Record<string, unknown>> & { readonly type: string };

const invoke = (field: string, ...args: unknown[]): { action: object } => ({ action: { type: 'invoke', field, args } });
const i32 = (value: number): object => ({ type: 'i32', value: String(value) });
const main: Command = { type: 'module', name: '$main', filename: 'main.wasm' };

async function run(engine: string, commands: readonly Command[], known: readonly KnownFailure[] = []): Promise<SpecResult> {
  let result: SpecResult | undefined;
  const numbered = commands.map((command, index) => ({ line: index + 1, ...command }));
  const script = JSON.stringify({ source_filename: 'test.wast', commands: numbered });
  const files = { ...Object.fromEntries(assembled), 'invalid.wasm': raw.invalid, 'malformed.wasm': raw.malformed, 'test.json': script };
  await withFolder(files, async (folder) => {
    result = await runScript(join(folder, 'test.json'), engineNamed(engine), options, { known });
  });
  return result!;
}

describe.each(['interp', 'v8'])('on %s', (engine) => {
  it.each<{ name: string; commands: readonly Command[] }>([
    { name: 'results', commands: [main, { type: 'assert_return', ...invoke('two'), expected: [i32(1), { type: 'i64', value: '2' }] }] },
    { name: 'an action', commands: [main, { type: 'action', ...invoke('one') }] },
    {
      name: 'a global',
      commands: [main, { type: 'assert_return', action: { type: 'get', module: '$main', field: 'g' }, expected: [{ type: 'i64', value: '7' }] }],
    },
    {
      name: 'the sign of a signalling NaN',
      commands: [main, { type: 'assert_return', ...invoke('neg', { type: 'f32', value: '2141192193' }), expected: [{ type: 'f32', value: '4288675841' }] }],
    },
    { name: 'a NaN pattern', commands: [main, { type: 'assert_return', ...invoke('nan'), expected: [{ type: 'f64', value: 'nan:canonical' }] }] },
    {
      name: 'a reference',
      commands: [main, { type: 'assert_return', ...invoke('same', { type: 'externref', value: '5' }), expected: [{ type: 'externref', value: '5' }] }],
    },
    { name: 'a trap', commands: [main, { type: 'assert_trap', ...invoke('div', i32(1), i32(0)), text: 'integer divide by zero' }] },
    { name: 'a trap, by the beginning of its kind', commands: [main, { type: 'assert_trap', ...invoke('div', i32(1), i32(0)), text: 'integer divide' }] },
    {
      name: 'a trap, by more than its kind',
      commands: [main, { type: 'assert_trap', ...invoke('div', i32(1), i32(0)), text: 'integer divide by zero in div' }],
    },
    { name: 'exhaustion', commands: [main, { type: 'assert_exhaustion', ...invoke('deep'), text: 'call stack exhausted' }] },
    { name: 'a trap of the start function', commands: [{ type: 'assert_uninstantiable', filename: 'traps.wasm', text: 'unreachable' }] },
    { name: 'a trap of a segment, in the older form', commands: [{ type: 'assert_trap', filename: 'segment.wasm', text: 'out of bounds memory access' }] },
    { name: 'a missing import', commands: [{ type: 'assert_unlinkable', filename: 'unknown.wasm', text: 'unknown import' }] },
    { name: 'an import of another type', commands: [{ type: 'assert_unlinkable', filename: 'wrong-type.wasm', text: 'incompatible import type' }] },
    { name: 'an invalid module', commands: [{ type: 'assert_invalid', filename: 'invalid.wasm', text: 'unknown type' }] },
    { name: 'a malformed module', commands: [{ type: 'assert_malformed', filename: 'malformed.wasm', text: 'unknown binary version' }] },
    {
      name: 'instances that import from one another and from spectest',
      commands: [
        main,
        { type: 'register', name: '$main', as: 'main' },
        { type: 'module', filename: 'importer.wasm' },
        { type: 'assert_return', ...invoke('through'), expected: [i32(1)] },
        { type: 'assert_return', ...invoke('own'), expected: [i32(1)] },
        { type: 'assert_return', ...invoke('float'), expected: [{ type: 'f32', value: '1143383654' }] },
        { type: 'assert_return', action: { type: 'invoke', module: '$main', field: 'one', args: [] }, expected: [i32(1)] },
      ],
    },
  ])('passes: $name', async ({ commands }) => {
    expect(await run(engine, commands)).toEqual({ passed: commands.length, skipped: 0, known: 0, failures: [] });
  });

  it.each<{ says: string; command: Command }>([
    { says: 'one(): expected i32 2, got i32 1', command: { type: 'assert_return', ...invoke('one'), expected: [i32(2)] } },
    { says: 'expected no result, got i32 1', command: { type: 'assert_return', ...invoke('one'), expected: [] } },
    { says: 'got trap: integer divide by zero', command: { type: 'assert_return', ...invoke('div', i32(1), i32(0)), expected: [i32(0)] } },
    { says: 'expected no trap, got trap: integer divide by zero', command: { type: 'action', ...invoke('div', i32(1), i32(0)) } },
    { says: 'expected a trap: unreachable, got i32 1', command: { type: 'assert_trap', ...invoke('one'), text: 'unreachable' } },
    { says: 'expected a trap: unreachable, got trap: integer divide', command: { type: 'assert_trap', ...invoke('div', i32(1), i32(0)), text: 'unreachable' } },
    { says: 'expected a trap: call stack exhausted', command: { type: 'assert_exhaustion', ...invoke('one'), text: 'call stack exhausted' } },
    { says: 'got an instance', command: { type: 'assert_uninstantiable', filename: 'main.wasm', text: 'unreachable' } },
    { says: 'expected a trap: out of bounds', command: { type: 'assert_uninstantiable', filename: 'traps.wasm', text: 'out of bounds memory access' } },
    { says: 'got an instance', command: { type: 'assert_unlinkable', filename: 'main.wasm', text: 'unknown import' } },
    { says: 'instantiation trapped', command: { type: 'assert_unlinkable', filename: 'traps.wasm', text: 'unknown import' } },
    { says: 'expected that the module is refused', command: { type: 'assert_invalid', filename: 'main.wasm', text: 'type mismatch' } },
    { says: 'expected that the module is refused', command: { type: 'assert_malformed', filename: 'main.wasm', text: 'unexpected end' } },
    { says: 'no instance $other: it was never defined', command: { type: 'register', name: '$other', as: 'x' } },
    { says: 'no exported function', command: { type: 'action', ...invoke('none') } },
    { says: 'the script command assert_exception', command: { type: 'assert_exception', ...invoke('one') } },
    { says: 'modules in the text format', command: { type: 'module', filename: 'main.wat', module_type: 'text' } },
    { says: 'the command names no file', command: { type: 'module' } },
    { says: 'values of type v128', command: { type: 'action', ...invoke('one', { type: 'v128' }) } },
  ])('fails: $says', async ({ says, command }) => {
    const { passed, failures } = await run(engine, [main, command]);
    expect(passed).toBe(1);
    expect(failures).toEqual([{ file: 'test.wast', line: 2, engine, message: expect.stringContaining(says) as unknown }]);
  });

  it('fails whatever uses a module that was not instantiated, with its reason', async () => {
    const { passed, failures } = await run(engine, [main, { type: 'module', filename: 'traps.wasm' }, { type: 'action', ...invoke('one') }]);
    expect(passed).toBe(1);
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('instantiation trapped'), expect.stringContaining('no instance: ')]);
  });

  it('skips malformed tests in the text format, and nothing else', async () => {
    const commands = [{ type: 'assert_malformed', module_type: 'text', filename: 'x.wat', text: 'unknown operator' }];
    expect(await run(engine, commands)).toEqual({ passed: 0, skipped: 1, known: 0, failures: [] });
  });

  it('counts a listed failure apart, and fails where it passes', async () => {
    const known = [2, 3].map((line) => ({ engine, file: 'test.wast', line, reason: 'it is so' }));
    const wrong: Command = { type: 'assert_return', ...invoke('one'), expected: [i32(2)] };
    const right: Command = { type: 'assert_return', ...invoke('one'), expected: [i32(1)] };
    const result = await run(engine, [main, wrong, right], [...known, { ...known[0]!, engine: 'other', line: 1 }]);
    expect(result).toMatchObject({ passed: 1, known: 1 });
    expect(result.failures).toMatchObject([{ line: 3, message: expect.stringContaining('it is so') as unknown }]);
  });
});

describe('a script in its own text', () => {
  const text = `(module $m (memory 1)
  (func (export "load") (drop (i32.load (i32.const -1))))
  (func (export "aé") (result f32) (f32.neg (f32.const nan:0x200000))))
(assert_trap (invoke "load") "out of bounds")
(register "m" $m)
(module (import "m" "load" (func $f)) (func (export "g") (call $f)))
(assert_trap (invoke "g") "out of bounds memory access")
(assert_return (invoke $m "aé") (f32.const -nan:0x200000))
(assert_return (invoke $m "aé") (f32.const 1))
(assert_malformed (module quote "(func") "unexpected end")
(assert_malformed (module binary "\\00as") "unexpected end")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_unlinkable (module (import "m" "x" (func))) "unknown import")
`;

  it.each(['interp', 'v8'])('is run on %s', (engine) =>
    withFolder({ 'own.wast': text }, async (folder) => {
      const failures = [{ file: 'own.wast', line: 9, engine, message: expect.stringContaining('expected f32 1') as unknown }];
      expect(await runScript(join(folder, 'own.wast'), engineNamed(engine), options)).toEqual({ passed: 9, skipped: 1, known: 0, failures });
    }),
  );

  it('is run once where its JSON form lies beside it', () =>
    withFolder({ 'a.wast': '(module)', 'a.json': '{"source_filename": "a.wast", "commands": []}', 'b.wast': '(module)(module)' }, (folder) => {
      const { engines } = documentOf(runCli(['spec', folder, '--engines', 'interp', '--jobs', '1', '--json']));
      expect(engines).toMatchObject({ interp: { passed: 2, failed: 0 } });
    }));

  it('that is wrong is bad input, with its line', () =>
    withFolder({ 'a.wast': '(module)\n(assert_what)' }, async (folder) => {
      await expect(runScript(join(folder, 'a.wast'), engineNamed('interp'), options)).rejects.toMatchObject({ facts: { line: 2 } });
    }));
});

describe('a script', () => {
  it.each([
    ['{', 'this is no JSON'],
    ['[]', 'no output of wast2json'],
    ['null', 'no output of wast2json'],
    ['{"source_filename": "a.wast"}', 'no output of wast2json'],
    ['{"source_filename": "a.wast", "commands": [{"type": "module", "line": 1}, null]}', 'command 1: it is no object'],
    ['{"source_filename": "a.wast", "commands": [{"type": "module", "line": "1"}]}', 'command 0: line must be a whole number'],
    ['{"source_filename": "a.wast", "commands": [7]}', 'command 0: it is no object'],
    ['{"source_filename": "a.wast", "commands": [{"line": 1}]}', 'command 0: type must be a string'],
    ['{"source_filename": "a.wast", "commands": [{"type": "module", "line": 1, "filename": 7}]}', 'command 0: filename must be a string'],
    [
      '{"source_filename": "a.wast", "commands": [{"type": "action", "line": 1, "action": null}]}',
      'command 0: action must be an object with type, field and args',
    ],
    [
      '{"source_filename": "a.wast", "commands": [{"type": "action", "line": 1, "action": {"type": "invoke", "field": "f", "args": [null]}}]}',
      'command 0: action must be an object',
    ],
    [
      '{"source_filename": "a.wast", "commands": [{"type": "assert_return", "line": 1, "action": {"type": "invoke", "field": "f"}, "expected": {}}]}',
      'command 0: expected must be a list of values with types',
    ],
  ])('%s is bad input', async (content, says) => {
    await withFolder({ 'a.json': content }, async (folder) => {
      await expect(runScript(join(folder, 'a.json'), engineNamed('interp'), options)).rejects.toThrow(says);
    });
  });
});

import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  assembleText,
  checkNamedImports,
  engines,
  importPolicy,
  interpEngine,
  type Engine,
  type HostCallRecord,
  type ImportPolicy,
  type LoadedModule,
} from '@fireball/engines';
import { documentOf, runCli, withFolder } from '@fireball/testkit';
import { decodeModule, validateModule } from '@fireball/wasm';
import { diffModule, emptyTotals, type DiffOptions, type DiffTotals } from './diff.js';

const wasiModule = 'wasi_snapshot_preview1';
const options: DiffOptions = { fuel: 200_000, maxPages: 16, calls: 6, seed: 1 };
const seeded: ImportPolicy = { others: 'seeded', seed: 1 };
const limits = { fuel: options.fuel, maxPages: options.maxPages };

async function load(text: string): Promise<LoadedModule> {
  const module = decodeModule(await assembleText('test.wat', text));
  return { file: 'test.wat', module, validated: validateModule(module) };
}

async function diff(text: string, imports: ImportPolicy, others: readonly Engine[] = engines.slice(1)): Promise<DiffTotals> {
  const totals = emptyTotals();
  await diffModule(await load(text), interpEngine, others, { ...options, imports }, totals);
  return totals;
}

const agreed = { mismatches: 0, fallbacks: 0, inconclusive: 0, failures: [] };

/** Everything that can be imported, asked for in many ways. */
const everything = `(module
  (import "env" "many" (func $many (param i32 i64 f32 f64 i32 i32 i64) (result f64 i32 i64 f32 i32)))
  (import "env" "tell" (func $tell (param f64 f32 externref funcref)))
  (import "env" "ref" (func $ref (result externref)))
  (import "env" "function" (func $function (result funcref)))
  (import "env" "memory" (memory 1 3))
  (import "env" "table" (table 2 8 funcref))
  (import "env" "things" (table 3 externref))
  (import "env" "base" (global $base i32))
  (import "env" "float" (global f64))
  (import "env" "count" (global $count (mut i64)))
  (import "env" "__stack_pointer" (global $sp (mut i32)))
  (export "asIs" (func $ref))
  (elem (global.get $base) $work)
  (data (i32.const 65530) "beyond the first page")
  (func $work (export "work") (param i32 i64 f32 f64) (result f64 i32 i64 f32 i32)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (call $tell (local.get 3) (local.get 2) (call $ref) (call $function))
    (call $many (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 5) (local.get 0) (i64.const -6)))
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (param i32 i64 f32 f64) (result f64 i32 i64 f32 i32) (local.get 0) (i64.const 3) (f32.const 2) (f64.const 1) (i32.const 0))
    drop drop drop drop drop (memory.size))
  (func (export "tail") (result externref) (return_call $ref))
  (func (export "sp") (result i32) (i32.store (i32.sub (global.get $sp) (i32.const 4)) (i32.const 7)) (global.get $sp))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "keep") (table.set 1 (i32.const 2) (call $ref)) (table.set 0 (i32.const 1) (call $function))))`;

describe('stand-ins are the same on every engine', () => {
  it.each<[string, ImportPolicy]>([
    ['seeded', seeded],
    ['another seed', { ...seeded, seed: 77 }],
    ['zero', { others: 'zero', seed: 1 }],
    ['trap', { others: 'trap', seed: 1 }],
    [
      'a file',
      { others: 'zero', seed: 1, named: { 'env.ref': [null, 'trap'], 'env.many': [['nan', -1, '0x7fffffffffffffff', 'bits:0x7fa00001', 3]], 'env.base': 1 } },
    ],
  ])(
    '%s',
    async (_name, policy) => {
      const totals = await diff(everything, policy);
      expect(totals).toMatchObject({ ...agreed, functions: 7 });
      expect(totals.calls).toBeGreaterThan(15);
    },
    60_000,
  );

  it('and tell imports apart whose names are the same with a dot between', async () => {
    const text =
      '(module (import "a" "b.c" (global i32)) (import "a.b" "c" (func $f (result i32))) (func (export "run") (result i32) (i32.add (global.get 0) (call $f))))';
    expect(await diff(text, seeded)).toMatchObject({ ...agreed, functions: 1 });
  });

  it('WASI functions are ours, and what a program writes is compared', async () => {
    const text = `(module
      (import "${wasiModule}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "${wasiModule}" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (import "${wasiModule}" "random_get" (func $random (param i32 i32) (result i32)))
      (import "${wasiModule}" "proc_exit" (func $exit (param i32)))
      (import "env" "answer" (func $answer (result i32)))
      (memory (export "memory") 1) (data (i32.const 64) "hello")
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 5))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 16)))
        (drop (call $random (i32.const 24) (i32.const 8)))
        (call $exit (call $answer))))`;
    const instance = await interpEngine.instantiate(await load(text), { ...limits, imports: seeded });
    const { trap, hostCalls } = instance.invoke('_start', []);
    expect(trap?.kinds).toEqual(['ended by the host']);
    expect(hostCalls?.map(({ name, results }) => `${name} ${results?.length ?? 'ends'}`)).toEqual([
      'stdout 0',
      `${wasiModule}.fd_write 1`,
      `${wasiModule}.clock_time_get 1`,
      `${wasiModule}.random_get 1`,
      'env.answer 1',
      `${wasiModule}.proc_exit ends`,
    ]);
    expect(instance.memory(0).subarray(8, 12)).toEqual(Uint8Array.of(5, 0, 0, 0));
    expect(await diff(text, seeded)).toMatchObject({ ...agreed, calls: 1 });
  });

  it('a function of WASI with parameters split in two, as compilers for JavaScript make it, answers as others do', async () => {
    const text = `(module (import "${wasiModule}" "fd_seek" (func $seek (param i32 i32 i32 i32 i32) (result i32)))
      (func (export "run") (result i32) (call $seek (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5))))`;
    const instance = await interpEngine.instantiate(await load(text), { ...limits, imports: { others: 'zero', seed: 1 } });
    expect(instance.invoke('run', [])).toMatchObject({ results: [{ value: 0 }], hostCalls: [{ name: `${wasiModule}.fd_seek` }] });
    expect(await diff(text, seeded)).toMatchObject({ ...agreed, calls: 1 });
  });

  it('a module that waits for its host is ended, and goes on afterwards', async () => {
    const text = `(module (import "env" "ready" (func $ready (result i32))) (global (mut i32) (i32.const 0))
      (func (export "wait") (loop (br_if 0 (i32.eqz (call $ready)))))
      (func (export "count") (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (global.get 0)))`;
    const totals = await diff(
      text,
      { others: 'zero', seed: 1 },
      engines.filter(({ name }) => ['v8', 'thumb2', 'rv32'].includes(name)),
    );
    expect(totals).toMatchObject({ ...agreed, calls: 2 });
  });

  it('a start function that its host ends does not start on any engine', async () => {
    const text = '(module (import "env" "f" (func $f)) (start $f) (func (export "run")))';
    expect(await diff(text, { others: 'trap', seed: 1 })).toMatchObject({ ...agreed, calls: 0 });
  });
});

/** The reference, with its host calls changed. */
function changed(change: (calls: readonly HostCallRecord[]) => readonly HostCallRecord[]): Engine {
  return {
    ...interpEngine,
    name: 'changed',
    async instantiate(loaded, engineOptions) {
      const instance = await interpEngine.instantiate(loaded, engineOptions);
      return {
        ...instance,
        invoke(name, args) {
          const outcome = instance.invoke(name, args);
          return { ...outcome, hostCalls: change(outcome.hostCalls ?? []) };
        },
      };
    },
  };
}

describe('what a module asks its host is compared', () => {
  const text = '(module (import "env" "f" (func $f (param i32 i64) (result i32))) (func (export "run") (drop (call $f (i32.const 1) (i64.const 2)))))';
  const answer = { type: 'i32', value: 0 } as const;
  it.each<[string, (calls: readonly HostCallRecord[]) => readonly HostCallRecord[], string]>([
    ['a call less', () => [], 'no host call 1'],
    ['a call more', (calls) => [...calls, ...calls], 'host call 2: env.f(i32 1 (0x00000001), i64 2 (0x0000000000000002)) returns i32 0 (0x00000000)'],
    [
      'another argument',
      ([call]) => [{ ...call!, args: [{ type: 'i32', value: 9 }, call!.args[1]!] }],
      'host call 1: env.f(i32 9 (0x00000009), i64 2 (0x0000000000000002)) returns i32 0 (0x00000000)',
    ],
    [
      'another function',
      ([call]) => [{ ...call!, name: 'env.g' }],
      'host call 1: env.g(i32 1 (0x00000001), i64 2 (0x0000000000000002)) returns i32 0 (0x00000000)',
    ],
    ['an end', ([call]) => [{ ...call!, results: null }], 'host call 1: env.f(i32 1 (0x00000001), i64 2 (0x0000000000000002)) ends the call'],
  ])('%s', async (_name, change, actual) => {
    const policy: ImportPolicy = { others: 'zero', seed: 1 };
    expect(await diff(text, policy, [changed(change)])).toMatchObject({ mismatches: 1, failures: [{ function: 'run', actual }] });
    expect(await diff(text, policy, [changed((calls) => calls.map((call) => ({ ...call, results: [answer] })))])).toMatchObject(agreed);
  });
});

const importing = '(module (import "env" "f" (func $f (param i32) (result i32))) (func (export "run") (result i32) (call $f (i32.const 4))))';

async function instantiateWith(file: string): Promise<void> {
  const loaded = await load(importing);
  const imports = importPolicy(file, 1);
  checkNamedImports(loaded, imports);
  await interpEngine.instantiate(loaded, { ...limits, imports });
}

describe('--imports FILE', () => {
  it.each<[string, string, string]>([
    ['no JSON', '{', 'no JSON'],
    ['a list', '[]', 'it must be an object with "others" and "answers"'],
    ['an unknown field', '{ "answer": {} }', 'unknown field "answer"'],
    ['unknown others', '{ "others": "random" }', '"others" must be one of seeded, zero, trap'],
    ['answers that are no object', '{ "answers": [1] }', '"answers" must be an object'],
    ['no answer', '{ "answers": { "env.f": [] } }', '"env.f" must be a list of answers'],
    ['an answer of another kind', '{ "answers": { "env.f": [1, true] } }', 'answer 1 of "env.f" must be a number, text, null, or a list of them'],
    ['a value for a function', '{ "answers": { "env.f": 1 } }', '"env.f" is a function: a list of answers is wanted'],
    ['another type', '{ "answers": { "env.f": [1.5] } }', `"env.f": '1.5' is not an integer`],
    ['too many results', '{ "answers": { "env.f": [[1, 2]] } }', '"env.f" has 1 result(s) (i32), its answer 2'],
    ['an import that there is not', '{ "answers": { "env.g": [1] } }', "unknown import 'env.g' (did you mean env.f?)"],
  ])('%s is refused', (_name, content, says) =>
    withFolder({ 'answers.json': content }, (folder) => {
      const file = join(folder, 'answers.json');
      return expect(instantiateWith(file)).rejects.toEqual(expect.objectContaining({ exitStatus: 65, message: expect.stringContaining(`${file}: ${says}`) }));
    }),
  );

  it('answers, also one call by itself', () =>
    withFolder({ 'm.wat': importing, 'answers.json': '{ "answers": { "env.f": [42] } }' }, (folder) => {
      const module = join(folder, 'm.wat');
      const answers = ['--imports', join(folder, 'answers.json')];
      expect(runCli(['run', module, '--engine', 'thumb2', ...answers]).stdout).toContain('i32 42');
      expect(documentOf(runCli(['diff', module, '--json', ...answers]))).toMatchObject({ calls: 1, mismatches: 0, refused: [] });
    }));

  it.each([
    [['diff', '--imports', '/nowhere'], 2, "there is no file '/nowhere'"],
    [['run'], 65, 'there is nothing behind the import "env" "f" (--imports seeded makes stand-ins for imports)'],
  ])('%p is refused', ([command, ...rest], status, says) =>
    withFolder({ 'm.wat': importing }, (folder) => {
      const result = runCli([command!, join(folder, 'm.wat'), ...rest]);
      expect(result.stderr).toContain(says);
      expect(result).toMatchObject({ status, stdout: '' });
    }),
  );

  it('a listing needs no stand-ins that answer', () =>
    withFolder({ 'm.wat': importing }, (folder) => {
      expect(runCli(['compile', join(folder, 'm.wat')])).toMatchObject({ status: 0, stdout: expect.stringContaining('1 functions, ') });
    }));
});

describe('refused modules', () => {
  const good = '(module (func (export "run")))';
  const bad = '(module (func (export "run") (result v128) (v128.const i32x4 0 0 0 0)))';
  it('in a folder are counted and named, the others run', () =>
    withFolder({ 'a.wat': good, 'bad.wat': bad, 'c.wat': importing }, (folder) => {
      const result = runCli(['diff', folder]);
      expect(result).toMatchObject({ status: 0, stderr: '' });
      expect(result.stdout).toContain(`refused: ${join(folder, 'bad.wat')}`);
      expect(result.stdout).toMatch(/^2 modules, 2 functions, 2 calls .*, 1 modules refused$/m);
      const document = documentOf(runCli(['diff', folder, '--json']));
      expect(document).toMatchObject({ modules: 2, refused: [{ module: join(folder, 'bad.wat'), reason: expect.stringContaining('SIMD') }] });
    }));

  it('that were named, or that are all there is, are bad input', () =>
    withFolder({ 'a.wat': good, 'bad.wat': bad, 'worse.wat': bad }, (folder) => {
      const [a, b, c] = ['a.wat', 'bad.wat', 'worse.wat'].map((name) => join(folder, name));
      expect(runCli(['diff', a!, b!])).toMatchObject({ status: 65, stdout: expect.stringContaining('1 modules, 1 functions') });
      expect(runCli(['diff', b!, c!])).toMatchObject({ status: 65 });
      expect(runCli(['diff', b!])).toMatchObject({ status: 65, stdout: '' });
    }));
});

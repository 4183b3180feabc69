import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { decodeModule, Store, validateModule } from '@fireball/wasm';
import { interpret, JsMemory, type JsImports, type JsInstance } from './modules/interpreted.js';
import { largeModules, loadGlue, readModule } from './modules/packages.js';

describe('large modules decode and validate', () => {
  it.each(largeModules)(
    '$name',
    ({ name, path, functions }) => {
      const bytes = readModule(path);
      const start = performance.now();
      const module = decodeModule(bytes);
      const validated = validateModule(module);
      const milliseconds = performance.now() - start;
      expect(module.functionTypes.length).toBe(functions);
      expect(validated.functions.length).toBe(functions - module.imported.function);
      process.stdout.write(`${name}: ${(bytes.length / 1e6).toFixed(2)} MB, ${(bytes.length / 1e3 / milliseconds).toFixed(1)} MB/s\n`);
    },
    60_000,
  );
});

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: JsImports) => JsInstance;
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => object;
}
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** What runs a package's module. */
interface Runner {
  instantiate(bytes: Uint8Array, imports: JsImports): JsInstance;
  memory(minimum: number, maximum: number): object;
  /** Wasm instructions executed so far, where they are counted: proof that the module ran here. */
  executed(): number;
}

const runners = {
  v8: (): Runner => ({
    instantiate: (bytes, imports) => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports),
    memory: (initial, maximum) => new WebAssembly.Memory({ initial, maximum }),
    executed: () => Number.NaN,
  }),
  interp: (): Runner => {
    const store = new Store();
    return {
      instantiate: (bytes, imports) => interpret(store, validateModule(decodeModule(bytes)), imports),
      memory: (min, max) => new JsMemory(store.memory({ limits: { min, max }, pageSize: 65536 })),
      executed: () => store.executor.executed,
    };
  },
};

/** Options of glue code by Emscripten that let somebody else make the instance. */
function emscripten(runner: Runner, path: string): object {
  return {
    instantiateWasm(imports: JsImports, done: (instance: JsInstance, module: object) => void): object {
      done(runner.instantiate(readModule(path), imports), {});
      return {};
    },
  };
}

interface SqlDatabase {
  run(sql: string): void;
  exec(sql: string): unknown;
  close(): void;
}
type SqlGlue = (options: object) => Promise<{ readonly Database: new () => SqlDatabase }>;

async function sqlite(runner: Runner, build: string): Promise<unknown> {
  const glue = loadGlue(`sql.js/dist/${build}.js`) as SqlGlue;
  const { Database } = await glue(emscripten(runner, `sql.js/dist/${build}.wasm`));
  const database = new Database();
  database.run('CREATE TABLE kernel (name TEXT PRIMARY KEY, cycles INTEGER, ratio REAL)');
  database.run("INSERT INTO kernel VALUES ('crc32', 1092533, 1.25), ('fib', 9223372036854775807, -0.1), ('sieve', NULL, 1e300)");
  const rows = database.exec(
    `SELECT upper(name), cycles, ratio * 3, printf('%.17g %5.2f', ratio, ratio), sqlite_version() FROM kernel ORDER BY ratio DESC;
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT sum(i * i), avg(i), group_concat(i % 7, '') FROM n;
     PRAGMA integrity_check`,
  );
  database.close();
  return rows;
}

interface CapstoneGlue {
  readonly ARCH_ARM: number;
  readonly MODE_THUMB: number;
  readonly ARCH_X86: number;
  readonly MODE_64: number;
  readonly Capstone: new (arch: number, mode: number) => { disasm(code: readonly number[], address: number): unknown; close(): void };
}

async function capstone(runner: Runner): Promise<unknown> {
  const glue = loadGlue('@alexaltea/capstone-js') as (options: object) => Promise<CapstoneGlue>;
  const loaded = await glue(emscripten(runner, '@alexaltea/capstone-js/dist/capstone.wasm'));
  const disassemble = (arch: number, mode: number, code: readonly number[]): unknown => {
    const decoder = new loaded.Capstone(arch, mode);
    const instructions = decoder.disasm(code, 0x1000);
    decoder.close();
    return instructions;
  };
  return [
    disassemble(loaded.ARCH_ARM, loaded.MODE_THUMB, [0x08, 0xbf, 0x01, 0x30, 0x4f, 0xf0, 0xff, 0x31, 0xfb, 0xf7, 0xfe, 0xff]),
    disassemble(loaded.ARCH_X86, loaded.MODE_64, [0x48, 0x8b, 0x44, 0xc8, 0x10, 0xf3, 0x0f, 0x10, 0x05, 1, 2, 3, 4, 0xc3]),
  ];
}

interface QuickJsGlue {
  cwrap(name: string, result: 'number', parameters: readonly ('number' | 'string')[]): (...args: unknown[]) => number;
  UTF8ToString(address: number): string;
}

async function quickjs(runner: Runner): Promise<unknown> {
  const path = '@jitl/quickjs-wasmfile-release-sync';
  const { default: glue } = (await import('@jitl/quickjs-wasmfile-release-sync/emscripten-module')) as unknown as {
    default: (options: object) => Promise<QuickJsGlue>;
  };
  const loaded = await glue({ ...emscripten(runner, `${path}/wasm`), wasmMemory: runner.memory(256, 32768) });
  const number = (count: number): 'number'[] => Array.from({ length: count }, () => 'number');
  const runtime = loaded.cwrap('QTS_NewRuntime', 'number', [])();
  const context = loaded.cwrap('QTS_NewContext', 'number', number(2))(runtime, 0);
  const source = `
    const squares = Array.from({ length: 20 }, (_, i) => i ** 2.5);
    const sorted = [...'fireball'].sort((a, b) => b.localeCompare(a)).join('');
    JSON.stringify({ squares, sorted, big: String(2n ** 100n), match: /(\\d+)-(\\d+)/.exec('12-345').slice(), hex: (0.1).toString(2) })`;
  const evaluate = loaded.cwrap('QTS_Eval', 'number', ['number', 'number', 'number', 'string', 'number', 'number']);
  const code = new TextEncoder().encode(source);
  const buffer = loaded.cwrap('malloc', 'number', number(1))(code.length + 1);
  new Uint8Array((loaded as unknown as { HEAPU8: Uint8Array }).HEAPU8.buffer).set([...code, 0], buffer);
  const result = evaluate(context, buffer, code.length, 'test.js', 0, 0);
  return loaded.UTF8ToString(loaded.cwrap('QTS_GetString', 'number', number(2))(context, result));
}

const programs: readonly (readonly [name: string, program: (runner: Runner) => Promise<unknown>, expected: string])[] = [
  ['sql.js', (runner) => sqlite(runner, 'sql-wasm'), "'CRC32', 1092533, 3.75"],
  ['sql.js, debug build', (runner) => sqlite(runner, 'sql-wasm-debug'), "'CRC32', 1092533, 3.75"],
  ['capstone-js', capstone, 'rax, qword ptr [rax + rcx*8 + 0x10]'],
  ['quickjs', quickjs, '1267650600228229401496703205376'],
];

describe('large modules give the same results in the interpreter and in V8', () => {
  it.each(programs)(
    '%s',
    async (_, program, expected) => {
      jest.resetModules();
      const inV8 = await program(runners.v8());
      expect(inspect(inV8, { depth: null })).toContain(expected);
      // Glue code keeps the instance that it has.
      jest.resetModules();
      const interpreted = runners.interp();
      expect(await program(interpreted)).toEqual(inV8);
      expect(interpreted.executed()).toBeGreaterThan(100_000);
    },
    120_000,
  );
});

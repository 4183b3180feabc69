import { beforeAll, describe, expect, it } from '@jest/globals';
import { UnsupportedError } from '@fireball/contracts';
import { assembleText, interpEngine, ModuleTrapError, v8Engine, type CallStatistics, type Engine, type LoadedModule, type Outcome } from '@fireball/engines';
import { decodeModule, validateModule, type Value } from '@fireball/wasm';
import { diffModule, emptyTotals, type DiffTotals } from './diff.js';

const options = { fuel: 100_000, maxPages: 16, calls: 8, seed: 1 };

async function load(text: string): Promise<LoadedModule> {
  const module = decodeModule(await assembleText('test.wat', text));
  return { file: 'test.wat', module, validated: validateModule(module) };
}

async function diff(loaded: LoadedModule, ...engines: Engine[]): Promise<DiffTotals> {
  const totals = emptyTotals();
  await diffModule(loaded, interpEngine, engines, options, totals);
  return totals;
}

/** The reference, with something about it changed: an engine as a broken JIT would be. */
function changed(changes: {
  native?: boolean;
  romInterpreter?: true;
  statistics?: Partial<CallStatistics>;
  outcome?: (outcome: Outcome) => Outcome;
  memory?: (bytes: Uint8Array) => Uint8Array;
  global?: () => Value;
}): Engine {
  return {
    ...interpEngine,
    name: 'changed',
    native: changes.native ?? false,
    ...(changes.romInterpreter === undefined ? {} : { romInterpreter: true }),
    async instantiate(loaded, engineOptions) {
      const instance = await interpEngine.instantiate(loaded, engineOptions);
      return {
        ...instance,
        invoke(name, args) {
          const outcome = instance.invoke(name, args);
          const seen = changes.outcome?.(outcome) ?? outcome;
          return { ...seen, statistics: { ...seen.statistics, ...changes.statistics } };
        },
        memory: (index) => changes.memory?.(instance.memory(index)) ?? instance.memory(index),
        global: changes.global ?? ((index) => instance.global(index)),
      };
    },
  };
}

const work = `(module
  (memory 1) (global (mut i32) (i32.const 7))
  (func (export "add") (param i32 i32) (result i32)
    (i32.store (i32.const 65532) (local.get 0)) (i32.add (local.get 0) (local.get 1)))
  (func (export "trap") unreachable))`;

describe('a module whose engines agree', () => {
  it('counts modules, functions and calls', async () => {
    expect(await diff(await load(work), v8Engine, changed({}))).toEqual({
      modules: 1,
      functions: 2,
      calls: options.calls + 1,
      mismatches: 0,
      inconclusive: 0,
      fallbacks: 0,
      failures: [],
    });
  });

  it.each([
    ['a data segment', '(memory 1) (data (i32.const 65535) "ab")'],
    ['an element segment', '(table 1 funcref) (func) (elem (i32.const 1) 0)'],
    ['the start function', '(func $s unreachable) (start $s)'],
  ])('agrees that %s traps as it starts', async (_name, fields) => {
    expect(await diff(await load(`(module ${fields})`), v8Engine)).toMatchObject({ mismatches: 0, failures: [] });
  });

  it('counts exhaustion as inconclusive and goes on with fresh instances', async () => {
    const text = `(module (memory 1)
      (func $deep (export "deep") (result i32) (i32.store8 (i32.const 0) (i32.const 1)) (call $deep))
      (func (export "endless") (loop (br 0)))
      (func (export "get") (result i32) (i32.load8_u (i32.const 0))))`;
    expect(await diff(await load(text), v8Engine)).toMatchObject({ calls: 3, inconclusive: 2, mismatches: 0, failures: [] });
  });
});

describe('an engine that differs', () => {
  let loaded: LoadedModule;
  beforeAll(async () => {
    loaded = await load(work);
  });

  it.each<[string, Engine, object]>([
    [
      'in a result',
      changed({ outcome: (outcome) => ({ ...outcome, results: outcome.results.map(() => ({ type: 'i32', value: 5 })) }) }),
      { function: 'add', actual: 'i32 5 (0x00000005)' },
    ],
    [
      'in a trap',
      changed({ outcome: (outcome) => (outcome.trap === null ? outcome : { ...outcome, trap: null }) }),
      { function: 'trap', expected: 'trap: unreachable', actual: 'no result' },
    ],
    [
      'in the last byte of memory',
      changed({ memory: (bytes) => bytes.map((byte, at) => (at === 65535 ? byte ^ 1 : byte)) }),
      { actual: expect.stringContaining('memory 0[0xffff] = ') },
    ],
    ['in the size of memory', changed({ memory: (bytes) => bytes.subarray(1) }), { expected: 'memory 0: 65536 bytes', actual: 'memory 0: 65535 bytes' }],
    [
      'in a global',
      changed({ global: () => ({ type: 'i32', value: 8 }) }),
      { expected: 'global 0 = i32 7 (0x00000007)', actual: 'global 0 = i32 8 (0x00000008)' },
    ],
  ])('%s is a mismatch', async (_name, engine, failure) => {
    const totals = await diff(loaded, engine);
    expect(totals.mismatches).toBeGreaterThan(0);
    expect(totals.failures[0]).toMatchObject({ module: 'test.wat', engine: 'changed', ...failure });
  });

  it('in what instantiation left is a mismatch of the module, without any call', async () => {
    const totals = await diff(await load('(module (memory 1) (data (i32.const 3) "a"))'), changed({ memory: (bytes) => bytes.map(() => 0) }));
    expect(totals).toMatchObject({ calls: 0, mismatches: 1, failures: [{ function: null, expected: 'memory 0[0x3] = 0x61', actual: 'memory 0[0x3] = 0x00' }] });
  });

  it.each<[string, Partial<CallStatistics>, number]>([
    // The other call traps: the place of the trap shows that compiled code was reached.
    ['executed nothing in sealed code', { nativeInstructions: 0 }, options.calls],
    ['did not compile a function', { nativeInstructions: 10, fallbacks: 1 }, options.calls + 1],
    ['compiled everything', { nativeInstructions: 10, fallbacks: 0 }, 0],
  ])('a native engine that %s', async (_name, statistics, fallbacks) => {
    const totals = await diff(loaded, changed({ native: true, statistics }));
    expect(totals).toMatchObject({ mismatches: 0, fallbacks });
    expect(totals.failures).toHaveLength(fallbacks);
  });

  it.each<[string, Partial<CallStatistics>, number]>([
    ['executed nothing of it', { interpreterInstructions: 0 }, options.calls],
    ['ran compiled code', { interpreterInstructions: 10, nativeInstructions: 1 }, options.calls + 1],
    ['compiled a function', { interpreterInstructions: 10, compiledFunctions: 1 }, options.calls + 1],
    ['did as it says', { interpreterInstructions: 10 }, 0],
  ])('an interpreter in ROM that %s', async (_name, statistics, fallbacks) => {
    const totals = await diff(loaded, changed({ romInterpreter: true, statistics }));
    expect(totals).toMatchObject({ mismatches: 0, fallbacks });
  });

  it('that runs out of stack where the call must fit is a mismatch, and inconclusive where it need not', async () => {
    const deep = await load(`(module (func $deep (export "run") (param i32) (result i32)
      (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1)))))`);
    const trap = { kinds: ['call stack exhausted'], wasmOffset: null, function: null, backtrace: [] } as const;
    const shallow: Engine = { ...changed({ outcome: (outcome) => ({ ...outcome, results: [], trap }) }), stackBytes: 10_000 };
    const judge = async (depth: number): Promise<DiffTotals> => {
      const totals = emptyTotals();
      await diffModule(deep, interpEngine, [shallow], { ...options, invoke: [`run=${depth}`] }, totals);
      return totals;
    };
    expect(await judge(30)).toMatchObject({
      mismatches: 1,
      inconclusive: 0,
      failures: [{ actual: 'trap: call stack exhausted, of 10,000 bytes, by 31 nested calls with 93 locals and operands' }],
    });
    expect(await judge(100)).toMatchObject({ mismatches: 0, inconclusive: 1, failures: [] });
  });

  it('that takes too long is a mismatch, in a start function too', async () => {
    const endless = changed({
      outcome: (outcome) => ({ ...outcome, results: [], trap: { kinds: ['out of fuel'], wasmOffset: null, function: null, backtrace: [] } }),
    });
    const totals = await diff(loaded, endless);
    expect(totals).toMatchObject({ mismatches: options.calls + 1, inconclusive: 0 });
    expect(totals.failures[0]).toMatchObject({ actual: 'does not end, where the reference took 7 wasm instructions' });
    const starting: Engine = {
      ...changed({}),
      instantiate: (_, { reference }) =>
        Promise.reject(
          new ModuleTrapError('test.wat', { kinds: reference === undefined ? [] : ['out of fuel'], wasmOffset: null, function: null, backtrace: [] }),
        ),
    };
    const started = await diff(await load('(module (func $s (drop (i32.const 1))) (start $s))'), starting);
    expect(started).toMatchObject({ mismatches: 1, failures: [{ function: null, actual: 'does not end, where the reference took 3 wasm instructions' }] });
  });

  it('a native engine that refuses the module is a fallback, named once', async () => {
    const refusing: Engine = {
      ...changed({ native: true }),
      instantiate: () => Promise.reject(new UnsupportedError('i64.mul', { file: 'test.wat' })),
    };
    const totals = await diff(loaded, refusing);
    expect(totals).toMatchObject({ mismatches: 0, fallbacks: 1 });
    expect(totals.failures).toEqual([
      {
        module: 'test.wat',
        function: null,
        args: [],
        engine: 'changed',
        expected: 'an instance',
        actual: 'test.wat: not supported: i64.mul',
        wasmOffset: null,
      },
    ]);
  });
});

describe('NaNs that V8 leaves in memory', () => {
  const nan32 = [0x00, 0x00, 0xc0, 0x7f];
  const negativeNaN32 = [0x00, 0x00, 0xc0, 0xff];
  const nan64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
  const payload64 = [1, 2, 3, 4, 5, 6, 0xff, 0xff];
  it.each<[string, number, readonly number[], readonly number[], boolean]>([
    ['a sign', 64, nan32, negativeNaN32, true],
    ['a misaligned one', 71, nan32, negativeNaN32, true],
    ['the last bytes', 65_532, nan32, negativeNaN32, true],
    ['a payload', 64, nan64, payload64, true],
    ['two in a row', 64, [...nan32, ...nan64], [...negativeNaN32, ...payload64], true],
    ['an infinity', 64, [0, 0, 0x80, 0x7f], [0, 0, 0x80, 0xff], false],
    ['a number for a NaN', 64, nan32, [0, 0, 0, 0x3f], false],
    ['a byte beside one', 64, [...nan32, 5], [...negativeNaN32, 6], false],
  ])('%s', async (_name, address, expected, actual, agrees) => {
    const data = expected.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    const loaded = await load(`(module (memory 1) (data (i32.const ${address}) "${data}") (func (export "run")))`);
    const engine = changed({
      memory: (bytes) => {
        const copy = bytes.slice();
        copy.set(actual, address);
        return copy;
      },
    });
    expect(await diff(loaded, { ...engine, nanByClass: true })).toMatchObject({ mismatches: agrees ? 0 : 1 });
    // An engine that follows the deterministic profile must have the bits.
    expect(await diff(loaded, engine)).toMatchObject({ mismatches: 1 });
  });

  it("are the reference's afterwards, so that their bits can be read", async () => {
    const text = `(module (memory 1)
      (func (export "divide") (f32.store (i32.const 8) (f32.div (f32.const 0) (f32.const 0))))
      (func (export "bits") (result i32) (i32.load (i32.const 8))))`;
    expect(await diff(await load(text), v8Engine)).toMatchObject({ calls: 2, mismatches: 0 });
  });
});

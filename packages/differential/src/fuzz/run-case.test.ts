import { describe, expect, it } from '@jest/globals';
import { InternalError, UnsupportedError } from '@fireball/contracts';
import { assembleText, CpuPool, engines, referenceEngine, type Engine, type EngineInstance, type Outcome } from '@fireball/engines';
import type { Value } from '@fireball/wasm';
import { parseFeatures } from './features.js';
import { mixedSettingsOf } from './mixed-settings.js';
import { runCase } from './run-case.js';
import { caseOfSeed } from './source.js';

const text = `(module (memory 1) (global (mut i32) (i32.const 0)) (global (mut f32) (f32.const 0))
  (func (export "f") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0)) (global.set 0 (local.get 0))
    (i32.div_u (i32.const 100) (local.get 0))))`;
const i32 = (value: number): Value => ({ type: 'i32', value });
const calls = [5, 7, 0].map((value) => ({ function: 'f', args: [i32(value)] }));

/** The reference in disguise, with something wrong. */
function faulty(change: Partial<EngineInstance> | ((instance: EngineInstance) => Partial<EngineInstance>), native = false): Engine {
  return {
    ...referenceEngine,
    name: 'faulty',
    native,
    async instantiate(loaded, options) {
      const instance = await referenceEngine.instantiate(loaded, options);
      return { ...instance, ...(typeof change === 'function' ? change(instance) : change) };
    },
  };
}

const refusing = (error: Error): Engine => ({ ...faulty({}), instantiate: () => Promise.reject(error) });

const changed = (change: (outcome: Outcome) => Outcome): Engine => faulty((instance) => ({ invoke: (name, args) => change(instance.invoke(name, args)) }));

async function run(engine: Engine): ReturnType<typeof runCase> {
  return runCase(await assembleText('test.wat', text), calls, [referenceEngine, engine], { fuel: 1000, maxPages: 1 });
}

describe('a case', () => {
  it('without differences', async () => {
    expect(await run(faulty({}))).toEqual({ calls: 3, traps: 1, inconclusive: false, unsupported: [], tier: {}, failures: [] });
  });

  it.each<[string, Engine, object]>([
    [
      'another result',
      changed((outcome) => ({ ...outcome, results: outcome.results[0]?.value === 14 ? [i32(15)] : outcome.results })),
      { kind: 'mismatch', call: 1, expected: 'i32 14 (0x0000000e)', actual: 'i32 15 (0x0000000f)' },
    ],
    ['no trap', changed((outcome) => ({ ...outcome, trap: null })), { kind: 'mismatch', call: 2, actual: 'no result' }],
    [
      'another trap',
      changed((outcome) => ({ ...outcome, trap: outcome.trap && { ...outcome.trap, kinds: ['unreachable'] } })),
      { kind: 'mismatch', call: 2, expected: 'trap: integer divide by zero', actual: 'trap: unreachable' },
    ],
    [
      'another memory',
      faulty((instance) => ({ memory: (index) => instance.memory(index).map((byte, at) => (at === 1 ? byte ^ 2 : byte)) })),
      { kind: 'mismatch', call: null, actual: 'memory 0[0x1] = 0x02' },
    ],
    [
      'another global',
      faulty((instance) => ({ global: (index) => (index === 0 ? i32(9) : instance.global(index)) })),
      { kind: 'mismatch', call: null, expected: 'global 0 = i32 0 (0x00000000)' },
    ],
    [
      'a crash of generated code',
      faulty({
        invoke() {
          throw new InternalError('generated code crashed');
        },
      }),
      { kind: 'error', call: 0, actual: 'InternalError: generated code crashed' },
    ],
    ['no compiled code', faulty({}, true), { kind: 'fallback', call: 0 }],
    ['a bug while compiling', refusing(new RangeError('no such register')), { kind: 'error', call: null, actual: 'RangeError: no such register' }],
  ])('with %s', async (_, engine, expected) => {
    const { failures } = await run(engine);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ engine: 'faulty', ...expected });
  });

  it('that an engine does not support is counted, not failed', async () => {
    expect(await run(refusing(new UnsupportedError('i32.load')))).toMatchObject({
      failures: [],
      unsupported: [{ engine: 'faulty', feature: 'i32.load' }],
    });
  });

  it('that runs out of fuel is inconclusive, and other engines do not get it', async () => {
    const bytes = await assembleText('test.wat', '(module (func (export "f") (loop (br 0))))');
    const engine = faulty({
      invoke() {
        throw new InternalError('must not run');
      },
    });
    const result = await runCase(bytes, [{ function: 'f', args: [] }], [referenceEngine, engine], { fuel: 1000, maxPages: 1 });
    expect(result).toMatchObject({ calls: 0, inconclusive: true, failures: [] });
  });

  it('does not depend on the cases before, on the same CPUs', async () => {
    const seeds = [7_000_003, 7_000_010, 7_000_011, 7_000_018, 7_000_025];
    const cpus = new CpuPool();
    const results = async (order: readonly number[], settings: { readonly cpus?: CpuPool }): Promise<object> => {
      const found: Record<number, object> = {};
      for (const seed of order) {
        const { bytes, calls } = caseOfSeed('own', seed, parseFeatures('full'))!;
        found[seed] = await runCase(bytes, calls, engines, { fuel: 1_000_000, maxPages: 64, ...mixedSettingsOf(seed, {}), ...settings });
      }
      return found;
    };
    const alone = await results(seeds, {});
    expect(await results(seeds, { cpus })).toEqual(alone);
    expect(await results(seeds.toReversed(), { cpus })).toEqual(alone);
    cpus.close();
  });
});

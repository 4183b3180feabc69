/** The compiler as native code on the emulated CPU, in mixed mode: what it makes, what it takes, and what comes of it where it does not work. */
import { loadTemplates, type CompilerCore } from '@fireball/jit';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createVsoc, DeviceCore, type CoreFunction, type MixedOptions, type TierStatistics, type VsocValue } from '../index.js';
import { compileOffline } from '../export/offline.js';
import { moduleOfText, targets } from '../testing/module.js';
import { DeviceWorker } from './device-worker.js';
import { WorkerFaultError, type Work, type WorkerFault } from './worker.js';

const i32 = (value: number): VsocValue => ({ type: 'i32', value });

/** A loop, calls, floats and memory. */
const program = moduleOfText(`(module
  (memory 1 1)
  (func $mix (param i32 f32) (result i32)
    (i32.add (i32.trunc_f32_s (f32.mul (local.get 1) (f32.const 3))) (i32.rotl (local.get 0) (i32.const 5))))
  (func (export "run") (param $count i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.xor (local.get $sum) (call $mix (local.get $count) (f32.convert_i32_s (local.get $count)))))
      (i32.store (i32.shl (local.get $count) (i32.const 2)) (local.get $sum))
      (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (local.get $sum)))`);
const rounds = 8000;

function expected(): number {
  let sum = 0;
  for (let count = rounds; count > 0; count--) sum ^= ((3 * count) | 0) + ((count << 5) | (count >>> 27));
  return sum;
}

describe.each(targets)('the compiler on the device, for %s', (isa) => {
  const run = (mixed: Partial<MixedOptions>, calls = 1): TierStatistics => {
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { callThreshold: 8, loopThreshold: 16, coolDown: 5000, ...mixed } });
    try {
      const instance = vsoc.instantiate(program);
      for (let call = 0; call < calls; call++) expect(instance.invoke('run', [i32(rounds)]).results).toEqual([i32(expected())]);
      return structuredClone(vsoc.mixed!.statistics);
    } finally {
      vsoc.close();
    }
  };

  it('says what it executed, and what memory and stack that took', () => {
    const { compilations, compileTime, linkTime, switchTime, workerMemoryHighWater, workerStackHighWater, failures } = run({}, 2);
    expect(compilations).toBe(2);
    expect(Object.values(failures).every((count) => count === 0)).toBe(true);
    expect(compileTime).toBeGreaterThan(50_000);
    expect(linkTime).toBeLessThan(compileTime / 2);
    expect(switchTime).toBeGreaterThan(compileTime / 100);
    expect(workerMemoryHighWater).toBeLessThan(0x10_0000);
    expect(workerStackHighWater).toBeLessThan(0x1000);
  });

  it('takes as much whoever was there before', () => {
    const worker = (): DeviceWorker => new DeviceWorker({ isa, cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc', memoryBytes: 0x10_0000, sandboxed: false });
    const [first, second] = [worker(), worker()];
    const code = (of: DeviceWorker): unknown => {
      const make = (core: CompilerCore | undefined): number[][] =>
        [...compileOffline(program, loadTemplates(isa), undefined, core)].map(({ code: { bytes } }) => [...bytes]);
      const { outcome, steps, memoryBytes, stackBytes } = of.work({ activity: 'compiling', wasmBytes: 100, make, repeat: make });
      return { steps, memoryBytes, stackBytes, made: 'made' in outcome ? outcome.made : outcome.error };
    };
    code(first);
    code(second);
    const again = code(first);
    const other = (core: CompilerCore | undefined): unknown => [
      ...compileOffline(moduleOfText('(module (func (result i32) (i32.const 7)))'), loadTemplates(isa), undefined, core),
    ];
    second.work({ activity: 'compiling', wasmBytes: 100, make: other, repeat: other });
    expect(code(first)).toEqual(again);
  });

  describe('says where it was', () => {
    const options = { isa, cpu: isa === 'thumb2' ? 'cortex-m4' : 'rv32imc', memoryBytes: 0x10_0000, sandboxed: false };
    const make = (core: CompilerCore | undefined): unknown => [...compileOffline(program, loadTemplates(isa), undefined, core)];
    const task = { activity: 'compiling', wasmBytes: 100, make, repeat: make } as const;
    const work = (fault?: WorkerFault): Work<unknown> => new DeviceWorker(options).work(task, fault);

    it('at the beginning of every function of the compiler, which is the same one, whoever asked before', () => {
      const { steps, instructions, placeAt } = work();
      const begins = steps.slice(1).map(({ name }, index) => ({
        name,
        executed: steps.slice(0, index + 1).reduce((sum, step) => sum + step.instructions, 0),
      }));
      const places = begins.map(({ executed }) => placeAt!(executed));
      expect(places.map((place) => place?.wasm?.functionName)).toEqual(begins.map(({ name }) => name));
      expect(places.every((place) => place?.stackBytes === 0)).toBe(true);
      // A return has no instruction of its own everywhere, and is the last one.
      expect(placeAt!(instructions - 1)?.wasm).toMatchObject({ functionName: 'crc32', file: 'placing/checksum.ts', instruction: 'end' });
      const [selectsAt] = begins.filter(({ name }) => name === 'selectByNeed');
      const inside = Array.from({ length: 12 }, (_, index) => placeAt!(selectsAt!.executed + 400 * index + 7)!);
      expect(new Set(inside.map(({ pc }) => pc)).size).toBeGreaterThan(6);
      expect(Math.max(...inside.map(({ stackBytes }) => stackBytes))).toBeGreaterThan(100);
      expect(inside.map(({ memoryBytes }) => memoryBytes)).toEqual(inside.map(({ memoryBytes }) => memoryBytes).toSorted((a, b) => a - b));
      work();
      expect(placeAt!(selectsAt!.executed + 400 * 11 + 7)).toEqual(inside.at(-1));
    });

    it('while it is started', () => {
      const { steps, placeAt } = work();
      expect(steps[0]?.name).toBe('start');
      expect([0, 5000, 23_000 - 4000].map((executed) => placeAt!(executed)?.wasm?.functionName)).toEqual(['makeRoom', 'prepareChecksums', 'prepareChecksums']);
      // Nothing of that is left: the next one makes the same.
      const again = work();
      expect({ steps: again.steps, failed: 'error' in again.outcome }).toEqual({ steps, failed: false });
    });

    it('and how it came to a fault', () => {
      const { steps, instructions, outcome, placeAt } = work('worker-fault');
      expect('error' in outcome && outcome.error).toBeInstanceOf(WorkerFaultError);
      const last = steps.at(-1)!;
      expect(placeAt!(instructions - last.instructions)?.wasm?.functionName).toBe(last.name);
      expect('error' in work().outcome).toBe(false);
    });
  });

  it('refuses a function for which it has no memory, which stays in the interpreter', () => {
    const blocks = Array.from(
      { length: 2500 },
      (_, index) => `(local.set 0 (i32.add (i32.xor (local.get 0) (i32.const ${index})) (i32.load (i32.and (local.get 0) (i32.const 252)))))`,
    );
    const large = moduleOfText(`(module (memory 1 1) (func (export "run") (param i32) (result i32) ${blocks.join('')} (local.get 0)))`);
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { callThreshold: 1, workerMemory: 0x4_0000 } });
    try {
      const instance = vsoc.instantiate(large);
      let value = 5;
      for (let index = 0; index < 2500; index++) value = (value ^ index) | 0;
      for (let call = 0; call < 4; call++) expect(instance.invoke('run', [i32(5)]).results).toEqual([i32(value)]);
      const { failures, blacklisted, compilations } = vsoc.mixed!.statistics;
      expect({ blacklisted, compilations, failures: failures['no-memory'] }).toEqual({ blacklisted: 1, compilations: 0, failures: 1 });
    } finally {
      vsoc.close();
    }
  });

  it.each([0x1_0000, 0x2_0001, 0x200_0000])('does not run with 0x%s bytes of memory', (workerMemory) => {
    expect(() => createVsoc({ isa, tier: 'mixed', mixed: { workerMemory } })).toThrow('whole pages');
  });

  it('is restarted after faults of its own, and tries again', () => {
    const { failures, compilations, blacklisted } = run({ inject: { 'worker-fault': 2 } }, 4);
    expect({ faults: failures['worker-fault'], compilations, blacklisted }).toEqual({ faults: 2, compilations: 2, blacklisted: 0 });
  });

  describe('with a bit changed', () => {
    const budget = 3_000_000;
    const device = new DeviceCore(isa, { memoryBytes: 0x10_0000 });
    afterAll(() => device.close());
    const compileAll = (core: CompilerCore): string[] =>
      [...compileOffline(program, loadTemplates(isa), undefined, core)].map(({ code }) => Buffer.from(code.bytes).toString('hex'));
    const right = compileAll(device.beginJob(budget));
    const calls: readonly CoreFunction[] = ['readBody', 'planFunction', 'giveRegisters', 'selectByNeed', 'layOutPlaced'];
    // Code first, of which the larger part is not executed; tables at the end.
    const places = [...Array.from({ length: 20 }, (_, index) => index / 20), 0.985, 0.99, 0.9999];
    it.each(places.map((place, index) => ({ place, call: calls[index % calls.length]! })))(
      'at $place, in front of $call, it never comes to an end',
      ({ place, call }) => {
        const core = device.beginJob(budget, { call, place });
        let thrown: unknown;
        try {
          compileAll(core);
        } catch (error) {
          thrown = error;
        }
        const steps = device.endJob();
        expect(thrown).toBeInstanceOf(WorkerFaultError);
        expect(device.isIntact).toBe(false);
        expect(steps.at(-1)?.name).toBe(call);
        device.restart();
        expect(device.isIntact).toBe(true);
        expect(compileAll(device.beginJob(budget))).toEqual(right);
      },
    );
  });
});

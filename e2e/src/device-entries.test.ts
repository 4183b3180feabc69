/** Loops at which native code takes over an activation of the device's interpreter (`compile-core --interpreter`): what comes of it is what the reference interpreter says. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { decodeModule, functionTypeOf, instantiate, isExhaustionTrap, Store, validateModule, type Value } from '@fireball/wasm';
import { programs } from './osr/programs.js';
import { DeviceLoader } from './testing/device-loader.js';
import { bytesOfText, compiledTargets } from './testing/native.js';

const kernels = new URL('../../packages/kernels/data/wasm/', import.meta.url);

/** Words of numbers, the lower one first. */
const wordsOf = (values: readonly Value[]): number[] =>
  values.flatMap(({ type, value }) =>
    type === 'i64' || type === 'f64' ? [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(64, value) >> 32n)] : [Number(value) >>> 0],
  );

interface Call {
  readonly name: string;
  readonly args: readonly Value[];
}

/** What the reference interpreter returns, in words; undefined where it traps. */
function expected(bytes: Uint8Array, calls: readonly Call[]): (number[] | undefined)[] {
  const instance = instantiate(new Store({ maxPages: 4 }), validateModule(decodeModule(bytes)), () => undefined);
  return calls.map(({ name, args }) => {
    const outcome = instance.invoke(name, args);
    if ('trap' in outcome && isExhaustionTrap(outcome.trap.kind)) throw new Error(`${name} runs out of stack or fuel`);
    return 'results' in outcome ? wordsOf(outcome.results) : undefined;
  });
}

/** What the device returns. */
function found(device: DeviceLoader, bytes: Uint8Array, calls: readonly Call[]): (number[] | undefined)[] {
  const { module } = validateModule(decodeModule(bytes));
  return calls.map(({ name, args }) => {
    const { index } = module.exports.find((entry) => entry.name === name)!;
    return device.invoke(index, functionTypeOf(module, index)!, wordsOf(args));
  });
}

describe.each(compiledTargets)('loops of interpreted functions go on natively on $isa, by the $compiler compiler', ({ isa, compiler }) => {
  const device = new DeviceLoader(isa, { compiler });
  afterAll(() => {
    device.close();
  });

  it.each(programs)('$name', ({ text, calls }) => {
    const bytes = bytesOfText(text);
    for (const arrivals of [1, 2, 3]) {
      for (const call of calls) {
        expect(device.load(bytes, { arrivals }).outcome).toBe('done');
        expect([arrivals, ...found(device, bytes, [call, call])]).toEqual([arrivals, ...expected(bytes, [call, call])]);
        // A call may trap in front of its loop, or not come round so often.
        if (arrivals > 1) continue;
        expect(device.compiled.map(({ outcome }) => outcome)).toEqual(device.compiled.map(() => 'done'));
        expect(device.compiled.reduce((sum, { entries }) => sum + entries, 0)).toBeGreaterThan(0);
        expect(device.nativeInstructions).toBeGreaterThan(0);
      }
    }
  });

  it.each(readdirSync(kernels).filter((name) => name.endsWith('.wasm')))('kernel %s, whose function is called once', (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(name, kernels)));
    const call = { name: 'run', args: [] };
    expect(device.load(bytes, { arrivals: 100 }).outcome).toBe('done');
    expect(found(device, bytes, [call])).toEqual(expected(bytes, [call]));
    expect(device.compiled.map(({ outcome }) => outcome)).toEqual(device.compiled.map(() => 'done'));
    expect(device.nativeInstructions).toBeGreaterThan(0);
  });

  const text = `(module (memory 1)
    (func $f (export "f") (param $n i32) (param $deep i32) (result i64) (local $i i32) (local $sum i64)
      (local.get $sum)
      (if (local.get $deep) (then (drop (call $f (i32.const 3) (i32.sub (local.get $deep) (i32.const 1))))))
      (loop $round
        (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (local.get $i))))
        (i32.store (i32.and (i32.shl (local.get $i) (i32.const 2)) (i32.const 0xffc)) (local.get $i))
        (br_if $round (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (i64.add (local.get $sum))))`;
  const i32 = (value: number): Value => ({ type: 'i32', value });

  it.each([100, 101, 102, 103, 5000, 100_000])('a task makes the code %d instructions after it was asked for, wherever the interpreter is then', (delay) => {
    const bytes = bytesOfText(text);
    const call = { name: 'f', args: [i32(60_000), i32(0)] };
    expect(device.load(bytes, { arrivals: 10, delay }).outcome).toBe('done');
    expect([found(device, bytes, [call]), device.compiled]).toEqual([expected(bytes, [call]), [{ function: 0, outcome: 'done', entries: 1 }]]);
    // 60,000 turns of twelve instructions and more, but for some before it came, and some until the interpreter looked again.
    expect(device.nativeInstructions).toBeGreaterThan(10 * 40_000);
  });

  it('a function that has code already, which an older activation of it cannot enter', () => {
    const bytes = bytesOfText(text);
    const call = { name: 'f', args: [i32(5000), i32(6)] };
    expect(device.load(bytes, { calls: 3, arrivals: 1000 }).outcome).toBe('done');
    expect(found(device, bytes, [call])).toEqual(expected(bytes, [call]));
    expect(device.compiled).toEqual([
      { function: 0, outcome: 'done', entries: 0 },
      { function: 0, outcome: 'done', entries: 1 },
    ]);
  });
});

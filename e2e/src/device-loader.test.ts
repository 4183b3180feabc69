/** Modules that are made ready on a device (`compile-core --interpreter`): it refuses what the host refuses, and its interpreter does what the host's does. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { InvalidInputError, UnsupportedError } from '@fireball/contracts';
import { decodeModule, functionTypeOf, instantiate, Store, validateModule, type Value } from '@fireball/wasm';
import { corpus } from '../corpus/index.js';
import { DeviceLoader, type LoadOutcome } from './testing/device-loader.js';
import { bytesOfText, targets } from './testing/native.js';

const kernels = new URL('../../packages/kernels/data/wasm/', import.meta.url);
const examples = new URL('../../examples/compiler-in-firmware/', import.meta.url);
const read = (file: URL): Uint8Array => new Uint8Array(readFileSync(file));
const kernelNames = readdirSync(kernels).filter((name) => name.endsWith('.wasm'));

/** What the host says: nothing where the module is valid, otherwise whether a device may say more than that it is not. */
function hostVerdict(bytes: Uint8Array): 'valid' | 'invalid' | 'unsupported' {
  try {
    validateModule(decodeModule(bytes));
    return 'valid';
  } catch (error) {
    if (error instanceof InvalidInputError) return 'invalid';
    if (error instanceof UnsupportedError) return 'unsupported';
    throw error;
  }
}

/** May a device say that where the host says this? It may lack what the host has, and sees the first thing that is wrong. */
function agrees(host: ReturnType<typeof hostVerdict>, { outcome }: LoadOutcome): boolean {
  if (host === 'valid') return ['done', 'unsupported', 'not found', 'too large', 'out of bounds'].includes(outcome);
  return ['invalid', 'unsupported', 'not found', 'too large', 'out of bounds'].includes(outcome);
}

const isInteger = (type: string | undefined): boolean => type === 'i32' || type === 'i64';

/** Integers as words, the lower one first. */
const wordsOf = (values: readonly Value[]): number[] =>
  values.flatMap(({ type, value }) => (type === 'i64' ? [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(64, value) >> 32n)] : [Number(value) >>> 0]));

describe.each(targets)('a device with interpreter for %s', (isa) => {
  const device = new DeviceLoader(isa);
  afterAll(() => {
    device.close();
  });

  it.each(kernelNames)('makes %s ready, and interprets it to the same result', (name) => {
    const bytes = read(new URL(name, kernels));
    const module = validateModule(decodeModule(bytes));
    expect(device.load(bytes).outcome).toBe('done');
    const instance = instantiate(new Store({}), module, () => undefined);
    const run = module.module.exports.find((entry) => entry.name === 'run')!;
    const expected = instance.invoke('run', []);
    const { trapped, low } = device.call(run.index);
    expect([trapped, 'results' in expected && expected.results[0]]).toEqual([false, { type: 'i32', value: low | 0 }]);
  });

  it.each(corpus)('interprets the corpus as the host does: $name', ({ rows }) => {
    for (const { name, modules, calls } of rows) {
      const [only, ...others] = modules;
      if (only === undefined || others.length > 0 || only.pages !== undefined) continue;
      const bytes = bytesOfText(only.wat);
      const module = validateModule(decodeModule(bytes));
      // It has no room for every memory, and nobody has what modules import.
      if (device.load(bytes).outcome !== 'done' || module.module.start !== undefined) continue;
      const reference = instantiate(new Store({ maxPages: 4 }), module, () => undefined);
      for (const [called, args] of calls) {
        const { index } = module.module.exports.find((entry) => entry.name === called)!;
        const { params, results } = functionTypeOf(module.module, index)!;
        const values = params.map((type, position): Value => ({ type, value: args[position] }) as Value);
        if (!args.every((arg) => typeof arg === 'number' || typeof arg === 'bigint') || params.some((type) => !isInteger(type)) || wordsOf(values).length > 4)
          break;
        const expected = reference.invoke(called, values);
        const found = device.call(index, wordsOf(values));
        expect([name, called, found.trapped]).toEqual([name, called, 'trap' in expected]);
        if ('trap' in expected || !isInteger(results[0])) continue;
        expect([name, called, ...wordsOf(expected.results.slice(0, 1))]).toEqual([
          name,
          called,
          ...[found.low, found.high].slice(0, results[0] === 'i64' ? 2 : 1),
        ]);
      }
    }
  });

  it('says at which instruction a body breaks a rule, and goes on with the next module', () => {
    const bytes = read(new URL('vm.wasm', kernels));
    const { start } = decodeModule(bytes).bodies.at(-1)!.code;
    bytes[start] = 0xff;
    expect(() => validateModule(decodeModule(bytes))).toThrow(expect.objectContaining({ facts: expect.objectContaining({ offset: start }) as unknown }));
    expect(device.load(bytes)).toMatchObject({ outcome: 'invalid', offset: start });
    expect(device.load(read(new URL('sample.wasm', examples))).outcome).toBe('done');
  });

  it('has tables and a memory that grow as far as firmware gave room', () => {
    const text = `(module (memory 1) (table 2 5 funcref) (table $large 1 funcref)
      (func (export "table") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
      (func (export "large") (param i32) (result i32) (table.grow $large (ref.null func) (local.get 0)))
      (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0))))`;
    expect(device.load(bytesOfText(text)).outcome).toBe('done');
    const grown = (index: number, by: number): number => device.call(index, [by]).low | 0;
    expect([grown(0, 4), grown(0, 3), grown(0, 1), grown(0, 0)]).toEqual([-1, 2, -1, 5]);
    expect([grown(1, 17), grown(1, 16), grown(1, 1)]).toEqual([-1, 1, -1]);
    expect([grown(2, 4), grown(2, 3), grown(2, 1)]).toEqual([-1, 1, -1]);
  });

  it('refuses what it has no room for', () => {
    const [sample, mixed] = ['sample.wasm', 'mixed.wasm'].map((name) => read(new URL(name, examples)));
    expect(device.load(sample!, { room: 0x1000 }).outcome).toBe('too large');
    expect(device.load(sample!, { memory: 0xffff }).outcome).toBe('too large');
    // Nobody has what it imports.
    expect(device.load(mixed!).outcome).toBe('not found');
  });

  it('refuses what the host refuses, of a module in which one byte is one more or one less', () => {
    const sample = read(new URL('sample.wasm', examples));
    for (let at = 8; at < sample.length; at++) {
      for (const by of [1, -1]) {
        const bytes = sample.slice();
        bytes[at]! += by;
        const host = hostVerdict(bytes);
        const found = device.load(bytes);
        expect([at, by, host, found.outcome, agrees(host, found)]).toEqual([at, by, host, found.outcome, true]);
      }
    }
  });

  it('refuses what the host refuses, of modules with changed bytes', () => {
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const bases = [...kernelNames.map((name) => new URL(name, kernels)), new URL('sample.wasm', examples)].map(read);
    const counts = { valid: 0, invalid: 0, unsupported: 0 };
    for (let time = 0; time < 600; time++) {
      const bytes = bases[time % bases.length]!.slice();
      for (let left = 1 + random(3); left > 0; left--)
        bytes[8 + random(bytes.length - 8)] = random(4) === 0 ? random(256) : bytes[8 + random(bytes.length - 8)]!;
      const host = hostVerdict(bytes);
      counts[host]++;
      const found = device.load(bytes);
      expect([time, host, found.outcome, agrees(host, found)]).toEqual([time, host, found.outcome, true]);
    }
    expect(counts.valid).toBeGreaterThan(50);
    expect(counts.invalid).toBeGreaterThan(50);
  });
});

it('has other handlers for cores that trap on misaligned accesses', () => {
  const device = new DeviceLoader('rv32', { misaligned: 'split' });
  try {
    const text = `(module (memory 1) (func (export "f") (param i32) (result i64)
      (i64.store offset=4 (local.get 0) (i64.const 0x0123456789abcdef))
      (i32.store16 offset=8 (local.get 0) (i32.const 0xfedc))
      (i64.add (i64.load offset=4 (local.get 0)) (i64.add (i64.load32_u offset=8 (local.get 0)) (i64.load16_s offset=8 (local.get 0))))))`;
    const bytes = bytesOfText(text);
    const reference = instantiate(new Store({}), validateModule(decodeModule(bytes)), () => undefined);
    expect(device.load(bytes).outcome).toBe('done');
    const [aligned, misaligned] = [0, 1].map((at) => {
      const expected = reference.invoke('f', [{ type: 'i32', value: at }]);
      const { trapped, low, high, instructions } = device.call(0, [at]);
      const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
      expect([trapped, 'results' in expected && expected.results[0]]).toEqual([false, { type: 'i64', value }]);
      return instructions;
    });
    // Byte by byte.
    expect(misaligned).toBeGreaterThan(aligned! + 20);
  } finally {
    device.close();
  }
});

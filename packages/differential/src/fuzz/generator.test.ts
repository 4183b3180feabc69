import { describe, expect, it } from '@jest/globals';
import { decodeModule, InstructionReader, instantiate, opcodes, Store, validateModule } from '@fireball/wasm';
import { featureNames, parseFeatures } from './features.js';
import { generateCase } from './generator/module.js';

/** Names of the instructions of a module's bodies. */
function* instructionsOf(bytes: Uint8Array): Generator<string> {
  const module = decodeModule(bytes);
  for (const { code } of module.bodies) {
    for (const reader = new InstructionReader(bytes, code.start); reader.next < code.end;) {
      reader.read();
      yield reader.op.name;
    }
  }
}

function namesOf(features: string, seeds: number): Set<string> {
  const names = new Set<string>();
  for (let seed = 0; seed < seeds; seed++) {
    for (const name of instructionsOf(generateCase(seed, parseFeatures(features)).bytes)) names.add(name);
  }
  return names;
}

describe('the own generator', () => {
  it.each(['i32', 'full', ...featureNames])('makes valid modules of %s', (features) => {
    for (let seed = 0; seed < 15; seed++) validateModule(decodeModule(generateCase(seed, parseFeatures(features)).bytes));
  });

  it('makes the same case of the same seed, and others of others', () => {
    const make = (seed: number): string => Buffer.from(generateCase(seed, parseFeatures('full')).bytes).toString('hex');
    const seeds = Array.from({ length: 50 }, (_, seed) => seed * 7);
    expect(seeds.map(make)).toEqual(seeds.map(make));
    expect(new Set(seeds.map(make)).size).toBe(seeds.length);
  });

  it('knows the whole language', () => {
    const names = namesOf('full', 600);
    expect(opcodes.map(({ name }) => name as string).filter((name) => !names.has(name))).toEqual([]);
  });

  it('keeps to i32 where it is asked to', () => {
    const others = [...namesOf('i32', 80)].filter((name) => /^(i64|f32|f64|table|ref|elem|data|memory|return_call)|indirect|select_t/.test(name));
    expect(others).toEqual([]);
  });

  it('makes functions that end, mostly without a trap', () => {
    let calls = 0;
    let traps = 0;
    for (let seed = 0; seed < 80; seed++) {
      const { bytes, calls: list } = generateCase(seed, parseFeatures('full'));
      const store = new Store({ maxPages: 64 });
      const module = decodeModule(bytes);
      // A start function that traps is none of this test's business.
      const instance = instantiate(store, validateModule({ ...module, start: undefined }), () => undefined);
      for (const { function: name, args } of list) {
        const outcome = instance.invoke(name, args, { fuel: 2_000_000 });
        calls += 1;
        if (!('trap' in outcome)) continue;
        expect(outcome.trap.kind).not.toBe('out of fuel');
        traps += 1;
      }
    }
    expect(traps).toBeGreaterThan(calls / 100);
    expect(traps).toBeLessThan(calls / 3);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnsupportedError } from '@fireball/contracts';
import { assembleText } from '@fireball/engines';
import { loadTemplates, TemplateSet } from '@fireball/jit';
import { compileOffline, DeviceExpander, ExpanderError, packedSet, type OfflineCode } from '@fireball/vsoc';
import { decodeModule, validateModule, type ValidatedModule } from '@fireball/wasm';
import fc from 'fast-check';
import { corpus } from '../corpus/index.js';
import { largeModules, readModule } from './modules/packages.js';
import { moduleOfText, targets } from './testing/native.js';

const kernelFolder = new URL('../../packages/kernels/data/wasm/', import.meta.url);
const kernels = readdirSync(kernelFolder);
const load = (bytes: Uint8Array): ValidatedModule => validateModule(decodeModule(bytes));
const kernel = (name: string): ValidatedModule => load(new Uint8Array(readFileSync(new URL(name, kernelFolder))));

describe.each(targets)('the expander of a %s device', (isa) => {
  const set = loadTemplates(isa);
  /** With the templates compiled in, and with them as data. */
  let devices: readonly DeviceExpander[];
  beforeAll(() => {
    devices = [new DeviceExpander(set), new DeviceExpander(set, undefined, packedSet(set))];
  });
  afterAll(() => devices.forEach((device) => device.close()));

  it('has the built-in set compiled in, and takes any other as data', () => {
    expect(devices.map(({ isCompiledIn }) => isCompiledIn)).toEqual([true, false]);
    const [first] = set.json.templates;
    const own = new TemplateSet({ ...set.json, templates: [...set.json.templates, { ...first!, template_id: 'one_more' }] });
    const device = new DeviceExpander(own);
    expect(device.isCompiledIn).toBe(false);
    for (const { code } of compileOffline(kernel('sha256.wasm'), own)) device.expandSame(code);
    device.close();
  });

  /** Expands each function on the device, and compares it with what the host made. */
  function expectSameCode(functions: Iterable<OfflineCode>): number {
    let count = 0;
    for (const { source, code } of functions) {
      for (const { bytes, crc } of devices.map((device) => device.expand(code.stream, code.address))) {
        if (Buffer.compare(bytes, code.bytes) !== 0)
          expect({ index: source.index, bytes: [...bytes] }).toEqual({ index: source.index, bytes: [...code.bytes] });
        expect(crc).toBe(code.crc);
      }
      count++;
    }
    return count;
  }

  it.each(kernels)('makes the code of %s', (name) => {
    expect(expectSameCode(compileOffline(kernel(name), set))).toBeGreaterThan(0);
  });

  it.each(corpus)(
    'makes the code of the corpus: $name',
    async ({ rows }) => {
      for (const { modules } of rows)
        for (const { wat } of modules) {
          const module = load(await assembleText('row.wat', wat));
          try {
            expectSameCode(compileOffline(module, set));
          } catch (error) {
            // What the compiler may refuse is asserted in corpus.test.ts.
            if (!(error instanceof UnsupportedError)) throw error;
          }
        }
    },
    60_000,
  );

  it('makes the code of functions of a large module, the largest of which need wide branches', () => {
    const module = load(readModule(largeModules[0]!.path));
    const sizes = module.functions.map(({ code }) => code.end - code.start);
    const large = [...sizes].sort((a, b) => b - a)[5] ?? 0;
    const wanted = (_: unknown, position: number): boolean => position % 25 === 0 || (sizes[position] ?? 0) >= large;
    expect(expectSameCode(compileOffline(module, set, wanted))).toBeGreaterThan(80);
  }, 120_000);

  it('widens the same branches, whatever lies in between', () => {
    const piece = fc.letrec<{ pieces: string; piece: string }>((tie) => ({
      pieces: fc.array(tie('piece'), { maxLength: 4 }).map((list) => list.join('\n')),
      piece: fc.oneof(
        fc.oneof(fc.nat(4), fc.nat(80), fc.integer({ min: 120, max: 140 }), fc.nat(1200)).map(work),
        fc.tuple(tie('pieces'), fc.nat(1), tie('pieces')).map(([before, depth, after]) => `block ${before} local.get 0 br_if ${depth} ${after} end`),
        fc.tuple(tie('pieces'), fc.nat(1)).map(([inside, depth]) => `loop ${inside} local.get 0 i32.eqz br_if ${depth} end`),
        fc.tuple(tie('pieces'), tie('pieces')).map(([yes, no]) => `local.get 0 local.get 1 i32.lt_s if ${yes} else ${no} end`),
        fc.tuple(tie('pieces'), tie('pieces')).map(([inside, behind]) => `block block ${inside} local.get 0 br_table 0 1 0 2 end ${behind} end`),
      ),
    })).pieces;
    fc.assert(
      fc.property(piece, (body) => {
        const module = moduleOfText(`(module (func (param i32 i32) block ${body} end))`);
        expectSameCode(compileOffline(module, set));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('gives up with a typed error where the staging buffer ends early, and writes nothing behind it', () => {
    for (const { code } of compileOffline(kernel('crc32.wasm'), set))
      for (const capacity of [0, 1, 2, code.bytes.length / 2, code.bytes.length - 2])
        for (const device of devices) expect(() => device.expand(code.stream, code.address, capacity)).toThrow(expect.objectContaining({ kind: 'code' }));
  });

  it('refuses a branch out of reach', () => {
    const far = [...compileOffline(kernel('qsort.wasm'), set)].filter(({ code }) => code.sites.some(({ template }) => template === 'bl' || template === 'jal'));
    for (const device of devices)
      expect(() => far.forEach(({ code }) => device.expand(code.stream, 0x6000_0000))).toThrow(expect.objectContaining({ kind: 'reach' }));
  });

  const streams = kernels.flatMap((name) => [...compileOffline(kernel(name), set)].map(({ code }) => code.stream));

  it('ends with code or a typed error on any damaged stream, and never writes outside its buffers', () => {
    const refused = new Set<string>();
    const damage = fc.record({
      stream: fc.constantFrom(...streams),
      changes: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 32, 33, 251, 252, 254, 255))), { maxLength: 6 }),
      length: fc.option(fc.nat(), { freq: 3 }),
      capacity: fc.nat(2000),
    });
    fc.assert(
      fc.property(damage, ({ stream, changes, length, capacity }) => {
        const damaged = stream.slice(0, length === null ? stream.length : length % (stream.length + 1));
        for (const [at, value] of changes) if (damaged.length > 0) damaged[at % damaged.length] = value;
        const outcomes = devices.map((device) => outcomeOf(() => device.expand(damaged, 0x1_0000, 2 * capacity)));
        expect(new Set(outcomes).size).toBe(1);
        outcomes.forEach((outcome) => refused.add(outcome));
      }),
      { numRuns: 1500 },
    );
    expect([...refused].sort()).toEqual(expect.arrayContaining(['accepted', 'code', 'stream']));
  }, 60_000);

  it('refuses a damaged template set, or expands with it and never writes outside its buffers', () => {
    const packed = packedSet(set);
    const refused = new Set<string>();
    const damage = fc.record({
      part: fc.constantFrom('templates' as const, 'branches' as const),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      cut: fc.oneof(fc.constant(0), fc.nat(20)),
    });
    fc.assert(
      fc.property(damage, ({ part, changes, cut }) => {
        const damaged = packed[part].slice(0, packed[part].length - cut);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        refused.add(
          outcomeOf(() => {
            const other = new DeviceExpander(set, undefined, { ...packed, [part]: damaged });
            try {
              for (const stream of streams) outcomeOf(() => other.expand(stream, 0x1_0000, 400));
            } finally {
              other.close();
            }
          }),
        );
      }),
      { numRuns: 60 },
    );
    // `index`: more templates than the index has room for.
    expect([...refused].filter((outcome) => outcome !== 'index').sort()).toEqual(['accepted', 'set']);
  }, 60_000);

  it('keeps to the sizes that the documents state', () => {
    expect(devices[0]!.sizes).toMatchObject({ templates: 0, branches: 0, index: 0 });
    expect(devices[0]!.sizes.code).toBeLessThanOrEqual(5632);
    expect(devices[1]!.sizes.code).toBeLessThanOrEqual(3584);
    for (const { stackBytes } of devices) expect(stackBytes).toBeLessThanOrEqual(512);
  });
});

/** That many instructions, which nothing folds. */
function work(count: number): string {
  return 'local.get 0 local.get 1 i32.xor local.set 1 '.repeat(count);
}

/** The kind of error, or `accepted`; anything but an error of the expander is a failure. */
function outcomeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (error instanceof ExpanderError) return error.kind;
    throw error;
  }
}

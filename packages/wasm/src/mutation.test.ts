import { describe, expect, it } from '@jest/globals';
import { FireballError } from '@fireball/contracts';
import fc from 'fast-check';
import { decodeModule } from './decoder.js';
import { instantiate } from './interp/instantiate.js';
import { Store } from './interp/store.js';
import type { Value } from './interp/structure.js';
import { opcodes } from './opcodes.js';
import { isNumericOp } from './semantics.js';
import { buildModule, op, sleb } from './testing/module-builder.js';
import type { ValueType } from './types.js';
import { validateModule } from './validator.js';

const constantOf: Record<ValueType, number[]> = {
  i32: op('i32.const', ...sleb(-77)),
  i64: op('i64.const', ...sleb(1n << 40n)),
  f32: op('f32.const', 0, 0, 0x20, 0xc1),
  f64: op('f64.const', 0, 0, 0, 0, 0, 0, 0x24, 0x40),
  funcref: op('ref.null', 0x70),
  externref: op('ref.null', 0x6f),
};
const zero = op('i32.const', 0);
const empty = 0x40;

/** Modules that between them hold every section and nearly every instruction. */
const bases: readonly Uint8Array[] = [
  buildModule({
    functions: opcodes
      .filter(({ name }) => isNumericOp(name))
      .map(({ name, signature }) => ({
        results: signature?.results ?? [],
        body: [...(signature?.params ?? []).flatMap((type) => constantOf[type]), ...op(name)],
        export: name,
      })),
  }),
  buildModule({
    types: [{ params: ['i32'], results: ['i32'] }],
    functions: [
      {
        params: ['i32'],
        results: ['i32'],
        locals: ['i64', 'f64'],
        body: [
          ...[...op('block', empty), ...op('loop', empty), ...op('local.get', 0), ...op('i32.eqz'), ...op('br_if', 1)],
          ...[...op('local.get', 0), ...op('i32.const', 1), ...op('i32.sub'), ...op('local.set', 0), ...op('br', 0)],
          ...[...op('end'), ...op('end'), ...op('local.get', 0), ...op('if', 0x7f), ...zero, ...op('else')],
          ...[...op('i32.const', 3), ...op('end'), ...op('loop', 0), ...op('end'), ...zero, ...op('br_table', 1, 0, 0)],
        ],
        export: 'control',
      },
      { results: ['i32'], body: [...zero, ...zero, ...op('call_indirect', 0, 0)], export: 'indirect' },
      { results: ['i32'], body: [...op('i32.const', 9), ...op('return_call', 0)], export: 'tail' },
    ],
    tables: [[0x70, 1, 3, 9]],
    elements: [
      [0, ...zero, 0x0b, 1, 0],
      [5, 0x70, 2, ...op('ref.func', 1), 0x0b, ...op('ref.null', 0x70), 0x0b],
    ],
  }),
  buildModule({
    functions: [
      {
        body: [
          ...[...zero, ...zero, ...op('i32.const', 4), ...op('memory.init', 0, 0), ...op('data.drop', 0)],
          ...[...zero, ...zero, ...op('i32.const', 4), ...op('memory.copy', 0, 0)],
          ...[...zero, ...zero, ...op('i32.const', 4), ...op('memory.fill', 0)],
          ...[...op('i32.const', 1), ...op('memory.grow', 0), ...op('drop')],
          ...[...zero, ...zero, ...op('i64.load', 3, 8), ...op('i64.store', 3, 16)],
          ...[...zero, ...zero, ...op('f32.load', 2, 8), ...op('f32.store', 2, 16)],
          ...[...op('ref.func', 0), ...zero, ...op('table.grow', 0), ...op('drop')],
          ...[...op('global.get', 0), ...op('global.set', 0)],
        ],
        export: 'bulk',
      },
    ],
    tables: [[0x70, 0, 3]],
    memories: [[1, 1, 4]],
    globals: [[0x7e, 1, ...op('i64.const', 5), ...op('i64.const', 6), ...op('i64.mul'), 0x0b]],
    start: 0,
    data: [
      [1, 4, 1, 2, 3, 4],
      [0, ...zero, 0x0b, 2, 9, 9],
    ],
    dataCount: 2,
    custom: [
      ['name', [1, 4, 1, 0, 1, 0x66]],
      ['.debug_info', [1, 2, 3]],
    ],
  }),
];

type Mutation = (bytes: number[], at: number, value: number) => void;

/** Most of these leave the sizes right, so that the change is met by the validator or at run time. */
const replacements: readonly Mutation[] = [
  (bytes, at, value) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (value % 8));
  },
  (bytes, at, value) => {
    bytes[at] = (bytes[at] ?? 0) + (value % 3) - 1;
  },
  (bytes, at, value) => {
    bytes[at] = value;
  },
];

const insertionsAndDeletions: readonly Mutation[] = [
  (bytes, at, value) => {
    bytes.splice(at, 0, value);
  },
  (bytes, at) => {
    bytes.splice(at, 1);
  },
  (bytes, at) => {
    bytes.length = at;
  },
  (bytes, at) => {
    bytes.splice(at, 0, 0xff, 0xff, 0xff, 0xff, 0x0f);
  },
];

const change = fc.record({
  mutation: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...replacements) }, { weight: 1, arbitrary: fc.constantFrom(...insertionsAndDeletions) }),
  // A whole number: fast-check spreads floats over their representations, so nearly all of [0, 1) would be next to 0.
  position: fc.nat({ max: 0x7fff_ffff }),
  value: fc.integer({ min: 0, max: 255 }),
});

const defaultValue: Record<ValueType, Value> = {
  i32: { type: 'i32', value: 2 },
  i64: { type: 'i64', value: 2n },
  f32: { type: 'f32', value: 0 },
  f64: { type: 'f64', value: 0n },
  funcref: { type: 'funcref', value: null },
  externref: { type: 'externref', value: null },
};

/** Decodes, validates, instantiates and calls everything; only typed errors may come out. */
function exercise(bytes: Uint8Array): 'refused' | 'ran' {
  try {
    const validated = validateModule(decodeModule(bytes));
    const store = new Store({ maxPages: 16, maxStackSlots: 1 << 16 });
    const instance = instantiate(store, validated, undefined, { fuel: 2000 });
    for (const callee of instance.functions) {
      instance.invoke(
        instance.functions.indexOf(callee),
        callee.type.params.map((type) => defaultValue[type]),
        { fuel: 2000 },
      );
    }
    return 'ran';
  } catch (error) {
    if (error instanceof FireballError && error.exitStatus !== 70) return 'refused';
    throw error;
  }
}

describe('mutated modules', () => {
  it('bases run', () => {
    expect(bases.map(exercise)).toEqual(bases.map(() => 'ran'));
  });

  it('never crash, hang or eat memory', () => {
    let ran = 0;
    let slowest = 0;
    fc.assert(
      fc.property(fc.constantFrom(...bases), fc.array(change, { minLength: 1, maxLength: 2 }), (base, changes) => {
        const bytes = [...base];
        for (const { mutation, position, value } of changes) {
          // An earlier change may have left nothing.
          mutation(bytes, position % Math.max(1, bytes.length), value);
        }
        const start = performance.now();
        if (exercise(Uint8Array.from(bytes)) === 'ran') ran++;
        slowest = Math.max(slowest, performance.now() - start);
      }),
      { numRuns: 10_000 },
    );
    // Many must get past the decoder, or the rest was not tested.
    expect(ran).toBeGreaterThan(500);
    // Milliseconds in fact; the bound only has to tell a hang from a busy machine.
    expect(slowest).toBeLessThan(5000);
  });
});

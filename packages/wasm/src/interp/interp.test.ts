import { describe, expect, it } from '@jest/globals';
import { UnsupportedError, UsageError } from '@fireball/contracts';
import { decodeModule } from '../decoder.js';
import { buildModule, leb, op, sleb, type ModuleSource } from '../testing/module-builder.js';
import { Trap } from '../trap.js';
import { validateModule } from '../validator.js';
import type { InvokeOutcome } from './instance.js';
import { instantiate } from './instantiate.js';
import { LinkError, type ImportResolver } from '../linking.js';
import { Store } from './store.js';
import type { Extern, Value } from './structure.js';
import { InstantiationTrap } from './trap-report.js';

const i32 = (value: number): Value => ({ type: 'i32', value });
const i64 = (value: bigint): Value => ({ type: 'i64', value });
const constant = (value: number): number[] => op('i32.const', ...sleb(value));
const empty = 0x40;

const prepare = (source: ModuleSource) => validateModule(decodeModule(buildModule(source)));
const make = (source: ModuleSource, resolve?: ImportResolver, store = new Store()) => instantiate(store, prepare(source), resolve);
const from =
  (externs: Record<string, Extern>): ImportResolver =>
  (_, name) =>
    externs[name];

function values(outcome: InvokeOutcome): readonly unknown[] {
  if ('trap' in outcome) throw new Error(`trapped: ${outcome.trap.kind}`);
  return outcome.results.map(({ value }) => value);
}

function trapKind(outcome: InvokeOutcome): string {
  return 'trap' in outcome ? outcome.trap.kind : 'none';
}

describe.each<[what: string, body: number[], arg: number, expected: number | string]>([
  ['unreachable', op('unreachable'), 0, 'unreachable'],
  ['block result', [...op('block', 0x7f), ...op('local.get', 0), ...op('br', 0), ...op('end')], 5, 5],
  ['br drops what lies between', [...op('block', 0x7f), ...constant(1), ...constant(2), ...op('local.get', 0), ...op('br', 0), ...op('end')], 9, 9],
  ['if taken', [...op('local.get', 0), ...op('if', 0x7f), ...constant(1), ...op('else'), ...constant(2), ...op('end')], 1, 1],
  ['if not taken', [...op('local.get', 0), ...op('if', 0x7f), ...constant(1), ...op('else'), ...constant(2), ...op('end')], 0, 2],
  [
    'if whose first arm returns',
    [...op('local.get', 0), ...op('if', empty), ...constant(7), ...op('return'), ...op('else'), ...op('end'), ...constant(8)],
    0,
    8,
  ],
  [
    'dead blocks and branches are skipped',
    [
      ...op('block', empty),
      ...op('br', 0),
      ...op('block', empty),
      ...op('br', 1),
      ...op('end'),
      ...op('end'),
      ...op('block', 0x7f),
      ...constant(3),
      ...op('br', 0),
      ...op('end'),
    ],
    0,
    3,
  ],
  ['br to the function', [...constant(1), ...op('local.get', 0), ...op('br', 0)], 4, 4],
  ['select first', [...constant(1), ...constant(2), ...op('local.get', 0), ...op('select')], 1, 1],
  ['select second', [...constant(1), ...constant(2), ...op('local.get', 0), ...op('select')], 0, 2],
  ['load at the last word', [...op('local.get', 0), ...op('i32.load', 2, 0)], 65532, 0],
  ['load one past it', [...op('local.get', 0), ...op('i32.load', 0, 0)], 65533, 'out of bounds memory access'],
  ['an offset beyond 2^32 does not wrap', [...op('local.get', 0), ...op('i32.load', 2, ...leb(2 ** 32 - 4))], 8, 'out of bounds memory access'],
  ['a negative index is a large one', [...op('local.get', 0), ...op('i32.load', 2, 4)], -4, 'out of bounds memory access'],
  ['a negative index plus a constant wraps', [...op('local.get', 0), ...constant(4), ...op('i32.add'), ...op('i32.load', 2, 0)], -4, 0],
  ['memory.grow within limits', [...op('local.get', 0), ...op('memory.grow', 0), ...op('drop'), ...op('memory.size', 0)], 1, 2],
  ['memory.grow beyond limits', [...op('local.get', 0), ...op('memory.grow', 0)], 9, -1],
  [
    'memory.fill out of bounds',
    [...op('local.get', 0), ...constant(1), ...constant(2), ...op('memory.fill', 0), ...constant(0)],
    65535,
    'out of bounds memory access',
  ],
  ['memory.copy of nothing at the end', [...op('local.get', 0), ...constant(0), ...constant(0), ...op('memory.copy', 0, 0), ...constant(6)], 65536, 6],
  ['call_indirect beyond the table', [...op('local.get', 0), ...op('call_indirect', 1, 0), ...constant(0)], 10, 'undefined element'],
  ['call_indirect of null', [...op('local.get', 0), ...op('call_indirect', 1, 0), ...constant(0)], 1, 'uninitialized element'],
  ['call_indirect of another type', [...op('local.get', 0), ...op('call_indirect', 1, 0), ...constant(0)], 0, 'indirect call type mismatch'],
  ['table.get beyond the table', [...op('local.get', 0), ...op('table.get', 0), ...op('ref.is_null')], 2, 'out of bounds table access'],
  ['table.get of a function', [...op('local.get', 0), ...op('table.get', 0), ...op('ref.is_null')], 0, 0],
])('%s', (_, body, arg, expected) => {
  it(`gives ${expected}`, () => {
    const instance = make({
      types: [
        { params: [], results: ['i32'] },
        { params: [], results: [] },
      ],
      functions: [{ params: ['i32'], results: ['i32'], body, export: 'f' }],
      tables: [[0x70, 0, 2]],
      memories: [[1, 1, 3]],
      elements: [[0, ...constant(0), 0x0b, 1, 0]],
    });
    const outcome = instance.invoke('f', [i32(arg)], { fuel: 1000 });
    if (typeof expected === 'number') expect(values(outcome)).toEqual([expected]);
    else expect(trapKind(outcome)).toBe(expected);
  });
});

describe('br_table', () => {
  const body = [
    ...[...op('block', empty), ...op('block', empty), ...op('block', empty)],
    ...[...op('local.get', 0), ...op('br_table', 2, 0, 1, 2)],
    ...[...op('end'), ...constant(10), ...op('return')],
    ...[...op('end'), ...constant(11), ...op('return')],
    ...[...op('end'), ...constant(12)],
  ];
  const instance = make({ functions: [{ params: ['i32'], results: ['i32'], body, export: 'f' }] });
  it.each([
    [0, 10],
    [1, 11],
    [2, 12],
    [-1, 12],
  ])('of %i goes to %i', (index, expected) => {
    expect(values(instance.invoke('f', [i32(index)]))).toEqual([expected]);
  });
});

describe('stores', () => {
  it('change nothing when their end is out of bounds', () => {
    const instance = make({
      functions: [{ body: [...constant(65529), ...op('i64.const', 0x7f), ...op('i64.store', 0, 0)], export: 'f' }],
      memories: [[0, 1]],
      exports: [['m', [2, 0]]],
    });
    expect(trapKind(instance.invoke('f'))).toBe('out of bounds memory access');
    expect(instance.memories[0]?.bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('respect memories with one-byte pages', () => {
    const instance = make({
      functions: [{ params: ['i32'], results: ['i32'], body: [...op('local.get', 0), ...op('i32.load8_u', 0, 0)], export: 'f' }],
      memories: [[8, 100, 0]],
    });
    expect(values(instance.invoke('f', [i32(99)]))).toEqual([0]);
    expect(trapKind(instance.invoke('f', [i32(100)]))).toBe('out of bounds memory access');
  });
});

/** `f(n, acc) = n == 0 ? acc : g(n - 1, acc + n)`, called by `call`. */
function countdown(call: 'call' | 'return_call'): ModuleSource {
  const body = [
    ...[...op('local.get', 0), ...op('i64.eqz'), ...op('if', empty), ...op('local.get', 1), ...op('return'), ...op('end')],
    ...[...op('local.get', 0), ...op('i64.const', 1), ...op('i64.sub')],
    ...[...op('local.get', 1), ...op('local.get', 0), ...op('i64.add')],
    ...op(call, 0),
  ];
  return { functions: [{ params: ['i64', 'i64'], results: ['i64'], locals: ['i64'], body, export: 'f' }] };
}

describe('calls', () => {
  it('of the tail kind need no stack', () => {
    const outcome = make(countdown('return_call')).invoke('f', [i64(300_000n), i64(0n)]);
    expect(values(outcome)).toEqual([(300_000n * 300_001n) / 2n]);
  });

  it('that nest too deeply exhaust the call stack, with a bounded backtrace', () => {
    const instance = make(countdown('call'));
    const outcome = instance.invoke('f', [i64(1_000_000n), i64(0n)]);
    expect(trapKind(outcome)).toBe('call stack exhausted');
    if ('trap' in outcome) expect(outcome.trap.backtrace).toHaveLength(64);
    expect(values(instance.invoke('f', [i64(4n), i64(0n)]))).toEqual([10n]);
  });

  it('with large frames exhaust the stack before its depth', () => {
    const store = new Store({ maxStackSlots: 1000 });
    const outcome = make(countdown('call'), undefined, store).invoke('f', [i64(900n), i64(0n)]);
    expect(trapKind(outcome)).toBe('call stack exhausted');
  });

  it('give several results', () => {
    const body = [...op('local.get', 1), ...op('local.get', 0)];
    const swap = { params: ['i32', 'i64'], results: ['i64', 'i32'], body, export: 'swap' } as const;
    expect(values(make({ functions: [swap] }).invoke('swap', [i32(-1), i64(7n)]))).toEqual([7n, -1]);
  });

  it('start with locals of zero, whatever the stack held before', () => {
    const dirty = [...op('i64.const', ...sleb(-1n)), ...op('i64.const', ...sleb(-1n)), ...op('drop'), ...op('drop')];
    const instance = make({
      functions: [
        { body: dirty },
        { results: ['i64'], body: [...op('call', 0), ...op('call', 2)], export: 'f' },
        { results: ['i64'], locals: ['i64', 'i64'], body: [...op('local.get', 0), ...op('local.get', 1), ...op('i64.or')] },
      ],
    });
    expect(values(instance.invoke('f'))).toEqual([0n]);
  });

  it('check their arguments', () => {
    const instance = make(countdown('call'));
    expect(() => instance.invoke('f', [i64(1n)])).toThrow(UsageError);
    expect(() => instance.invoke('f', [i32(1), i64(1n)])).toThrow('value 0 must be i64, not i32');
    expect(() => instance.invoke('g')).toThrow('no exported function "g"');
    expect(() => instance.invoke(5)).toThrow('no function 5');
  });
});

describe('fuel', () => {
  const loop = make({ functions: [{ body: [...op('loop', empty), ...op('br', 0), ...op('end')], export: 'f' }] });
  it.each([1, 2, 1000, 3_000_000])('of %i is spent to the last instruction', (fuel) => {
    const outcome = loop.invoke('f', [], { fuel });
    expect(trapKind(outcome)).toBe('out of fuel');
    expect(outcome.instructions).toBe(fuel);
  });

  it('is exactly enough or one too little', () => {
    const instance = make(countdown('return_call'));
    const args = [i64(50n), i64(0n)];
    const { instructions } = instance.invoke('f', args);
    expect(values(instance.invoke('f', args, { fuel: instructions }))).toEqual([1275n]);
    expect(trapKind(instance.invoke('f', args, { fuel: instructions - 1 }))).toBe('out of fuel');
  });
});

describe('a trap', () => {
  it('names its instruction and its callers', () => {
    const source: ModuleSource = {
      functions: [
        { body: [...op('nop'), ...constant(1), ...constant(0), ...op('i32.div_u'), ...op('drop')] },
        { body: [...op('nop'), ...op('call', 0)], export: 'outer' },
      ],
      custom: [['name', [1, 8, 1, 0, 5, ...new TextEncoder().encode('inner')]]],
    };
    const validated = prepare(source);
    const [inner, outer] = validated.module.bodies;
    const outcome = instantiate(new Store(), validated).invoke('outer');
    expect(outcome).toMatchObject({
      trap: {
        kind: 'integer divide by zero',
        function: 0,
        offset: (inner?.code.start ?? 0) + 5,
        backtrace: [
          { function: 0, name: 'inner', offset: (inner?.code.start ?? 0) + 5 },
          { function: 1, name: 'outer', offset: (outer?.code.start ?? 0) + 1 },
        ],
      },
    });
  });
});

describe('host functions', () => {
  const callHost: ModuleSource = {
    types: [{ params: ['i32'], results: ['i32'] }],
    imports: [['env', 'host', [0, 0]]],
    functions: [
      { params: ['i32'], results: ['i32'], body: [...op('local.get', 0), ...op('call', 0)], export: 'f' },
      { params: ['i32'], results: ['i32'], body: [...op('local.get', 0), ...op('return_call', 0)], export: 'tail' },
    ],
  };
  const type = { params: ['i32'], results: ['i32'] } as const;

  it.each(['f', 'tail'])('are called with values and may trap (%s)', (name) => {
    const store = new Store();
    const host = store.hostFunction(type, ([value]) => {
      if (value?.value === 0) throw new Trap('unreachable');
      return [i32(Number(value?.value) * 2)];
    });
    const instance = make(callHost, from({ host }), store);
    expect(values(instance.invoke(name, [i32(21)]))).toEqual([42]);
    expect(trapKind(instance.invoke(name, [i32(0)]))).toBe('unreachable');
  });

  it('let other errors pass, and the store stays usable', () => {
    const store = new Store();
    let fail = true;
    const host = store.hostFunction(type, ([value]) => {
      if (fail) throw new RangeError('host');
      return value === undefined ? [] : [value];
    });
    const instance = make(callHost, from({ host }), store);
    expect(() => instance.invoke('f', [i32(1)])).toThrow('host');
    fail = false;
    expect(values(instance.invoke('f', [i32(3)]))).toEqual([3]);
  });

  it('may call back, share the fuel and end in exhaustion, not in a JavaScript error', () => {
    const store = new Store();
    let seen = 0;
    const host = store.hostFunction(type, (args) => {
      if ('trap' in instance.invoke('f', args)) seen++;
      throw new Trap('call stack exhausted');
    });
    const instance = make(callHost, from({ host }), store);
    expect(trapKind(instance.invoke('f', [i32(1)]))).toBe('call stack exhausted');
    expect(seen).toBeGreaterThan(10);
  });

  it('must return what their type says', () => {
    const store = new Store();
    const instance = make(callHost, from({ host: store.hostFunction(type, () => [], 'bad') }), store);
    expect(() => instance.invoke('f', [i32(1)])).toThrow('results of host function bad');
  });
});

describe('linking', () => {
  const store = new Store();
  const externs: Record<string, Extern> = {
    f: store.hostFunction({ params: [], results: [] }, () => []),
    t: store.table({ element: 'funcref', limits: { min: 2, max: 4 } }),
    m: store.memory({ limits: { min: 1, max: 2 }, pageSize: 65536 }),
    small: store.memory({ limits: { min: 1, max: 2 }, pageSize: 1 }),
    g: store.global({ type: 'i64', mutable: false }, i64(-5n)),
  };
  const link = (name: string, entry: number[]) =>
    make(
      {
        types: [
          { params: [], results: [] },
          { params: ['i32'], results: [] },
        ],
        imports: [['env', name, entry]],
      },
      from(externs),
      store,
    );

  it.each<[string, number[], string | undefined]>([
    ['f', [0, 0], undefined],
    ['f', [0, 1], 'incompatible import type'],
    ['f', [3, 0x7e, 0], 'incompatible import type'],
    ['x', [0, 0], 'unknown import'],
    ['t', [1, 0x70, 0, 2], undefined],
    ['t', [1, 0x70, 1, 1, 4], undefined],
    ['t', [1, 0x70, 1, 1, 3], 'incompatible import type'],
    ['t', [1, 0x70, 0, 3], 'incompatible import type'],
    ['t', [1, 0x6f, 0, 2], 'incompatible import type'],
    ['m', [2, 1, 1, 2], undefined],
    ['m', [2, 0, 2], 'incompatible import type'],
    ['m', [2, 8, 1, 0], 'incompatible import type'],
    ['small', [2, 8, 1, 0], undefined],
    ['g', [3, 0x7e, 0], undefined],
    ['g', [3, 0x7e, 1], 'incompatible import type'],
    ['g', [3, 0x7f, 0], 'incompatible import type'],
  ])('%s as %j: %s', (name, entry, problem) => {
    if (problem === undefined) {
      expect(() => link(name, entry)).not.toThrow();
    } else {
      expect(() => link(name, entry)).toThrow(LinkError);
      expect(() => link(name, entry)).toThrow(`${problem} "env" "${name}"`);
    }
  });

  it('reads exported globals, and computes constants from imported ones', () => {
    const instance = make(
      {
        imports: [['env', 'g', [3, 0x7e, 0]]],
        globals: [[0x7e, 0, ...op('global.get', 0), ...op('i64.const', 3), ...op('i64.mul'), 0x0b]],
        exports: [['x', [3, 1]]],
      },
      from(externs),
      store,
    );
    expect(instance.globalValue('x')).toEqual(i64(-15n));
  });
});

describe('instantiation', () => {
  it('drops active segments once they are written', () => {
    const instance = make({
      functions: [
        { body: [...constant(0), ...constant(0), ...constant(1), ...op('table.init', 0, 0)], export: 'elements' },
        { body: [...constant(0), ...constant(0), ...constant(1), ...op('memory.init', 0, 0)], export: 'data' },
      ],
      tables: [[0x70, 0, 1]],
      memories: [[0, 1]],
      elements: [[0, ...constant(0), 0x0b, 1, 0]],
      data: [[0, ...constant(0), 0x0b, 1, 7]],
      dataCount: 1,
    });
    expect(instance.memories[0]?.bytes[0]).toBe(7);
    expect(trapKind(instance.invoke('elements'))).toBe('out of bounds table access');
    expect(trapKind(instance.invoke('data'))).toBe('out of bounds memory access');
  });
});

describe('instantiation that fails', () => {
  it('keeps earlier segments written and its functions in shared tables callable', () => {
    const store = new Store();
    const table = store.table({ element: 'funcref', limits: { min: 2, max: undefined } });
    const memory = store.memory({ limits: { min: 1, max: 1 }, pageSize: 65536 });
    const attempt = () =>
      make(
        {
          imports: [
            ['env', 't', [1, 0x70, 0, 2]],
            ['env', 'm', [2, 0, 1]],
          ],
          functions: [{ results: ['i32'], body: constant(77) }],
          elements: [[0, ...constant(1), 0x0b, 1, 0]],
          data: [
            [0, ...constant(5), 0x0b, 1, 0xaa],
            [0, ...constant(65536), 0x0b, 1, 0xbb],
          ],
        },
        from({ t: table, m: memory }),
        store,
      );
    expect(attempt).toThrow(InstantiationTrap);
    expect(attempt).toThrow('out of bounds memory access');
    expect(memory.bytes[5]).toBe(0xaa);
    const caller = make(
      {
        imports: [['env', 't', [1, 0x70, 0, 2]]],
        types: [{ params: [], results: ['i32'] }],
        functions: [{ results: ['i32'], body: [...constant(1), ...op('call_indirect', 0, 0)], export: 'f' }],
      },
      from({ t: table }),
      store,
    );
    expect(values(caller.invoke('f'))).toEqual([77]);
  });

  it('reports a trap of the start function with its place', () => {
    const attempt = () => make({ functions: [{ body: op('unreachable') }], start: 0 });
    expect(attempt).toThrow(expect.objectContaining({ trap: expect.objectContaining({ kind: 'unreachable', function: 0 }) }));
  });

  it('refuses memories and tables beyond what any engine grants', () => {
    expect(() => make({ memories: [[0, ...leb(0xb001)]] })).toThrow(UnsupportedError);
    expect(() => make({ tables: [[0x70, 0, ...leb(10_000_001)]] })).toThrow(UnsupportedError);
  });
});

describe('references', () => {
  it('carry host values and functions through tables', () => {
    const instance = make({
      functions: [
        {
          params: ['externref'],
          results: ['externref'],
          body: [...constant(0), ...op('local.get', 0), ...op('table.set', 0), ...constant(0), ...op('table.get', 0)],
          export: 'pass',
        },
        { results: ['funcref'], body: op('ref.func', 0), export: 'self' },
      ],
      tables: [[0x6f, 0, 1]],
    });
    const thing = { any: 'thing' };
    expect(values(instance.invoke('pass', [{ type: 'externref', value: thing }]))[0]).toBe(thing);
    expect(values(instance.invoke('pass', [{ type: 'externref', value: null }]))).toEqual([null]);
    expect(values(instance.invoke('self'))[0]).toBe(instance.functions[0]);
  });
});

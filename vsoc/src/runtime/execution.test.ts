/** Calls of compiled modules: traps with their places, limits of stack, fuel and code memory, the border to the host. */
import { UnsupportedError, UsageError } from '@fireball/contracts';
import { InstructionReader, type ValidatedModule } from '@fireball/wasm';
import { describe, expect, it } from '@jest/globals';
import { createVsoc, type VsocValue } from '../index.js';
import { moduleOfText, targets, withInstance } from '../testing/module.js';

const i32 = (value: number): VsocValue => ({ type: 'i32', value });
const i64 = (value: bigint): VsocValue => ({ type: 'i64', value });

/** Offset of the `nth` instruction of this name in function `index`. */
function offsetOf({ module, functions }: ValidatedModule, index: number, name: string, nth = 0): number {
  const entry = functions[index];
  if (entry === undefined) throw new Error(`no function ${index}`);
  const reader = new InstructionReader(module.bytes, entry.code.start);
  for (let seen = 0; reader.offset < entry.code.end;) {
    reader.read();
    if (reader.op.name === name && seen++ === nth) return reader.start;
  }
  throw new Error(`no ${name} in function ${index}`);
}

interface TrapCase {
  readonly kind: string;
  readonly body: string;
  readonly at: string;
  readonly nth?: number;
  readonly fields?: string;
}

const traps: readonly TrapCase[] = [
  { kind: 'unreachable', body: 'unreachable', at: 'unreachable' },
  { kind: 'unreachable', body: '(if (i32.eqz (local.get 0)) (then unreachable)) unreachable', at: 'unreachable' },
  { kind: 'integer divide by zero', body: '(i32.div_u (i32.const 7) (local.get 0))', at: 'i32.div_u' },
  { kind: 'integer divide by zero', body: '(i32.rem_s (i32.div_s (i32.const 7) (i32.const 3)) (local.get 0))', at: 'i32.rem_s' },
  { kind: 'integer overflow', body: '(i32.div_s (i32.sub (local.get 0) (i32.const -2147483648)) (i32.const -1))', at: 'i32.div_s' },
  { kind: 'out of bounds memory access', body: '(i32.load (i32.sub (local.get 0) (i32.const 1)))', at: 'i32.load' },
  {
    kind: 'out of bounds memory access',
    body: '(drop (i32.load (local.get 0))) (i32.store offset=65533 (local.get 0) (i32.const 1)) (i32.const 1)',
    at: 'i32.store',
  },
  {
    kind: 'out of bounds memory access',
    body: '(drop (memory.grow (i32.const 0))) (drop (i32.load (local.get 0))) (i32.load8_u offset=65536 (local.get 0))',
    at: 'i32.load8_u',
  },
  { kind: 'integer divide by zero', body: '(drop (i32.div_u (i32.const 1) (i32.const 2))) (i32.div_u (i32.const 1) (local.get 0))', at: 'i32.div_u', nth: 1 },
  {
    kind: 'undefined element',
    body: '(call_indirect (type 0) (i32.const 9) (i32.const 9))',
    at: 'call_indirect',
    fields: '(type (func (param i32) (result i32))) (table 2 funcref)',
  },
  {
    kind: 'uninitialized element',
    body: '(call_indirect (type 0) (i32.const 9) (local.get 0))',
    at: 'call_indirect',
    fields: '(type (func (param i32) (result i32))) (table 2 funcref)',
  },
  {
    kind: 'indirect call type mismatch',
    body: '(call_indirect (type 0) (i32.const 9) (local.get 0))',
    at: 'call_indirect',
    fields: '(type (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) 0)',
  },
];

/** f calls g, so that the trap's function is neither the first nor the one that was called. */
const trapModule = ({ body, fields = '' }: TrapCase): string =>
  `(module ${fields} (memory 1) (func (nop)) (func $g (param i32) (result i32) ${body}) (func (export "f") (result i32) (i32.add (i32.const 1) (call $g (i32.const 0)))))`;

const deep =
  '(func $down (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))';
/** A frame of `count` slots that are all in use. */
const wideFrame = (count: number): string =>
  `(func $down (export "f") (param i32) (result i32) (local ${'i32 '.repeat(count)})
    ${Array.from({ length: count }, (_, index) => `(local.set ${index + 1} (i32.add (local.get 0) (i32.const ${index})))`).join(' ')}
    (if (local.get 0) (then (local.set 0 (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
    (local.get 0) ${Array.from({ length: count }, (_, index) => `(i32.add (i32.sub (local.get ${index + 1}) (local.get ${index + 1})))`).join(' ')})`;
const manyArguments = `(func $down (export "f") (param ${'i32 '.repeat(300)}) (result i32)
    (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)) ${Array.from({ length: 299 }, (_, index) => `(local.get ${index + 1})`).join(' ')}))) (else (local.get 299))))`;

describe.each(targets)('a call on %s', (isa) => {
  it.each(traps)('traps with $kind at $at', (trapCase) => {
    withInstance({ isa }, trapModule(trapCase), (instance, module) => {
      const { trap, results } = instance.invoke('f', []);
      expect({ trap, results }).toEqual({
        trap: { kind: trapCase.kind, wasmOffset: offsetOf(module, 1, trapCase.at, trapCase.nth), functionIndex: 1 },
        results: [],
      });
    });
  });

  it.each([
    { name: 'small frames', body: deep, extra: 0, result: 50, depth: 50 },
    { name: 'frames of 500 slots', body: wideFrame(500), extra: 0, result: 3, depth: 3 },
    { name: 'frames of 2000 slots', body: wideFrame(2000), extra: 0, result: 2, depth: 2 },
    { name: '300 parameters', body: manyArguments, extra: 299, result: 10, depth: 10 },
  ])('exhausts the stack with $name exactly, changes nothing else, and works again', ({ body, extra, result, depth }) => {
    const globals = Array.from({ length: 8 }, (_, index) => `(global (mut i32) (i32.const ${index * 1111}))`).join(' ');
    withInstance({ isa }, `(module ${globals} ${body})`, (instance) => {
      const args = (value: number): VsocValue[] => [value, ...Array.from({ length: extra }, () => 0)].map(i32);
      const state = (): VsocValue[] => Array.from({ length: 8 }, (_, index) => instance.global(index));
      const before = state();
      expect(instance.invoke('f', args(depth))).toMatchObject({ results: [i32(result)], trap: null });
      // The trap belongs to the function's first instruction: none of it has run.
      for (let round = 0; round < 2; round++) {
        expect(instance.invoke('f', args(1_000_000)).trap).toMatchObject({ kind: 'call stack exhausted', functionIndex: 0 });
        expect(state()).toEqual(before);
      }
      expect(instance.invoke('f', args(depth))).toMatchObject({ results: [i32(result)], trap: null });
    });
  });

  it('uses the whole stack: one call less than too many returns', () => {
    withInstance({ isa, stackBytes: 0x4000 }, `(module ${deep})`, (instance) => {
      const ends = (value: number): boolean => instance.invoke('f', [i32(value)]).trap === null;
      let [low, high] = [1, 0x4000];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (ends(middle)) low = middle;
        else high = middle;
      }
      expect(ends(low)).toBe(true);
      expect(ends(low + 1)).toBe(false);
      // Frames of this function take at most 32 bytes.
      expect(low).toBeGreaterThan(0x4000 / 32 - 4);
    });
  });

  it('ends when its fuel is used up, and the instance works again', () => {
    withInstance({ isa, fuel: 1000 }, '(module (func (export "f") (param i32) (result i32) (loop (br_if 0 (local.get 0))) (i32.const 7)))', (instance) => {
      const { trap, statistics } = instance.invoke('f', [i32(1)]);
      expect(trap).toEqual({ kind: 'out of fuel', wasmOffset: null, functionIndex: null });
      expect(statistics.instructions).toBeGreaterThanOrEqual(1000);
      expect(statistics.instructions).toBeLessThan(1005);
      expect(instance.invoke('f', [i32(0)])).toMatchObject({ results: [i32(7)], trap: null });
    });
  });

  it('refuses a module that does not fit into code memory', () => {
    const functions = Array.from({ length: 300 }, (_, index) => `(func (result i32) (i32.const ${index}))`).join(' ');
    expect(() => withInstance({ isa, codeBytes: 0x2000 }, `(module ${functions})`, () => undefined)).toThrow(UnsupportedError);
    expect(() => withInstance({ isa, codeBytes: 0x2000 }, `(module ${functions})`, () => undefined)).toThrow(/code memory of 8192 bytes is full/);
  });

  it('has all its code memory again after modules that failed to compile midway', () => {
    const module = moduleOfText('(module (memory 1) (func (export "f") (result i32) (i32.const 7)) (func) (func))');
    let refused = 2;
    const verifier = {
      verify: ({ source }: { readonly source: { readonly index: number } }): void => {
        if (source.index === refused) throw new UnsupportedError('this function');
      },
    };
    const vsoc = createVsoc({ isa, codeBytes: 0x1000, verifier });
    try {
      // Each takes a quarter of code memory: three functions and the memory's routine.
      for (let round = 0; round < 10; round++) expect(() => vsoc.instantiate(module)).toThrow('this function');
      expect(vsoc.codeMap.functions).toEqual([]);
      refused = -1;
      expect(vsoc.instantiate(module).invoke('f', [])).toMatchObject({ results: [i32(7)], trap: null });
      expect(vsoc.codeMap.functions).toHaveLength(3);
    } finally {
      vsoc.close();
    }
  });

  it.each([0, 1000, 0x800_0000])('refuses code memory of %i bytes', (codeBytes) => {
    expect(() => withInstance({ isa, codeBytes }, '(module)', () => undefined)).toThrow(UsageError);
  });

  describe.each(Array.from({ length: 13 }, (_, count) => count))('with %i parameters', (count) => {
    const indices = Array.from({ length: count }, (_, index) => index);

    it('passes i32 in order', () => {
      const sum = indices.map((index) => `(i32.add (i32.mul (local.get ${index}) (i32.const ${2 * index + 3})))`).join(' ');
      withInstance({ isa }, `(module (func (export "f") (param ${'i32 '.repeat(count)}) (result i32) (i32.const 0) ${sum}))`, (instance) => {
        const wanted = indices.reduce((total, index) => total + (100 + index) * (2 * index + 3), 0);
        expect(
          instance.invoke(
            'f',
            indices.map((index) => i32(100 + index)),
          ),
        ).toMatchObject({ results: [i32(wanted)], trap: null });
      });
    });

    it('passes i64 among i32, and returns each', () => {
      const types = indices.map((index) => (index % 3 === 1 ? 'i64' : 'i32'));
      const args = indices.map((index) => (types[index] === 'i64' ? i64(-0x1234_5678_9abcn - BigInt(index)) : i32(-7 - index)));
      const functions = indices
        .map((index) => `(func (export "f${index}") (param ${types.join(' ')}) (result ${types[index]}) (local.get ${index}))`)
        .join(' ');
      withInstance({ isa }, `(module ${functions})`, (instance) => {
        for (const index of indices) expect(instance.invoke(`f${index}`, args).results).toEqual([args[index]]);
      });
    });
  });

  it.each([
    ['i32 i64', '(i32.const -1) (i64.const 0x1122334455667788)', [i32(-1), i64(0x1122_3344_5566_7788n)]],
    ['i64 i64', '(i64.const -2) (i64.const 3)', [i64(-2n), i64(3n)]],
    [
      'i32 i32 i32 i32 i64 i32',
      '(i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i64.const -5) (i32.const 6)',
      [i32(1), i32(2), i32(3), i32(4), i64(-5n), i32(6)],
    ],
  ])('returns several results: %s', (types, body, wanted) => {
    withInstance({ isa }, `(module (func (export "f") (result ${types}) ${body}))`, (instance) => {
      expect(instance.invoke('f', []).results).toEqual(wanted);
    });
  });

  it.each([
    ['an unknown function', 'g', []],
    ['too many arguments', 'f', [i32(1), i32(2)]],
    ['too few arguments', 'f', []],
  ])('refuses %s', (_what, name, args) => {
    withInstance({ isa }, '(module (func (export "f") (param i32)))', (instance) => {
      expect(() => instance.invoke(name, args)).toThrow(UsageError);
    });
  });

  it('refuses wrong arguments of a call by a function of the host, which may go on', () => {
    const vsoc = createVsoc({ isa });
    try {
      const inner = vsoc.instantiate(moduleOfText('(module (func (export "f") (param i32)))'));
      const host = vsoc.createHostFunction({ params: [], results: [] }, () => {
        expect(() => inner.invoke('f', [])).toThrow(UsageError);
        expect(vsoc.calls.outerLinks).toEqual([]);
        return [];
      });
      const outer = vsoc.instantiate(
        moduleOfText('(module (import "" "" (func $host)) (func (export "g") (result i32) (call $host) (i32.const 7)))'),
        () => host,
      );
      expect(outer.invoke('g', []).results).toEqual([i32(7)]);
    } finally {
      vsoc.close();
    }
  });

  it('counts the instructions of sealed code', () => {
    withInstance({ isa }, '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))', (instance) => {
      const { statistics } = instance.invoke('f', [i32(1)]);
      // add, return; the return stub is in ROM and traps.
      expect(statistics).toMatchObject({ instructions: 2, nativeInstructions: 2, compiledFunctions: 1 });
      expect(statistics.codeBytes).toBe(instance.code[0]?.bytes.length);
    });
  });
});

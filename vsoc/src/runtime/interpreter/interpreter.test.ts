import { describe, expect, it } from '@jest/globals';
import { decodeModule, instantiate, Store, validateModule, type Value } from '@fireball/wasm';
import { createVsoc, type VsocOptions } from '../../index.js';
import { moduleOfText, targets, withInstance } from '../../testing/module.js';

const i32 = (value: number): Value => ({ type: 'i32', value });

const work = `(module
  (memory 1)
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "run") (param i32) (result i32)
    (i32.store (i32.const 8) (call $fib (local.get 0))) (i32.load (i32.const 8))))`;

describe.each(targets)('interpreted on %s', (isa) => {
  const options: VsocOptions = { isa, tier: 'interpreter' };

  it('runs in ROM and nowhere else', () => {
    withInstance(options, work, (instance) => {
      const { results, statistics } = instance.invoke('run', [i32(12)]);
      expect(results).toEqual([i32(144)]);
      expect(statistics).toMatchObject({ nativeInstructions: 0, compiledFunctions: 0, codeBytes: 0 });
      // What is left is the entry from outside.
      expect(statistics.instructions - statistics.interpreterInstructions).toBeLessThan(5);
      expect(instance.interpretedBytes).toMatchObject({ descriptors: 2 * 56, record: 72 });
    });
  });

  it('takes the same instructions on every run, however it is sliced', () => {
    const counts = [undefined, 1, 7, 1000].map((slice) => {
      const vsoc = createVsoc(options);
      if (slice !== undefined) {
        const run = vsoc.cpu.run.bind(vsoc.cpu);
        vsoc.cpu.run = (pc, budget) => run(pc, Math.min(budget, slice));
      }
      try {
        const instance = vsoc.instantiate(moduleOfText(work));
        return [1, 2].map(() => instance.invoke('run', [i32(7)]).statistics.instructions);
      } finally {
        vsoc.close();
      }
    });
    expect(new Set(counts.flat()).size).toBe(1);
  });

  it.each<[string, string]>([
    ['unreachable', '(func (export "f") nop unreachable)'],
    ['a load', '(memory 1) (func (export "f") (drop (i32.load offset=5 (i32.const 65532))))'],
    ['a load whose sum wraps', '(memory 1) (func (export "f") (drop (i64.load offset=4294967295 (i32.const 65532))))'],
    ['a store', '(memory 1) (func (export "f") (i64.store (i32.const 65529) (i64.const 1)))'],
    ['a division', '(func (export "f") (drop (i32.div_s (i32.const 1) (i32.const 0))))'],
    ['an overflow', '(func (export "f") (drop (i32.div_s (i32.const -2147483648) (i32.const -1))))'],
    ['a division in C', '(func (export "f") (drop (i64.div_u (i64.const 1) (i64.const 0))))'],
    ['a conversion', '(func (export "f") (drop (i32.trunc_f32_s (f32.const nan))))'],
    ['bulk memory', '(memory 1) (func (export "f") nop (memory.fill (i32.const 1) (i32.const 0) (i32.const 65536)))'],
    ['a table', '(table 1 funcref) (func (export "f") (drop (table.get (i32.const 1))))'],
    ['a missing element', '(table 1 funcref) (func (export "f") (call_indirect (i32.const 0)))'],
    ['an element outside', '(table 1 funcref) (func (export "f") (call_indirect (i32.const 9)))'],
    ['another type', '(table funcref (elem $g)) (func $g (param i32)) (func (export "f") (call_indirect (i32.const 0)))'],
    ['a callee', '(func $g (param i32) (drop (i32.rem_u (i32.const 3) (local.get 0)))) (func (export "f") (call $g (i32.const 0)))'],
  ])('a trap of %s is where the reference interpreter has it', (_name, text) => {
    const module = moduleOfText(`(module ${text})`);
    const expected = instantiate(new Store({}), module, () => undefined, { fuel: 1000 }).invoke('f', [], { fuel: 1000 });
    const vsoc = createVsoc(options);
    try {
      const { trap } = vsoc.instantiate(module).invoke('f', []);
      expect('trap' in expected && { kind: expected.trap.kind, wasmOffset: expected.trap.offset, functionIndex: expected.trap.backtrace[0]?.function }).toEqual(
        trap,
      );
    } finally {
      vsoc.close();
    }
  });

  it.each([0, 1, 2, 3, 4])('immediates may take %d bytes more than they need', (padding) => {
    const pad = (value: number, more: number): number[] => [...Array.from({ length: more }, (_, n) => (n === 0 ? value : 0) | 0x80), more === 0 ? value : 0];
    const code = [
      ...[0x01, 0x01, 0x7f], // a local
      ...[0x41, ...pad(5, padding)], // i32.const 5
      ...[0x21, ...pad(1, padding)], // local.set 1
      ...[0x02, 0x7f, 0x20, ...pad(1, padding), 0x41, 0x01, 0x0d, ...pad(0, padding), 0x0b], // a block that br_if leaves
      ...[0x41, 0x08, 0x20, ...pad(0, padding), 0x36, ...pad(2, padding), ...pad(4, padding)], // i32.store offset=4
      ...[0x41, 0x08, 0x28, ...pad(2, padding), ...pad(4, padding)], // i32.load offset=4
      ...[0x6a, 0x23, ...pad(0, padding), 0x6a], // + global 0
      ...[0x10, ...pad(1, padding)], // call 1
      0x0b,
    ];
    const other = [0x00, 0x20, 0x00, 0x0b];
    const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
    const module = validateModule(
      decodeModule(
        Uint8Array.from([
          ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
          ...section(1, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f),
          ...section(3, 0x02, 0x00, 0x00),
          ...section(5, 0x01, 0x00, 0x01),
          ...section(6, 0x01, 0x7f, 0x00, 0x41, 0x07, 0x0b),
          ...section(7, 0x01, 0x01, 0x66, 0x00, 0x00),
          ...section(10, 0x02, code.length, ...code, other.length, ...other),
        ]),
      ),
    );
    const vsoc = createVsoc(options);
    try {
      expect(vsoc.instantiate(module).invoke('f', [i32(30)])).toMatchObject({ results: [i32(42)], trap: null });
    } finally {
      vsoc.close();
    }
  });

  it.each(
    [
      0n,
      1n,
      -1n,
      63n,
      64n,
      -64n,
      -65n,
      ...[6, 13, 20, 27, 31, 32, 34, 41, 48, 55, 62, 63].flatMap((bit) => [1n << BigInt(bit), -(1n << BigInt(bit)), (1n << BigInt(bit)) - 1n]),
    ].map((value) => BigInt.asIntN(64, value)),
  )('constant %d', (value) => {
    const text = `(module (func (export "f") (result i64 i32) (i64.const ${value}) (i32.const ${BigInt.asIntN(32, value)})))`;
    withInstance(options, text, (instance) => {
      expect(instance.invoke('f', []).results).toEqual([{ type: 'i64', value }, i32(Number(BigInt.asIntN(32, value)))]);
    });
  });

  it('carries values of every shape to the host and back', () => {
    const types = ['i32', 'i64', 'f32', 'f64', 'i64', 'i32', 'f64', 'i32', 'i32', 'i64', 'i32'] as const;
    const values = types.map((type, index): Value =>
      type === 'i64' || type === 'f64' ? { type, value: 0x1_0000_0000n * BigInt(index + 1) + BigInt(index) } : { type, value: index + 100 },
    );
    const list = types.join(' ');
    const module = moduleOfText(`(module (import "m" "host" (func $host (param ${list}) (result ${list})))
      (func $own (param ${list}) (result ${list}) ${types.map((_, index) => `local.get ${index}`).join(' ')} call $host)
      (func (export "f") (param ${list}) (result ${list}) ${types.map((_, index) => `local.get ${index}`).join(' ')} call $own))`);
    const vsoc = createVsoc(options);
    try {
      const seen: unknown[] = [];
      const host = vsoc.createHostFunction({ params: types, results: types }, (args) => {
        seen.push(args);
        return args;
      });
      const { results } = vsoc.instantiate(module, () => host).invoke('f', values);
      expect(seen).toEqual([values]);
      expect(results).toEqual(values);
    } finally {
      vsoc.close();
    }
  });

  it('a function with thousands of locals', () => {
    const text = `(module (func (export "f") (result i32) (local ${'i32 '.repeat(5000)}) (local.set 4999 (i32.const 7)) (i32.add (local.get 4999) (local.get 4998))))`;
    withInstance({ ...options, stackBytes: 0x2_0000 }, text, (instance) => expect(instance.invoke('f', []).results).toEqual([i32(7)]));
  });
});

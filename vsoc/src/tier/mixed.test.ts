/** Mixed mode on the emulated CPU: hot functions become native in the background, and nothing else changes. */
import type { Isa } from '@fireball/contracts';
import { loadTemplates, packedSize } from '@fireball/jit';
import { describe, expect, it } from '@jest/globals';
import { createVsoc, type MixedOptions, type TierStatistics, type VsocValue } from '../index.js';
import { blockBytes } from '../chip/code-memory.js';
import { moduleOfText, targets } from '../testing/module.js';
import { failureKinds, type FailureKind } from './statistics.js';

const i32 = (value: number): VsocValue => ({ type: 'i32', value });

/** Sums of a loop with calls in it; the loop has operands below it, and parameters. */
const program = `(module
  (memory 1)
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "run") (param $count i32) (result i32 i64)
    (local $index i32) (local $wide i64)
    (i32.const 7)
    (i32.const 1)
    (loop $next (param i32) (result i32)
      (i32.add (call $square (local.get $index)))
      (local.set $wide (i64.add (local.get $wide) (i64.extend_i32_u (local.get $index))))
      (i32.store (i32.and (i32.shl (local.get $index) (i32.const 2)) (i32.const 0xfffc)) (local.get $index))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (local.get $count))))
    i32.add
    (local.get $wide)))`;
const count = 20_000;
const sums = Array.from({ length: count }, (_, index) => index).reduce(
  ({ squares, wide }, index) => ({ squares: (squares + Math.imul(index, index)) | 0, wide: wide + BigInt(index) }),
  { squares: 8, wide: 0n },
);
const expected = [i32(sums.squares), { type: 'i64', value: sums.wide }];

const templateBytes = (isa: Isa): number => packedSize(loadTemplates(isa));

interface Run {
  readonly results: readonly VsocValue[];
  readonly instructions: readonly number[];
  readonly native: number;
  readonly statistics: TierStatistics;
}

/** Calls the program's export several times on one virtual SoC; the results of the last call. */
function run(
  isa: Isa,
  mixed: Partial<MixedOptions>,
  calls = 1,
  { rounds = count, ...options }: { readonly rounds?: number; readonly slice?: number } = {},
): Run {
  const vsoc = createVsoc({ isa, tier: 'mixed', mixed, ...options });
  try {
    const instance = vsoc.instantiate(moduleOfText(program));
    const outcomes = Array.from({ length: calls }, () => instance.invoke('run', [i32(rounds)]));
    const last = outcomes.at(-1);
    if (last === undefined || vsoc.mixed === undefined) throw new Error('nothing ran');
    return {
      results: last.results,
      instructions: outcomes.map(({ statistics }) => statistics.instructions),
      native: last.statistics.nativeInstructions,
      statistics: structuredClone(vsoc.mixed.statistics),
    };
  } finally {
    vsoc.close();
  }
}

describe.each(targets)('mixed mode on %s', (isa) => {
  it('replaces a running activation, and calls native code from then on', () => {
    const { results, native, statistics, instructions } = run(isa, {}, 2);
    expect(results).toEqual(expected);
    expect(statistics.replacements).toBeGreaterThan(0);
    expect(statistics.compilations).toBeGreaterThanOrEqual(2);
    expect(native).toBe(instructions[1]);
  });

  // At one price or another, code is installed between the interpreter's load of the loop's counter and its store.
  it('replaces a running activation whenever its code is installed', () => {
    const text = '(module (func (export "run") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))';
    const module = moduleOfText(text);
    for (let costPerByte = 1; costPerByte <= 80; costPerByte++) {
      const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { loopThreshold: 20, costPerByte } });
      try {
        vsoc.instantiate(module).invoke('run', [i32(6000)]);
        expect({ costPerByte, replacements: vsoc.mixed?.statistics.replacements }).toEqual({ costPerByte, replacements: 1 });
      } finally {
        vsoc.close();
      }
    }
  });

  it('stays in the interpreter where nothing gets hot', () => {
    const { results, native, statistics } = run(isa, { callThreshold: 1e9, loopThreshold: 1e9 });
    expect(results).toEqual(expected);
    expect(native).toBe(0);
    expect(statistics.requests).toBe(0);
  });

  it('repeats exactly', () => {
    expect(run(isa, { inject: { crc: 1 } }, 3)).toEqual(run(isa, { inject: { crc: 1 } }, 3));
  });

  it.each([1, 7, 1000])('does and counts the same in slices of %i instructions', (slice) => {
    const rounds = 400;
    const mixed = { callThreshold: 3, loopThreshold: 20, costPerByte: 5, coolDown: 500, inject: { crc: 1, 'stale-icache': 1 } };
    const sliced = run(isa, mixed, 3, { slice, rounds });
    expect(sliced).toEqual(run(isa, mixed, 3, { rounds }));
    expect(sliced.statistics).toMatchObject({ compilations: 2, failures: { crc: 1, 'stale-icache': 1 } });
    expect(sliced.statistics.replacements).toBeGreaterThan(0);
  });

  it.each(failureKinds)('%s: the result stays right, the event is counted once', (kind: FailureKind) => {
    const { results, statistics } = run(isa, { inject: { [kind]: 1 }, coolDown: 10_000 }, 2);
    expect(results).toEqual(expected);
    expect(statistics.failures[kind]).toBe(1);
    const ends = ['missing-template', 'bad-patch', 'verify-fail', 'no-memory'].includes(kind);
    expect(statistics.blacklisted).toBe(ends ? 1 : 0);
    expect(statistics.compilations).toBeGreaterThanOrEqual(ends ? 1 : 2);
  });

  it('tells where code traps that was taken out of use while it was being executed', () => {
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { callThreshold: 0, costPerByte: 1 } });
    try {
      let retires = false;
      const host = vsoc.createHostFunction({ params: [], results: [] }, () => {
        if (!retires) return [];
        for (const { code } of vsoc.codeMap.functions) vsoc.codeMemory.writePhysical(code.address, Uint8Array.of(0x55));
        expect(vsoc.mixed?.cache.audit().length).toBe(1);
        return [];
      });
      const module = moduleOfText('(module (import "host" "f" (func $f)) (func (export "run") (call $f) unreachable))');
      const instance = vsoc.instantiate(module, () => host);
      const run = (): unknown => instance.invoke('run', []);
      const outcomes = Array.from({ length: 8 }, run);
      expect(vsoc.mixed?.cache.size).toBe(1);
      retires = true;
      const { statistics, ...outcome } = instance.invoke('run', []);
      expect(statistics.nativeInstructions).toBeGreaterThan(0);
      expect(outcomes).toContainEqual(expect.objectContaining(outcome));
      expect(outcome.trap?.kind).toBe('unreachable');
    } finally {
      vsoc.close();
    }
  });

  it('installs nothing that was compiled for a memory of another size', () => {
    const module = moduleOfText(`(module
      (memory 1 2)
      (func (export "f") (param i32) (result i32) (i32.load8_u (local.get 0))))`);
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { callThreshold: 0, costPerByte: 1000 } });
    try {
      const instance = vsoc.instantiate(module);
      const f = (address: number): VsocValue | undefined => instance.invoke('f', [i32(address)]).results[0];
      expect(f(0)).toEqual(i32(0));
      expect(f(0x1_0000)).toBeUndefined();
      expect(vsoc.mixed?.service.working).toBe(1);
      const [memory] = instance.memories;
      expect(memory?.grow(1)).toBe(1);
      memory?.bytes.fill(7);
      for (let call = 0; call < 4000 && vsoc.mixed?.statistics.compilations === 0; call++) expect(f(0x1_0000)).toEqual(i32(7));
      expect(vsoc.mixed?.statistics).toMatchObject({ compilations: 1, recompilations: 0, evictions: 0 });
      // Once for the size before, once for the other.
      expect(vsoc.mixed?.statistics.compileTime).toBe(2 * 1000 * 6);
      for (const [address, value] of [
        [0, 7],
        [0x1_ffff, 7],
        [0x2_0000, undefined],
      ] as const)
        expect(f(address)).toEqual(value && i32(value));
    } finally {
      vsoc.close();
    }
  });

  it('holds its budget: with room for one function, it is whichever is called at the time', () => {
    const functions = Array.from(
      { length: 6 },
      (_, index) => `(func (export "f${index}") (param i32) (result i32) (i32.mul (local.get 0) (i32.const ${index + 3})))`,
    );
    const vsoc = createVsoc({ isa, tier: 'mixed', mixed: { callThreshold: 0, costPerByte: 1, budget: templateBytes(isa) + 2 * blockBytes } });
    try {
      const instance = vsoc.instantiate(moduleOfText(`(module ${functions.join('')})`));
      for (const index of [0, 1, 2, 3, 4, 5, 0, 1]) {
        let native = 0;
        for (let round = 0; round < 40; round++) {
          const { results, statistics } = instance.invoke(`f${index}`, [i32(round)]);
          expect(results).toEqual([i32(round * (index + 3))]);
          native += statistics.nativeInstructions;
        }
        expect(native).toBeGreaterThan(0);
      }
      const { cacheHighWater = 0, evictions = 0, recompilations = 0 } = vsoc.mixed?.statistics ?? {};
      expect(cacheHighWater).toBe(2 * blockBytes);
      expect(evictions).toBeGreaterThan(0);
      expect(recompilations).toBeGreaterThan(0);
    } finally {
      vsoc.close();
    }
  });
});

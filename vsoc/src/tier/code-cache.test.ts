import type { CpuBackend } from '@fireball/contracts';
import { createCpu } from '@fireball/emulator';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockBytes, CodeMemory } from '../chip/code-memory.js';
import { FakeFunction } from '../testing/tiered.js';
import type { ActivationRoots } from './activations.js';
import { CodeCache } from './code-cache.js';
import { emptyStatistics } from './statistics.js';
import type { TieredFunction } from './tiered-function.js';

const base = 0x1_0000;
/** What a function takes in whole blocks where no size is said. */
const functionBytes = 256;
/** Room for sixteen of them. */
const size = 16 * functionBytes;

describe('code cache', () => {
  let cpu: CpuBackend;
  let memory: CodeMemory;
  let roots: ActivationRoots;
  let removed: string[];
  let cache: CodeCache;
  let now: number;

  beforeEach(() => {
    cpu = createCpu({ isa: 'rv32', cpu: 'rv32imc' });
    memory = new CodeMemory(cpu, base, size);
    roots = { registers: [], stacks: [] };
    removed = [];
    now = 0;
    cache = created((owner) => removed.push(owner.id));
  });
  afterEach(() => cpu.close());

  const created = (retired: (owner: TieredFunction) => unknown): CodeCache =>
    new CodeCache(
      memory,
      () => roots,
      () => now,
      emptyStatistics(),
      { installed: () => undefined, retired: ({ owner }) => retired(owner), freed: () => undefined },
    );
  /** Wanted at any price unless told otherwise. */
  const insert = (owner: FakeFunction, interval = 0): boolean => {
    const place = cache.reserve(owner.size, interval);
    if (place !== undefined) cache.install(owner, place, owner.compiled.linkAt(place.address, []));
    return place !== undefined;
  };
  const fill = (count: number): FakeFunction[] =>
    Array.from({ length: count }, (_, index) => {
      const owner = new FakeFunction(`f${index}`);
      insert(owner);
      return owner;
    });

  it('what is wanted as often as the others takes no place; what is wanted much more often does, of those that were not called for longest', () => {
    const owners = fill(16);
    const call = (...ids: number[]): void => {
      for (const id of ids) (owners[id] as FakeFunction).used = true;
    };
    const hot = new FakeFunction('hot');
    // All have just come. From now on it is seen who is called.
    expect(insert(hot, 100)).toBe(false);
    now = 399;
    expect(insert(hot, 100)).toBe(false);
    call(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    now = 1000;
    expect(insert(hot, 100)).toBe(false);
    now = 1200;
    call(0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15);
    expect(insert(hot, 100)).toBe(false);
    call(6);
    now = 1400;
    expect(insert(hot, 100)).toBe(true);
    expect(removed).toEqual(['f8']);
    // Wanted less often than the others are called.
    expect(insert(new FakeFunction('cold'), 1000)).toBe(false);
    expect(removed).toEqual(['f8']);
  });

  it('evicts the function that was not called, and traps its blocks', () => {
    const owners = fill(16);
    for (const owner of owners) owner.used = owner.id !== 'f5';
    const address = owners[5]?.code?.address ?? 0;
    expect(insert(new FakeFunction('new', 10))).toBe(true);
    expect(removed).toEqual(['f5']);
    expect(owners[5]?.code).toBeUndefined();
    expect([...memory.stored(address + 16, 4)]).toEqual([0x02, 0x90, 0x02, 0x90]);
  });

  it.each([
    ['a return address on the stack', (at: number) => ({ registers: [], stacks: [Int32Array.of(7, at + 200)] })],
    ['the program counter', (at: number) => ({ registers: [at], stacks: [] })],
    ['a Thumb address', (at: number) => ({ registers: [at + 101], stacks: [] })],
  ])('never evicts code with a live activation: %s', (_name, rootsFor) => {
    const owners = fill(16);
    for (const owner of owners) owner.used = false;
    roots = rootsFor(owners[0]?.code?.address ?? 0);
    expect(insert(new FakeFunction('new', size - functionBytes))).toBe(true);
    expect(owners[0]?.code).toBeDefined();
    expect(cache.size).toBe(2);
  });

  it('evicts nothing for a function that cannot fit', () => {
    const owners = fill(16);
    expect(insert(new FakeFunction('huge', size + 1))).toBe(false);
    roots = { registers: [owners[8]?.code?.address ?? 0], stacks: [] };
    expect(insert(new FakeFunction('split', 9 * functionBytes))).toBe(false);
    expect(removed).toEqual([]);
    expect(cache.size).toBe(16);
  });

  it('keeps the blocks of removed code until its activation has ended', () => {
    const [owner] = fill(1) as [FakeFunction];
    const address = owner.code?.address ?? 0;
    roots = { registers: [address + 4], stacks: [] };
    cache.remove(owner);
    expect(owner.code).toBeUndefined();
    expect(memory.stored(address, 1)[0]).toBe(0x5a);
    expect(cache.bytes).toBe(functionBytes);
    roots = { registers: [], stacks: [] };
    insert(new FakeFunction('next', 10));
    expect(cache.bytes).toBe(blockBytes);
    expect(memory.stored(address + 10, 1)[0]).not.toBe(0x5a);
  });

  it('a pinned routine takes room from functions, and is never a victim', () => {
    const owners = fill(16);
    for (const owner of owners) owner.used = owner.id !== 'f3';
    const routine = Uint8Array.of(1, 2, 3, 4);
    const { address } = cache.pin(routine.length, () => routine);
    expect(removed).toEqual(['f3']);
    expect(cache.bytes).toBe(size - functionBytes + blockBytes);
    for (let round = 0; round < 40; round++) insert(new FakeFunction(`g${round}`));
    expect([...memory.stored(address, 4)]).toEqual([...routine]);
    expect(() => cache.pin(size, () => routine)).toThrow('do not fit into the code cache');
  });

  it('an audit finds code that somebody changed', () => {
    const owners = fill(3);
    expect(cache.audit()).toEqual([]);
    memory.writePhysical((owners[1]?.code?.address ?? 0) + 7, Uint8Array.of(0));
    expect(cache.audit()).toEqual([owners[1]]);
    expect(owners[1]?.code).toBeUndefined();
    expect(cache.size).toBe(2);
  });

  it('whatever happens, entries never overlap and the budget holds', () => {
    const isolated = (): CodeMemory => {
      cpu.close();
      cpu = createCpu({ isa: 'rv32', cpu: 'rv32imc' });
      return new CodeMemory(cpu, base, size);
    };
    const step = fc.record({ id: fc.nat(30), size: fc.integer({ min: 2, max: 1500 }), interval: fc.nat(3), use: fc.nat(30), live: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        memory = isolated();
        cache = created(() => undefined);
        roots = { registers: [], stacks: [] };
        const owners = new Map<number, FakeFunction>();
        for (const { id, size: bytes, interval, use, live } of steps) {
          now += 2;
          const owner = new FakeFunction(`f${id}`, bytes);
          const old = owners.get(id);
          if (old !== undefined) cache.remove(old);
          owners.set(id, owner);
          insert(owner, interval);
          const used = owners.get(use);
          if (used?.code !== undefined) used.used = true;
          const root = owners.get(live)?.code?.address;
          roots = { registers: root === undefined ? [] : [root], stacks: [] };
          const held = [...owners.values()].flatMap(({ code }) => (code === undefined ? [] : [[code.address, code.address + code.bytes.length] as const]));
          held.sort((a, b) => a[0] - b[0]);
          held.forEach(([begin, end], index) => {
            expect(begin).toBeGreaterThanOrEqual(held[index - 1]?.[1] ?? base);
            expect(end).toBeLessThanOrEqual(base + size);
          });
          expect(cache.bytes).toBeLessThanOrEqual(size);
        }
      }),
      { numRuns: 60 },
    );
  });
});

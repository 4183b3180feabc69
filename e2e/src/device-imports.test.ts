/** Memories, tables and globals that firmware has for modules on a device (`compile-core --interpreter`). */
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeviceLoader } from './testing/device-loader.js';
import { bytesOfText, targets } from './testing/native.js';

const [table, memory, global] = [1, 2, 3] as const;
const [i32, i64, funcref, externref] = [0x7f, 0x7e, 0x70, 0x6f] as const;
const endless = 0xffff_ffff;

describe.each(targets)('imports from firmware on %s', (isa) => {
  const device = new DeviceLoader(isa);
  afterAll(() => {
    device.close();
  });
  beforeEach(() => {
    device.clear();
  });

  /** Words of a `struct fireball_extern`. */
  const extern = (kind: number, type: number, isMutable: number, address: number): number => device.place([kind, type, isMutable, address]);
  const globalOf = (type: number, isMutable: number, ...words: readonly number[]): number => extern(global, type, isMutable, device.place(words, 8));
  const memoryOf = (pages: number, most: number, pageBytes = 0x1_0000): number =>
    extern(memory, 0, 0, device.place([pages * pageBytes, device.place([], Math.max(pages, Math.min(most, 2)) * pageBytes), most, pageBytes]));
  const tableOf = (count: number, most: number, type: number = funcref, capacity = count): number =>
    extern(table, type, 0, device.place([count, most, device.place([], 4 * capacity), capacity]));
  const load = (text: string, given: number, settings: object = {}): string => device.load(bytesOfText(text), { imports: () => given, ...settings }).outcome;

  it.each([{ calls: 0 }, { calls: 1 }])('works on a memory of the firmware, which grows: $calls', (settings) => {
    const given = memoryOf(1, 2);
    const text = `(module (import "a" "m" (memory 1 2)) (data (i32.const 8) "abc")
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 0x12345678)))
      (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;
    expect(load(text, given, settings)).toBe('done');
    const record = device.word(given + 12);
    const bytes = device.word(record + 4);
    expect(device.word(bytes + 8)).toBe(0x636261);
    for (let time = 0; time < 3; time++) expect(device.call(0, [8]).low).toBe(0x636261);
    device.call(1, [100]);
    expect(device.word(bytes + 100)).toBe(0x1234_5678);
    for (let time = 0; time < 2; time++) expect(device.call(0, [0x1_0000]).trapped).toBe(true);
    expect([device.call(2).low, device.call(2).low]).toEqual([1, endless]);
    // Somebody else sees it, too, and code that was made before.
    expect(device.word(record)).toBe(0x2_0000);
    expect(device.call(0, [0x1_0000])).toMatchObject({ trapped: false, low: 0 });
    expect(device.call(0, [0x1_fffd]).trapped).toBe(true);
    if (settings.calls > 0) expect(device.compiled).toContainEqual({ function: 0, outcome: 'done', entries: 0 });
  });

  it('looks at the size of a memory that somebody else may let grow, and keeps that of others', () => {
    const text = '(module (memory 1 2) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))';
    expect(load(text, 0, { calls: 1 })).toBe('done');
    expect([device.hasBounds, device.word(device.memoryRecord + 8)]).toEqual([false, 1]);
    expect(load(text, 0, { calls: 1, memoryGrows: true })).toBe('done');
    expect([device.hasBounds, device.word(device.memoryRecord + 8)]).toEqual([true, 2]);
    for (let time = 0; time < 3; time++) expect(device.call(0, [0x1_0000]).trapped).toBe(true);
    expect(device.compiled).toEqual([{ function: 0, outcome: 'done', entries: 0 }]);
    device.setWord(device.memoryRecord, 0x2_0000);
    expect(device.call(0, [0x1_0000]).trapped).toBe(false);
  });

  it.each([{ calls: 0 }, { calls: 1 }])('calls by a table of the firmware, and shares it: $calls', (settings) => {
    const given = tableOf(4, 6, funcref, 6);
    const text = `(module (import "a" "t" (table 3 funcref)) (type $t (func (result i32))) (elem (i32.const 1) $seven)
      (func $seven (result i32) (i32.const 7))
      (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
      (func (export "grow") (result i32) (table.grow (ref.null func) (i32.const 2))))`;
    expect(load(text, given, settings)).toBe('done');
    const record = device.word(given + 12);
    expect(device.word(device.word(record + 8) + 4)).not.toBe(0);
    for (let time = 0; time < 3; time++) expect(device.call(1, [1])).toMatchObject({ trapped: false, low: 7 });
    for (const index of [0, 3, 4]) expect(device.call(1, [index]).trapped).toBe(true);
    expect([device.call(2).low, device.call(2).low, device.word(record)]).toEqual([4, endless, 6]);
  });

  it.each([{ calls: 0 }, { calls: 1 }])('reads and sets globals of the firmware, and begins its own with them: $calls', (settings) => {
    const [constant, counter] = [globalOf(i64, 0, 5, 6), globalOf(i32, 1, 40)];
    const text = `(module (import "a" "constant" (global $constant i64)) (import "a" "counter" (global $counter (mut i32)))
      (global $own i64 (global.get $constant)) (memory 1)
      (func (export "count") (result i64) (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
        (i64.add (global.get $own) (i64.add (global.get $constant) (i64.extend_i32_u (global.get $counter))))))`;
    const imports = ({ name }: { name: string }): number => (name === 'counter' ? counter : constant);
    expect(load(text, 0, { imports, ...settings })).toBe('done');
    for (const count of [41, 42, 43]) expect(device.call(0)).toMatchObject({ low: 10 + count, high: 12 });
    expect(device.word(device.word(counter + 12))).toBe(43);
  });

  const offers: readonly (readonly [wanted: string, given: () => number, outcome: string])[] = [
    ['(global i64)', () => globalOf(i64, 0), 'done'],
    ['(global i64)', () => globalOf(i32, 0), 'incompatible'],
    ['(global i64)', () => globalOf(i64, 1), 'incompatible'],
    ['(global (mut i64))', () => globalOf(i64, 0), 'incompatible'],
    ['(global i64)', () => extern(global, i64, 0, 0), 'incompatible'],
    ['(global i64)', () => tableOf(1, 1), 'incompatible'],
    ['(table 2 funcref)', () => tableOf(2, endless), 'done'],
    ['(table 2 3 funcref)', () => tableOf(2, 3), 'done'],
    ['(table 2 3 funcref)', () => tableOf(1, 3), 'incompatible'],
    ['(table 2 3 funcref)', () => tableOf(2, 4), 'incompatible'],
    ['(table 2 3 funcref)', () => tableOf(2, endless), 'incompatible'],
    ['(table 2 funcref)', () => tableOf(2, 2, externref), 'incompatible'],
    ['(memory 1)', () => memoryOf(2, 2), 'done'],
    ['(memory 1 2)', () => memoryOf(1, 2), 'done'],
    ['(memory 2)', () => memoryOf(1, 2), 'incompatible'],
    ['(memory 1 2)', () => memoryOf(1, 3), 'incompatible'],
    ['(memory 1)', () => memoryOf(0x1_0000, 0x1_0000, 1), 'incompatible'],
    ['(memory 1)', () => globalOf(i32, 0), 'incompatible'],
    ['(memory 1)', () => 0, 'not found'],
    ['(func)', () => 0, 'not found'],
  ];

  it.each(offers)('%s, where %s is there: %s', (wanted, given, outcome) => {
    const bytes = bytesOfText(`(module (import "a" "b" (func)) (import "cd" "e" ${wanted}))`);
    const found = device.load(bytes, { imports: ({ module }) => (module === 'a' ? device.returning : given()) });
    expect(found.outcome).toBe(outcome);
    // Of the import that is refused: behind the first one.
    if (outcome !== 'done') expect(found.offset).toBe(Buffer.from(bytes).indexOf('\u0002cd'));
  });

  it('tells types apart in a table that two programs share', () => {
    const first = `(module (type $other (func (param i32) (result i32))) (type $t (func (result i32))) (table (export "t") 3 funcref) (elem (i32.const 1) $seven $same)
      (func $seven (type $t) (i32.const 7)) (func $same (type $other) (local.get 0)))`;
    const second = `(module (import "a" "t" (table 3 funcref)) (type $t (func (result i32))) (type $other (func (param i32) (result i32)))
      (func (export "t") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
      (func (export "other") (param i32) (result i32) (call_indirect (type $other) (i32.const 8) (local.get 0))))`;
    for (const beside of ['row', 'alone'] as const) {
      expect(device.load(bytesOfText(first)).outcome).toBe('done');
      const given = extern(table, funcref, 0, device.firstTable);
      expect(load(second, given, { beside })).toBe('done');
      const calls = [device.call(0, [1]), device.call(1, [2]), device.call(0, [2]), device.call(1, [1])];
      // Numbers are positions otherwise, and these are the other way round.
      const low = ({ trapped, low }: (typeof calls)[number]): unknown => (trapped ? 'trap' : low);
      expect(calls.map(low).slice(0, beside === 'row' ? 4 : 2)).toEqual(beside === 'row' ? [7, 8, 'trap', 'trap'] : ['trap', 'trap']);
    }
  });

  it('has written nothing of a module that is invalid, or that lacks something', () => {
    const shared = memoryOf(1, 1);
    const bytes = device.word(device.word(shared + 12) + 4);
    const imports = ({ kind }: { kind: string }): number => (kind === 'memory' ? shared : 0);
    const lacking = '(module (import "a" "m" (memory 1)) (import "a" "f" (func)) (data (i32.const 0) "abc"))';
    expect([load(lacking, 0, { imports }), device.word(bytes)]).toEqual(['not found', 0]);
    const whole = bytesOfText('(module (import "a" "m" (memory 1)) (data (i32.const 0) "abc") (data (i32.const 4) "def"))');
    expect(device.load(whole.subarray(0, -1), { imports }).outcome).toBe('invalid');
    expect(device.word(bytes)).toBe(0);
    expect(device.load(whole, { imports }).outcome).toBe('done');
    expect([device.word(bytes), device.word(bytes + 4)]).toEqual([0x636261, 0x666564]);
  });
});

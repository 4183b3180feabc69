import { afterAll, describe, expect, it } from '@jest/globals';
import type { Isa } from '@fireball/contracts';
import fc from 'fast-check';
import { dataBase, RoutineCpu } from './rom/routines.js';

/** Where records and what they describe lie in guest RAM; the room between is a fence. */
const layout = {
  memory: 0x00,
  tableA: 0x10,
  tableB: 0x20,
  data: 0x30,
  elements: 0x38,
  memoryInit: 0x40,
  copyAB: 0x48,
  copyAA: 0x50,
  tableInit: 0x58,
  memoryBytes: 0x100,
  wordsA: 0x300,
  wordsB: 0x400,
  dataBytes: 0x501,
  elementWords: 0x600,
} as const;
const dataBytes = 0x1000;

interface State {
  /** Bytes; pages are of one byte. */
  readonly memorySize: number;
  /** Pages and elements by which memory and table A may grow. */
  readonly room: number;
  readonly countA: number;
  readonly countB: number;
  readonly maximumA: number;
  readonly dataSize: number;
  readonly elementCount: number;
}

/** No byte is like its neighbours, so that nothing can be moved unseen. */
const pattern = Uint8Array.from({ length: dataBytes }, (_, index) => (index * 167 + (index >> 8) * 29) & 0xff);

/** Guest RAM with records as `state` says, and the pattern everywhere else. */
function ramOf(state: State): Uint8Array {
  const ram = pattern.slice();
  const view = new DataView(ram.buffer);
  const words = (at: number, ...values: number[]): void => values.forEach((value, index) => view.setUint32(at + 4 * index, value, true));
  const at = (offset: number): number => dataBase + offset;
  words(layout.memory, state.memorySize, at(layout.memoryBytes), state.memorySize + state.room, 1);
  words(layout.tableA, state.countA, state.maximumA, at(layout.wordsA), state.countA + state.room);
  words(layout.tableB, state.countB, 0xffff_ffff, at(layout.wordsB), state.countB);
  words(layout.data, state.dataSize, at(layout.dataBytes));
  words(layout.elements, state.elementCount, at(layout.elementWords));
  words(layout.memoryInit, at(layout.memory), at(layout.data));
  words(layout.copyAB, at(layout.tableA), at(layout.tableB));
  words(layout.copyAA, at(layout.tableA), at(layout.tableA));
  words(layout.tableInit, at(layout.tableA), at(layout.elements));
  return ram;
}

type Operands = readonly [a: number, b: number, c: number];
type Effect = { readonly trap: string } | { readonly result?: number };

interface RecordRoutine {
  readonly op: string;
  readonly name: string;
  readonly descriptor: number;
  readonly operands: 1 | 2 | 3;
  /** What the core specification says it does to `ram`. */
  readonly model: (ram: Uint8Array, state: State, operands: Operands) => Effect;
}

const memoryTrap = { trap: 'out of bounds memory access' };
const tableTrap = { trap: 'out of bounds table access' };

function copy(ram: Uint8Array, to: number, from: number, bytes: number): Effect {
  ram.copyWithin(to, from, from + bytes);
  return {};
}

function fillWords(ram: Uint8Array, at: number, value: number, count: number): void {
  const view = new DataView(ram.buffer);
  for (let index = 0; index < count; index++) view.setUint32(at + 4 * index, value, true);
}

const routines: readonly RecordRoutine[] = [
  {
    op: 'memory.copy',
    name: 'memory.copy',
    descriptor: layout.memory,
    operands: 3,
    model: (ram, { memorySize }, [to, from, n]) =>
      from + n > memorySize || to + n > memorySize ? memoryTrap : copy(ram, layout.memoryBytes + to, layout.memoryBytes + from, n),
  },
  {
    op: 'memory.fill',
    name: 'memory.fill',
    descriptor: layout.memory,
    operands: 3,
    model(ram, { memorySize }, [to, value, n]) {
      if (to + n > memorySize) return memoryTrap;
      ram.fill(value, layout.memoryBytes + to, layout.memoryBytes + to + n);
      return {};
    },
  },
  {
    op: 'memory.init',
    name: 'memory.init',
    descriptor: layout.memoryInit,
    operands: 3,
    model: (ram, { memorySize, dataSize }, [to, from, n]) =>
      from + n > dataSize || to + n > memorySize ? memoryTrap : copy(ram, layout.memoryBytes + to, layout.dataBytes + from, n),
  },
  {
    op: 'memory.grow',
    name: 'memory.grow',
    descriptor: layout.memory,
    operands: 1,
    model(ram, { memorySize, room }, [pages]) {
      if (pages > room) return { result: 0xffff_ffff };
      fillWords(ram, layout.memory, memorySize + pages, 1);
      return { result: memorySize };
    },
  },
  {
    op: 'table.copy',
    name: 'table.copy within a table',
    descriptor: layout.copyAA,
    operands: 3,
    model: (ram, { countA }, [to, from, n]) =>
      from + n > countA || to + n > countA ? tableTrap : copy(ram, layout.wordsA + 4 * to, layout.wordsA + 4 * from, 4 * n),
  },
  {
    op: 'table.copy',
    name: 'table.copy between tables',
    descriptor: layout.copyAB,
    operands: 3,
    model: (ram, { countA, countB }, [to, from, n]) =>
      from + n > countB || to + n > countA ? tableTrap : copy(ram, layout.wordsA + 4 * to, layout.wordsB + 4 * from, 4 * n),
  },
  {
    op: 'table.init',
    name: 'table.init',
    descriptor: layout.tableInit,
    operands: 3,
    model: (ram, { countA, elementCount }, [to, from, n]) =>
      from + n > elementCount || to + n > countA ? tableTrap : copy(ram, layout.wordsA + 4 * to, layout.elementWords + 4 * from, 4 * n),
  },
  {
    op: 'table.fill',
    name: 'table.fill',
    descriptor: layout.tableA,
    operands: 3,
    model(ram, { countA }, [to, value, n]) {
      if (to + n > countA) return tableTrap;
      fillWords(ram, layout.wordsA + 4 * to, value, n);
      return {};
    },
  },
  {
    op: 'table.get',
    name: 'table.get',
    descriptor: layout.tableA,
    operands: 1,
    model: (ram, { countA }, [index]) => (index >= countA ? tableTrap : { result: new DataView(ram.buffer).getUint32(layout.wordsA + 4 * index, true) }),
  },
  {
    op: 'table.set',
    name: 'table.set',
    descriptor: layout.tableA,
    operands: 2,
    model(ram, { countA }, [index, value]) {
      if (index >= countA) return tableTrap;
      fillWords(ram, layout.wordsA + 4 * index, value, 1);
      return {};
    },
  },
  {
    op: 'table.grow',
    name: 'table.grow',
    descriptor: layout.tableA,
    operands: 2,
    model(ram, { countA, maximumA, room }, [value, n]) {
      if (countA + n > Math.min(maximumA, countA + room)) return { result: 0xffff_ffff };
      fillWords(ram, layout.wordsA + 4 * countA, value, n);
      fillWords(ram, layout.tableA, countA + n, 1);
      return { result: countA };
    },
  },
];

const size = (most: number): fc.Arbitrary<number> => fc.oneof(fc.integer({ min: 0, max: most }), fc.constantFrom(0, most));
const states: fc.Arbitrary<State> = fc
  .record({ memorySize: size(0x90), countA: size(24), countB: size(24), maximumA: size(40), room: size(16), dataSize: size(0x50), elementCount: size(24) })
  .map(({ maximumA, ...rest }) => ({ ...rest, maximumA: Math.max(maximumA, rest.countA) }));
/** Around every limit, and where 32-bit sums wrap. */
const operand = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xa0 }) },
  { weight: 1, arbitrary: fc.constantFrom(0xffff_ffff, 0xffff_fff0, 0x8000_0000, 0x4000_0000, 0xffff_ff80, 0x1234_5678) },
);

const cpus: [Isa, string][] = [
  ['thumb2', 'cortex-m3'],
  ['rv32', 'rv32imc'],
];

describe.each(cpus)('memory and table routines on %s %s', (isa, cpu) => {
  const guest = new RoutineCpu(isa, cpu, dataBytes);
  afterAll(() => guest.close());

  /** Runs routine and model on equal RAM; a trap must leave all of it as it was. */
  function agree({ op, descriptor, operands, model }: RecordRoutine, state: State, values: Operands): void {
    const expected = ramOf(state);
    guest.data.set(expected);
    const effect = model(expected, state, values);
    const outcome = guest.call(op, [...values.slice(0, operands), dataBase + descriptor]);
    if ('trap' in effect) expect(outcome).toEqual(effect);
    else if (effect.result === undefined) expect(outcome).toHaveProperty('words');
    else expect(outcome).toMatchObject({ words: [effect.result, expect.anything()] });
    expect(Buffer.compare(guest.data, expected)).toBe(0);
  }

  it.each(routines)('$name does what the specification says, and nothing else', (routine) => {
    fc.assert(
      fc.property(states, operand, operand, operand, (state, a, b, c) => agree(routine, state, [a, b, c])),
      { numRuns: 500, seed: 1 },
    );
    expect(guest.lostRegisters()).toEqual([]);
  });

  const ends: State = { memorySize: 64, countA: 8, countB: 8, maximumA: 12, room: 2, dataSize: 16, elementCount: 4 };
  const corners: readonly Operands[] = [
    [64, 64, 0],
    [65, 0, 0],
    [0, 65, 0],
    [60, 0, 5],
    [0, 60, 5],
    [60, 0, 4],
    [0xffff_ffff, 0, 1],
    [0, 0xffff_ffff, 1],
    [1, 0, 0xffff_ffff],
    [8, 8, 0],
    [9, 0, 0],
    [0, 9, 0],
    [4, 0, 4],
    [4, 0, 5],
    [0, 4, 4],
    [1, 0, 7],
    [0, 1, 7],
    [0x1111, 2, 0],
    [0x1111, 3, 0],
    [0x1111, 0xffff_ffff, 0],
  ];
  it.each(routines)('$name at the ends of memories, tables and segments', (routine) => {
    for (const values of corners) agree(routine, ends, values);
    // A dropped segment has no bytes left.
    for (const values of corners) agree(routine, { ...ends, dataSize: 0, elementCount: 0 }, values);
  });

  it('copies every overlap at every alignment', () => {
    const [routine] = routines;
    for (let to = 0; to < 12; to++) for (let from = 0; from < 12; from++) for (const n of [1, 3, 4, 5, 8, 11, 17]) agree(routine!, ends, [to, from, n]);
  });

  it('need little stack', () => {
    expect(guest.stackUsed()).toBeLessThan(256);
  });
});

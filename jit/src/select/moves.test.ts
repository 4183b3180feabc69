import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MacroAssembler } from '../target/macro-assembler.js';
import type { Operand, Reg } from '../target/registers.js';
import { moveAll, type RegisterMove } from './moves.js';
import type { Entry } from './operands.js';
import { spill } from './spilling.js';
import { FunctionState } from './state.js';

const registers = 6;
const scratch: Reg = 6;
/** Locals 0 and 1 live in registers 0 and 1, local 2 in memory. */
const localRegs = Int32Array.from([0, 1, -1]);
const homeOfLocal2 = 16;

/** Executes what the selector asks for, on registers and slots. */
class SimulatedMacroAssembler implements Partial<MacroAssembler> {
  readonly roles = { args: [], temps: [], saved: [], leafExtra: [], callExtra: [], link: -1, zero: -1, floats: [] };
  readonly scratch = scratch;
  readonly values: number[] = Array.from({ length: registers + 1 }, (_, reg) => 1000 * (reg + 1));
  readonly slots = new Map<number, number>([
    [homeOfLocal2, 77],
    [40, 99],
    [44, 101],
  ]);

  move(rd: Reg, rs: Reg): void {
    this.values[rd] = this.value(rs);
  }

  loadConst(rd: Reg, value: number): void {
    this.values[rd] = value | 0;
  }

  constCost(value: number): number {
    return this.fitsImmediate('add', value) ? 1 : 2;
  }

  fitsImmediate(_op: string, value: number): boolean {
    return Math.abs(value) < 2048;
  }

  alu(op: string, rd: Reg, a: Reg, b: Operand): void {
    if ('imm' in b && op === 'add' && !this.fitsImmediate(op, b.imm)) throw new RangeError(`${b.imm} does not fit`);
    this.values[rd] = compute(op, this.value(a), 'imm' in b ? b.imm : this.value(b.reg));
  }

  aluShifted(op: string, rd: Reg, a: Reg, b: Reg, shift: string, amount: number): void {
    this.values[rd] = compute(op, this.value(a), compute(shift, this.value(b), amount));
  }

  loadSlot(rd: Reg, spOffset: number): void {
    const value = this.slots.get(spOffset);
    if (value === undefined) throw new RangeError(`slot ${spOffset} is empty`);
    this.values[rd] = value;
  }

  storeSlot(rs: Reg, spOffset: number): void {
    this.slots.set(spOffset, this.value(rs));
  }

  private value(reg: Reg): number {
    const value = this.values[reg];
    if (value === undefined) throw new RangeError(`register ${reg}`);
    return value;
  }
}

function compute(op: string, a: number, b: number): number {
  if (op === 'add') return (a + b) | 0;
  if (op === 'mul') return Math.imul(a, b);
  return op === 'shl' ? a << b : a >>> b;
}

const inRegister = fc.oneof(
  fc.integer({ min: 2, max: registers - 1 }).map((reg) => ({ fixed: reg })),
  fc.integer({ min: 2, max: registers - 1 }).map((reg) => ({ reg })),
  fc.constantFrom({ word: 0 }, { word: 1 }),
);
const constants = fc.constantFrom(0, 1, -1, 2047, 2048, 0x1234_5678, -0x8000_0000);
const entries: fc.Arbitrary<Entry> = fc.oneof(
  constants.map((value): Entry => ({ kind: 'const', value, high: false })),
  fc.tuple(inRegister, constants).map(([source, c]): Entry => ({ kind: 'sum', source, c, high: false })),
  fc.constantFrom(0, 5).map((c): Entry => ({ kind: 'sum', source: { word: 2 }, c, high: false })),
  fc
    .tuple(inRegister, fc.integer({ min: 1, max: 31 }), fc.constantFrom(0, 4, 0x12345))
    .map(([source, amount, c]): Entry => ({ kind: 'shift', source, shift: 'shl', amount, c, high: false })),
  fc.constantFrom(40, 44).map((spOffset): Entry => ({ kind: 'home', spOffset, high: false })),
);
const products: fc.Arbitrary<Entry> = fc.tuple(inRegister, inRegister).map(([a, b]): Entry => ({ kind: 'product', a, b, high: false }));

function moves(entry: fc.Arbitrary<Entry>): fc.Arbitrary<RegisterMove[]> {
  const targets = fc.shuffledSubarray(Array.from({ length: registers }, (_, reg) => reg));
  return targets.chain((regs) => fc.tuple(...regs.map((reg) => entry.map((from) => ({ entry: from, reg })))));
}

function newState(masm: SimulatedMacroAssembler, constRegs = new Map<number, Reg>()): FunctionState {
  const allocation = { localRegs, constRegs, saved: [], ownsLink: false, temps: [] };
  const full: Partial<MacroAssembler> = masm;
  return new FunctionState(
    full as MacroAssembler,
    allocation,
    { words: [[0], [1], [2]], owners: Int32Array.from([0, 1, 2]), count: 3, parameterWords: 3 },
    0,
    spill,
  );
}

/** What each entry is worth before anything moves. */
function valueOf(masm: SimulatedMacroAssembler, entry: Entry): number {
  const read = (source: { readonly word: number } | { readonly reg: Reg } | { readonly fixed: Reg }): number => {
    if ('reg' in source) return masm.values[source.reg] ?? 0;
    if ('fixed' in source) return masm.values[source.fixed] ?? 0;
    return source.word === 2 ? (masm.slots.get(homeOfLocal2) ?? 0) : (masm.values[source.word] ?? 0);
  };
  switch (entry.kind) {
    case 'const':
      return entry.value | 0;
    case 'sum':
      return (read(entry.source) + entry.c) | 0;
    case 'shift':
      return ((read(entry.source) << entry.amount) + entry.c) | 0;
    case 'product':
      return Math.imul(read(entry.a), read(entry.b));
    case 'home':
      return masm.slots.get(entry.spOffset) ?? 0;
    case 'float':
      throw new RangeError('no such entry');
  }
}

/** `pinned`: constants that lie in registers of their own before the moves. */
function check(list: readonly RegisterMove[], pinned = new Map<number, Reg>()): void {
  const masm = new SimulatedMacroAssembler();
  for (const [constant, reg] of pinned) masm.values[reg] = constant | 0;
  const before = [...masm.values];
  const wanted = before.map((value, reg) => {
    const move = list.find((candidate) => candidate.reg === reg);
    return move === undefined ? value : valueOf(masm, move.entry);
  });
  moveAll(newState(masm, pinned), list);
  expect(masm.values.slice(0, registers)).toEqual(wanted.slice(0, registers));
}

const from = (reg: Reg): Entry => ({ kind: 'sum', source: { fixed: reg }, c: 0, high: false });

describe('parallel moves', () => {
  it('happen as if at once', () => {
    fc.assert(
      fc.property(moves(entries), (list) => check(list)),
      { numRuns: 5000 },
    );
  });

  it('happen as if at once where registers of constants are among the targets', () => {
    const pinned = new Map<number, Reg>([
      [2048, 2],
      [0x1234_5678, 3],
      [0x8000_0000, 4],
    ]);
    fc.assert(
      fc.property(moves(entries), (list) => check(list, pinned)),
      { numRuns: 5000 },
    );
  });

  it('happen as if at once with products, which read two registers', () => {
    fc.assert(
      fc.property(moves(fc.oneof({ weight: 3, arbitrary: entries }, { weight: 2, arbitrary: products })), (list) => check(list)),
      { numRuns: 5000 },
    );
  });

  it.each([
    {
      what: 'a swap',
      pairs: [
        [0, 1],
        [1, 0],
      ],
    },
    {
      what: 'a rotation',
      pairs: [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
      ],
    },
    {
      what: 'two swaps',
      pairs: [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ],
    },
    {
      what: 'a rotation with a copy',
      pairs: [
        [0, 1],
        [1, 2],
        [2, 0],
        [3, 0],
      ],
    },
    {
      what: 'a chain',
      pairs: [
        [3, 2],
        [2, 1],
        [1, 0],
      ],
    },
    { what: 'nothing to do', pairs: [[2, 2]] },
  ] as const)('$what', ({ pairs }) => {
    check(pairs.map(([reg, source]) => ({ reg, entry: from(source) })));
  });
});

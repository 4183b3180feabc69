import type { Boundary, LocationMap, ValueLocation, WordLocation, WordPlace } from '@fireball/contracts';
import * as arithmetic from '../core/layout/arithmetic.js';
import * as masmLayout from '../core/layout/masm.js';
import * as layout from '../core/layout/select.js';
import * as walkLayout from '../core/layout/walk.js';
import type { Assembly } from '../expand/assembly.js';
import { areaAt, wordsIn, type Core } from '../instance/core.js';
import { layOutLocals, wordsOfLocal, type FunctionSource, type LocalWords } from '../plan/body.js';
import type { Shift } from '../target/operations.js';
import { noReg } from '../target/registers.js';

const unknown = { kind: 'unknown' } as const;
/** Writes between two snapshots at least. */
const leastWrites = 64;

const shiftNames: Readonly<Record<number, Shift>> = {
  [arithmetic.shl]: 'shl',
  [arithmetic.shrS]: 'shr_s',
  [arithmetic.shrU]: 'shr_u',
  [arithmetic.rotr]: 'rotr',
};

/** Words of a row in the core's memory, by the offsets of its layout. */
type Row = (offset: number) => number;

const rowAt =
  (words: Int32Array, first: number): Row =>
  (offset) =>
    words[first + (offset >> 2)]!;

/** A byte of a row. */
function byteOf(row: Row, offset: number): number {
  return (row(offset) >>> (8 * (offset & 3))) & 0xff;
}

/** What else is known of a function's locals, by who has compiled it. */
export interface KnownLocals {
  /** Register per local word; -1 where it lives in its home slot. */
  readonly registers: Int32Array;
  /** Registers that hold constants throughout the function. */
  readonly constants: LocationMap['constants'];
  readonly extended: LocationMap['extended'];
  /** What is live where, found when somebody asks. */
  live(): LiveAt;
}

/** Of the instructions at which locations are known, by the numbers that the core has for them. */
interface LiveAt {
  offsetOf(index: number): number;
  isLive(index: number, local: number): boolean;
}

/** What the core has written down of where locals and operands are while it selected a function. */
export class RecordedLocations {
  /** In front of each instruction that can be reached. */
  private readonly boundaries: Int32Array;
  /** Everything that was put on the operand stack. */
  private readonly writes: Int32Array;
  private readonly homeBytes: number;
  private readonly saved: LocationMap['saved'];
  private readonly locals: LocalWords;
  private readonly frameBytes: number;
  private stacks: StackHistory | undefined;

  /** Copies what the core has, which is there until it selects another function. */
  constructor(
    private readonly source: FunctionSource,
    private readonly known: KnownLocals,
    core: Core,
  ) {
    this.locals = layOutLocals(source);
    this.frameBytes = core.frameBytes();
    const savedCount = core.savedPlaces();
    const words = wordsIn(core);
    this.boundaries = areaAt(words, walkLayout.boundaries);
    this.writes = areaAt(words, layout.stackWrites);
    this.homeBytes = words[layout.slotBytes >> 2]!;
    this.saved = Array.from({ length: savedCount }, (_, index) => {
      const row = rowAt(words, (masmLayout.savedRows + index * masmLayout.savedStride) >> 2);
      return { register: row(masmLayout.savedRegister), offset: row(masmLayout.savedOffset) };
    });
  }

  /** To be called once the code is laid out. */
  map(assembly: Assembly): LocationMap {
    const { source, known, boundaries, saved, frameBytes } = this;
    const live = known.live();
    const count = boundaries.length / (walkLayout.boundaryStride >> 2);
    return {
      locals: source.locals.map((_, local) => this.localPlace(local)),
      extended: known.extended,
      boundaries: Array.from({ length: count }, (_, number) => this.boundary(number, assembly, live)),
      constants: known.constants,
      saved,
      frameBytes,
    };
  }

  private boundary(number: number, assembly: Assembly, live: LiveAt): Boundary {
    const row = rowAt(this.boundaries, number * (walkLayout.boundaryStride >> 2));
    const index = row(walkLayout.boundaryIndex);
    const inFlags = row(walkLayout.boundaryInFlags);
    const operands = (): readonly ValueLocation[] => this.operands((this.stacks ??= new StackHistory(this.boundaries, this.writes)).at(number));
    return {
      wasmOffset: live.offsetOf(index),
      codeOffset: assembly.labelOffset(row(walkLayout.boundaryLabel)),
      isLive: (local) => local !== inFlags && live.isLive(index, local),
      // Made when somebody asks: together they would take memory by instructions times operands.
      get operands() {
        return operands();
      },
    };
  }

  private localPlace(local: number): ValueLocation<WordPlace> | undefined {
    const places = wordsOfLocal(this.locals, local).map((word) => this.wordPlace(word));
    return places.every((place) => place !== undefined) ? places : undefined;
  }

  /** Where a local word has its home, one slot of 8 bytes per local; no code names locals behind the slots in use. */
  private wordPlace(word: number): WordPlace | undefined {
    const register = this.known.registers[word] ?? noReg;
    if (register !== noReg) return { kind: 'register', register };
    const { words, owners } = this.locals;
    const local = owners[word]!;
    return 8 * local < this.homeBytes ? { kind: 'slot', offset: 8 * local + 4 * (word - words[local]![0]!) } : undefined;
  }

  private operands(stack: readonly Row[]): readonly ValueLocation[] {
    const values: WordLocation[][] = [];
    for (const entry of stack) {
      const word = this.wordLocation(entry);
      if (byteOf(entry, layout.entryHigh) !== 0) values.at(-1)?.push(word);
      else values.push([word]);
    }
    return values;
  }

  private wordLocation(entry: Row): WordLocation {
    const c = entry(layout.entryC);
    switch (byteOf(entry, layout.entryKind)) {
      case layout.constEntry:
        return { kind: 'constant', value: c };
      case layout.floatEntry:
        return { kind: 'float', register: c, half: byteOf(entry, layout.entryShift) === layout.highPart ? 'high' : 'low' };
      case layout.homeEntry:
        return { kind: 'slot', offset: c };
    }
    const of = this.sourcePlace(byteOf(entry, layout.entryFrom), entry(layout.entrySource));
    if (of === undefined) return unknown;
    switch (byteOf(entry, layout.entryKind)) {
      case layout.sumEntry:
        return c === 0 ? of : { kind: 'sum', of, constant: c };
      case layout.shiftEntry:
        return { kind: 'shift', of, shift: shiftNames[byteOf(entry, layout.entryShift)]!, amount: entry(layout.entryAmount), constant: c };
    }
    const b = this.sourcePlace(byteOf(entry, layout.entryShift), entry(layout.entryAmount));
    return b === undefined ? unknown : { kind: 'product', a: of, b };
  }

  private sourcePlace(from: number, source: number): WordPlace | undefined {
    return from === layout.wordSource ? this.wordPlace(source) : { kind: 'register', register: source };
  }
}

/** The operand stack at earlier times: snapshots of which write each position has its entry from, and the writes since. */
class StackHistory {
  private readonly snapshots: { readonly writes: Int32Array; readonly end: number }[] = [];
  /** By boundary: the snapshot that it follows. */
  private readonly of: Int32Array;

  constructor(
    private readonly boundaries: Int32Array,
    private readonly writes: Int32Array,
  ) {
    const count = boundaries.length / (walkLayout.boundaryStride >> 2);
    this.of = new Int32Array(count);
    const current: number[] = [];
    let done = 0;
    let taken = 0;
    this.snapshots.push({ writes: new Int32Array(), end: 0 });
    for (let number = 0; number < count; number++) {
      const { end, length } = this.boundary(number);
      for (; done < end; done++) current[this.positionOf(done)] = done;
      // As many writes as operands pay for a copy of them.
      if (end - taken > length + leastWrites) {
        this.snapshots.push({ writes: Int32Array.from(current.slice(0, length)), end });
        taken = end;
      }
      this.of[number] = this.snapshots.length - 1;
    }
  }

  private boundary(number: number): { readonly end: number; readonly length: number } {
    const row = rowAt(this.boundaries, number * (walkLayout.boundaryStride >> 2));
    return { end: row(walkLayout.boundaryWrites), length: row(walkLayout.boundaryLength) };
  }

  private positionOf(write: number): number {
    return this.writes[(write * layout.writeStride + layout.writePosition) >> 2]!;
  }

  /** The entries at a boundary, the deepest first. */
  at(number: number): Row[] {
    const { end, length } = this.boundary(number);
    const snapshot = this.snapshots[this.of[number]!]!;
    const found = [...snapshot.writes.subarray(0, length)];
    for (let write = snapshot.end; write < end; write++) {
      const position = this.positionOf(write);
      if (position < length) found[position] = write;
    }
    return found.map((write) => rowAt(this.writes, (write * layout.writeStride + layout.writeEntry) >> 2));
  }
}

import { InternalError } from '@fireball/contracts';
import type { Reg } from '../target/registers.js';
import { sourcesOf, type Entry, type Source } from './operands.js';

/** An entry that was put at a position of the stack. */
export interface StackWrite {
  readonly position: number;
  readonly entry: Entry;
}

/**
 * The abstract operand stack, a word each. It keeps lists of the entries that an operation may have to look for (what owns a register, what reads a
 * local), so that no instruction costs more because many operands lie below its own.
 */
export class OperandStack {
  private readonly entries: Entry[] = [];
  /** Of each position: the values up to it. */
  private readonly values: number[] = [];
  /** Positions whose entries own general registers, and floating-point registers; ascending, as all lists here. */
  private readonly owning: number[] = [];
  private readonly inFloats: number[] = [];
  /** By local word: positions whose entries read it. */
  private readonly readers: number[][] = [];
  /** Everything below is in its home or a constant. */
  private settledBelow = 0;
  /** Every entry that was put anywhere, for who wants to know the stack at an earlier time. */
  writes: StackWrite[] | undefined;

  get length(): number {
    return this.entries.length;
  }

  /** Height in values. */
  get height(): number {
    return this.values.at(-1) ?? 0;
  }

  at(position: number): Entry | undefined {
    return this.entries.at(position);
  }

  /** Index of the value that the word at `position` belongs to. */
  valueAt(position: number): number {
    return (this.values[position] as number) - 1;
  }

  get all(): readonly Entry[] {
    return this.entries;
  }

  push(...entries: readonly Entry[]): void {
    for (const entry of entries) {
      const position = this.entries.length;
      this.values.push(this.height + (entry.high ? 0 : 1));
      this.entries.push(entry);
      this.index(position, entry);
    }
  }

  pop(): Entry {
    const entry = this.entries.pop();
    if (entry === undefined) throw new InternalError('operand stack underflow');
    this.values.pop();
    this.forget(this.entries.length, entry);
    this.settledBelow = Math.min(this.settledBelow, this.entries.length);
    return entry;
  }

  /** Pops the topmost `count` words; the deepest comes first. */
  take(count: number): Entry[] {
    const taken = this.top(count);
    for (let left = count; left > 0; left--) this.pop();
    return taken;
  }

  /** The topmost `count` words. */
  top(count: number): Entry[] {
    return this.entries.slice(this.entries.length - count);
  }

  replace(position: number, entry: Entry): void {
    this.forget(position, this.entries[position] as Entry);
    this.entries[position] = entry;
    this.index(position, entry);
  }

  /** The deepest entries that own a general, or a floating-point, register; -1 where none does. */
  get deepestOwning(): number {
    return this.owning[0] ?? -1;
  }

  get deepestFloat(): number {
    return this.inFloats[0] ?? -1;
  }

  /** Positions of entries that own general registers. */
  ownersOfRegisters(): readonly number[] {
    return [...this.owning];
  }

  readersOf(word: number): readonly number[] {
    return [...(this.readers[word] ?? [])];
  }

  /** Positions below `end` of what owns a register or reads one of the words. */
  inRegisters(end: number, words: readonly number[]): readonly number[] {
    const found = [this.owning, this.inFloats, ...words.map((word) => this.readers[word] ?? [])].flatMap((list) => list.filter((position) => position < end));
    return [...new Set(found)].sort((a, b) => a - b);
  }

  /** Has `settle` done with every word below `end` that is neither a constant nor in its home. */
  settle(end: number, settle: (position: number) => void): void {
    for (let position = this.settledBelow; position < end; position++) if (this.entries[position]?.kind !== 'const') settle(position);
    this.settledBelow = Math.max(this.settledBelow, end);
  }

  private index(position: number, entry: Entry): void {
    this.writes?.push({ position, entry });
    this.each(entry, (list) => {
      if ((list.at(-1) ?? -1) < position) list.push(position);
      else if (!list.includes(position))
        list.splice(
          list.findIndex((other) => other > position),
          0,
          position,
        );
    });
  }

  private forget(position: number, entry: Entry): void {
    this.each(entry, (list) => {
      if (list.at(-1) === position) list.pop();
      else if (list.includes(position)) list.splice(list.indexOf(position), 1);
    });
  }

  /** The lists that the entry belongs into; one may come twice. */
  private each(entry: Entry, act: (list: number[]) => void): void {
    if (entry.kind === 'const' || entry.kind === 'home') return;
    if (entry.kind === 'float') {
      act(this.inFloats);
      return;
    }
    if (entry.kind !== 'product') this.eachOf(entry.source, act);
    else {
      this.eachOf(entry.a, act);
      this.eachOf(entry.b, act);
    }
  }

  private eachOf(source: Source, act: (list: number[]) => void): void {
    if ('reg' in source) act(this.owning);
    else if ('word' in source) act((this.readers[source.word] ??= []));
  }
}

/** Registers that an entry owns. */
export function ownedRegisters(entry: Entry): Reg[] {
  return sourcesOf(entry).flatMap((source) => ('reg' in source ? [source.reg] : []));
}

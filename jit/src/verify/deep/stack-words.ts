import { constant, same, type Value } from './values.js';

/** Words of [begin, end) that hold one constant. Offsets from sp on entry, multiples of 4. */
interface FilledRange {
  readonly begin: number;
  readonly end: number;
  readonly value: number;
}

/**
 * What is known of stack words, by offset from sp on entry. Words that a loop has filled share one
 * range, so that 100,000 of them cost a state no more than one; those written since stand beside it.
 */
export class StackWords {
  private constructor(
    /** Undefined hides a filled word that holds something unknown by now. */
    private readonly single: Map<number, Value | undefined>,
    /** In no order, disjoint. */
    private filled: readonly FilledRange[],
    /** No single word lies below. */
    private lowest: number,
  ) {}

  static empty(): StackWords {
    return new StackWords(new Map(), [], Infinity);
  }

  clone(): StackWords {
    return new StackWords(new Map(this.single), this.filled, this.lowest);
  }

  get(at: number): Value | undefined {
    const value = this.single.get(at);
    return value !== undefined || this.filled.length === 0 || this.single.has(at) ? value : this.filledAt(at);
  }

  private filledAt(at: number): Value | undefined {
    const range = this.filled.find(({ begin, end }) => at >= begin && at < end);
    return range === undefined ? undefined : constant(range.value);
  }

  set(at: number, value: Value | undefined): void {
    if (same(value, this.filledAt(at))) this.single.delete(at);
    else {
      this.single.set(at, value);
      this.lowest = Math.min(this.lowest, at);
    }
  }

  /** All words of [begin, end) hold the constant from now on. */
  fill(begin: number, end: number, value: number): void {
    for (const at of this.single.keys()) if (at >= begin && at < end) this.single.delete(at);
    const others = this.filled.flatMap((range) => [clipped(range, -Infinity, begin), clipped(range, end, Infinity)]);
    this.filled = [...others.filter((range) => range !== undefined), { begin, end, value }];
  }

  /** Forgets what lies below `offset`. */
  dropBelow(offset: number): void {
    // What a push has left is a few words, a frame many: whichever way is shorter.
    if ((offset - this.lowest) / 4 <= this.single.size) for (let at = this.lowest; at < offset; at += 4) this.single.delete(at);
    else for (const at of this.single.keys()) if (at < offset) this.single.delete(at);
    this.lowest = Math.max(this.lowest, offset);
    if (this.filled.every(({ begin }) => begin >= offset)) return;
    this.filled = this.filled.map((range) => clipped(range, offset, Infinity)).filter((range) => range !== undefined);
  }

  /** Forgets words that hold a number under this symbol, which is not that of constants. */
  forget(symbol: number): void {
    for (const [at, value] of this.single) if (value?.symbol === symbol) this.set(at, undefined);
  }

  /** All values, those of filled words aside: they are constants. */
  *values(): Generator<Value> {
    for (const value of this.single.values()) if (value !== undefined) yield value;
  }

  /**
   * Paths meet: `place` tells what a word holds that holds something on both. Returns whether fewer words
   * are known to be filled than before; `place` learns of all other changes.
   */
  join(from: StackWords, place: (at: number, here: Value, there: Value | undefined) => Value | undefined): boolean {
    const merged: [number, Value | undefined][] = [];
    const meet = (at: number): void => {
      const here = this.get(at);
      if (here !== undefined) merged.push([at, place(at, here, from.get(at))]);
    };
    for (const at of this.single.keys()) meet(at);
    for (const at of this.filled.length === 0 ? [] : from.single.keys()) if (!this.single.has(at)) meet(at);
    const before = this.filled;
    if (before !== from.filled) {
      this.filled = before.flatMap((range) =>
        from.filled.flatMap(({ begin, end, value }) => (value === range.value ? (clipped(range, begin, end) ?? []) : [])),
      );
    }
    for (const [at, value] of merged) this.set(at, value);
    return sizeOf(this.filled) < sizeOf(before);
  }
}

/** The part of the range inside [begin, end). */
function clipped(range: FilledRange, begin: number, end: number): FilledRange | undefined {
  const part = { begin: Math.max(range.begin, begin), end: Math.min(range.end, end), value: range.value };
  return part.begin < part.end ? part : undefined;
}

function sizeOf(ranges: readonly FilledRange[]): number {
  return ranges.reduce((bytes, { begin, end }) => bytes + end - begin, 0);
}

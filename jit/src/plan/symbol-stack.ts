import { unknown, withoutBound, type Symbol } from './symbols.js';

/** The operand stack of the first walk. What it holds is counted as it changes: no instruction looks at all of it. */
export class SymbolStack {
  private readonly symbols: Symbol[] = [];
  /** Words that had to be computed, and values. */
  computed = 0;
  values = 0;
  /** No bound is known of the words below. */
  private unboundBelow = 0;

  get length(): number {
    return this.symbols.length;
  }

  /** The word at `depth` below the top. */
  peek(depth: number): Symbol | undefined {
    return this.symbols.at(-1 - depth);
  }

  push(symbol: Symbol): void {
    this.symbols.push(symbol);
    this.count(symbol, 1);
  }

  pop(): Symbol {
    const symbol = this.symbols.pop();
    if (symbol === undefined) return unknown;
    this.count(symbol, -1);
    this.unboundBelow = Math.min(this.unboundBelow, this.symbols.length);
    return symbol;
  }

  truncate(length: number): void {
    while (this.symbols.length > length) this.pop();
  }

  forgetBounds(): void {
    for (; this.unboundBelow < this.symbols.length; this.unboundBelow++)
      this.symbols[this.unboundBelow] = withoutBound(this.symbols[this.unboundBelow] as Symbol);
  }

  private count({ kind, high }: Symbol, by: 1 | -1): void {
    if (kind === 'value') this.computed += by;
    if (high !== true) this.values += by;
  }
}

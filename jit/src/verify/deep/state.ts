import { anything, both, either, exactly, sameBound, shifted, widened, type Bound } from './bounds.js';
import { StackWords } from './stack-words.js';
import { plus, same, type Value } from './values.js';

/** How a symbol came to be, where a proof needs it. */
export type Origin =
  /** The word at this address. */
  | { readonly kind: 'loaded'; readonly address: Value }
  /** An element of a table: null or the address of a slot. */
  | { readonly kind: 'element' }
  | { readonly kind: 'scaled'; readonly of: Value; readonly shift: number };

function symbolOf(origin: Origin | undefined): number {
  if (origin?.kind === 'loaded') return origin.address.symbol;
  return origin?.kind === 'scaled' ? origin.of.symbol : 0;
}

/** What is known of a symbol: bounds of symbol + c, by c. */
interface SymbolFact {
  readonly bounds: ReadonlyMap<number, Bound>;
  readonly origin?: Origin | undefined;
  /** A slot whose type number has been compared with this one. */
  readonly type?: number | undefined;
}

const nothing: SymbolFact = { bounds: new Map() };
/**
 * Bounds of one symbol that are kept: joins take the square of their number. Beyond it old ones make room for new ones, so that
 * code which checks many addresses once passes; code that counts on a check with so many others since is refused.
 */
const mostBounds = 128;

/** The bound of symbol + c, from all that is known of the symbol. */
function boundAt(fact: SymbolFact, c: number): Bound {
  let bound = anything;
  for (const [at, known] of fact.bounds) bound = both(bound, shifted(known, c - at));
  return bound;
}

/** What the flags say. */
type Flags =
  { readonly kind: 'subtract'; readonly a: Value; readonly b: Value } | { readonly kind: 'result'; readonly value: Value } | { readonly kind: 'other' };

function sameFlags(a: Flags, b: Flags): boolean {
  if (a.kind === 'subtract') return b.kind === 'subtract' && same(a.a, b.a) && same(a.b, b.b);
  if (a.kind === 'result') return b.kind === 'result' && same(a.value, b.value);
  return b.kind === 'other';
}

/** Names of symbols: one per place of definition. A place that defines anew ends what was known before (`define`). */
export class Symbols {
  private readonly ids = new Map<number, number>();
  private readonly meetings: number[] = [];

  /** The `index`th result of the instruction at `offset`. */
  result(offset: number, index: number): number {
    return this.id(-1 - (offset * resultsPerInstruction + index));
  }

  /** What a place holds where paths meet at `offset`. */
  meeting(offset: number, place: Place): number {
    const id = this.id(offset * places + place);
    this.meetings[id] = offset;
    return id;
  }

  meetsAt(symbol: number, offset: number): boolean {
    return this.meetings[symbol] === offset;
  }

  private id(key: number): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.ids.size + 1;
      this.ids.set(key, id);
    }
    return id;
  }
}

export const resultsPerInstruction = 64;

/** Place of a value: a register's number, or a stack word by its offset from sp on entry. */
type Place = number;
const places = 2 ** 26;

function slotPlace(offset: number): Place {
  return offset + places / 2;
}

/** Everything known at one point of the code. */
export class State {
  private constructor(
    readonly registers: (Value | undefined)[],
    /** Stack words by offset from sp on entry. */
    readonly slots: StackWords,
    private readonly facts: Map<number, SymbolFact>,
    public flags: Flags | undefined,
  ) {}

  static empty(registers: number): State {
    return new State(new Array<Value | undefined>(registers).fill(undefined), StackWords.empty(), new Map(), undefined);
  }

  clone(): State {
    return new State([...this.registers], this.slots.clone(), new Map(this.facts), this.flags);
  }

  factOf(symbol: number): SymbolFact {
    return this.facts.get(symbol) ?? nothing;
  }

  boundOf(value: Value): Bound {
    const known = this.facts.get(value.symbol);
    const bound = known === undefined ? anything : boundAt(known, value.add);
    return value.symbol === 0 ? both(bound, exactly(value.add)) : bound;
  }

  /** Adds a bound. Returns false where none of the numbers is left: this point cannot be reached. */
  refine(value: Value, bound: Bound): boolean {
    const next = both(this.boundOf(value), bound);
    if (next.lo > next.hi) return false;
    const fact = this.factOf(value.symbol);
    // Of a constant only what its number does not say is worth keeping.
    if (value.symbol === 0 && next.extent === 0 && next.below === undefined) return true;
    const bounds = new Map(fact.bounds);
    // Written anew, it is the youngest.
    if (!bounds.delete(value.add) && bounds.size >= mostBounds) bounds.delete(this.dispensable(value.symbol, bounds));
    this.facts.set(value.symbol, { ...fact, bounds: bounds.set(value.add, next) });
    if (next.lo === next.hi) this.learnType(fact, value, next.lo);
    return true;
  }

  /** The c whose bound is given up first: the oldest that nothing holds, for that was an address used once. Less is known then, nothing wrong. */
  private dispensable(symbol: number, bounds: ReadonlyMap<number, Bound>): number {
    const held = new Set<number>();
    const hold = (value: Value | undefined): void => {
      if (value?.symbol === symbol) held.add(value.add);
    };
    this.registers.forEach(hold);
    for (const value of this.slots.values()) hold(value);
    const [oldest = 0] = bounds.keys();
    for (const c of bounds.keys()) if (!held.has(c)) return c;
    return oldest;
  }

  /** A number that was loaded as the type of a table's element is known now. */
  private learnType({ origin }: SymbolFact, value: Value, type: number): void {
    if (origin?.kind !== 'loaded' || value.add !== 0 || origin.address.add !== typeOffset) return;
    const slot = this.factOf(origin.address.symbol);
    if (slot.origin?.kind === 'element') this.facts.set(origin.address.symbol, { ...slot, type });
  }

  /** A new number under a symbol. Whatever still held an older number of that name is forgotten. */
  define(symbol: number, bound: Bound, origin?: Origin): Value {
    if (this.facts.has(symbol)) this.forget(symbol);
    const bounds = sameBound(bound, anything) ? nothing.bounds : new Map([[0, bound]]);
    this.facts.set(symbol, { bounds, origin });
    return { symbol, add: 0 };
  }

  private forget(symbol: number): void {
    this.registers.forEach((value, index) => {
      if (value?.symbol === symbol) this.registers[index] = undefined;
    });
    this.slots.forget(symbol);
    for (const [other, fact] of this.facts) if (symbolOf(fact.origin) === symbol) this.facts.set(other, { ...fact, origin: undefined });
    this.flags = this.flags === undefined ? undefined : { kind: 'other' };
    this.facts.delete(symbol);
  }

  /** Drops what is known of numbers that nothing holds any more. */
  prune(): void {
    const live = new Set<number>([0]);
    const keep = (value: Value | undefined): void => {
      for (let symbol = value?.symbol ?? 0; !live.has(symbol); symbol = symbolOf(this.facts.get(symbol)?.origin)) live.add(symbol);
    };
    this.registers.forEach(keep);
    for (const value of this.slots.values()) keep(value);
    if (this.flags?.kind === 'subtract') [this.flags.a, this.flags.b].forEach(keep);
    if (this.flags?.kind === 'result') keep(this.flags.value);
    for (const symbol of this.facts.keys()) if (!live.has(symbol)) this.facts.delete(symbol);
  }

  /**
   * Paths meet: this state becomes what holds on both. A place with different values on them gets a
   * symbol of its own for this meeting point. `widen` drops limits that still change, so that loops
   * come to an end. Returns whether anything changed.
   */
  join(from: State, offset: number, symbols: Symbols, minBytes: number, widen: boolean): boolean {
    const merge = new Merge(this, from, offset, symbols, minBytes, widen);
    this.registers.forEach((value, index) => {
      this.registers[index] = merge.place(index, value, from.registers[index]);
    });
    if (this.slots.join(from.slots, (at, here, there) => merge.place(slotPlace(at), here, there))) merge.changed = true;
    merge.joinFacts(this.facts);
    if (this.flags !== undefined && (from.flags === undefined || !sameFlags(this.flags, from.flags))) {
      const flags: Flags | undefined = from.flags === undefined ? undefined : { kind: 'other' };
      if (flags?.kind !== this.flags.kind) merge.changed = true;
      this.flags = flags;
    }
    return merge.changed;
  }
}

/** Offset of the type number in a slot (ABI.md, "Instances"). */
export const typeOffset = 4;

/** One meeting of two states. */
class Merge {
  changed = false;
  /** Facts of the meeting point's own symbols. */
  private readonly own = new Map<number, SymbolFact>();
  /** By own symbol, the value that this path brings for it. */
  private readonly brought = new Map<number, Value>();
  /** New symbols by the pair of values that they stand for; `add` is that of the first place. */
  private readonly shared = new Map<string, Value>();

  constructor(
    private readonly into: State,
    private readonly from: State,
    private readonly offset: number,
    private readonly symbols: Symbols,
    private readonly minBytes: number,
    private readonly widen: boolean,
  ) {}

  /**
   * What the place holds from here on. Places whose values differ by the same constant on both sides
   * keep doing so: they share a symbol.
   */
  place(place: Place, a: Value | undefined, b: Value | undefined): Value | undefined {
    if (a === undefined) return undefined;
    if (b === undefined) {
      this.changed = true;
      return undefined;
    }
    const isOwn = this.symbols.meetsAt(a.symbol, this.offset);
    if (isOwn && this.keepsOwn(a, b)) return a;
    if (!isOwn && same(a, b)) return a;
    this.changed = true;
    const key = `${a.symbol} ${b.symbol} ${(b.add - a.add) >>> 0}`;
    const leader = this.shared.get(key);
    if (leader !== undefined) return { symbol: leader.symbol, add: (a.add - leader.add) >>> 0 };
    const symbol = this.symbols.meeting(this.offset, place);
    this.shared.set(key, { symbol, add: a.add });
    this.own.set(symbol, this.joinFact(this.seenFrom(this.into, a), this.seenFrom(this.from, b), false));
    return { symbol, add: 0 };
  }

  /** A symbol of this meeting point takes the number that the first of its places brings; the others must agree. */
  private keepsOwn(a: Value, b: Value): boolean {
    const brought = plus(b, -a.add);
    const known = this.brought.get(a.symbol);
    if (known !== undefined) return same(known, brought);
    this.brought.set(a.symbol, brought);
    this.own.set(a.symbol, this.joinFact(this.into.factOf(a.symbol), this.seenFrom(this.from, brought), true));
    return true;
  }

  /** What is known of symbol + add, as of a symbol of its own. */
  private seenFrom(state: State, value: Value): SymbolFact {
    const fact = state.factOf(value.symbol);
    if (value.symbol !== 0 && value.add === 0) return fact;
    const bounds = new Map([...fact.bounds].map(([c, bound]) => [(c - value.add) >>> 0, bound]));
    // Bounds that were kept of constants hold for places that come to share this symbol; of the constant itself the number says more.
    if (value.symbol === 0) bounds.set(0, state.boundOf(value));
    return { bounds };
  }

  joinFacts(facts: Map<number, SymbolFact>): void {
    for (const [symbol, fact] of facts) {
      if (this.symbols.meetsAt(symbol, this.offset)) continue;
      const joined = this.joinFact(fact, this.from.factOf(symbol), true);
      if (joined !== fact) facts.set(symbol, joined);
    }
    for (const [symbol, fact] of this.own) facts.set(symbol, fact);
  }

  /** `counts`: a difference to `a` is a change of the state. Returns `a` itself where nothing changes. */
  private joinFact(a: SymbolFact, b: SymbolFact, counts: boolean): SymbolFact {
    if (a === b && !this.symbols.meetsAt(symbolOf(a.origin), this.offset)) return a;
    const bounds = new Map<number, Bound>();
    let differs = false;
    const keys = counts ? a.bounds.keys() : new Set([...a.bounds.keys(), ...b.bounds.keys()]);
    for (const c of keys) {
      const before = boundAt(a, c);
      const joined = either(before, boundAt(b, c), this.minBytes);
      // An upper bound speaks for an extent: giving up the one for the other is a change of form only once.
      const isSame = before.lo === joined.lo && before.hi === joined.hi && before.below === joined.below && before.extent <= joined.extent;
      if (!isSame) differs = true;
      const kept = isSame ? before : this.widen && counts ? widened(before, joined) : joined;
      if (!sameBound(kept, anything) && bounds.size < mostBounds) bounds.set(c, kept);
    }
    // A symbol of this meeting point may name another number from now on.
    const isOld = this.symbols.meetsAt(symbolOf(a.origin), this.offset);
    const origin = !isOld && sameOrigin(a.origin, b.origin) ? a.origin : undefined;
    const type = a.type === b.type ? a.type : undefined;
    if (origin !== a.origin || type !== a.type) differs = true;
    if (!differs && counts) return a;
    if (counts) this.changed = true;
    return { bounds, origin, type };
  }
}

function sameOrigin(a: Origin | undefined, b: Origin | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.kind !== b.kind) return false;
  if (a.kind === 'loaded') return same(a.address, (b as typeof a).address);
  return a.kind === 'element' || (same(a.of, (b as typeof a).of) && a.shift === (b as typeof a).shift);
}

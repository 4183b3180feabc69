import { anything, both, either, exactly, sameBound, shifted, u32Max, widened, type Bound } from './bounds.js';
import { commonCount, countBound, lastTurn, nextTurn, type Count, type Counted } from './counted.js';
import { StackWords } from './stack-words.js';
import { plus, same, type Value } from './values.js';

/** How a symbol came to be, where a proof needs it. */
export type Origin =
  /** The word at this address. */
  | { readonly kind: 'loaded'; readonly address: Value }
  /** An element of a table: null or the address of a slot. */
  | { readonly kind: 'element' }
  | { readonly kind: 'scaled'; readonly of: Value; readonly shift: number }
  | Counted;

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

/** Numbers that have been compared. */
interface Compared {
  readonly a: Value;
  readonly b: Value;
}

/** What the flags say. */
type Flags =
  | ({ readonly kind: 'subtract' } & Compared)
  | { readonly kind: 'result'; readonly value: Value }
  /** a is below b in all of them, if the carry says so of the last one; otherwise nothing is known. */
  | { readonly kind: 'all below'; readonly compared: readonly Compared[] }
  | { readonly kind: 'other' };

function sameFlags(a: Flags, b: Flags): boolean {
  switch (a.kind) {
    case 'subtract':
      return b.kind === 'subtract' && sameCompared(a, b);
    case 'result':
      return b.kind === 'result' && same(a.value, b.value);
    case 'all below':
      return b.kind === 'all below' && a.compared.length === b.compared.length && a.compared.every((each, index) => sameCompared(each, b.compared[index]));
    case 'other':
      return b.kind === 'other';
  }
}

function sameCompared(a: Compared, b: Compared | undefined): boolean {
  return b !== undefined && same(a.a, b.a) && same(a.b, b.b);
}

/** The numbers of which the flags tell. */
function valuesOf(flags: Flags | undefined): readonly Value[] {
  switch (flags?.kind) {
    case 'subtract':
      return [flags.a, flags.b];
    case 'result':
      return [flags.value];
    case 'all below':
      return flags.compared.flatMap(({ a, b }) => [a, b]);
    case 'other':
    case undefined:
      return [];
  }
}

/** Names of symbols: one per place of definition. A place that defines anew ends what was known before (`define`). */
export class Symbols {
  private readonly ids = new Map<number, number>();
  private last = 0;
  private readonly meetings: number[] = [];
  private readonly places: Place[] = [];
  private readonly changing = new Map<number, Map<Place, Place>>();
  private readonly turns = new Map<number, number>();
  private readonly starts = new Map<number, number>();
  /** Numbers of turns, by their symbol, that some loops do not exceed, as their conditions look. */
  private readonly limits = new Map<number, Set<number>>();

  /** The `index`th result of the instruction at `offset`. */
  result(offset: number, index: number): number {
    return this.id(-1 - (offset * resultsPerInstruction + index));
  }

  /** What a place holds where paths meet at `offset`. */
  meeting(offset: number, place: Place): number {
    const id = this.id(offset * places + place);
    this.meetings[id] = offset;
    this.places[id] = place;
    return id;
  }

  /** The loop at `offset` changes the place, which holds the number under this symbol of the loop's own, or it and a constant. */
  changes(offset: number, place: Place, symbol: number): void {
    const leader = this.places[symbol] ?? place;
    const changing = this.changing.get(offset);
    if (changing === undefined) this.changing.set(offset, new Map([[place, leader]]));
    else changing.set(place, leader);
  }

  /** Places that the loop at `offset` changes, each with the one that it keeps its distance from, or itself. */
  changingAt(offset: number): ReadonlyMap<Place, Place> | undefined {
    return this.changing.get(offset);
  }

  /** How often control has come round the loop at `offset` since it was entered. */
  turnsOf(offset: number): number {
    return this.at(this.turns, offset, offset);
  }

  /** What the number under this symbol, of the loop at `offset`, was in front of it. */
  startOf(symbol: number, offset: number): number {
    return this.at(this.starts, symbol, offset);
  }

  private at(ids: Map<number, number>, key: number, offset: number): number {
    let id = ids.get(key);
    if (id === undefined) {
      id = ++this.last;
      ids.set(key, id);
      this.meetings[id] = offset;
    }
    return id;
  }

  /** A number of turns that is worth trying as the greatest. */
  tryLimit(turns: number, limit: number): void {
    const limits = this.limits.get(turns);
    if (limits === undefined) this.limits.set(turns, new Set([limit]));
    else if (limits.size < mostLimits) limits.add(limit);
  }

  /** The least of them that is not below `turns`. */
  limitFrom(symbol: number, turns: number): number {
    let least = u32Max;
    for (const limit of this.limits.get(symbol) ?? []) if (limit >= turns) least = Math.min(least, limit);
    return least;
  }

  meetsAt(symbol: number, offset: number): boolean {
    return this.meetings[symbol] === offset;
  }

  private id(key: number): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = ++this.last;
      this.ids.set(key, id);
    }
    return id;
  }
}

/** Limits that are tried for the turns of one loop: its analysis must come to an end. */
const mostLimits = 8;

export const resultsPerInstruction = 64;

/** Place of a value: a register's number, or a stack word by its offset from sp on entry. */
export type Place = number;
const places = 2 ** 26;
/** Registers are fewer. */
const lowestSlot = places / 4;

/** The stack word's offset from sp on entry; undefined where the place is a register. */
export function slotAt(place: Place): number | undefined {
  return place < lowestSlot ? undefined : place - places / 2;
}

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
    if (known === undefined) return value.symbol === 0 ? exactly(value.add) : anything;
    const bound = boundAt(known, value.add);
    if (value.symbol === 0) return both(bound, exactly(value.add));
    const count = this.countOf(value);
    return count === undefined ? bound : both(bound, countBound(count, this.turns(count.turns)));
  }

  /** The value as a count of its loop's turns. */
  countOf({ symbol, add }: Value): Count | undefined {
    const origin = this.facts.get(symbol)?.origin;
    if (origin?.kind !== 'counted' || origin.step === undefined) return undefined;
    return { turns: origin.turns, start: boundAt(this.factOf(origin.start), add), step: origin.step };
  }

  private turns(symbol: number): Bound {
    return this.facts.get(symbol)?.bounds.get(0) ?? anything;
  }

  /** At most so many turns. Returns false where that cannot be. */
  refineTurns(symbol: number, most: number): boolean {
    const { lo, hi } = this.turns(symbol);
    if (most < lo) return false;
    if (most < hi) this.facts.set(symbol, { bounds: new Map([[0, { lo, hi: most, extent: 0 }]]) });
    return true;
  }

  /** It is not the turn with this number. Returns false where that cannot be. */
  excludeTurn(symbol: number, turn: number): boolean {
    return this.turns(symbol).hi !== turn || this.refineTurns(symbol, turn - 1);
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
    const count = this.countOf(value);
    // As long as it may wrap, its range says nothing of the turns.
    if (count === undefined || sameBound(countBound(count, this.turns(count.turns)), anything)) return true;
    return this.refineTurns(count.turns, lastTurn(count, next));
  }

  /**
   * Control comes to the loop at `offset` for the first time. What will change there has a symbol of its own from the beginning, so that it is
   * known in the whole loop what it was at the header.
   * @param changing places, each with the one that it may keep its distance from, or itself
   */
  beginLoop(offset: number, symbols: Symbols, changing: ReadonlyMap<Place, Place>): void {
    const before = this.clone();
    const turns = symbols.turnsOf(offset);
    this.facts.set(turns, { bounds: new Map([[0, exactly(0)]]) });
    for (const [place, leader] of changing) {
      const value = before.at(place);
      if (value === undefined) continue;
      const leading = place !== leader && changing.has(leader) ? before.at(leader) : undefined;
      if (leading?.symbol === value.symbol) {
        this.put(place, { symbol: symbols.meeting(offset, leader), add: (value.add - leading.add) >>> 0 });
        continue;
      }
      const symbol = symbols.meeting(offset, place);
      this.put(place, { symbol, add: 0 });
      const start = symbols.startOf(symbol, offset);
      this.facts.set(start, { bounds: new Map([[0, before.boundOf(value)]]) });
      this.facts.set(symbol, { ...before.asOwn(value), origin: { kind: 'counted', turns, start, step: undefined } });
    }
  }

  private at(place: Place): Value | undefined {
    const slot = slotAt(place);
    return slot === undefined ? this.registers[place] : this.slots.get(slot);
  }

  private put(place: Place, value: Value): void {
    const slot = slotAt(place);
    if (slot === undefined) this.registers[place] = value;
    else this.slots.set(slot, value);
  }

  /** What is known of symbol + add, as of a symbol of its own. */
  asOwn(value: Value): SymbolFact {
    const fact = this.factOf(value.symbol);
    const isCounted = fact.origin?.kind === 'counted';
    if (value.symbol !== 0 && value.add === 0 && !isCounted) return fact;
    const bounds = new Map([...fact.bounds].map(([c, bound]) => [(c - value.add) >>> 0, bound]));
    // Bounds that were kept of constants hold for places that come to share this symbol; of the constant itself the number says more.
    if (value.symbol === 0 || isCounted) bounds.set(0, this.boundOf(value));
    return { bounds };
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
    if (valuesOf(this.flags).some((value) => value.symbol === symbol)) this.flags = { kind: 'other' };
    this.facts.delete(symbol);
  }

  /** Drops what is known of numbers that nothing holds any more. */
  prune(): void {
    const live = new Set<number>([0]);
    const keep = (value: Value | undefined): void => {
      for (let symbol = value?.symbol ?? 0; !live.has(symbol);) {
        live.add(symbol);
        const origin = this.facts.get(symbol)?.origin;
        if (origin?.kind === 'counted') live.add(origin.turns).add(origin.start);
        symbol = symbolOf(origin);
      }
    };
    this.registers.forEach(keep);
    for (const value of this.slots.values()) keep(value);
    valuesOf(this.flags).forEach(keep);
    for (const symbol of this.facts.keys()) if (!live.has(symbol)) this.facts.delete(symbol);
  }

  /**
   * Paths meet: this state becomes what holds on both. A place with different values on them gets a
   * symbol of its own for this meeting point. Returns whether anything changed.
   */
  join(from: State, offset: number, symbols: Symbols, minBytes: number, meeting: Meeting): boolean {
    const merge = new Merge(this, from, offset, symbols, minBytes, meeting);
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

/** How paths meet: in front of a loop or behind branches; where a loop comes round; where limits that still change are dropped, so that there is an end. */
export type Meeting = 'ahead' | 'round' | 'round, with limits' | 'round, without limits';

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
    private readonly meeting: Meeting,
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
    if (isOwn && this.keepsOwn(a, b)) {
      if (this.meeting !== 'ahead' && !same(a, b)) this.symbols.changes(this.offset, place, a.symbol);
      return a;
    }
    if (!isOwn && same(a, b)) return a;
    this.changed = true;
    const key = `${a.symbol} ${b.symbol} ${(b.add - a.add) >>> 0}`;
    const leader = this.shared.get(key);
    const symbol = leader?.symbol ?? this.symbols.meeting(this.offset, place);
    if (this.meeting !== 'ahead') this.symbols.changes(this.offset, place, symbol);
    if (leader !== undefined) return { symbol, add: (a.add - leader.add) >>> 0 };
    this.shared.set(key, { symbol, add: a.add });
    this.own.set(symbol, this.joinFact(this.into.asOwn(a), this.from.asOwn(b), false));
    return { symbol, add: 0 };
  }

  /** A symbol of this meeting point takes the number that the first of its places brings; the others must agree. */
  private keepsOwn(a: Value, b: Value): boolean {
    const brought = plus(b, -a.add);
    const known = this.brought.get(a.symbol);
    if (known !== undefined) return same(known, brought);
    this.brought.set(a.symbol, brought);
    const fact = this.into.factOf(a.symbol);
    const { origin } = fact;
    const counted = origin?.kind === 'counted' ? this.countOn(a.symbol, origin, brought) : undefined;
    this.own.set(a.symbol, this.joinFact(fact, this.from.asOwn(brought), true, counted));
    if (counted !== undefined && this.meeting === 'ahead') this.joinStart(counted.start, brought);
    return true;
  }

  /** The count goes on: what comes round has made one step, the same one as always; undefined where it has not. */
  private countOn(symbol: number, origin: Counted, brought: Value): Counted | undefined {
    if (this.meeting === 'ahead') return origin;
    const step = brought.add | 0;
    if (brought.symbol !== symbol || step === 0) return undefined;
    if (origin.step === undefined) return this.turnsOf(this.into).hi === 0 ? { ...origin, step } : undefined;
    return origin.step === step ? origin : undefined;
  }

  /** The loop is entered with this number, too. */
  private joinStart(symbol: number, brought: Value): void {
    this.own.set(symbol, this.joinFact(this.into.factOf(symbol), { bounds: new Map([[0, this.from.boundOf(brought)]]) }, true));
  }

  private turnsOf(state: State): Bound {
    return state.factOf(this.symbols.turnsOf(this.offset)).bounds.get(0) ?? anything;
  }

  /** As many turns as before, or those of this path and one more, or none where it comes from outside. */
  private joinTurns(facts: Map<number, SymbolFact>): void {
    const symbol = this.symbols.turnsOf(this.offset);
    if (!facts.has(symbol)) return;
    const before = this.turnsOf(this.into);
    const joined = either(before, this.meeting === 'ahead' ? exactly(0) : nextTurn(this.turnsOf(this.from)), 0);
    if (joined.lo === before.lo && joined.hi === before.hi) return;
    const isGrowing = joined.hi > before.hi && this.meeting.startsWith('round, ');
    const hi = isGrowing ? this.symbols.limitFrom(symbol, joined.hi) : joined.hi;
    this.changed = true;
    facts.set(symbol, { bounds: new Map([[0, { lo: joined.lo, hi, extent: 0 }]]) });
  }

  joinFacts(facts: Map<number, SymbolFact>): void {
    for (const [symbol, fact] of facts) {
      if (this.symbols.meetsAt(symbol, this.offset)) continue;
      const joined = this.joinFact(fact, this.from.factOf(symbol), true);
      if (joined !== fact) facts.set(symbol, joined);
    }
    for (const [symbol, fact] of this.own) facts.set(symbol, fact);
    this.joinTurns(facts);
  }

  /** `counts`: a difference to `a` is a change of the state. Returns `a` itself where nothing changes. */
  private joinFact(a: SymbolFact, b: SymbolFact, counts: boolean, counted?: Counted): SymbolFact {
    if (a === b && !this.symbols.meetsAt(symbolOf(a.origin), this.offset)) return a;
    const bounds = new Map<number, Bound>();
    let differs = false;
    const keys = counts ? a.bounds.keys() : new Set([...a.bounds.keys(), ...b.bounds.keys()]);
    for (const c of keys) {
      const before = boundAt(a, c);
      const other = boundAt(b, c);
      const joined = either(before, other, this.minBytes);
      // An upper bound speaks for an extent: giving up the one for the other is a change of form only once.
      const isSame = before.lo === joined.lo && before.hi === joined.hi && before.below === joined.below && before.extent <= joined.extent;
      if (!isSame) differs = true;
      const kept = isSame ? before : counts ? this.kept(before, joined, other.limit) : joined;
      if (!sameBound(kept, anything) && bounds.size < mostBounds) bounds.set(c, kept);
    }
    // What one path has proved sum by sum, the other may know of all of them at once.
    if (differs && counts && this.meeting === 'ahead') this.addSums(bounds, a, b);
    // A symbol of this meeting point may name another number from now on.
    const isOld = this.symbols.meetsAt(symbolOf(a.origin), this.offset);
    const origin = counted ?? (isOld ? undefined : commonOrigin(a.origin, b.origin));
    const type = a.type === b.type ? a.type : undefined;
    const isSameKind = origin === a.origin && type === a.type;
    // A bound may follow from others that have just been given up: what is kept is no news then.
    if (counts && isSameKind && (!differs || sameBounds(bounds, a.bounds))) return a;
    if (counts) this.changed = true;
    return { bounds, origin, type };
  }

  /** Bounds of sums of which only `b` has one of their own. */
  private addSums(bounds: Map<number, Bound>, a: SymbolFact, b: SymbolFact): void {
    for (const c of b.bounds.keys()) {
      if (a.bounds.has(c) || bounds.size >= mostBounds) continue;
      const joined = either(boundAt(a, c), boundAt(b, c), this.minBytes);
      if (!sameBound(joined, anything)) bounds.set(c, joined);
    }
  }

  private kept(before: Bound, joined: Bound, limit: number | undefined): Bound {
    if (this.meeting === 'ahead' || this.meeting === 'round') return joined;
    return widened(before, joined, this.meeting === 'round, with limits' ? limit : undefined);
  }
}

function sameBounds(a: ReadonlyMap<number, Bound>, b: ReadonlyMap<number, Bound>): boolean {
  if (a.size !== b.size) return false;
  for (const [c, bound] of a) {
    const other = b.get(c);
    if (other === undefined || !sameBound(bound, other)) return false;
  }
  return true;
}

function commonOrigin(a: Origin | undefined, b: Origin | undefined): Origin | undefined {
  if (a === b) return a;
  if (a === undefined || b === undefined) return undefined;
  switch (a.kind) {
    case 'loaded':
      return b.kind === 'loaded' && same(a.address, b.address) ? a : undefined;
    case 'element':
      return b.kind === 'element' ? a : undefined;
    case 'scaled':
      return b.kind === 'scaled' && same(a.of, b.of) && a.shift === b.shift ? a : undefined;
    case 'counted':
      return b.kind === 'counted' ? commonCount(a, b) : undefined;
  }
}

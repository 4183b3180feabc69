import type { FunctionType, ValueType } from '@fireball/wasm';
import type { MacroAssembler } from '../target/macro-assembler.js';
import { AccessPlanner } from './access-planner.js';
import type { PlanEnvironment } from './accesses.js';
import { blockSignature, wordsOfLocal, type FunctionSource, type Instruction, type LocalWords } from './body.js';
import type { ExtendedLocals } from './extended-locals.js';
import { intervalOf, type Interval } from './intervals.js';
import { between, copied, LocalFacts, shifted, type LocalFact } from './local-facts.js';
import { LoopWrites } from './loop-writes.js';
import { atHeader, meet, nothingKnown, type PathFacts } from './path-facts.js';
import type { Foregone } from './result.js';
import { RoundTrips } from './round-trips.js';
import { SymbolStack } from './symbol-stack.js';
import { rangeOf, u32Max, unknown, unknownHigh, type LocalSymbol, type Symbol, type Test } from './symbols.js';
import { conditionOf, negated, refinedBy } from './tests.js';
import { Weights } from './weights.js';
import { wordCount, wordsOf } from './words.js';

/** Local words that are known to be 0 at the beginning: of no more, since each is looked at where paths meet. */
const mostZeros = 32;

interface Control {
  readonly isLoop: boolean;
  /** Of the instruction that begins it. */
  readonly index: number;
  /** Words on the operand stack below the parameters. */
  readonly height: number;
  readonly type: FunctionType;
  /** What holds at the end on every branch to it so far; undefined while there is none. */
  atEnd: PathFacts | undefined;
  /** `if` only, until `else` is met: what held when the condition was looked at. */
  whenFalse: PathFacts | undefined;
  /** Of all that comes to the block, and to its end by branches (`Weights.share`). */
  readonly share: number;
  arriving: number;
  /** Index of the innermost loop that this is or lies in; -1 where there is none. */
  readonly loop: number;
}

/** What is known at one point of the first walk: operand stack, enclosing blocks, accesses that have been proved. */
export class Walk {
  readonly weights: Weights;
  readonly accesses: AccessPlanner;
  /** Pairs of an index and a word: instructions that call a runtime routine (-1), and accesses that read the local word of their group again, in the order of the body. */
  readonly events: number[] = [];
  hasCalls = false;
  hasRoutines = false;
  readonly stack = new SymbolStack();
  /** What this walk finds. */
  readonly roundTrips = new RoundTrips();
  readonly foregone: Foregone = { masks: new Set(), tableChecks: new Set(), shiftMasks: new Set() };
  readonly intervals = new Map<number, Interval>();
  private readonly control: Control[] = [];
  /** Of each local word: how often it has been written. */
  private readonly versions: Int32Array;
  private readonly facts = new LocalFacts();
  /** The loop whose header was met last, if no instruction since is sure to become code but those that give these words a constant. */
  private bare: { readonly loop: number; readonly constants: number[] } | undefined;
  /** Looked for when there is a loop. */
  private loopWrites: LoopWrites | undefined;

  constructor(
    readonly source: FunctionSource,
    private readonly body: readonly Instruction[],
    readonly locals: LocalWords,
    readonly masm: MacroAssembler,
    readonly environment: PlanEnvironment,
    private readonly osrLoops: ReadonlySet<number>,
    private readonly extended: ExtendedLocals,
    /** What an earlier walk has found. */
    private readonly around: RoundTrips | undefined,
  ) {
    this.weights = new Weights(masm, locals.count);
    this.accesses = new AccessPlanner(masm, environment.memory, this.weights, this.events);
    this.versions = new Int32Array(locals.count);
    // Declared locals begin as 0.
    for (let word = locals.parameterWords; word < Math.min(locals.count, locals.parameterWords + mostZeros); word++) this.facts.set(word, between(0, 0));
    this.control.push({ isLoop: false, index: -1, height: 0, type: source.type, atEnd: undefined, whenFalse: undefined, share: 1, arriving: 0, loop: -1 });
  }

  /** Looks whether an `and` of these ends in a comparison that needs no mask. */
  planInterval(index: number, mask: number, operand: Symbol): void {
    const interval = intervalOf(mask, operand, this.body[index + 1], this.body[index + 2]);
    if (interval !== undefined) this.intervals.set(index, interval);
  }

  // --- the operand stack ------------------------------------------------------------------

  pop(): Symbol {
    return this.stack.pop();
  }

  push(symbol: Symbol): void {
    this.stack.push(symbol);
  }

  pushTypes(types: readonly ValueType[]): void {
    for (const type of types) {
      this.stack.push(unknown);
      if (wordsOf(type) === 2) this.stack.push(unknownHigh);
    }
  }

  /** The word at `depth` below the top of the stack. */
  peek(depth: number): Symbol | undefined {
    return this.stack.peek(depth);
  }

  // --- locals -----------------------------------------------------------------------------

  getLocal(local: number): void {
    const words = wordsOfLocal(this.locals, local);
    for (const word of this.extended.of(local) === undefined ? words : words.slice(0, 1)) this.weights.touch(word);
    this.pushLocal(local);
  }

  setLocal(local: number, index: number, keep: boolean): void {
    const words = wordsOfLocal(this.locals, local);
    for (let at = words.length - 1; at >= 0; at--) {
      const word = words[at] as number;
      const value = this.pop();
      const fact = this.factOf(value, word);
      if (value.kind === 'local' && value.c === 0 && value.word !== word && this.isCurrent(value)) this.weights.copy(index, word, value.word);
      this.weights.useConst(value, 'move');
      this.weights.settle(value);
      this.weights.touch(word);
      this.versions[word] = (this.versions[word] ?? 0) + 1;
      this.accesses.groups.forget(word);
      this.facts.set(word, fact);
      if (value.kind === 'const') this.bare?.constants.push(word);
    }
    if (keep) this.pushLocal(local);
  }

  /** What is known of the word that gets the value. */
  private factOf(value: Symbol, word: number): LocalFact | undefined {
    if (value.kind !== 'local' || !this.isCurrent(value)) {
      const { min, max } = rangeOf(value);
      return between(min, max);
    }
    const fact = this.facts.of(value.word);
    return fact && shifted(value.word === word ? fact : copied(fact), value.c);
  }

  private pushLocal(local: number): void {
    const [low, high] = wordsOfLocal(this.locals, local) as readonly [number, number?];
    this.push(this.symbolOf(low));
    if (high === undefined) return;
    const extension = this.extended.of(local);
    if (extension === undefined) this.push({ ...this.symbolOf(high), high: true });
    else this.push(extension === 'signed' ? unknownHigh : { kind: 'const', value: 0, high: true });
  }

  private symbolOf(word: number): LocalSymbol {
    const fact = this.facts.of(word);
    return { kind: 'local', word, version: this.versions[word] ?? 0, min: fact?.min ?? 0, max: fact?.max ?? u32Max, c: 0 };
  }

  /** Is the local that the symbol names, if it names one, unchanged since? */
  isCurrent(symbol: Symbol): boolean {
    return symbol.kind === 'local' && symbol.version === this.versions[symbol.word];
  }

  // --- blocks -----------------------------------------------------------------------------

  enter(insn: Instruction, index: number): void {
    const condition = insn.op === 'if' ? this.pop() : undefined;
    if (condition !== undefined) this.weights.settle(condition);
    const test = condition && conditionOf(condition);
    const type = blockSignature(this.source, insn.blockType);
    const height = this.stack.length - wordCount(type.params);
    const isLoop = insn.op === 'loop';
    const { share } = this.weights;
    const loop = isLoop ? this.control.length : this.innermostLoop;
    const control: Control = { isLoop, index, height, type, atEnd: undefined, whenFalse: undefined, share, arriving: 0, loop };
    this.control.push(control);
    if (insn.op === 'if') {
      this.weights.share /= 2;
      this.eitherWay(test, false, () => (control.whenFalse = this.known()));
      this.assume(test, true);
    }
    if (!isLoop) {
      if (condition !== undefined && condition.kind !== 'const') this.bare = undefined;
      return;
    }
    this.weights.enterLoop();
    this.beginLoop(index);
    if (this.bare !== undefined) this.roundTrips.beginTogether(this.bare.loop, index, this.bare.constants);
    this.bare = { loop: index, constants: [] };
    this.stack.truncate(height);
    this.pushTypes(type.params);
    this.weights.useAddress(this.environment.safepoint?.flag);
    if (this.osrLoops.has(insn.offset)) this.stack.forgetBounds();
  }

  /** Does something where the test has come out like this, and goes on as if nothing had been tested. */
  private eitherWay(test: Test | undefined, outcome: boolean, there: () => void): void {
    const before = this.facts.seen();
    this.assume(test, outcome);
    there();
    this.facts.restore(before);
  }

  /** From here on the test is known to have come out like this. */
  private assume(test: Test | undefined, outcome: boolean): void {
    if (test === undefined || !this.isCurrent(test.local)) return;
    const { word } = test.local;
    const fact = this.facts.of(word);
    const next = refinedBy(fact, outcome ? test : negated(test));
    if (next !== fact) this.facts.set(word, next);
  }

  /** Of what the loop writes, only that is known which has been found out of the ways round it before. */
  private beginLoop(index: number): void {
    this.loopWrites ??= new LoopWrites(this.body, this.locals, this.osrLoops);
    const { loopWrites } = this;
    const isEntered = loopWrites.isEntered(index);
    const turns = this.around?.mostTurns(index, (word) => this.facts.of(word)) ?? Infinity;
    this.continueWith(
      atHeader(
        this.known(),
        index,
        (word) => isEntered || loopWrites.changes(index, word),
        (word, before) => {
          if (isEntered) return undefined;
          this.roundTrips.begins(index, word, before);
          return this.around?.atHeader(index, word, before, turns);
        },
      ),
    );
  }

  /** `reachable`: the code in front of it can get to the end of the block. */
  enterElse(reachable: boolean): void {
    const control = this.control.at(-1) as Control;
    if (reachable) this.arriveAtEnd(control, this.weights.share);
    this.weights.share = control.share / 2;
    this.stack.truncate(control.height);
    this.pushTypes(control.type.params);
    this.continueWith(control.whenFalse ?? nothingKnown);
    control.whenFalse = undefined;
  }

  leave(reachable: boolean): void {
    const control = this.control.pop() as Control;
    const { isLoop, height, type, whenFalse } = control;
    if (isLoop) {
      this.weights.leaveLoop();
      this.bare = undefined;
    }
    this.stack.truncate(height);
    this.pushTypes(type.results);
    const passing = (reachable ? this.weights.share : 0) + (whenFalse === undefined ? 0 : control.share / 2);
    this.weights.share = isLoop ? control.share : Math.min(control.share, control.arriving + passing);
    if (reachable && control.atEnd === undefined && whenFalse === undefined) return;
    if (reachable) this.arriveAtEnd(control, 0);
    const { atEnd } = control;
    this.continueWith((whenFalse === undefined || atEnd === undefined ? (whenFalse ?? atEnd) : meet(atEnd, whenFalse)) ?? nothingKnown);
  }

  /**
   * Control may go to the end of the block at this depth, in `share` of all cases; loops know already what they may
   * rely on. Who comes to a loop also leaves it, mostly.
   */
  branch(depth: number, share: number): void {
    this.accesses.close();
    const target = this.control.length - 1 - depth;
    const control = this.control[target];
    if (control === undefined) return;
    if (control.isLoop) {
      this.roundTrips.comesRound(control.index, this.facts.seen());
      return;
    }
    this.arriveAtEnd(control, target < this.innermostLoop ? control.share : share * this.weights.share);
  }

  /** br_if: one that goes on with a loop, or leaves it, says little about how often the loop comes to what follows. */
  branchIf(depth: number, condition: Symbol): void {
    if (condition.kind !== 'const') this.bare = undefined;
    const test = conditionOf(condition);
    this.eitherWay(test, true, () => {
      this.branch(depth, 0.5);
    });
    this.assume(test, false);
    const target = this.control.length - 1 - depth;
    if (target > Math.max(this.innermostLoop, 0)) this.weights.share /= 2;
  }

  private get innermostLoop(): number {
    return this.control.at(-1)?.loop ?? -1;
  }

  private arriveAtEnd(control: Control, share: number): void {
    control.arriving += share;
    const known = this.known();
    control.atEnd = control.atEnd === undefined ? known : meet(known, control.atEnd);
  }

  private known(): PathFacts {
    return { groups: this.accesses.groups.seen(), locals: this.facts.seen() };
  }

  /** Behind a label. */
  private continueWith({ groups, locals }: PathFacts): void {
    this.accesses.groups.beginRun();
    this.accesses.groups.restore(groups);
    this.facts.restore(locals);
  }

  /** The rest of the block was unreachable: as after a branch to its end. */
  dropOperandsOfBlock(): void {
    this.stack.truncate((this.control.at(-1) as Control).height);
  }

  /** Instructions that are sure to become code come here. */
  becomesCode(): void {
    this.bare = undefined;
  }

  // --- calls ------------------------------------------------------------------------------

  /** Operands of a call that go into argument places. */
  popArguments(types: readonly ValueType[]): void {
    for (let word = wordCount(types); word > 0; word--) this.weights.useConst(this.pop(), 'move');
  }

  call({ params, results }: FunctionType): void {
    this.becomesCode();
    this.popArguments(params);
    this.pushTypes(results);
    this.accesses.closeAtCall();
    this.hasCalls = true;
  }

  routineCall(index: number): void {
    this.events.push(index, -1);
    this.hasRoutines = true;
    this.accesses.closeAtCall();
  }
}

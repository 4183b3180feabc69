import { setImmediate } from 'node:timers/promises';
import { UsageError, type Boundary, type CodeView, type DebugFunction, type DebugTarget, type TargetStop } from '@fireball/contracts';
import { boundariesAt, boundaryAt, marksOf } from './boundaries.js';
import { backtrace, returnOf, type Frame } from './frames.js';
import { History, type BackStop, type HistoryOptions } from './history.js';

/** What a step goes on to the next one of. */
export type Unit = 'wasm' | 'template' | 'machine';

/** Why a session stands still. */
export type SessionStop =
  | { readonly why: 'step' }
  | { readonly why: 'breakpoint'; readonly breakpoints: readonly Breakpoint[] }
  | Exclude<BackStop, { readonly why: 'breakpoint' }>;

/** A stop that somebody asked for, and how often it was met. */
export interface Breakpoint {
  readonly id: number;
  /** As the user named it. */
  readonly where: string;
  readonly address: number;
  /** Which of the boundaries at its address. */
  readonly order: number;
  /** It goes with its first stop. */
  readonly once: boolean;
  /** It does not stop where this is false; asked while the target stands there. */
  readonly condition?: (() => boolean) | undefined;
  hits: number;
}

/** Instructions between two looks whether somebody wants it to stand still. */
const slice = 5_000_000;

/** A place to stop: address, and which of the boundaries there. */
export interface CodePlace {
  readonly address: number;
  readonly order: number;
}

/**
 * Stepping through one call, forwards and backwards. Two of three WebAssembly instructions move no machine instruction: a position is a count of
 * executed instructions, and which of the boundaries at the address is meant (`order`).
 */
export class Session {
  readonly history: History;
  /** Which of the boundaries at pc. */
  order = 0;
  readonly #breakpoints = new Map<number, Breakpoint>();
  #nextBreakpoint = 1;
  #interrupted = false;

  constructor(
    readonly target: DebugTarget,
    readonly view: CodeView,
    options: HistoryOptions = {},
  ) {
    this.history = new History(target, options);
  }

  get here(): DebugFunction | undefined {
    return this.view.at(this.target.pc);
  }

  frames(): Frame[] {
    return backtrace(this.target, this.view, this.order);
  }

  get breakpoints(): readonly Breakpoint[] {
    return [...this.#breakpoints.values()];
  }

  addBreakpoint(where: string, { address, order }: CodePlace, { once = false, condition }: { readonly once?: boolean; readonly condition?: (() => boolean) | undefined } = {}): Breakpoint {
    const breakpoint: Breakpoint = { id: this.#nextBreakpoint++, where, address, order, once, condition, hits: 0 };
    this.#breakpoints.set(breakpoint.id, breakpoint);
    this.target.stops.breakpoint(address, true);
    return breakpoint;
  }

  /** @throws UsageError where there is none of this number */
  removeBreakpoint(id: number): void {
    const breakpoint = this.#breakpoints.get(id);
    if (breakpoint === undefined) throw new UsageError(`there is no breakpoint ${id}`);
    this.#breakpoints.delete(id);
    if (!this.breakpoints.some(({ address }) => address === breakpoint.address)) this.target.stops.breakpoint(breakpoint.address, false);
  }

  /** Where the function's frame is set up and its first instruction comes next. */
  placeOfFunction(code: DebugFunction): CodePlace {
    const first = code.locations.boundaries[0];
    return { address: code.begin + (first?.codeOffset ?? 0), order: 0 };
  }

  /** In front of the instruction at an offset in the module. @throws UsageError where there is none, or it has no code of its own */
  placeOfOffset(offset: number): CodePlace {
    const code = this.view.functions.find(({ wasm }) => wasm.length > 0 && offset >= wasm[0]!.offset && offset <= wasm.at(-1)!.offset);
    if (code === undefined) throw new UsageError(`no compiled function has an instruction at offset 0x${offset.toString(16)}`);
    if (!code.wasm.some((instruction) => instruction.offset === offset)) throw new UsageError(`0x${offset.toString(16)} is inside of an instruction of ${code.name}`);
    const found = code.locations.boundaries.find(({ wasmOffset }) => wasmOffset === offset);
    if (found === undefined) throw new UsageError(`the instruction at 0x${offset.toString(16)} became one with the one before it, or cannot be reached`);
    const address = code.begin + found.codeOffset;
    return { address, order: boundariesAt(code, address).indexOf(found) };
  }

  /** Breakpoints for what stands at pc, from the boundary `order` on, whose conditions hold; those of the first boundary that has any. */
  #hits(from: number): readonly Breakpoint[] {
    const { pc } = this.target;
    const candidates = this.breakpoints.filter(({ address, order, condition }) => address === pc && order >= from && (condition === undefined || condition()));
    const first = Math.min(...candidates.map(({ order }) => order));
    return candidates.filter(({ order }) => order === first);
  }

  #stopAt(hits: readonly Breakpoint[]): SessionStop {
    this.order = hits[0]?.order ?? 0;
    for (const hit of hits) {
      hit.hits++;
      if (hit.once) this.removeBreakpoint(hit.id);
    }
    return { why: 'breakpoint', breakpoints: hits };
  }

  /** From outside, while it goes on: it stands still soon. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** Goes on to the next stop of the target, and looks up now and then. */
  async #go(): Promise<TargetStop> {
    this.#interrupted = false;
    this.target.stops.pass(this.target.pc);
    this.order = 0;
    for (;;) {
      const stop = this.history.run(slice);
      if (stop.why !== 'count') return stop;
      if (await this.wasInterrupted()) return { why: 'interrupted' };
    }
  }

  /** Lets others have their turn; true where one of them has called `interrupt`. */
  async wasInterrupted(): Promise<boolean> {
    await setImmediate();
    return this.#interrupted;
  }

  /** Goes on to the next stop or the end. */
  async resume(): Promise<SessionStop> {
    const waiting = this.#hits(this.order + 1);
    if (waiting.length > 0) return this.#stopAt(waiting);
    for (;;) {
      const stop = await this.#go();
      if (stop.why !== 'breakpoint') return stop;
      const hits = this.#hits(0);
      if (hits.length > 0) return this.#stopAt(hits);
    }
  }

  /** Back to the last stop before this position, or to where history begins. */
  resumeBack(): SessionStop {
    const { pc } = this.target;
    const passed = this.breakpoints.filter(({ address, order, condition }) => address === pc && order < this.order && (condition === undefined || condition()));
    const latest = Math.max(...passed.map(({ order }) => order));
    if (passed.length > 0) return this.#stopAt(passed.filter(({ order }) => order === latest));
    const stop = this.history.runBack((found) => found.why !== 'breakpoint' || this.#hits(0).length > 0);
    this.order = 0;
    if (stop.why !== 'breakpoint') return stop;
    const hits = this.#hits(0);
    const last = Math.max(...hits.map(({ order }) => order));
    return this.#stopAt(hits.filter(({ order }) => order === last));
  }

  /** To the next instruction, template or machine instruction, into calls. */
  step(unit: Unit): SessionStop {
    if (unit === 'wasm' && this.order + 1 < boundariesAt(this.here, this.target.pc).length) {
      this.order++;
      return { why: 'step' };
    }
    for (;;) {
      const stop = this.#one();
      if (stop.why !== 'count') return stop;
      if (this.#begins(unit)) return { why: 'step' };
      const hits = this.#hits(0);
      if (hits.length > 0) return this.#stopAt(hits);
    }
  }

  /** One machine instruction. */
  #one(): Exclude<TargetStop, { readonly why: 'breakpoint' }> {
    this.target.stops.pass(this.target.pc);
    const stop = this.history.run(1);
    this.order = 0;
    return stop.why === 'breakpoint' ? { why: 'count' } : stop;
  }

  stepBack(unit: Unit): SessionStop {
    if (unit === 'wasm' && this.order > 0) {
      this.order--;
      return { why: 'step' };
    }
    for (;;) {
      if (!this.history.stepBack()) {
        this.order = 0;
        return { why: 'begin' };
      }
      if (!this.#begins(unit)) continue;
      // Larger units stand where they stand going forwards: at the first one.
      this.order = unit === 'wasm' ? Math.max(0, boundariesAt(this.here, this.target.pc).length - 1) : 0;
      return { why: 'step' };
    }
  }

  #begins(unit: Unit): boolean {
    const { pc } = this.target;
    const { here } = this;
    if (unit === 'machine') return true;
    if (here === undefined) return false;
    return unit === 'wasm' ? boundariesAt(here, pc).length > 0 : marksOf(here).sites.has(pc);
  }

  /** As `step`, but calls, of routines in ROM too, are gone through to their return. */
  async stepOver(unit: Unit): Promise<SessionStop> {
    const from = this.here;
    const sp = this.#sp;
    for (;;) {
      const stop = this.step(unit);
      if (stop.why !== 'step') return stop;
      const back = this.#returnOfCall(from, sp);
      if (back === undefined) return stop;
      const left = await this.#runTo(back);
      if (left.why !== 'step') return left;
      if (this.#begins(unit)) return left;
    }
  }

  /** Where a function or routine returns to that has just been called; undefined where none has. */
  #returnOfCall(from: DebugFunction | undefined, sp: number): { readonly pc: number; readonly sp: number } | undefined {
    const { here } = this;
    const { pc } = this.target;
    if (here === undefined) {
      const link = (Number(this.target.readRegister(this.view.registerName(this.view.link))) & ~1) >>> 0;
      return from !== undefined && link >= from.begin && link < from.end ? { pc: link, sp: this.#sp } : undefined;
    }
    const first = this.placeOfFunction(here).address;
    const entered = pc <= first && (here !== from || pc < first || this.#sp < sp);
    return entered ? this.#returnOfInnermost() : undefined;
  }

  #returnOfInnermost(): { readonly pc: number; readonly sp: number } | undefined {
    const frame = this.frames()[0];
    return frame === undefined ? undefined : returnOf(this.target, this.view, frame);
  }

  get #sp(): number {
    return Number(this.target.readRegister('sp'));
  }

  /**
   * Goes on until the innermost function has returned.
   * @throws UsageError where nothing says where to, in routines and where a frame is being set up
   */
  async finish(): Promise<SessionStop> {
    const back = this.#returnOfInnermost();
    if (back === undefined) throw new UsageError('nothing says where this returns to: step to an instruction of a function first');
    return back.pc === this.view.exit ? this.resume() : this.#runTo(back);
  }

  /** To an address, where sp is at least so much: the activation that called has it back. */
  async #runTo(back: { readonly pc: number; readonly sp: number }): Promise<SessionStop> {
    const { stops } = this.target;
    stops.breakpoint(back.pc, true);
    try {
      for (;;) {
        const stop = await this.#go();
        if (stop.why !== 'breakpoint') return stop;
        if (this.target.pc === back.pc && this.#sp >= back.sp) return { why: 'step' };
        const hits = this.#hits(0);
        if (hits.length > 0) return this.#stopAt(hits);
      }
    } finally {
      if (!this.breakpoints.some(({ address }) => address === back.pc)) stops.breakpoint(back.pc, false);
    }
  }

  /**
   * Back to in front of the machine instruction that wrote to [address, address + size) last.
   * @returns false where nothing has since history began, which is where it stands then
   */
  lastWrite(address: number, size: number): boolean {
    this.order = 0;
    return this.history.lastWrite(address, size) && this.history.stepBack();
  }

  /** To a count of executed instructions. @throws UsageError for one before history begins */
  goTo(count: number): SessionStop {
    this.order = 0;
    const stop = this.history.goTo(count);
    return stop.why === 'count' || stop.why === 'breakpoint' ? { why: 'step' } : stop;
  }

  /** What comes next, in terms of the module; undefined outside of its functions and inside of templates. */
  get boundary(): Boundary | undefined {
    const { here } = this;
    return here === undefined ? undefined : boundaryAt(here, this.target.pc, this.order);
  }
}

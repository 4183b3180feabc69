import { setImmediate } from 'node:timers/promises';
import { boundaryOfInstruction, UsageError, type Boundary, type CodeView, type DebugFunction, type DebugTarget, type TargetStop } from '@fireball/contracts';
import { cameByReturn, firstOrder } from './arrival.js';
import { boundariesAt, boundaryAt, orderOf, marksOf, siteAt } from './boundaries.js';
import { Breakpoints, type CodePlace, type Hit } from './breakpoints.js';
import { backtrace, returnOf, type Frame } from './frames.js';
import { History, type HistoryOptions, type Writer } from './history.js';
import { Inspection } from './inside.js';
import { callThatReturned, isPlainCode, linkOfCall, sizeOfInstruction } from './instructions.js';
import { placeOfFunction } from './places.js';
import { Sources } from '../sources/sources.js';
import type { PartingPoint, SessionStop, Unit, WatchedValue } from './stop.js';

export type { PartingPoint, SessionStop, Unit, WatchedValue } from './stop.js';

/** It stands where the code parts from the reference. */
export type PartingStop = Extract<SessionStop, { readonly why: 'parting' }>;

/** Instructions between two looks whether somebody wants it to stand still. */
const slice = 5_000_000;
/** Steps until others have their turn. */
const stepsOfTurn = 1000;
/** Machine instructions that are gone back for a change: first few, then more. */
const [firstStretch, longestStretch] = [64, 200_000];

/**
 * Stepping through one call, forwards and backwards. Two of three WebAssembly instructions move no machine instruction: a position is a count of
 * executed instructions, and which of the boundaries at the address is meant (`order`).
 */
export class Session {
  readonly history: History;
  /** Which of the boundaries at pc. */
  order = 0;
  readonly #inspection = new Inspection();
  readonly breakpoints: Breakpoints;
  readonly sources: Sources;
  /** Values that `resume` stops behind changes of; then it goes step by step. */
  readonly watched = new Map<number, WatchedValue>();
  parting: PartingPoint | undefined;
  /** How often somebody has written to the target. */
  writes = 0;
  #interrupted = false;
  /** Nothing has been executed yet: a breakpoint where it begins has not been met. */
  #isFresh = true;

  constructor(
    readonly target: DebugTarget,
    readonly view: CodeView,
    options: HistoryOptions = {},
  ) {
    this.history = new History(target, options);
    this.breakpoints = new Breakpoints(target);
    this.sources = new Sources(view, target);
  }

  /** Where in code it stands: pc, or the interpreted instruction that comes next. */
  get position(): number {
    return this.view.position;
  }

  get here(): DebugFunction | undefined {
    return this.view.at(this.position);
  }

  /** By what registers and memory say here. Inside of templates that may be too little, or out of date: `inspect`. */
  frames(): Frame[] {
    return backtrace(this.target, this.view, this.order);
  }

  /** The activations at any machine instruction, for somebody who looks, those of inlined functions too. It may go back for them, and comes here again. */
  inspect(): Frame[] {
    return this.sources.withInlined(this.#inspection.frames(this));
  }

  #hitsHere(isWanted: (order: number) => boolean): readonly Hit[] {
    const orderOf = this.view.interpreter === undefined ? undefined : (place: CodePlace) => this.#orderHere(place);
    return this.breakpoints.hitsAt(this.position, isWanted, orderOf);
  }

  /** The boundary here that a place means; undefined where it is elsewhere. A place in an interpreted function is wherever that instruction is executed. */
  #orderHere({ address, order }: CodePlace): number | undefined {
    const { here, position } = this;
    if (address === position) return order;
    const code = this.view.at(address);
    if (code?.interpreted !== true || here === undefined || here.interpreted || here.index !== code.index) return undefined;
    const instruction = boundariesAt(code, address)[0];
    const boundary = instruction === undefined ? undefined : boundaryOfInstruction(here.locations, instruction.wasmOffset);
    const found = boundary === undefined ? -1 : boundariesAt(here, position).indexOf(boundary);
    return found < 0 ? undefined : found;
  }

  /** The first of the boundaries at pc that it has come by. */
  get #first(): number {
    return firstOrder(this.target, this.here);
  }

  /** Whether anything here stops it going back. */
  #stopsHere(): readonly Hit[] {
    const first = this.#first;
    return this.#hitsHere((order) => order >= first).filter(({ breakpoint }) => breakpoint.log === undefined);
  }

  /** The stop at what is met going forwards, at boundaries from `from` on; undefined where it is only counted or told. */
  #met(from: number): SessionStop | undefined {
    const met = this.#hitsHere((order) => order >= from);
    for (const order of new Set(met.map((hit) => hit.order).sort((a, b) => a - b))) {
      const stop = this.#counted(met.filter((hit) => hit.order === order));
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  #counted(all: readonly Hit[], by?: TargetStop): SessionStop | undefined {
    const hits = all.filter((hit) => this.#isStop(hit));
    return hits.length === 0 ? undefined : this.#stopAt(hits, by);
  }

  #isStop({ breakpoint, order }: Hit): boolean {
    breakpoint.hits++;
    if (breakpoint.ignored > 0) {
      breakpoint.ignored--;
      return false;
    }
    breakpoint.log?.(order);
    return breakpoint.log === undefined;
  }

  #stopAt(hits: readonly Hit[], by?: TargetStop): SessionStop {
    this.order = hits[0]!.order;
    for (const { breakpoint } of hits) if (breakpoint.once) this.breakpoints.remove(breakpoint.id);
    return { why: 'breakpoint', hits, ...(by === undefined ? {} : { by }) };
  }

  /** What a stop of the target is to the user going forwards; undefined: it goes on. */
  #settled(stop: Exclude<TargetStop, { readonly why: 'breakpoint' }> | PartingStop): SessionStop | undefined {
    if (stop.why === 'parting') return stop;
    const met = this.#counted(this.breakpoints.hitsBy(stop, this.order), stop);
    if (met !== undefined) return met;
    return stop.why !== 'fault' && this.breakpoints.about(stop).length > 0 ? undefined : stop;
  }

  /** Is a stop of the target, gone by backwards, one for the user? */
  #isWanted(stop: TargetStop): boolean {
    if (stop.why === 'breakpoint') return this.#stopsHere().length > 0;
    return this.breakpoints.about(stop).length === 0 || this.breakpoints.hitsBy(stop, this.#first).length > 0;
  }

  /** From outside, while it goes on: it stands still soon. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** Goes on to the next stop of the target, and looks up now and then. */
  async #go(): Promise<TargetStop | PartingStop> {
    this.#interrupted = false;
    this.target.stops.pass(this.target.pc);
    this.order = 0;
    for (;;) {
      const { instructions } = this.target;
      const left = this.parting === undefined || instructions >= this.parting.count ? Infinity : this.parting.count - instructions;
      const stop = this.history.run(Math.min(slice, left));
      this.order = this.#first;
      const parting = this.atParting();
      if (parting !== undefined && stop.why !== 'breakpoint') return parting;
      if (stop.why !== 'count') return stop;
      if (await this.wasInterrupted()) return { why: 'interrupted' };
    }
  }

  /** The stop of a session that stands where the code parts from the reference: in front of the instruction that shows it. Undefined elsewhere. */
  atParting(): PartingStop | undefined {
    const { parting } = this;
    if (parting?.count !== this.target.instructions) return undefined;
    this.order = orderOf(this.here, this.position, parting.wasmOffset);
    return { why: 'parting', message: parting.message };
  }

  /** Input came, or somebody wrote: what lay ahead of here will not happen so. `everything`: nothing of what was before leads here. */
  wrote(what: 'input' | 'state' | 'everything' = 'state'): void {
    this.writes++;
    if (what === 'input' || (what === 'state' && this.target.repeatsWrites)) this.history.cut();
    else this.history.forget();
    this.parting = undefined;
  }

  /** Lets others have their turn; true where one of them has called `interrupt`. */
  async wasInterrupted(): Promise<boolean> {
    await setImmediate();
    const was = this.#interrupted;
    this.#interrupted = false;
    return was;
  }

  /** Goes on to the next stop or the end. */
  async resume(): Promise<SessionStop> {
    if (this.watched.size > 0) return this.untilChange([...this.watched.values()]);
    const waiting = this.#met(this.#isFresh ? this.order : this.order + 1);
    this.#isFresh = false;
    return waiting ?? this.#goOn(() => false);
  }

  /** To the next stop that is one for the user, or to where a breakpoint of its own `isThere`. */
  async #goOn(isThere: () => boolean): Promise<SessionStop> {
    for (let passed = 1; ; passed++) {
      const stop = await this.#go();
      if (stop.why === 'breakpoint' && isThere()) return { why: 'step' };
      const settled = stop.why === 'breakpoint' ? this.#met(this.order) : this.#settled(stop);
      if (settled !== undefined) return settled;
      if (passed % stepsOfTurn === 0 && (await this.wasInterrupted())) return { why: 'interrupted' };
    }
  }

  /** Goes on by the smallest steps that there are until one of these has another value, or something else stops it. */
  async untilChange(watched: readonly WatchedValue[]): Promise<SessionStop> {
    this.#interrupted = false;
    const unit = this.view.functions.length > 0 ? 'wasm' : 'machine';
    const values = watched.map((each) => each.read());
    for (let steps = 1; ; steps++) {
      const stop = this.step(unit);
      for (const [index, each] of watched.entries()) {
        const [from, to] = [values[index], each.read()];
        // What has no value for a while, inside of a call, has not changed.
        if (to === undefined || to === from) continue;
        values[index] = to;
        if (from !== undefined) return { why: 'changed', what: each.what, from, to };
      }
      if (stop.why !== 'step') return stop;
      if (steps % stepsOfTurn === 0 && (await this.wasInterrupted())) return { why: 'interrupted' };
    }
  }

  /**
   * Back to behind the last step before this position that gave one of these another value, or to a breakpoint on the way. It goes back a stretch, and
   * forwards through it step by step; stretches grow.
   */
  async untilChangeBack(watched: readonly WatchedValue[], { passesBreakpoints = false } = {}): Promise<SessionStop> {
    this.#interrupted = false;
    const here = { count: this.target.instructions, order: this.order };
    const isBefore = ({ count, order }: typeof here): boolean => count < here.count || (count === here.count && order < here.order);
    for (let end = here.count, size = firstStretch; ; size = Math.min(4 * size, longestStretch)) {
      const begin = Math.max(this.history.begin, end - size);
      const found = await this.#lastChange(watched, { begin, end, passesBreakpoints }, isBefore);
      if (found !== undefined) {
        this.goTo(found.count);
        this.order = found.order;
        return found.stop.why === 'breakpoint' ? this.#stopAt(found.stop.hits) : found.stop;
      }
      if (begin === this.history.begin) {
        this.goTo(begin);
        return { why: 'begin' };
      }
      if (await this.wasInterrupted()) return { why: 'interrupted' };
      end = begin;
    }
  }

  async #lastChange(
    watched: readonly WatchedValue[],
    { begin, end, passesBreakpoints }: { readonly begin: number; readonly end: number; readonly passesBreakpoints: boolean },
    isBefore: (place: { readonly count: number; readonly order: number }) => boolean,
  ): Promise<{ readonly count: number; readonly order: number; readonly stop: SessionStop } | undefined> {
    let found: { readonly count: number; readonly order: number; readonly stop: SessionStop } | undefined;
    this.goTo(begin);
    let values = watched.map((each) => each.read());
    const unit = this.view.functions.length > 0 ? 'wasm' : 'machine';
    for (let steps = 1; this.#walk(unit); steps++) {
      const place = { count: this.target.instructions, order: this.order };
      if (place.count > end || !isBefore(place)) break;
      const hits = passesBreakpoints ? [] : this.#hitsHere((order) => order === place.order);
      if (hits.length > 0) found = { ...place, stop: { why: 'breakpoint', hits } };
      const now = watched.map((each) => each.read());
      for (const [index, { what }] of watched.entries()) {
        const [from, to] = [values[index], now[index]];
        if (from !== undefined && to !== undefined && from !== to) found = { ...place, stop: { why: 'changed', what, from, to } };
      }
      values = now.map((value, index) => value ?? values[index]);
      if (steps % stepsOfTurn === 0) await setImmediate();
    }
    return found;
  }

  /** One step, whatever is there. False where it cannot go on. */
  #walk(unit: Unit): boolean {
    if (unit === 'wasm' && this.order + 1 < boundariesAt(this.here, this.position).length) {
      this.order++;
      return true;
    }
    for (;;) {
      const { instructions } = this.target;
      const { why } = this.#one();
      if (why === 'exit' || why === 'fault' || why === 'asleep' || this.target.instructions === instructions) return false;
      if (this.#begins(unit)) return true;
    }
  }

  /** Back to the last stop before this position, or to where history begins. */
  async resumeBack(): Promise<SessionStop> {
    if (this.watched.size > 0) return this.untilChangeBack([...this.watched.values()]);
    const passed = this.#stopsHere().filter(({ order }) => order < this.order);
    const latest = Math.max(...passed.map(({ order }) => order));
    if (passed.length > 0) return this.#stopAt(passed.filter(({ order }) => order === latest));
    this.#interrupted = false;
    const parting = this.parting !== undefined && this.parting.count < this.target.instructions ? this.parting : undefined;
    const stop = await this.history.searchBack(
      (found) => this.#isWanted(found),
      () => this.wasInterrupted(),
    );
    this.order = this.#first;
    if (parting !== undefined && parting.count >= this.target.instructions) {
      this.history.goTo(parting.count);
      return this.atParting() ?? { why: 'step' };
    }
    if (stop.why !== 'breakpoint') {
      const met = stop.why === 'begin' ? [] : this.breakpoints.hitsBy(stop, this.order);
      return met.length === 0 || stop.why === 'begin' ? stop : this.#stopAt(met, stop);
    }
    const hits = this.#stopsHere();
    const last = Math.max(...hits.map(({ order }) => order));
    return this.#stopAt(hits.filter(({ order }) => order === last));
  }

  /** To the next instruction, template or machine instruction, into calls. */
  step(unit: Unit): SessionStop {
    this.#isFresh = false;
    if (unit === 'wasm' && this.order + 1 < boundariesAt(this.here, this.position).length) {
      this.order++;
      return this.#landed(unit);
    }
    for (;;) {
      const stop = this.#one();
      const settled = stop.why === 'count' ? this.atParting() : this.#settled(stop);
      if (settled !== undefined) return settled;
      if (this.#begins(unit)) return this.#landed(unit);
      const met = this.#met(this.order);
      if (met !== undefined) return met;
    }
  }

  /** A step has led here, perhaps to a breakpoint. */
  #landed(unit: Unit): SessionStop {
    return (unit === 'wasm' ? this.#counted(this.#hitsHere((order) => order === this.order)) : this.#met(this.order)) ?? { why: 'step' };
  }

  /** One machine instruction. */
  #one(): Exclude<TargetStop, { readonly why: 'breakpoint' }> {
    this.target.stops.pass(this.target.pc);
    const stop = this.history.run(1);
    this.order = this.#first;
    return stop.why === 'breakpoint' ? { why: 'count' } : stop;
  }

  stepBack(unit: Unit): SessionStop {
    if (unit === 'wasm' && this.order > this.#first) {
      this.order--;
      return { why: 'step' };
    }
    for (;;) {
      if (!this.history.stepBack()) {
        this.order = this.#first;
        return { why: 'begin' };
      }
      if (this.#begins(unit)) return this.#settledBack(unit);
    }
  }

  #settledBack(unit: Unit): SessionStop {
    // Larger units stand where they stand going forwards: at the first one.
    this.order = unit === 'wasm' ? Math.max(0, boundariesAt(this.here, this.position).length - 1) : this.#first;
    return { why: 'step' };
  }

  #begins(unit: Unit): boolean {
    const { position: pc, here } = this;
    if (unit === 'machine') return true;
    if (here === undefined) return false;
    return unit === 'wasm' ? boundariesAt(here, pc).length > 0 : marksOf(here).sites.has(pc);
  }

  /** As `step`, but calls, of routines in ROM too, are gone through to their return. */
  async stepOver(unit: Unit): Promise<SessionStop> {
    const from = this.here;
    const sp = this.#sp;
    for (;;) {
      const { position } = this;
      const behind = this.target.pc + sizeOfInstruction(this.target);
      const stop = this.step(unit);
      if (stop.why !== 'step') return stop;
      const back = this.#returnOfCall(unit, { code: from, position, sp }, behind);
      if (back === undefined) return stop;
      const left = await this.#runTo(back);
      if (left.why !== 'step') return left;
      if (this.#begins(unit)) return left;
    }
  }

  /** Where a function or routine returns to that has just been called; undefined where none has. */
  #returnOfCall(
    unit: Unit,
    { code: from, position: was, sp }: { readonly code: DebugFunction | undefined; readonly position: number; readonly sp: number },
    behind: number,
  ): { readonly pc: number; readonly sp: number } | undefined {
    const { here } = this;
    const { position: pc } = this;
    // By machine instructions the handlers that a function is interpreted by are one program, which jumps from one to the next.
    if (here === undefined || (unit === 'machine' && isPlainCode(from))) {
      const link = linkOfCall(this.target, this.view, from, behind);
      return link === undefined ? undefined : { pc: link, sp: this.#sp };
    }
    const first = placeOfFunction(here).address;
    // Whoever was still setting up this frame has not called it.
    const wasEntering = here === from && was >= here.begin && was < first;
    const entered = !wasEntering && pc <= first && (here !== from || pc < first || this.#sp < sp);
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
   * Goes on until the innermost function has returned, to the first place where the unit begins.
   * @throws UsageError where nothing says where to, in routines and where a frame is being set up
   */
  async finish(unit: Unit): Promise<SessionStop> {
    const { back } = this.#whereItReturns();
    if (back.pc === this.view.exit) return this.resume();
    const stop = await this.#runTo(back);
    return stop.why !== 'step' || this.#begins(unit) ? stop : this.step(unit);
  }

  #whereItReturns(): Frame & { readonly back: { readonly pc: number; readonly sp: number } } {
    const [frame] = this.#inspection.frames(this);
    const back = frame === undefined ? undefined : returnOf(this.target, this.view, frame);
    if (frame === undefined || back === undefined) throw new UsageError('nothing says where this returns to: step to an instruction of a function first');
    return { ...frame, back };
  }

  /**
   * Back to the call of the innermost function, and from there to where the unit begins.
   * @throws UsageError as `finish` does
   */
  async finishBack(unit: Unit): Promise<SessionStop> {
    const { code, sp, back } = this.#whereItReturns();
    if (code === undefined) return this.#backToCallBefore(back);
    const entries = [code.begin, ...code.loopEntries];
    const begins = code.interpreted ? sp : back.sp - code.argumentBytes;
    // Loops that are entered in what it has called have an interpreter's frame between.
    const isOwn = (): boolean => (this.position === code.begin ? this.#sp === begins : this.#sp >= sp);
    for (;;) {
      if (!entries.includes(this.position)) {
        const stop = await this.#runBackTo(entries, isOwn);
        if (stop.why !== 'step') return stop;
      }
      this.order = this.#first;
      const isLoop = code.loopEntries.includes(this.position);
      const stop = this.stepBack(isLoop ? 'wasm' : unit);
      // It was interpreted up to there.
      if (isLoop && stop.why === 'step') return this.finishBack(unit);
      // A loop may begin with the function, and comes by its first instruction again.
      if (!code.interpreted || stop.why !== 'step' || this.here !== code || this.#sp !== sp) return stop;
    }
  }

  /** Code without a map: to the instruction in front of where it returns, which has called, or which an exception came before. */
  async #backToCallBefore({ pc, sp }: { readonly pc: number; readonly sp: number }): Promise<SessionStop> {
    return this.#runBackTo([pc - 4, pc - 2, pc], () => this.#sp === sp && [0, sizeOfInstruction(this.target)].includes(pc - this.position));
  }

  /** Back to one of these addresses where `isThere`; breakpoints on the way stop it. */
  async #runBackTo(addresses: readonly number[], isThere: () => boolean): Promise<SessionStop> {
    const { breakpoints } = this;
    this.#interrupted = false;
    for (const address of addresses) breakpoints.hold(address);
    try {
      const isTarget = (): boolean => [this.position, this.target.pc].some((place) => addresses.includes(place)) && isThere();
      const stop = await this.history.searchBack(
        (found) => (found.why === 'breakpoint' && isTarget()) || this.#isWanted(found),
        () => this.wasInterrupted(),
      );
      this.order = this.#first;
      if (stop.why === 'begin') return stop;
      if (stop.why !== 'breakpoint') {
        const met = this.breakpoints.hitsBy(stop, this.order);
        return met.length === 0 ? stop : this.#stopAt(met, stop);
      }
      if (isTarget()) return { why: 'step' };
      const hits = this.#stopsHere();
      const first = Math.min(...hits.map((hit) => hit.order));
      return this.#stopAt(hits.filter((hit) => hit.order === first));
    } finally {
      for (const address of addresses) breakpoints.release(address);
    }
  }

  /** As `stepBack`, but calls, of routines in ROM too, are gone back through to where they were made. */
  async stepBackOver(unit: Unit): Promise<SessionStop> {
    if (unit === 'wasm' && this.order > this.#first) return this.stepBack(unit);
    if (this.here?.interpreted === true && unit !== 'machine') return this.#stepBackOverInterpreted(unit, this.here);
    for (;;) {
      const from = this.here;
      const { pc, instructions } = this.target;
      const sp = this.#sp;
      // What is called from code that may be interpreted says nothing of its stack arguments.
      const depth = this.view.interpreter === undefined ? undefined : this.frames().length;
      const stop = this.stepBack('machine');
      if (stop.why !== 'step') return stop;
      if (from !== undefined && !from.interpreted && cameByReturn(this.target, from, pc, this.here !== from || this.#sp !== sp)) {
        const left = await this.#backToCall(from, { pc, sp, depth }, instructions);
        if (left !== undefined) return left;
      }
      // Larger units pass by the interpreter's own calls.
      const call = isPlainCode(from) && (depth === undefined || unit === 'machine') ? callThatReturned(this.target, pc, this.#sp !== sp) : undefined;
      if (call !== undefined) {
        const behind = this.target.instructions;
        const back = await this.#runBackTo([call], () => this.#sp === sp);
        if (back.why !== 'begin') return back;
        // It was not called from there.
        this.goTo(behind);
      }
      if (this.#begins(unit)) return this.#settledBack(unit);
    }
  }

  async #stepBackOverInterpreted(unit: Unit, from: DebugFunction): Promise<SessionStop> {
    const sp = this.#sp;
    let stop = this.stepBack(unit);
    // In what has returned: its caller stands at the call. A frame that is being taken down does not say so.
    while (stop.why === 'step' && this.#sp < sp) {
      const call = this.frames().find((frame) => frame.code === from && frame.sp === sp);
      if (call !== undefined) return this.#runBackTo([call.pc], () => this.#sp === sp);
      stop = this.stepBack('wasm');
    }
    return stop;
  }

  /** To the instruction that made the call which returned to `pc`; undefined: there. */
  async #backToCall(
    from: DebugFunction,
    { pc, sp, depth }: { readonly pc: number; readonly sp: number; readonly depth: number | undefined },
    count: number,
  ): Promise<SessionStop | undefined> {
    const site = siteAt(from, pc - 1);
    if (site === undefined) return undefined;
    // Deeper activations of the same function come by there, too. What a routine got on the stack nothing says.
    const callee = this.here;
    const isOwn = (): boolean =>
      depth !== undefined ? this.frames().length === depth : callee === undefined ? this.#sp <= sp : this.#sp === sp - callee.argumentBytes;
    const stop = await this.#runBackTo([site.address], isOwn);
    if (stop.why !== 'step') return stop;
    // From where the template begins to the last instruction before the call is left.
    for (;;) {
      const at = this.target.instructions;
      if (this.#one().why !== 'count' || this.target.instructions >= count) return undefined;
      const left = this.here !== from || this.target.pc < site.address || this.target.pc >= pc;
      if (!left) continue;
      this.goTo(at);
      return undefined;
    }
  }

  /** To an address, where sp is at least so much: the activation that called has it back. */
  async #runTo(back: { readonly pc: number; readonly sp: number }): Promise<SessionStop> {
    const { breakpoints } = this;
    breakpoints.hold(back.pc);
    try {
      return await this.#goOn(() => [this.position, this.target.pc].includes(back.pc) && this.#sp >= back.sp);
    } finally {
      breakpoints.release(back.pc);
    }
  }

  /** Back to in front of the machine instruction that wrote to [address, address + size) last, or to where who debugs has; undefined: nobody since history began. */
  async lastWrite(address: number, size: number): Promise<Writer | undefined> {
    this.#interrupted = false;
    const writer = await this.history.lastWrite(address, size, () => this.wasInterrupted());
    if (writer === 'instruction') this.history.stepBack();
    this.order = this.#first;
    return writer;
  }

  /** To a count of executed instructions. @throws UsageError for one before history begins */
  goTo(count: number): SessionStop {
    const stop = this.history.goTo(count);
    this.order = this.#first;
    return stop.why === 'count' || stop.why === 'breakpoint' ? { why: 'step' } : stop;
  }

  /** What comes next, in terms of the module; undefined outside of its functions and inside of templates. */
  get boundary(): Boundary | undefined {
    const { here } = this;
    return here === undefined ? undefined : boundaryAt(here, this.position, this.order);
  }
}

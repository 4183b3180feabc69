import type { TargetStop } from '@fireball/contracts';
import type { BackStop } from '../session/history.js';
import type { Session } from '../session/session.js';
import type { Place } from './interpreted/place.js';
import type { Libraries } from './libraries.js';

/** What the client wants the target to do. */
export type Goal =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Single steps for as long as PC is in [begin, end). */
  | { readonly kind: 'range'; readonly begin: number; readonly end: number }
  | { readonly kind: 'step back' | 'continue back' };

/** Why a client's resumption ended; `library`: other code is there, and the client goes on when it has looked at it. */
export type ClientStop = BackStop | { readonly why: 'library' };

/** Instructions in a piece of a run: some milliseconds, in which nobody is heard. */
const piece = 500_000;
/** Steps of a range in a piece. */
const stepsOfPiece = 2000;

/** Carries out one goal after the other, in pieces. */
export class Execution {
  #goal: Goal | undefined;

  /** What it has come to, which the client hears of when it goes on after it has been told of other code. */
  #owed: BackStop | undefined;
  /** After so many instructions. */
  #owedAt = 0;
  /** A step goes to the next interpreted instruction, or into generated code. */
  #isWasmStep = false;

  constructor(
    private readonly session: Session,
    private readonly libraries: Libraries | undefined,
    /** Does the client have a breakpoint there? */
    private readonly hasBreakpoint: (address: number) => boolean,
    private readonly place: Place,
  ) {}

  /** The client has written to the target. */
  wrote(): void {
    this.session.wrote();
  }

  #run(most: number): TargetStop {
    return this.session.history.run(most);
  }

  get isRunning(): boolean {
    return this.#goal !== undefined;
  }

  start(goal: Goal): void {
    this.#goal = goal;
    this.#isWasmStep = this.place.isInterpreted;
    const { target } = this.session;
    const isOther = this.#owed?.why === 'breakpoint' && !this.hasBreakpoint(this.place.pc);
    // Somebody has been elsewhere in between, or what was at the breakpoint's address has gone with its code.
    if (this.#owedAt !== target.instructions || isOther) this.#owed = undefined;
    target.stops.pass(target.pc);
  }

  halt(): void {
    this.#goal = undefined;
  }

  /** A piece of it; a stop that is the goal's end, or undefined: it is not there yet. */
  advance(): ClientStop | undefined {
    const goal = this.#goal;
    if (goal === undefined) return undefined;
    const stop = this.#owed ?? this.#piece(goal);
    this.#owed = undefined;
    if (stop === undefined || stop.why === 'asleep') return stop;
    if (this.libraries?.areOutdated === true && stop.why !== 'exit') {
      // A run that ended because of that alone goes on; a step has been made.
      this.#owed = stop.why !== 'interrupted' ? stop : goal.kind === 'step' ? { why: 'count' } : undefined;
      this.#owedAt = this.session.target.instructions;
      this.#goal = undefined;
      return { why: 'library' };
    }
    this.#goal = undefined;
    return stop;
  }

  #piece(goal: Goal): BackStop | undefined {
    switch (goal.kind) {
      case 'continue': {
        const stop = this.#run(piece);
        if (stop.why === 'breakpoint' && !this.#isClients) {
          this.session.target.stops.pass(this.session.target.pc);
          return undefined;
        }
        return stop.why === 'count' ? undefined : stop;
      }
      case 'step':
        return this.#steps(() => false);
      case 'range':
        return this.#steps((pc) => pc >= goal.begin && pc < goal.end);
      case 'step back':
        return this.#stepBack();
      case 'continue back':
        return this.#back();
    }
  }

  /** A breakpoint at an interpreted instruction stands in generated code, too, where the client has its own. */
  get #isClients(): boolean {
    return this.place.choose(this.hasBreakpoint);
  }

  #stepBack(): BackStop | undefined {
    for (let steps = 0; steps < stepsOfPiece; steps++) {
      if (!this.session.history.stepBack()) return { why: 'begin' };
      if (!this.#isWasmStep || !this.place.isUnderWay) return { why: 'count' };
    }
    return undefined;
  }

  /** Behind a write the client expects the old value. */
  #back(): BackStop {
    const { history } = this.session;
    const stop = history.runBack((found) => found.why !== 'breakpoint' || this.#isClients);
    if (stop.why === 'watchpoint') history.stepBack();
    return stop;
  }

  /** Steps for as long as one `isWithin`. */
  #steps(isWithin: (pc: number) => boolean): TargetStop | undefined {
    for (let steps = 0; steps < stepsOfPiece; steps++) {
      const stop = this.#run(1);
      if (stop.why !== 'count') return stop;
      if (this.#isWasmStep && this.place.isUnderWay) continue;
      if (!isWithin(this.place.pc)) return stop;
    }
    return undefined;
  }
}

import type { DebugTarget, TargetStop } from '@fireball/contracts';

/** What the client wants the target to do. */
export type Goal =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Single steps for as long as PC is in [begin, end). */
  | { readonly kind: 'range'; readonly begin: number; readonly end: number };

/** Instructions in a piece of a run: some milliseconds, in which nobody is heard. */
const piece = 500_000;
/** Steps of a range in a piece. */
const stepsOfPiece = 2000;

/** Carries out one goal after the other, in pieces. */
export class Execution {
  #goal: Goal | undefined;

  constructor(private readonly target: DebugTarget) {}

  get isRunning(): boolean {
    return this.#goal !== undefined;
  }

  start(goal: Goal): void {
    this.#goal = goal;
    this.target.stops.pass(this.target.pc);
  }

  halt(): void {
    this.#goal = undefined;
  }

  /** A piece of it; a stop that is the goal's end, or undefined: it is not there yet. */
  advance(): TargetStop | undefined {
    const goal = this.#goal;
    if (goal === undefined) return undefined;
    const stop = this.#piece(goal);
    if (stop !== undefined && stop.why !== 'asleep') this.#goal = undefined;
    return stop;
  }

  #piece(goal: Goal): TargetStop | undefined {
    switch (goal.kind) {
      case 'continue': {
        const stop = this.target.run(piece);
        return stop.why === 'count' ? undefined : stop;
      }
      case 'step':
        return this.target.run(1);
      case 'range':
        return this.#range(goal);
    }
  }

  #range({ begin, end }: { readonly begin: number; readonly end: number }): TargetStop | undefined {
    for (let steps = 0; steps < stepsOfPiece; steps++) {
      const stop = this.target.run(1);
      const { pc } = this.target;
      if (stop.why !== 'count' || pc < begin || pc >= end) return stop;
    }
    return undefined;
  }
}

import type { TargetTask } from '@fireball/contracts';
import type { CompileJob } from '../tier/compile-job.js';
import type { MixedMode } from '../tier/mixed.js';

/** Changes that are kept; at twice as many, the oldest go. */
const mostChanges = 4096;

/** What compile workers do over executed instructions, as the host has gone through them: it does not go back. */
export class WorkerLog {
  /** `passed`: virtual time that was not the guest's by then. */
  #changes: { readonly count: number; readonly passed: number; readonly jobs: readonly (CompileJob | undefined)[] }[] = [];

  constructor(private readonly mixed: MixedMode) {
    this.look(0);
  }

  look(count: number): void {
    const { jobs } = this.mixed.service;
    const last = this.#changes.at(-1);
    if (last !== undefined && jobs.every((job, worker) => job === last.jobs[worker])) return;
    if (last?.count === count) this.#changes.pop();
    this.#changes.push({ count, passed: this.mixed.clock.now - count, jobs });
    if (this.#changes.length >= 2 * mostChanges) this.#changes = this.#changes.slice(mostChanges);
  }

  at(count: number): readonly TargetTask[] {
    const change = this.#changes.findLast((change) => change.count <= count);
    return this.mixed.service.jobs.map((_, worker) => {
      const state = change === undefined ? 'so long ago that nothing is kept' : stateOf(change.jobs[worker], count + change.passed);
      return { name: `compile worker ${worker + 1}`, state, runs: false };
    });
  }
}

function stateOf(job: CompileJob | undefined, now: number): string {
  if (job === undefined) return 'idle';
  const called = job.functionAt(now);
  const where = called === undefined ? '' : `, in ${called}`;
  return `${job.activity} function ${job.index}${where}, ${job.executedAt(now)} of ${job.instructions} instructions`;
}

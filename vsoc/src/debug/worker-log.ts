import type { TargetTask } from '@fireball/contracts';
import type { CompileJob } from '../tier/compile-service.js';
import type { MixedMode } from '../tier/mixed.js';

/** Changes that are kept; at twice as many, the oldest go. */
const mostChanges = 4096;

/** What compile workers do over executed instructions, as the host has gone through them: it does not go back. */
export class WorkerLog {
  #changes: { readonly count: number; readonly jobs: readonly (CompileJob | undefined)[] }[] = [];

  constructor(private readonly mixed: MixedMode) {
    this.look(0);
  }

  look(count: number): void {
    const { jobs } = this.mixed.service;
    const last = this.#changes.at(-1);
    if (last !== undefined && jobs.every((job, worker) => job === last.jobs[worker])) return;
    if (last?.count === count) this.#changes.pop();
    this.#changes.push({ count, jobs });
    if (this.#changes.length >= 2 * mostChanges) this.#changes = this.#changes.slice(mostChanges);
  }

  at(count: number): readonly TargetTask[] {
    const jobs = this.#changes.findLast((change) => change.count <= count)?.jobs;
    return this.mixed.service.jobs.map((_, worker) => {
      const job = jobs?.[worker];
      const state =
        jobs === undefined
          ? 'so long ago that nothing is kept'
          : job === undefined
            ? 'idle'
            : `compiling function ${job.index}, until ${job.until} instructions`;
      return { name: `compile worker ${worker + 1}`, state, runs: false };
    });
  }
}

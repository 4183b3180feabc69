import type { Progress } from './worker-time.js';
import type { WorkerActivity, WorkStep } from './worker.js';

/** What a worker does, and how far it is. */
export class CompileJob {
  private progress: Progress = { executed: 0 };

  constructor(
    /** Of the function, in its module. */
    readonly index: number,
    readonly activity: WorkerActivity,
    /** That it takes. */
    readonly instructions: number,
    private readonly steps: readonly WorkStep[],
  ) {}

  /** The same, further on. */
  at(progress: Progress): CompileJob {
    const job = new CompileJob(this.index, this.activity, this.instructions, this.steps);
    job.progress = progress;
    return job;
  }

  /** Instructions of it that have been executed at a virtual time. */
  executedAt(now: number): number {
    const { executed, since = now } = this.progress;
    return Math.min(this.instructions, executed + now - since);
  }

  /** The function of the compiler that is being executed then; undefined where nobody counted. */
  functionAt(now: number): string | undefined {
    let left = this.executedAt(now);
    return this.steps.find(({ instructions }) => (left -= instructions) < 0)?.name ?? this.steps.at(-1)?.name;
  }
}

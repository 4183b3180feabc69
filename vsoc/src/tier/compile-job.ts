import type { Progress } from './worker-time.js';
import type { Work, WorkerActivity, WorkerPlace } from './worker.js';

/** What a worker does, and how far it is. */
export class CompileJob {
  private progress: Progress = { executed: 0 };

  constructor(
    /** Of the function, in its module. */
    readonly index: number,
    readonly activity: WorkerActivity,
    /** That it takes. */
    readonly instructions: number,
    private readonly work: Omit<Work<unknown>, 'outcome'>,
  ) {}

  /** Bytes of memory and of stack that it needs, at most. */
  get memoryBytes(): number {
    return this.work.memoryBytes;
  }

  get stackBytes(): number {
    return this.work.stackBytes;
  }

  /** The same, further on. */
  at(progress: Progress): CompileJob {
    const job = new CompileJob(this.index, this.activity, this.instructions, this.work);
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
    const { steps } = this.work;
    let left = this.executedAt(now);
    return steps.find(({ instructions }) => (left -= instructions) < 0)?.name ?? steps.at(-1)?.name;
  }

  /** Where in the compiler its worker is then, as `Work.placeAt` has it; undefined too where it takes another time than the work did. */
  placeAt(now: number): WorkerPlace | undefined {
    return this.instructions === this.work.instructions ? this.work.placeAt?.(this.executedAt(now)) : undefined;
  }
}

import type { TierStatistics } from './statistics.js';
import type { VirtualClock } from './virtual-clock.js';

/** Where workers run: on a core of their own beside the program's, or on the program's own, in slices. */
export type WorkerPlacement = 'own' | 'shared';

/** How the program and the workers share a core, while workers have something to do. */
export interface SharedTime {
  /** Percent of the time that goes to workers. */
  readonly share: number;
  /** Instructions of a worker from one switch back to the program to the next. */
  readonly slice: number;
}

/** Work that takes so many instructions, and whom it concerns how far it is. */
export interface TimedWork {
  readonly instructions: number;
  /** Has somebody a use for what will come of it? */
  isWanted(): boolean;
  /** What of it has been executed, whenever more of it has; at the end, too. */
  progressed(progress: Progress): void;
  /** It is over, or was given up where a slice began, because nobody wanted it; never before the next instruction of the program. */
  done(isGivenUp: boolean): void;
}

/** When work is over. */
export interface WorkerTime {
  /** The program does nothing but wait for a worker. */
  guestWaits: boolean;
  spend(work: TimedWork): void;
  /** Work under way may not be wanted any more. */
  doubted(): void;
}

/** What has been executed of some work: so much, and where it runs beside the program, what has passed `since`. */
export interface Progress {
  readonly executed: number;
  readonly since?: number;
}

/** Every worker has a core. */
export class OwnCores implements WorkerTime {
  guestWaits = false;
  /** Work under way, and when it began. */
  private readonly jobs = new Map<TimedWork, number>();

  constructor(
    private readonly clock: VirtualClock,
    /** Instructions of a worker after which it looks whether it shall go on. */
    private readonly slice: number,
  ) {}

  spend(work: TimedWork): void {
    const since = this.clock.now;
    this.jobs.set(work, since);
    work.progressed({ executed: 0, since });
    this.clock.after(work.instructions, () => {
      if (!this.jobs.has(work)) return;
      work.progressed({ executed: work.instructions });
      this.end(work, false);
    });
  }

  /** Workers look at the end of their slices. It is all the same whether they do so at others. */
  doubted(): void {
    for (const [work, since] of this.jobs) {
      const executed = Math.ceil((this.clock.now - since + 1) / this.slice) * this.slice;
      if (executed >= work.instructions) continue;
      this.clock.after(since + executed - this.clock.now, () => {
        if (!this.jobs.has(work) || work.isWanted()) return;
        work.progressed({ executed });
        this.end(work, true);
      });
    }
  }

  private end(work: TimedWork, isGivenUp: boolean): void {
    this.jobs.delete(work);
    work.done(isGivenUp);
  }
}

interface Job {
  left: number;
  readonly work: TimedWork;
}

/**
 * To the worker and back, for each slice: what the calling convention preserves is pushed, with the registers of the FPU, the stack pointers change
 * places, what the other one pushed is popped, and somebody decides. Counted by hand, with room.
 */
export const switchCost = 64;

/**
 * The program's own core: it runs for a while, at exact counts of instructions, then a worker does, as long as there is work. Workers
 * take turns.
 */
export class SharedCore implements WorkerTime {
  guestWaits = false;
  private readonly jobs: Job[] = [];
  private isDue = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly statistics: Pick<TierStatistics, 'switchTime'>,
    private readonly time: SharedTime,
  ) {}

  spend(work: TimedWork): void {
    work.progressed({ executed: 0 });
    this.jobs.push({ left: work.instructions, work });
    this.await();
  }

  doubted(): void {
    // Every slice begins with a look.
  }

  /** The program is next. */
  private await(): void {
    if (this.isDue || this.jobs.length === 0) return;
    this.isDue = true;
    const { share, slice } = this.time;
    this.clock.after(this.guestWaits ? 0 : Math.round((slice * (100 - share)) / share), () => this.run());
  }

  private run(): void {
    this.isDue = false;
    const job = this.jobs.shift();
    if (job === undefined) return;
    const { work } = job;
    if (work.isWanted()) this.runSlice(job);
    else work.done(true);
    this.await();
  }

  private runSlice(job: Job): void {
    const { work } = job;
    const executed = Math.min(job.left, this.guestWaits ? job.left : this.time.slice);
    this.statistics.switchTime += switchCost;
    this.clock.pass(executed + switchCost);
    job.left -= executed;
    work.progressed({ executed: work.instructions - job.left });
    if (job.left > 0) this.jobs.push(job);
    else work.done(false);
  }
}

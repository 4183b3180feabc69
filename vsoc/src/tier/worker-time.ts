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

/** When work that takes so many instructions is over. */
export interface WorkerTime {
  /** The program does nothing but wait for a worker. */
  guestWaits: boolean;
  /**
   * @param progressed what of the work has been executed, whenever more of it has
   * @param done the work is over; never before the next instruction of the program
   */
  spend(instructions: number, progressed: (executed: Progress) => void, done: () => void): void;
}

/** What has been executed of some work: so much, and where it runs beside the program, what has passed `since`. */
export interface Progress {
  readonly executed: number;
  readonly since?: number;
}

/** Every worker has a core. */
export class OwnCores implements WorkerTime {
  guestWaits = false;

  constructor(private readonly clock: VirtualClock) {}

  spend(instructions: number, progressed: (executed: Progress) => void, done: () => void): void {
    progressed({ executed: 0, since: this.clock.now });
    this.clock.after(instructions, done);
  }
}

interface Job {
  left: number;
  executed: number;
  readonly progressed: (executed: Progress) => void;
  readonly done: () => void;
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

  spend(instructions: number, progressed: (executed: Progress) => void, done: () => void): void {
    progressed({ executed: 0 });
    this.jobs.push({ left: instructions, executed: 0, progressed, done });
    this.await();
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
    const executed = Math.min(job.left, this.guestWaits ? job.left : this.time.slice);
    this.statistics.switchTime += switchCost;
    this.clock.pass(executed + switchCost);
    job.left -= executed;
    job.executed += executed;
    if (job.left > 0) {
      job.progressed({ executed: job.executed });
      this.jobs.push(job);
    } else {
      job.done();
    }
    this.await();
  }
}

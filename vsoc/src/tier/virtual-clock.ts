import { InternalError } from '@fireball/contracts';

interface ClockEvent {
  readonly time: number;
  /** Order of scheduling: decides between events of one time. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time of the virtual SoC: instructions that its core has executed since it was made, the guest's and those of whoever else has it for a while. What is
 * not the guest's own work happens as events between two guest instructions, at exact counts, so that every run repeats however it is sliced.
 */
export class VirtualClock {
  private time = 0;
  private scheduled = 0;
  private readonly events: ClockEvent[] = [];

  /** Instructions executed so far. */
  get now(): number {
    return this.time;
  }

  /** Instructions until the next event; Infinity where none is due. */
  get untilNext(): number {
    const next = this.events[0];
    return next === undefined ? Infinity : Math.max(0, next.time - this.time);
  }

  /**
   * Runs `run` once, `delay` instructions from now (at least one: an event never interrupts the step that schedules it).
   * @returns when that is
   */
  after(delay: number, run: () => void): number {
    if (!(delay >= 0)) throw new InternalError(`an event after ${delay} instructions`);
    const time = this.time + Math.max(1, Math.ceil(delay));
    const event = { time, order: this.scheduled++, run };
    const position = this.events.findIndex((other) => other.time > time);
    if (position < 0) this.events.push(event);
    else this.events.splice(position, 0, event);
    return time;
  }

  /** Somebody else has had the core for so long: within an event. Others that are due by then follow it. */
  pass(instructions: number): void {
    this.time += instructions;
  }

  /** The guest has executed `instructions` more; runs what is due by now, in order. */
  advance(instructions: number): void {
    this.time += instructions;
    for (let next = this.events[0]; next !== undefined && next.time <= this.time; next = this.events[0]) {
      this.events.shift();
      next.run();
    }
  }
}

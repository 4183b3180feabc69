import { TickCounter, type Clock } from './clocks.js';
import type { DeviceEnvironment } from './device.js';
import type { Timer } from './timeline.js';

/** A tick counter that calls its action when it reaches a count, also where clocks change on the way there. */
export class TickAlarm {
  readonly counter: TickCounter;
  readonly #timer: Timer;
  /** Plain data, for snapshots: the count waited for, and the counter's state. The timer itself is the timeline's. */
  readonly state: { target: number; readonly counter: TickCounter['state'] };

  constructor(environment: Pick<DeviceEnvironment, 'clocks' | 'timer'>, clock: Clock, action: () => void) {
    this.counter = new TickCounter(environment.clocks, clock);
    this.state = { target: Infinity, counter: this.counter.state };
    this.#timer = environment.timer(() => {
      this.state.target = Infinity;
      action();
    });
    for (const source of new Set([clock, environment.clocks.cpu])) {
      source.afterChange(() => {
        this.#arm();
      });
    }
  }

  get ticks(): number {
    return this.counter.ticks;
  }

  /** Calls the action at the first instruction boundary at which `target` ticks have passed; Infinity: not at all. */
  set(target: number): void {
    this.state.target = target;
    this.#arm();
  }

  /** Counts on from `ticks`; the count waited for stays. */
  restart(ticks: number, options: { readonly divider?: number; readonly running?: boolean } = {}): void {
    this.counter.restart(ticks, options);
    this.#arm();
  }

  run(running: boolean): void {
    this.counter.run(running);
    this.#arm();
  }

  #arm(): void {
    const { target } = this.state;
    const at = target === Infinity ? Infinity : this.counter.cycleOf(target);
    if (at === Infinity) this.#timer.clear();
    else this.#timer.set(at);
  }
}

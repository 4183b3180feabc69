import type { Clock } from '../machine/clocks.js';
import type { DeviceEnvironment } from '../machine/device.js';
import { TickAlarm } from '../machine/tick-alarm.js';

/**
 * Counts down to 0, says so, and goes on from a reload value with the next tick: a period is the reload value and one more tick.
 * What timers and watchdogs of Arm's and of Stellaris are made of.
 */
export class DownCounter {
  readonly #alarm: TickAlarm;
  readonly #reload: () => number;
  readonly #onZero: () => void;
  /** Plain data, for snapshots. `since`: ticks at which the value was `value`. */
  readonly state: { value: number; since: number; oneShot: boolean; readonly alarm: TickAlarm['state'] };

  /** @param reload is asked whenever the counter leaves 0, and has to be settled (`settle`) before it changes */
  constructor(environment: DeviceEnvironment, clock: Clock, reload: () => number, onZero: () => void) {
    this.#reload = reload;
    this.#onZero = onZero;
    this.#alarm = new TickAlarm(environment, clock, () => {
      this.#arrived();
    });
    this.state = { value: 0, since: 0, oneShot: false, alarm: this.#alarm.state };
  }

  get value(): number {
    this.settle();
    return this.state.value;
  }

  get running(): boolean {
    return this.#alarm.counter.running;
  }

  /** Counts on from a value; the part of a tick that has passed is kept. */
  set(value: number): void {
    this.state.value = value;
    this.state.since = this.#alarm.ticks;
    this.#arm();
  }

  /** @param oneShot stays at 0 */
  run(running: boolean, oneShot = false): void {
    this.settle();
    this.state.oneShot = oneShot;
    this.#alarm.run(running);
    this.#arm();
  }

  /** Divides the clock; the divider's own count begins anew. */
  divide(divider: number): void {
    if (divider === this.#alarm.counter.state.divider) return;
    this.settle();
    this.#alarm.restart(0, { divider });
    this.state.since = 0;
    this.#arm();
  }

  /** Back to the beginning: stands still, value as given. */
  reset(value: number): void {
    Object.assign(this.state, { value, since: 0, oneShot: false });
    this.#alarm.set(Infinity);
    this.#alarm.restart(0, { divider: 1, running: false });
  }

  /** Brings the value up to date with time: before the reload value changes. */
  settle(): void {
    const { state } = this;
    const elapsed = this.#alarm.ticks - state.since;
    state.since += elapsed;
    if (elapsed <= state.value) {
      state.value -= elapsed;
    } else if (state.oneShot) {
      state.value = 0;
    } else {
      const reload = this.#reload();
      state.value = reload - ((elapsed - state.value - 1) % (reload + 1));
    }
  }

  /** To be called after the reload value has changed. */
  reloadChanged(): void {
    this.#arm();
  }

  #arm(): void {
    const { value, since, oneShot } = this.state;
    const reload = this.#reload();
    // At 0 with nothing to reload it stays there, and 0 is not reached anew.
    const ticks = value > 0 ? value : oneShot || reload === 0 ? Infinity : reload + 1;
    this.#alarm.set(since + ticks);
  }

  #arrived(): void {
    this.settle();
    this.#arm();
    this.#onZero();
  }
}

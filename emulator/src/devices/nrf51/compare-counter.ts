import type { Clock } from '../../machine/clocks.js';
import type { DeviceEnvironment } from '../../machine/device.js';
import { TickAlarm } from '../../machine/tick-alarm.js';

interface CompareCounterEvents {
  /** The counter has become the watched value of this index. */
  readonly reached: (index: number) => void;
  /** Each tick, while that is wanted. */
  readonly tick?: { readonly wanted: () => boolean; readonly happened: () => void };
}

/** Counts up through a number of bits and tells when it becomes one of the values that are compared with it. */
export class CompareCounter {
  readonly #alarm: TickAlarm;
  readonly #watched: () => readonly number[];
  readonly #ticks: () => boolean;
  /** Plain data, for snapshots. `modulus`: 2 to the number of bits; `base`: what to add to the ticks. */
  readonly state: { modulus: number; base: number; readonly alarm: TickAlarm['state'] };

  /** @param watched values, Infinity for one that is off */
  constructor(environment: DeviceEnvironment, clock: Clock, watched: () => readonly number[], { reached, tick }: CompareCounterEvents) {
    this.#watched = watched;
    this.#ticks = tick?.wanted ?? ((): boolean => false);
    this.#alarm = new TickAlarm(environment, clock, () => {
      const { value } = this;
      if (this.#ticks()) tick?.happened();
      watched().forEach((target, index) => {
        if (target === value) reached(index);
      });
      this.update();
    });
    this.state = { modulus: 2 ** 32, base: 0, alarm: this.#alarm.state };
  }

  get value(): number {
    return (this.state.base + this.#alarm.ticks) % this.state.modulus;
  }

  /** Sets the value: the part of a tick that has passed is kept. */
  set(value: number): void {
    const ticks = this.#alarm.ticks % this.state.modulus;
    this.state.base = (value % this.state.modulus) - ticks + this.state.modulus;
    this.update();
  }

  set modulus(modulus: number) {
    const { value } = this;
    this.state.modulus = modulus;
    this.set(value);
  }

  get running(): boolean {
    return this.#alarm.counter.running;
  }

  run(running: boolean): void {
    this.#alarm.run(running);
    this.update();
  }

  /** Divides the clock; a tick begins anew. */
  divide(divider: number): void {
    const { value } = this;
    this.#alarm.restart(0, { divider });
    this.state.base = value;
    this.update();
  }

  reset(divider: number, modulus: number): void {
    Object.assign(this.state, { modulus, base: 0 });
    this.#alarm.set(Infinity);
    this.#alarm.restart(0, { divider, running: false });
  }

  /** To be called when watched values have changed. */
  update(): void {
    const { ticks } = this.#alarm;
    const { modulus } = this.state;
    const { value } = this;
    // A value that it has is become again after a whole round.
    const distances = this.#watched().map((target) => (target < modulus ? ((target - value + modulus - 1) % modulus) + 1 : Infinity));
    this.#alarm.set(ticks + Math.min(this.#ticks() ? 1 : Infinity, ...distances));
  }
}

import type { DeviceEnvironment } from '../../machine/device.js';
import type { Timer } from '../../machine/timeline.js';

/** Calls its action at a rate in hertz, which need not divide the CPU's clock: sample n is at n / rate after the start, to the cycle. */
export class SampleClock {
  readonly #environment: DeviceEnvironment;
  readonly #timer: Timer;
  /** Plain data, for snapshots: rate in hertz, 0 while it stands; cycle of the start; samples since then. */
  readonly state = { hertz: 0, start: 0, samples: 0 };

  constructor(environment: DeviceEnvironment, action: () => void) {
    this.#environment = environment;
    this.#timer = environment.timer(() => {
      this.#arm();
      action();
    });
  }

  /** Begins anew; 0: stops. */
  run(hertz: number): void {
    Object.assign(this.state, { hertz, start: this.#environment.timeline.now, samples: 0 });
    this.#timer.clear();
    if (hertz > 0) this.#arm();
  }

  #arm(): void {
    const { state } = this;
    state.samples++;
    this.#timer.set(state.start + (state.samples * this.#environment.clocks.cpu.hertz) / state.hertz);
  }
}

import type { DeviceEnvironment } from '../../machine/device.js';

/** The first of the four in TREQ_SEL. */
const firstRequest = 0x3b;

/** A pacing timer of RP2040's DMA (data sheet, 2.5.3.2): X requests in Y cycles of clk_sys, while somebody waits for them. */
export class PacingTimer {
  readonly request: number;
  /** Plain data, for snapshots: the cycle at which it began, and requests since then. */
  readonly state = { since: 0, requests: 0, running: false };
  readonly #timer;

  constructor(
    readonly environment: Pick<DeviceEnvironment, 'timer' | 'timeline'>,
    number: number,
    /** X and Y. */
    readonly ratio: () => number,
    readonly ask: (request: number) => void,
    readonly isWanted: (request: number) => boolean,
  ) {
    this.request = firstRequest + number;
    this.#timer = environment.timer(() => {
      this.state.requests++;
      ask(this.request);
      this.#arm();
    });
  }

  /** Somebody has begun to wait, or X and Y are others. */
  restart(): void {
    Object.assign(this.state, { since: this.environment.timeline.now, requests: 0 });
    this.#arm();
  }

  #arm(): void {
    const ratio = this.ratio();
    const [x, y] = [ratio >>> 16, ratio & 0xffff];
    this.state.running = x > 0 && y > 0 && this.isWanted(this.request);
    if (!this.state.running) this.#timer.clear();
    else this.#timer.set(this.state.since + Math.ceil(((this.state.requests + 1) * Math.max(x, y)) / x));
  }

  /** Starts where it does not run. */
  attend(): void {
    if (!this.state.running) this.restart();
  }
}

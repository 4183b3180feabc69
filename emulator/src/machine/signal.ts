/** One wire: an interrupt request, a pin. Its level lasts until it is changed. */
export class Signal {
  readonly #listeners: ((level: boolean) => void)[] = [];
  /** Plain data, for snapshots. */
  readonly state: { level: boolean } = { level: false };

  constructor(readonly name: string) {}

  get level(): boolean {
    return this.state.level;
  }

  /** Listeners hear changes only. */
  set(level: boolean): void {
    if (level === this.state.level) return;
    this.state.level = level;
    for (const listener of this.#listeners) listener(level);
  }

  /** Up and down again: for interrupts that latch an edge. */
  pulse(): void {
    this.set(true);
    this.set(false);
  }

  onChange(listener: (level: boolean) => void): void {
    this.#listeners.push(listener);
  }

  protected get listenerCount(): number {
    return this.#listeners.length;
  }
}

/** An output that changes by itself, such as a PWM signal of many megahertz, which costs nothing while nobody listens. */
interface Oscillator {
  /** Drives the pin as it is now. */
  readonly settle: () => void;
  /** From now on somebody listens: the pin is to be driven at every change. */
  readonly heard: () => void;
  /** The device listens itself, as to an input; it does not count as somebody. */
  readonly changed: (level: boolean) => void;
}

/**
 * A pin of a chip, which may be an output, an input, or both in turn. Its level is what the chip drives; where it drives nothing, what the
 * outside has set; where that is nothing, the pull resistor's; else low.
 */
export class Pin extends Signal {
  override readonly state: { level: boolean; driven: boolean | undefined; outside: boolean | undefined; pull: boolean | undefined } = {
    level: false,
    driven: undefined,
    outside: undefined,
    pull: undefined,
  };

  #oscillator: Oscillator | undefined;
  readonly #interests: (() => boolean)[] = [];

  /** To be called when the device is built. While nobody listens, the pin is settled where its level is asked for. */
  oscillates(oscillator: Oscillator): void {
    super.onChange(oscillator.changed);
    this.#oscillator = oscillator;
  }

  /** Does anybody listen but the device itself, and those who want nothing of it now? */
  get isHeard(): boolean {
    return this.listenerCount > this.#interests.length + (this.#oscillator === undefined ? 0 : 1) || this.#interests.some((isInterested) => isInterested());
  }

  /** Of somebody who listens at times, such as a trigger input with a selector: it calls `attend` when `isInterested` may have become true. */
  onChangeAtTimes(listener: (level: boolean) => void, isInterested: () => boolean): void {
    super.onChange((level) => {
      if (isInterested()) listener(level);
    });
    this.#interests.push(isInterested);
  }

  /** Somebody who listens at times does so now. */
  attend(): void {
    this.#oscillator?.settle();
    this.#oscillator?.heard();
  }

  override get level(): boolean {
    if (!this.isHeard) this.#oscillator?.settle();
    return this.state.level;
  }

  override onChange(listener: (level: boolean) => void): void {
    this.#oscillator?.settle();
    super.onChange(listener);
    this.#oscillator?.heard();
  }

  /** From outside of the chip: a button, a chip that answers. `undefined`: lets go. */
  override set(level: boolean | undefined): void {
    this.state.outside = level;
    this.#resolve();
  }

  /** The chip's output stage; `undefined`: high impedance. */
  drive(level: boolean | undefined): void {
    this.state.driven = level;
    this.#resolve();
  }

  /** The resistor to a supply; `undefined`: none. */
  pull(level: boolean | undefined): void {
    this.state.pull = level;
    this.#resolve();
  }

  #resolve(): void {
    const { driven, outside, pull } = this.state;
    super.set(driven ?? outside ?? pull ?? false);
  }
}

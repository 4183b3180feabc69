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

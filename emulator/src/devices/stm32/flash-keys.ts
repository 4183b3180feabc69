/** Two keys in a row open a lock; anything else closes it until reset (RM0090 3.6.1, PM0075 2.3.1). */
export class KeyLock {
  /** Plain data. */
  readonly state = { step: 0, open: false, jammed: false };
  readonly #keys: readonly [number, number];

  constructor(...keys: readonly [number, number]) {
    this.#keys = keys;
  }

  write(key: number): void {
    const { state } = this;
    if (state.open || state.jammed) return;
    if (key >>> 0 !== this.#keys[state.step]) state.jammed = true;
    else if (++state.step === 2) state.open = true;
  }

  close(): void {
    this.state.step = 0;
    this.state.open = false;
  }

  reset(): void {
    this.close();
    this.state.jammed = false;
  }
}

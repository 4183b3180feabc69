/** One wire: an interrupt request, a pin. Its level lasts until it is changed. */
export class Signal {
  readonly #listeners: ((level: boolean) => void)[] = [];
  #level = false;

  constructor(readonly name: string) {}

  get level(): boolean {
    return this.#level;
  }

  /** Listeners hear changes only. */
  set(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
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

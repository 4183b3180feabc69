import { printable } from '@fireball/contracts';

/** Milliseconds between two lines where stderr is no terminal. */
const linePeriod = 10_000;

/** What long work is at, on stderr: one line that changes on a terminal; elsewhere, for work that takes minutes, a line now and then. */
export class Progress {
  /** Whether the work takes minutes. */
  isLong = false;
  private last: number;

  constructor(
    private readonly streams: { stderr(text: string): void; readonly interactive: boolean },
    private readonly now: () => number = () => 1000 * process.uptime(),
  ) {
    this.last = now();
  }

  /** The empty string clears the line. */
  show(text: string): void {
    // Carriage return and "erase to end of line" (ECMA-48 EL).
    if (this.streams.interactive) this.streams.stderr(`\r\x1b[K${printable(text)}`);
    else if (this.isLong && text !== '' && this.now() - this.last >= linePeriod) {
      this.last = this.now();
      this.streams.stderr(`fireball: ${printable(text)}\n`);
    }
  }
}

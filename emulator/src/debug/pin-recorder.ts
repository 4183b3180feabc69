import type { PinChange, PinTraces } from '@fireball/contracts';
import type { Machine } from '../machine/machine.js';

/** Changes of one pin that are kept; at twice as many, the older half goes. */
const mostChanges = 4096;

/**
 * Pins of a machine over time, from when it is made on. Going through the past again, pins change at the same times again, which is recorded once.
 * Listening makes outputs that change by themselves (PWM) cost time.
 */
export class PinRecorder {
  readonly #changes = new Map<string, PinChange[]>();

  constructor(private readonly machine: Machine) {
    for (const name of machine.pinNames) this.#record(name);
  }

  #record(name: string): void {
    const pin = this.machine.pin(name);
    const changes: PinChange[] = [this.#now(pin.level)];
    this.#changes.set(name, changes);
    pin.onChange((level) => {
      const change = this.#now(level);
      const at = changes.findLastIndex(({ seconds }) => seconds <= change.seconds) + 1;
      // Before the recording began, or known already.
      if (at === 0 || changes[at - 1]!.level === level) return;
      if (at < changes.length) return;
      changes.push(change);
      if (changes.length >= 2 * mostChanges) changes.splice(0, mostChanges);
    });
  }

  #now(level: boolean): PinChange {
    return { count: this.machine.instructionsSoFar, seconds: this.machine.clocks.seconds, level };
  }

  /** Somebody has written to the machine: what was to come will not be so again. */
  cut(): void {
    const { instructions } = this.machine;
    for (const [name, changes] of this.#changes) {
      const now = this.#now(this.machine.pin(name).level);
      changes.length = changes.findLastIndex(({ count }) => count < instructions) + 1;
      if (changes.at(-1)?.level !== now.level) changes.push(now);
    }
  }

  get traces(): PinTraces {
    return { seconds: this.machine.clocks.seconds, pins: [...this.#changes].map(([name, changes]) => ({ name, changes })) };
  }
}

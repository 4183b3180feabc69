/** Repeatable random numbers: the same sequence for a seed on every machine (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring sequences.
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32);
    this.word();
    this.word();
  }

  /** 0 .. 2^32 - 1. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 .. 2^64 - 1. */
  wide(): bigint {
    return (BigInt(this.word()) << 32n) | BigInt(this.word());
  }

  /** A whole number, 0 .. `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.word() / 2 ** 32) * limit);
  }

  /** A whole number, `low` .. `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<const T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** One of the choices, by weight; those of weight 0 never. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let total = 0;
    for (const [weight] of choices) total += weight;
    let left = (this.word() / 2 ** 32) * total;
    for (const [weight, choice] of choices) {
      if (left < weight) return choice;
      left -= weight;
    }
    return choices.at(-1)![1];
  }
}

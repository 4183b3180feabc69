/** How a timer of STM32 counts (TIMx_CR1): up, down, or up and down in turn. */
export type CountingMode = 'up' | 'down' | 'center';

/**
 * One period of a counter as a line of ticks from 0: `position` is ticks since the counter stood at its beginning. Counting up, position
 * and CNT are the same; counting down CNT is the reload value at position 0; center-aligned, CNT goes up for `reload` ticks and down again.
 */
export class CountingPeriod {
  constructor(
    readonly mode: CountingMode,
    /** ARR as it is in force. */
    readonly reload: number,
  ) {}

  /** Ticks of the period. */
  get length(): number {
    return this.mode === 'center' ? Math.max(1, 2 * this.reload) : this.reload + 1;
  }

  /** CNT at a position within the period. */
  count(position: number): number {
    if (this.mode === 'up') return position;
    if (this.mode === 'down') return this.reload - position;
    return position <= this.reload ? position : this.length - position;
  }

  /** The position at which CNT is `count`, on the way up where there are two. */
  position(count: number): number {
    return this.mode === 'down' ? this.reload - count : count;
  }

  isDown(position: number): boolean {
    return this.mode === 'down' || (this.mode === 'center' && position >= this.reload);
  }

  /** Positions in (0, length] at which CNT becomes `value`; the end of the period is the beginning of the next. */
  matches(value: number): readonly number[] {
    if (value > this.reload) return [];
    const wrap = (position: number): number => (position === 0 ? this.length : position);
    if (this.mode !== 'center' || value === 0 || value === this.reload) return [wrap(this.position(value))];
    return [value, this.length - value];
  }

  /** Positions in (0, length] of update events: overflow and underflow. */
  get updates(): readonly number[] {
    return this.mode === 'center' && this.reload > 0 ? [this.reload, this.length] : [this.length];
  }
}

/** ((x + c) & mask) compared with a number, as C does with its small types, is x + c compared without the mask. */
export interface Interval {
  /** To be added to x + c before it is compared. */
  readonly delta: number;
  readonly cond: 'lt_u' | 'ge_u';
  readonly limit: number;
}

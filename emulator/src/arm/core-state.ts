/** What a core is at beside its registers. Plain data, for snapshots. */
export interface CoreState {
  /** The instruction that it sleeps in. */
  asleep: '' | 'wfi' | 'wfe';
  /** The event register, which WFE waits for. */
  event: boolean;
  /** Number of the exception that it is in; 0 in Thread mode. */
  current: number;
  /** Why it cannot go on, for the user, and where; empty: it can. */
  fault: string;
  faultPc: number;
}

export const awake: CoreState = { asleep: '', event: false, current: 0, fault: '', faultPc: 0 };

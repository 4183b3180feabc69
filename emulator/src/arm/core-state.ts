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
  /** Why it is locked up at HardFault's priority, which NMI ends (Armv7-M ARM, B1.5.15); empty: it is not. */
  lockedUp: string;
  /** A vector or a stacked xPSR without the Thumb bit has led to where this is: nothing can be executed there. */
  notThumb: boolean;
  /** Armv6-M: bits of CFSR that it does not have, 0 for none; the address, -1 for none. */
  faultStatus: number;
  faultAddress: number;
}

export const awake: CoreState = {
  asleep: '',
  event: false,
  current: 0,
  fault: '',
  faultPc: 0,
  lockedUp: '',
  notThumb: false,
  faultStatus: 0,
  faultAddress: -1,
};

/** What Armv6-M's registers do not tell of the last fault. */
export function unreportedFault({ faultStatus, faultAddress }: CoreState): { readonly status: number; readonly address: number | undefined } | undefined {
  return faultStatus === 0 ? undefined : { status: faultStatus, address: faultAddress < 0 ? undefined : faultAddress };
}

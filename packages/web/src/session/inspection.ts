/** A page of code memory. */
export interface CodePage {
  readonly address: number;
  readonly state: 'writable' | 'sealed' | 'freed' | 'free';
  /** Written since its instruction cache lines were fetched last. */
  readonly stale: boolean;
  readonly dirty: boolean;
  /** What lies there. */
  readonly holds: readonly string[];
}

/** What a debuggee tells of itself beside its session; each part is absent where there is none. To be asked while it stands still. */
export interface Inspection {
  readonly code?: () => { readonly pages: readonly CodePage[] };
  readonly tiers?: () => object;
  readonly devices?: () => object;
}

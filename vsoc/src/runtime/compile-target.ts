import type { BranchProfile, CodeVerifier } from '@fireball/jit';
import type { Chip } from '../chip/chip.js';
import type { VsocStore } from './store.js';

/** What functions are compiled for, and how. */
export interface CompileTarget extends Chip {
  /** Has the functions' slots. */
  readonly store: VsocStore;
  readonly verifier: CodeVerifier | undefined;
  readonly osrEntries: boolean;
  /** How often branches were taken, where somebody has counted. */
  readonly branches: BranchProfile | undefined;
  readonly locations: boolean;
}

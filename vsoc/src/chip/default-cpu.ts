import type { Isa } from '@fireball/contracts';

/** The core unless told otherwise. */
export const defaultCpu = { thumb2: 'cortex-m4', rv32: 'rv32imc' } as const satisfies Record<Isa, string>;

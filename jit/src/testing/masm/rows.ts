/** Each method of the macro assemblers, as random calls of the one in TypeScript and of the core's that must do the same. */
import type { MacroAssembler } from '../../target/macro-assembler.js';
import { controlRows } from './control.js';
import { floatsRows } from './floats.js';
import { leavingRows } from './leaving.js';
import { propertiesRows } from './properties.js';
import type { Row } from './run.js';
import { wordsRows } from './words.js';

/** What there is a row for: the interface, and what an assembly does beside it. */
export type RowName = keyof MacroAssembler | 'bindLabel' | 'rebind' | 'shared' | 'branchIfWords';

/** Null for what the host alone knows, or what the core has in tables. */
export const rows: Readonly<Record<RowName, Row | null>> = {
  isa: null,
  features: null,
  assembly: null,
  ...propertiesRows,
  ...wordsRows,
  ...controlRows,
  ...leavingRows,
  ...floatsRows,
};

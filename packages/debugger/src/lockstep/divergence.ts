import type { ValueDifference } from './differences.js';
import type { FunctionCode, WasmStep } from './function-code.js';

/** An executed WebAssembly instruction. */
export interface Executed {
  readonly code: FunctionCode;
  readonly step: WasmStep;
}

/** Where reference and native execution part. */
export interface Divergence {
  /** The instructions since everything was equal, in order of execution: one, unless several share their machine code. */
  readonly group: readonly Executed[];
  /** Addresses of the machine instructions that were executed for them. */
  readonly trace: readonly number[];
  readonly differences: readonly ValueDifference[];
  /** It happened before the function's first instruction, in the code that sets up its frame. */
  readonly inPrologue: boolean;
  /** Boundaries that native execution had reached. */
  readonly boundaries: number;
  /** The last of them at which memories, globals and tables were equal for sure. */
  readonly heapEqualAt: number;
}

/** How a call on both sides has ended. */
export type LockstepOutcome =
  | { readonly kind: 'divergence'; readonly divergence: Divergence }
  | { readonly kind: 'equal'; readonly boundaries: number }
  | { readonly kind: 'inconclusive'; readonly reason: string };

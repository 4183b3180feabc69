import type { TargetStop } from '@fireball/contracts';
import type { Hit } from './breakpoints.js';
import type { BackStop } from './history.js';

/** What a step goes on to the next one of. */
export type Unit = 'wasm' | 'template' | 'machine';

/** Why a session stands still. */
export type SessionStop =
  | { readonly why: 'step' }
  /** `by`: of breakpoints that are at no place in code. */
  | { readonly why: 'breakpoint'; readonly hits: readonly Hit[]; readonly by?: TargetStop }
  /** It has come to where it parts from the reference. */
  | { readonly why: 'parting'; readonly message: string }
  /** What was watched has another value. */
  | { readonly why: 'changed'; readonly what: string; readonly from: string; readonly to: string }
  | Exclude<BackStop, { readonly why: 'breakpoint' }>;

/** Where the target parts from the reference, which somebody has found out before. */
export interface PartingPoint {
  /** Executed instructions. */
  readonly count: number;
  /** The instruction that comes next then; null at the end of the call. */
  readonly wasmOffset: number | null;
  readonly message: string;
  /** What differs, as text. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Something whose changes are stops. */
export interface WatchedValue {
  readonly what: string;
  /** As text; undefined where it has no value at present. */
  read(): string | undefined;
}

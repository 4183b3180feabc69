import type { DebuggerStop, ProcessorEnd } from './processor.js';

/** Why a machine stands still. */
export type MachineEnd =
  /** The limit given to `run`. */
  | { readonly kind: 'limit' }
  /** `stop()`. */
  | { readonly kind: 'stopped' }
  /** The CPU sleeps, and no timer is set, or it waits for input in a call of the host: only what comes from outside wakes it up. */
  | { readonly kind: 'asleep' }
  /** At one of the processor's `stops`: another `run` goes on. */
  | DebuggerStop
  /** A device turned the power off. */
  | { readonly kind: 'power-off'; readonly status: number; readonly why: string }
  | Exclude<ProcessorEnd, { readonly kind: 'budget' | 'idle' | 'waiting' | 'reset' | DebuggerStop['kind'] }>;

import { InternalError } from '@fireball/contracts';
import type { Reg } from './machine.js';

/** A register to read from; `owned` temporaries are returned by `release`. */
export interface Held {
  readonly reg: Reg;
  readonly owned: boolean;
}

/** One instruction needs more temporaries than there are: selection starts again with more of them. */
export class RegisterPressure extends InternalError {
  constructor() {
    super('out of registers with nothing left to spill');
  }
}

/** A cached native pointer; its temporary may be taken away at any allocation. */
export interface CachedPointer {
  reg: Reg;
  /** Accesses that may still use it. */
  remaining: number;
}

/** A known value: a constant, or a local's word plus c. */
export type Content = { readonly constant: number } | { readonly word: number; readonly c: number };

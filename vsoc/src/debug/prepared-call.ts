import type { VsocFunction } from '../runtime/externs.js';
import type { VsocValue } from '../runtime/values.js';
import type { Vsoc } from '../vsoc.js';

/** The standard input of a program, as far as it has not read it. */
export interface TypedInput {
  /** @param at instructions that the program had executed */
  give(bytes: Uint8Array | 'end', at: number): void;
  /** What was given later never was. */
  forgetAfter(at: number): void;
}

/** A call that nobody has made yet, on a virtual SoC of its own. */
export interface PreparedCall {
  readonly vsoc: Vsoc;
  readonly callee: VsocFunction;
  readonly args: readonly VsocValue[];
  /** The exit status of a program that has ended itself, by a trap of the host. */
  readonly exitStatus?: () => number | undefined;
  /** What its standard input is typed into. */
  readonly input?: TypedInput | undefined;
}

import type { Label } from '../expand/assembly.js';
import type { Context } from './context.js';
import { smallFrame } from './environment.js';
import type { Frame } from '../target/frame.js';

/** What a function keeps on the stack at one time: frame, stack arguments being passed, and `above`, which callees do not check. */
export function stackUse({ masm, state }: Context, frame: Frame, above: number): number {
  return masm.frameBytes(frame) + above + state.outgoingBytes;
}

/**
 * Makes the frame, `above` bytes below sp, with the stack check where `overflow` says so. Writes nothing but sp, the scratch
 * register and the stack.
 */
export function enterFrame(context: Context, frame: Frame, above: number, overflow: Label | undefined): void {
  const { masm, state, environment } = context;
  const isSmall = masm.frameBytes(frame) + above <= smallFrame;
  // Callees check their own frames, but not the stack arguments that they receive.
  if (overflow !== undefined && !isSmall) masm.stackCheck(stackUse(context, frame, above), environment.stackLimit, overflow);
  masm.adjustStack(-above);
  masm.prologue(frame);
  // A small frame may dip into the reserve before the check; the check comes first all the same where sp has moved.
  if (overflow !== undefined && isSmall) masm.stackCheck(state.outgoingBytes, environment.stackLimit, overflow);
}

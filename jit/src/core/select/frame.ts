/** The function's frame, whose words have been written. */
import { load32 } from '@fireball/wasm';
import { stackLimit } from '../layout/environment.js';
import { outgoingBytes } from '../layout/select.js';
import { adjustStack, frameBytes, prologue, stackCheck } from '../masm/stack.js';

/** Frames up to this size need no exact check: the stack has a reserve below the limit (ABI.md, "Stack"). */
export const smallFrame: i32 = 512;

/** What a function keeps on the stack at one time: frame, stack arguments being passed, and `above`, which callees do not check. */
export function stackUse(above: i32): i32 {
  return frameBytes() + above + load32(outgoingBytes);
}

/**
 * Makes the frame, `above` bytes below sp, with the stack check where `overflow`, a label, says so. Writes nothing but sp, the scratch
 * register and the stack.
 */
export function enterFrame(above: i32, overflow: i32): void {
  const isSmall = frameBytes() + above <= smallFrame;
  // Callees check their own frames, but not the stack arguments that they receive.
  if (overflow >= 0 && !isSmall) stackCheck(stackUse(above), load32(stackLimit), overflow);
  adjustStack(-above);
  prologue();
  // A small frame may dip into the reserve before the check; the check comes first all the same where sp has moved.
  if (overflow >= 0 && isSmall) stackCheck(load32(outgoingBytes), load32(stackLimit), overflow);
}

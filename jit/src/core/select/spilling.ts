/** Operands that leave their registers before what they read is written. */
import { noReg } from '../layout/select.js';
import { move } from '../masm/arithmetic.js';
import { forget } from './contents.js';
import { copyOf } from './entries.js';
import { isOwned, regOf } from './held.js';
import { entryAt, firstReader, replaceByReg } from './operand-stack.js';
import { firstWordAt, forgetWord, hold, nextWordAt, takeTemp } from './state.js';

export { spill, spillBelow, spillCallerSaved } from './stack-homes.js';

/** Before a write to a local: pending reads of its old value, and of others in its register, are made real (hazard 6). */
export function flushReads(word: i32): void {
  forgetWord(word);
  for (let other = firstWordAt(word); other >= 0; other = nextWordAt(other)) {
    // What is made real reads it no more.
    for (let position = firstReader(other); position >= 0; position = firstReader(other)) {
      const held = hold(copyOf(entryAt(position)));
      const reg = isOwned(held) ? regOf(held) : takeTemp(noReg);
      move(reg, regOf(held));
      forget(reg);
      replaceByReg(position, reg);
    }
  }
}

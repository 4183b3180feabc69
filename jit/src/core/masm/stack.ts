/** The stack pointer, and the function's frame (`frameSaved` and what follows it). */
import { load32 } from '@fireball/wasm';
import { isThumb2 } from '../costs.js';
import { savedOffset, savedRegister, savedRows, savedStride } from '../layout/masm.js';
import { loadSlot } from './memory.js';
import * as rv32 from './rv32/stack.js';
import * as thumb2 from './thumb2/stack.js';

/** Moves sp by `bytes`. */
export function adjustStack(bytes: i32): void {
  if (isThumb2()) thumb2.adjustStack(bytes);
  else rv32.adjustStack(bytes);
}

/** Moves sp up without touching any other register. */
export function adjustStackKeeping(bytes: i32): void {
  if (isThumb2()) thumb2.adjustStackKeeping(bytes);
  else rv32.adjustStackKeeping(bytes);
}

/** Branches to `overflow` where sp - frameBytes is below the limit. */
export function stackCheck(frameBytes: i32, limit: i32, overflow: i32): void {
  if (isThumb2()) thumb2.stackCheck(frameBytes, limit, overflow);
  else rv32.stackCheck(frameBytes, limit, overflow);
}

export function prologue(): void {
  if (isThumb2()) thumb2.prologue();
  else rv32.prologue();
}

export function epilogue(): void {
  if (isThumb2()) thumb2.epilogue();
  else rv32.epilogue();
}

/** Bytes between the slot area and the first stack argument. */
export function frameBytes(): i32 {
  return isThumb2() ? thumb2.frameBytes() : rv32.frameBytes();
}

/** Finds where the prologue puts callee-saved registers and the link: how many `savedRows` there are. */
export function savedPlaces(): i32 {
  return isThumb2() ? thumb2.savedPlaces() : rv32.savedPlaces();
}

/** Restores what the prologue saved, link register included; the frame begins `below` bytes above sp. */
export function restoreSaved(below: i32): void {
  const count = savedPlaces();
  for (let index = 0; index < count; index++) {
    const row = savedRows + index * savedStride;
    loadSlot(load32(row + savedRegister), below + load32(row + savedOffset));
  }
}

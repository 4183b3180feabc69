/** Calls, exact bounds checks, traps, and what else leaves the function. */
import { store32 } from '@fireball/wasm';
import { isThumb2 } from '../costs.js';
import { linkUsed } from '../layout/masm.js';
import * as rv32 from './rv32/calls.js';
import { ra } from './rv32/emitter.js';
import * as thumb2 from './thumb2/calls.js';
import { lr } from './thumb2/emitter.js';

/** Calls the memory's exact check for register a: traps unless a + extent is at most the current size. */
export function exactBoundsCheck(a: i32, extent: i32, routine: i32): void {
  if (isThumb2()) thumb2.exactBoundsCheck(a, extent, routine);
  else rv32.exactBoundsCheck(a, extent, routine);
}

/** Code that several slow checks share: `extent` and the jump to the routine; reached by `callThunk`. */
export function boundsThunk(a: i32, extent: i32, routine: i32): void {
  if (isThumb2()) thumb2.boundsThunk(a, extent, routine);
  else rv32.boundsThunk(a, extent, routine);
}

/** Calls a thunk of this function with the routines' link register. */
export function callThunk(target: i32): void {
  if (isThumb2()) thumb2.callLabel(target);
  else rv32.callThunk(target);
}

/** The function is left here by what is placed once the frame is known (`nextSite`): a kind, and a word that selection knows it by. */
export function returnSite(kind: i32, value: i32): void {
  if (isThumb2()) thumb2.returnSite(kind, value);
  else rv32.returnSite(kind, value);
}

/** Here a call of the memory's routine will be placed, or of a thunk: which one is known when all checks are. */
export function boundsCallSite(kind: i32, value: i32): void {
  if (isThumb2()) thumb2.boundsCallSite(kind, value);
  else rv32.returnSite(kind, value);
}

export function callLabel(target: i32): void {
  if (isThumb2()) thumb2.callLabel(target);
  else rv32.callLabel(target);
}

/** Calls another function of the module, wherever it will lie. */
export function callFunction(callee: i32): void {
  if (isThumb2()) thumb2.callFunction(callee);
  else rv32.callFunction(callee);
}

/** Goes on in a function of the module, wherever it will lie, in place of this one. */
export function jumpFunction(callee: i32): void {
  if (isThumb2()) thumb2.jumpFunction(callee);
  else rv32.jumpFunction(callee);
}

/** Calls through the slot at base + offset; `via` may be written. */
export function callSlot(base: i32, offset: i32, via: i32): void {
  if (isThumb2()) thumb2.callSlot(base, offset, via);
  else rv32.callSlot(base, offset, via);
}

/** Calls a runtime routine at a fixed address. */
export function callRoutine(address: i32): void {
  if (isThumb2()) thumb2.callRoutine(address);
  else rv32.callRoutine(address);
}

/** As `callRoutine`, wherever the routine lies. */
export function callFarRoutine(address: i32): void {
  if (isThumb2()) thumb2.callFarRoutine(address);
  else rv32.callFarRoutine(address);
}

/** Calls the yield service, which preserves everything but scratch registers and flags. Returns the bytes that it needs of the stack for a link register that the prologue may not save. */
export function callService(address: i32): i32 {
  return isThumb2() ? thumb2.callService(address) : rv32.callService(address);
}

/** `kind`: the place among the kinds of traps. */
export function trap(kind: i32): void {
  if (isThumb2()) thumb2.trap(kind);
  else rv32.trap();
}

/** SVC or ECALL; the scratch register tells which service. */
export function systemCall(): void {
  if (isThumb2()) thumb2.systemCall();
  else rv32.systemCall();
}

export function jumpRegister(reg: i32): void {
  if (isThumb2()) thumb2.jumpRegister(reg);
  else rv32.jumpRegister(reg);
}

/** The link register, as one more register for a moment; it will be saved. */
export function useLink(): i32 {
  store32(linkUsed, 1);
  return isThumb2() ? lr : ra;
}

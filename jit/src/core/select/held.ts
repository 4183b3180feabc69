/** What is held of registers, in one word. */
import { floatHeld, heldRegister, ownedHeld } from '../layout/select.js';

export function regOf(held: i32): i32 {
  return held & heldRegister;
}

/** Does its holder own a share of it? */
export function isOwned(held: i32): boolean {
  return held >= ownedHeld;
}

/** A share of a temporary. */
export function owned(reg: i32): i32 {
  return reg | ownedHeld;
}

/** A share of a floating-point register. */
export function ownedFloat(float: i32): i32 {
  return float | (ownedHeld | floatHeld);
}

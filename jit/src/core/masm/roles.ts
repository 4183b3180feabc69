/** The roles of registers on the target in question (jit/ABI.md, "Registers"). */
import { load32, load8 } from '@fireball/wasm';
import { roles, rolesArgs, rolesLink, rolesSaved, rolesStride, rolesZero } from '../layout/allocation.js';
import { target } from '../layout/function.js';

/** How many floating-point registers there are for temporaries, from 0 on; the one behind them is the macro assembler's own. */
export const floatCount: i32 = 31;

function role(): i32 {
  return roles + load32(target) * rolesStride;
}

/** How many registers arguments and results arrive in. */
export function argumentCount(): i32 {
  return load8(role() + rolesArgs);
}

export function argumentRegister(index: i32): i32 {
  return load8(argumentRegisters() + index);
}

/** Address of these, a byte each. */
function argumentRegisters(): i32 {
  return role() + (rolesArgs + 1);
}

/** How many callee-saved registers there are, cheapest encodings first. */
export function savedCount(): i32 {
  return load8(role() + rolesSaved);
}

export function savedRegisterAt(index: i32): i32 {
  return load8(role() + rolesSaved + 1 + index);
}

/** The callee-saved registers as a set, a bit for each. */
export function savedRegisters(): i32 {
  let set = 0;
  for (let index = 0; index < savedCount(); index++) set |= 1 << savedRegisterAt(index);
  return set;
}

/** The link register, where functions that call nothing may have it as one more callee-saved one; -1 where it does not pay. */
export function linkRole(): i32 {
  return load32(role() + rolesLink);
}

/** The register that is always 0; -1 where there is none. */
export function zeroRegister(): i32 {
  return load32(role() + rolesZero);
}

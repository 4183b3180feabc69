/**
 * Operands of a body: a byte for the type of each. What is left is told by the address of the topmost one; 0 says that a rule is broken, before and after.
 * `base`: the topmost one below the innermost frame; `isDead`: can code not be reached here, which takes operands of any type where none are left?
 */
import { lists, signatures, stackEnd } from './layout/addresses.js';
import { load32, load8, store8 } from './memory.js';
import { emptyList, f64Type, i64Type, lastSingle, unknownType } from './layout/types.js';

/** Takes an operand of this type, which may be an unknown one. */
export function pop(type: i32, top: i32, base: i32, isDead: i32): i32 {
  if (top === 0) return 0;
  if (top === base) return isDead !== 0 ? top : 0;
  const found = load8(top);
  return found === type || found === unknownType ? top - 1 : 0;
}

/** Takes operands of the types of a list. */
export function popList(list: i32, top: i32, base: i32, isDead: i32): i32 {
  if (list === emptyList) return top;
  const first = load32(load32(lists) + (list << 3));
  let at = first + lengthOf(list);
  while (at > first && top !== 0) {
    at--;
    if (top !== base && load8(top) === load8(at)) top--;
    else top = pop(load8(at), top, base, isDead);
  }
  return top;
}

/** Puts an operand on top. */
export function push(type: i32, top: i32): i32 {
  if (top === 0) return 0;
  store8(top + 1, type);
  return top + 1;
}

/** Puts operands of the types of a list on top. */
export function pushList(list: i32, top: i32): i32 {
  if (list === emptyList || top === 0) return top;
  if (list <= lastSingle) return push(list, top);
  const length = lengthOf(list);
  if (top + length >= load32(stackEnd)) return 0;
  const first = load32(load32(lists) + (list << 3));
  for (let index = 0; index < length; index++) store8(top + 1 + index, load8(first + index));
  return top + length;
}

/** Operands of the types of a list must be there, and stay; in unreachable code those that are missing are put below the others, so that the height is what it would be. */
export function peekList(list: i32, top: i32, base: i32, isDead: i32): i32 {
  if (popList(list, top, base, isDead) === 0) return 0;
  const missing = lengthOf(list) - (top - base);
  if (missing <= 0) return top;
  if (top + missing >= load32(stackEnd)) return 0;
  for (let at = top; at > base; at--) store8(at + missing, load8(at));
  for (let at = base + missing; at > base; at--) store8(at, unknownType);
  return top + missing;
}

/** How many types a list has. */
export function lengthOf(list: i32): i32 {
  return load32(load32(lists) + (list << 3) + 4);
}

/** List of the parameters of a signature. */
export function paramsOf(signature: i32): i32 {
  return load32(load32(signatures) + (signature << 3));
}

/** List of the results of a signature. */
export function resultsOf(signature: i32): i32 {
  return load32(load32(signatures) + (signature << 3) + 4);
}

/** Has a value of this type 64 bits? */
export function isWide(type: i32): boolean {
  return type === i64Type || type === f64Type;
}

/** Has any parameter or result of a signature 64 bits? */
export function hasWide(signature: i32): boolean {
  return hasWideType(paramsOf(signature)) || hasWideType(resultsOf(signature));
}

function hasWideType(list: i32): boolean {
  if (list <= lastSingle) return isWide(list);
  const first = load32(load32(lists) + (list << 3));
  for (let at = first + lengthOf(list) - 1; at >= first; at--) if (isWide(load8(at))) return true;
  return false;
}

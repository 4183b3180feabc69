/** Which values an operand may take. */
import { isBelow, load32, rotateRight } from '@fireball/wasm';
import {
  boundCount,
  boundLeast,
  boundList,
  boundMost,
  choiceLegal,
  choiceStride,
  choiceWay,
  isListed,
  listRule,
  otherPlace,
  otherRule,
  placeWordBits,
  rangeRule,
  ruleAbove,
  ruleBelow,
  ruleBits,
  ruleFirst,
  ruleHalfway,
  ruleKind,
  ruleLeast,
  ruleMore,
  rulePlace,
  ruleStep,
  ruleStride,
  ruleZeros,
  templateFirstZeros,
  templateLeast,
  templateNever,
  templateNeverBits,
  templateSecondZeros,
  templateSpan,
} from '../layout/templates.js';
import { operandAt } from './operands.js';
import { bitsFor } from './slices.js';
import { column, listAt } from './tables.js';

/** Of each byte all bits but the highest. */
const lowBits: i32 = 0x7f7f_7f7f;

/** Bits of the operands of a template that must be 0. */
export function zeroBits(template: i32, bytes: i32, last: i32): i32 {
  const wrong = last & load32(template + templateSecondZeros);
  return wrong | (bytes & load32(template + templateFirstZeros));
}

/** The highest bit of each byte of the joint word that has the pattern that it must not have. */
export function patternBits(template: i32, both: i32): i32 {
  // Where a byte has it, all of its bits that count are 1, and the sum is just enough for the highest bit.
  const flips = load32(template + templateNeverBits);
  const never = load32(template + templateNever);
  const matching = (both ^ flips) & never;
  return (matching + (((never + lowBits) & ~lowBits) - never)) & ~lowBits;
}

/** Is the last operand not within the bounds that the row of a template has? */
export function isOutside(template: i32, last: i32): boolean {
  return isBelow(load32(template + templateSpan), last - load32(template + templateLeast));
}

/** Has every operand that is in the list one of its few values? Masks have seen to it that it is below 32. */
export function areChosen(first: i32, count: i32): boolean {
  const end = first + count * choiceStride;
  let legal = 1;
  for (let choice = first; choice < end; choice += choiceStride) {
    const value = bitsFor(load32(choice + choiceWay));
    legal &= rotateRight(load32(choice + choiceLegal), value);
  }
  return legal !== 0;
}

/** Does every operand obey its rule in a list? `unsigned`: a bit for each word of operands that is 2^31 or more. */
export function areWithinRules(first: i32, count: i32, unsigned: i32): boolean {
  const end = first + count * ruleStride;
  for (let rule = first; rule < end; rule += ruleStride) {
    const place = load32(rule + rulePlace);
    const value = operandAt(place);
    const isAbove = (unsigned >> ((place & placeWordBits) >> 2)) & 1;
    if ((place & isListed) !== 0) {
      if (!isLegal(listAt(load32(rule + ruleFirst)), value, isAbove)) return false;
    } else if (isBelow(load32(rule + ruleMore), value - load32(rule + ruleFirst)) || (value & load32(rule + ruleZeros)) !== 0 || isAbove !== 0) return false;
  }
  return true;
}

/** May an operand with a rule have the value? `isAbove`: 1 where it is 2^31 or more. */
function isLegal(rule: i32, value: i32, isAbove: i32): boolean {
  const kind = column(rule, ruleKind);
  if (kind === otherRule) return value !== operandAt(column(rule, otherPlace));
  const bounds = rule + ((isAbove !== 0 ? ruleAbove : ruleBelow) << 2);
  if (value < column(bounds, boundLeast) || value > column(bounds, boundMost)) return false;
  const step = column(rule, ruleStep);
  if (step >= 0 ? (value & step) !== 0 : !isMultiple(rule, value, isAbove)) return false;
  if (kind === rangeRule) return !isInList(bounds, value);
  return kind === listRule ? isInList(bounds, value) : isSet(rule, bounds, value);
}

function isMultiple(rule: i32, value: i32, isAbove: i32): boolean {
  const step = -column(rule, ruleStep);
  return isAbove !== 0 ? (value & 0x7fff_ffff) % step === column(rule, ruleHalfway) : value % step === 0;
}

function isInList(bounds: i32, value: i32): boolean {
  const first = listAt(column(bounds, boundList));
  const end = first + (column(bounds, boundCount) << 2);
  for (let at = first; at < end; at += 4) if (load32(at) === value) return true;
  return false;
}

/** Is it a set of registers that may be there, enough of them, and none that must not be there together? */
function isSet(rule: i32, bounds: i32, value: i32): boolean {
  if ((value & ~column(rule, ruleBits)) !== 0) return false;
  const first = listAt(column(bounds, boundList));
  const end = first + (column(bounds, boundCount) << 2);
  for (let at = first; at < end; at += 4) if ((value & load32(at)) === load32(at)) return false;
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count >= column(rule, ruleLeast);
}

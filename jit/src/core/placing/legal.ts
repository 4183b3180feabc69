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
  templateNever,
  templateNeverBits,
  templateSecondZeros,
} from '../layout/templates.js';
import { operandAt } from './operands.js';
import { bitsFor } from './slices.js';
import { column, listAt } from './tables.js';

/** Of each byte all bits but the highest. */
const lowBits: i32 = 0x7f7f_7f7f;

/** What of the operands of a template, and of both words joined, is not legal by masks and patterns. */
export function illegalBits(template: i32, bytes: i32, last: i32, both: i32): i32 {
  const never = load32(template + templateNever);
  // The highest bit of each byte is 1 where it differs from its pattern; and where it has one.
  const differs = ((both ^ load32(template + templateNeverBits)) & never) + lowBits;
  return ((never + lowBits) & ~(differs | lowBits)) | (bytes & load32(template + templateFirstZeros)) | (last & load32(template + templateSecondZeros));
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

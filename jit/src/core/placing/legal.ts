/** Which values an operand may take. */
import { load32 } from '@fireball/wasm';
import { operands } from '../layout/placing.js';
import {
  boundCount,
  boundLeast,
  boundList,
  boundMost,
  firstMask,
  listRule,
  placeWordBits,
  rangeRule,
  ruleAbove,
  ruleBelow,
  ruleBits,
  ruleHalfway,
  ruleKind,
  ruleLeast,
  ruleLegal,
  rulePlace,
  ruleStep,
  ruleStride,
  secondMask,
  templateDistinct,
  templateDistinctCount,
  templateMasks,
  templateRuleCount,
  templateRules,
} from '../layout/templates.js';
import { operandAt } from './operands.js';
import { column, fact, listAt, listIn } from './tables.js';

/** Do all operands of a template differ that must? */
export function areDistinct(template: i32): boolean {
  const first = listIn(template, templateDistinct);
  const end = first + (fact(template, templateDistinctCount) << 3);
  for (let pair = first; pair < end; pair += 8) if (operandAt(load32(pair)) === operandAt(load32(pair + 4))) return false;
  return true;
}

/** May all operands of a template be what they are? `unsigned`: a bit for each word of them that is 2^31 or more. */
export function areLegal(template: i32, unsigned: i32): boolean {
  const masks = listIn(template, templateMasks);
  if (((load32(operands) & ~load32(masks + firstMask)) | (load32(operands + 4) & ~load32(masks + secondMask))) !== 0) return false;
  const first = listIn(template, templateRules);
  const end = first + fact(template, templateRuleCount) * ruleStride;
  for (let rule = first; rule < end; rule += ruleStride) {
    const place = load32(rule + rulePlace);
    const value = operandAt(place);
    const legal = load32(rule + ruleLegal);
    if (place >= 0) {
      if ((value & ~31) !== 0 || ((legal >>> value) & 1) === 0) return false;
    } else if (!isLegal(listAt(legal), value, (unsigned >> ((place & placeWordBits) >> 2)) & 1)) return false;
  }
  return true;
}

/** May an operand with a rule have the value? `isAbove`: 1 where it is 2^31 or more. */
function isLegal(rule: i32, value: i32, isAbove: i32): boolean {
  const bounds = rule + ((isAbove !== 0 ? ruleAbove : ruleBelow) << 2);
  if (value < column(bounds, boundLeast) || value > column(bounds, boundMost)) return false;
  const step = column(rule, ruleStep);
  if (step >= 0 ? (value & step) !== 0 : !isMultiple(rule, value, isAbove)) return false;
  const kind = column(rule, ruleKind);
  if (kind === rangeRule) return !isListed(bounds, value);
  return kind === listRule ? isListed(bounds, value) : isSet(rule, bounds, value);
}

function isMultiple(rule: i32, value: i32, isAbove: i32): boolean {
  const step = -column(rule, ruleStep);
  return isAbove !== 0 ? (value & 0x7fff_ffff) % step === column(rule, ruleHalfway) : value % step === 0;
}

function isListed(bounds: i32, value: i32): boolean {
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

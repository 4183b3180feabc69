/** Which values an operand may take. */
import { load32 } from '@fireball/wasm';
import {
  bitsRule,
  boundLeast,
  boundList,
  boundListEnd,
  boundMost,
  listRule,
  operandAbove,
  operandBelow,
  operandBits,
  operandColumns,
  operandHalfway,
  operandLeast,
  operandRule,
  operandStep,
  rangeRule,
  templateDistinct,
  templateDistinctEnd,
  templateOperands,
  templateOperandsEnd,
} from '../layout/templates.js';
import { column } from './operands.js';

const operandStride = operandColumns << 2;

/** May all operands of a template be what they are? `unsigned`: a bit for each that is 2^31 or more. */
export function areLegal(template: i32, operands: i32, unsigned: i32): boolean {
  const end = column(template, templateOperandsEnd);
  let at = operands;
  for (let rule = column(template, templateOperands); rule < end; rule += operandStride) {
    const value = load32(at);
    if (column(rule, operandRule) === bitsRule) {
      if ((value & ~31) !== 0 || ((column(rule, operandBits) >>> value) & 1) === 0) return false;
    } else if (!isLegal(rule, value, (unsigned >> ((at - operands) >> 2)) & 1)) return false;
    at += 4;
  }
  const last = column(template, templateDistinctEnd);
  for (let pair = column(template, templateDistinct); pair < last; pair += 8) {
    if (load32(operands + load32(pair)) === load32(operands + load32(pair + 4))) return false;
  }
  return true;
}

function isLegal(rule: i32, value: i32, isAbove: i32): boolean {
  const bounds = rule + ((isAbove !== 0 ? operandAbove : operandBelow) << 2);
  if (value < column(bounds, boundLeast) || value > column(bounds, boundMost)) return false;
  const step = column(rule, operandStep);
  if (step >= 0 ? (value & step) !== 0 : !isMultiple(rule, value, isAbove)) return false;
  const kind = column(rule, operandRule);
  if (kind === rangeRule) return !isListed(bounds, value);
  return kind === listRule ? isListed(bounds, value) : isSet(rule, bounds, value);
}

function isMultiple(rule: i32, value: i32, isAbove: i32): boolean {
  const step = -column(rule, operandStep);
  return isAbove !== 0 ? (value & 0x7fff_ffff) % step === column(rule, operandHalfway) : value % step === 0;
}

function isListed(bounds: i32, value: i32): boolean {
  const end = column(bounds, boundListEnd);
  for (let at = column(bounds, boundList); at < end; at += 4) if (load32(at) === value) return true;
  return false;
}

/** Is it a set of registers that may be there, enough of them, and none that must not be there together? */
function isSet(rule: i32, bounds: i32, value: i32): boolean {
  if ((value & ~column(rule, operandBits)) !== 0) return false;
  const end = column(bounds, boundListEnd);
  for (let at = column(bounds, boundList); at < end; at += 4) if ((value & load32(at)) === load32(at)) return false;
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count >= column(rule, operandLeast);
}

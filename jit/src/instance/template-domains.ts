/** What operands of a template may be, as far as masks, bounds and patterns in its row can tell. */
import { allValues, isLegal } from '../templates/domain.js';
import type { Operand } from '../templates/field.js';
import { isPacked, operandPlace } from '../templates/packing.js';
import type { Template } from '../templates/template.js';

/** The least number that has no room in a word with sign. */
export const twoTo31 = 0x8000_0000;

/** How the two words of a template's operands are joined to one: the second one, less what is subtracted, is shifted to the left. */
export interface Joint {
  readonly shift: number;
  readonly bias: number;
}

/** Of four bytes in the first word, the highest bit of the last one is lost: nothing else of the second word has room. */
export const noRoom: Joint = { shift: 31, bias: 0 };

/** What a template's row says of the values of an operand. */
export interface Domain {
  /** Bits that must be 0. */
  readonly zeros: number;
  /** Bits in which it must not have a pattern, and that. */
  readonly never?: number;
  readonly pattern?: number;
  /** A bit for each legal value, for a choice. */
  readonly legal?: number;
  /** Is there a rule? */
  readonly isRuled?: boolean;
  /** First bit in the joint word. */
  readonly bit: number;
}

/** What masks, patterns and choices can say of an operand. */
export function domainOf(operand: Operand, template: Template, joint: Joint): Domain {
  const { byte } = operandPlace(template, operand.index);
  const isLast = operand.index === template.operands.length - 1;
  const bit = isLast && joint.shift < 31 ? joint.shift : bitOf(template, operand.index);
  if (!isPacked(template)) return { zeros: 0, isRuled: true, bit };
  const mask = maskOf(operand);
  if (mask !== undefined) return { zeros: ~mask, bit };
  const legal = legalBits(operand, template);
  if (legal === undefined) return { zeros: 0, isRuled: byte !== undefined || !isBounded(operand), bit };
  // No value is: of templates that faults are brought about with.
  if (legal === 0) return { zeros: ~31, legal, bit };
  const most = 2 ** (32 - Math.clz32(31 - Math.clz32(legal))) - 1;
  if (legal >>> 0 === 2 ** (most + 1) - 1) return { zeros: ~most, bit };
  const found = (isLast ? joint.shift < 31 && joint.bias === 0 : operand.index < 4) ? neverOf(legal, most) : undefined;
  return found === undefined ? { zeros: ~31, legal, bit } : { zeros: ~most, ...found, bit };
}

/** Bits of values up to `most`, and what they must not be, where that is what all others have in common; undefined where nothing is. */
function neverOf(legal: number, most: number): { never: number; pattern: number } | undefined {
  for (let never = 1; never <= most; never++)
    for (let pattern = 0; pattern <= never; pattern++) {
      if ((pattern & ~never) !== 0) continue;
      const isIt = (value: number): boolean => ((value & never) !== pattern) === (((legal >>> value) & 1) !== 0);
      if (Array.from({ length: most + 1 }, (_, value) => value).every(isIt)) return { never, pattern };
    }
  return undefined;
}

/** Do bounds and bits that must be 0 say all of a number below 2^31? */
function isBounded({ kind, min, max, step = 1, excluded = [], values }: Operand): boolean {
  return kind !== 'reglist' && values === undefined && excluded.length === 0 && (step & (step - 1)) === 0 && min >= -twoTo31 && max < twoTo31;
}

/** Bits that must be 0 in the first two words of operands. */
export function zerosOf(template: Template, domains: readonly Domain[]): [number, number] {
  const { operands } = template;
  const zeros: [number, number] = isPacked(template) ? [-1, -1] : [0, 0];
  if (!isPacked(template)) return zeros;
  for (const operand of operands) {
    const { word, byte } = operandPlace(template, operand.index);
    const bits = byte === undefined && hasBounds(template) ? domains[operand.index]!.zeros | ((operand.step ?? 1) - 1) : domains[operand.index]!.zeros;
    zeros[word]! &= byte === undefined ? bits : ~((~bits & 0xff) << (8 * byte));
  }
  return zeros;
}

/** Has the last operand bounds that the row says? */
function hasBounds(template: Template): boolean {
  const last = template.operands.at(-1);
  return last !== undefined && isPacked(template) && operandPlace(template, last.index).byte === undefined && isBounded(last);
}

/** What the second word is at least, and how far above that it may be. */
export function boundsOf(template: Template): [number, number] {
  const last = template.operands.at(-1);
  // Where a mask says it all, there are none.
  if (last === undefined || !hasBounds(template) || maskOf(last) !== undefined) return [0, -1];
  return [last.min, (last.max - last.min) | 0];
}

/** Patterns that bytes of the joint word must not have. */
export function patternOf(domains: readonly Domain[]): [number, number] {
  return [
    domains.reduce((all, { never = 0, bit }) => all | (never << bit), 0),
    domains.reduce((all, { never = 0, pattern = 0, bit }) => all | ((never & ~pattern) << bit), 0),
  ];
}

/** First bit of an operand in its word. */
export function bitOf(template: Template, index: number): number {
  return 8 * (operandPlace(template, index).byte ?? 0);
}

/** The bits of an operand's legal values, where it may have any value that has no others. */
function maskOf({ kind, min, max, step = 1, excluded = [], values }: Operand): number | undefined {
  if (kind === 'reglist' || values !== undefined || excluded.length > 0 || (step & (step - 1)) !== 0) return undefined;
  if (min <= -twoTo31 && max >= twoTo31 - 1 && step === 1) return -1;
  const mask = max - (max % step) + step - 1;
  return min === 0 && mask < twoTo31 && (mask & (mask + 1)) === 0 ? mask & -step : undefined;
}

/** A bit for each legal value, where all of them are below 32, and masks can say that. */
function legalBits(operand: Operand, template: Template): number | undefined {
  const { kind, min, max, values } = operand;
  if (kind === 'reglist' || !isPacked(template)) return undefined;
  const listed = values === undefined ? [] : Object.values(values).filter((value) => isLegal(operand, value));
  const legal =
    values !== undefined && listed.every((value) => value >= 0 && value < 32) ? listed : min >= 0 && max < 32 ? (allValues(operand, 32) ?? []) : undefined;
  return legal?.reduce((bits, value) => bits | (1 << value), 0);
}

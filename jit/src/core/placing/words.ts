/** Templates that are one word of code, of nothing but slices: most of those that are placed. Few of them take a call, so that nearly everything stays in registers. */
import { isBelow, load32, rotateRight, store32 } from '@fireball/wasm';
import { notEncodable } from '../derive.js';
import {
  fixupBits,
  fixupOf,
  fixupShift,
  labelled,
  noFixup,
  placedBytes,
  placedLast,
  templateBits as numberBits,
  toAddress,
  toCallee,
  unsignedLast,
} from '../layout/placed.js';
import { behindWords, code, codeSize, operands, starts, templates } from '../layout/placing.js';
import {
  choiceCountBits,
  choiceLegal,
  choiceStride,
  choiceWay,
  fillsBySteps,
  fourthMask,
  hasBounds,
  hasChoices,
  hasMore,
  hasPattern,
  isDerived,
  lastMask,
  lastRotation,
  readsBySteps,
  templateBias,
  templateBits,
  templateChoices,
  templateFirstZeros,
  templateKnown,
  templateLeast,
  templateMasks,
  templateMore,
  templatePatching,
  templateReading,
  templateRotations,
  templateSecondZeros,
  templateSize,
  templateSpan,
  templateStride,
  templateWays,
  wayRotationShift,
} from '../layout/templates.js';
import { derivedLast } from './computed.js';
import { patternBits } from './legal.js';
import { isLaidOut, joined, takeLaidOut } from './operands.js';
import { column, fact, headOf, recordStride } from './tables.js';

/**
 * Fills the templates whose records lie from one address to another, for code at an address, up to the first that takes more, depends on the layout, or has operands that are not legal. Returns
 * the address of that one's record; `behindWords` has where the code ends.
 */
export function fillWords(first: i32, end: i32, start: i32): i32 {
  const rows = load32(templates);
  let at = start;
  let record = first;
  for (; record < end; record += recordStride) {
    // The last word first: what is below it in the record needs no bounds check then.
    let last = column(record, placedLast);
    let bytes = column(record, placedBytes);
    const head = headOf(record);
    const template = rows + (head & numberBits) * templateStride;
    const ways = fact(template, templateWays);
    if ((ways & (fillsBySteps | isDerived)) !== 0) {
      if ((ways & fillsBySteps) !== 0 || isLaidOut(head)) break;
      last = derivedLast(template, ways, last);
      if (last === notEncodable) break;
    }
    if ((head & ((fixupBits << fixupShift) | unsignedLast)) !== 0) {
      if (!isLaidOut(head) || fixupOf(head) === toCallee) break;
      last = takeLaidOut(record, head, at - load32(code));
      bytes = load32(operands);
    }
    let illegal = last & load32(template + templateSecondZeros);
    illegal |= bytes & load32(template + templateFirstZeros);
    const both = joined(template, bytes, last);
    if ((ways & hasPattern) !== 0) illegal |= patternBits(template, both);
    if ((ways & (hasBounds | hasChoices)) !== 0) {
      if (isBelow(load32(template + templateSpan), last - load32(template + templateLeast))) break;
      if ((ways & hasChoices) !== 0) {
        let choice = rows + (fact(template, templateChoices) << 2);
        const behind = choice + (fact(template, templateMore) & choiceCountBits) * choiceStride;
        for (; choice < behind; choice += choiceStride) {
          const way = load32(choice + choiceWay);
          illegal |= ~rotateRight(load32(choice + choiceLegal), rotateRight(both, way >>> wayRotationShift)) & 1;
        }
      }
    }
    if (illegal !== 0) break;
    let bits = rotateRight(both, load32(template + templateRotations) >>> 16) & load32(template + templateMasks + 8);
    bits ^= rotateRight(both, load32(template + templateRotations) >>> 8) & load32(template + templateMasks + 4);
    bits ^= rotateRight(both, load32(template + templateRotations)) & load32(template + templateMasks);
    bits ^= load32(template + templateBits);
    if ((ways & hasMore) !== 0) {
      const more = rows + (fact(template, templatePatching) << 2);
      bits ^= rotateRight(last - fact(template, templateBias), load32(more + lastRotation)) & load32(more + lastMask);
      bits ^= rotateRight(both, load32(template + templateRotations) >>> 24) & load32(more + fourthMask);
    }
    store32(at, bits);
    at += fact(template, templateSize);
  }
  store32(behindWords, at);
  return record;
}

/** Compares templates with code likewise, and notes where labels may be bound, up to the first that takes more, depends on the layout, or differs. */
export function compareWords(first: i32, end: i32, start: i32): i32 {
  const rows = load32(templates);
  let at = start;
  let record = first;
  for (; record < end; record += recordStride) {
    let last = column(record, placedLast);
    let bytes = column(record, placedBytes);
    const head = headOf(record);
    const template = rows + (head & numberBits) * templateStride;
    const ways = fact(template, templateWays);
    if ((ways & (readsBySteps | isDerived)) !== 0) {
      if ((ways & readsBySteps) !== 0 || isLaidOut(head)) break;
      last = derivedLast(template, ways, last);
    }
    if ((head & ((fixupBits << fixupShift) | labelled)) !== 0) {
      const fixup = fixupOf(head);
      if (fixup === toAddress) break;
      if ((head & labelled) !== 0) noteStart(at - load32(code));
      if (fixup !== noFixup) {
        last = takeLaidOut(record, head, at - load32(code));
        bytes = load32(operands);
      }
    }
    const both = joined(template, bytes, last);
    let bits = rotateRight(both, load32(template + templateRotations) >>> 16) & load32(template + templateMasks + 8);
    bits ^= rotateRight(both, load32(template + templateRotations) >>> 8) & load32(template + templateMasks + 4);
    bits ^= rotateRight(both, load32(template + templateRotations)) & load32(template + templateMasks);
    bits ^= load32(template + templateBits);
    if ((ways & hasMore) !== 0) {
      const more = rows + (fact(template, templateReading) << 2);
      bits ^= rotateRight(last - fact(template, templateBias), load32(more + lastRotation)) & load32(more + lastMask);
      bits ^= rotateRight(both, load32(template + templateRotations) >>> 24) & load32(more + fourthMask);
    }
    if (((bits ^ load32(at)) & load32(template + templateKnown)) !== 0) break;
    at += fact(template, templateSize);
  }
  store32(behindWords, at);
  return record;
}

/** A label may be bound at an offset. */
export function noteStart(offset: i32): void {
  if (isBelow(load32(codeSize), offset)) return;
  const word = load32(starts) + ((offset >>> 6) << 2);
  store32(word, load32(word) | (1 << (offset >>> 1)));
}

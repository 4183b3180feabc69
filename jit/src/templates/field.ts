/** Fields of a template, prepared for patching and reading back. */
import type { InverseRow } from './inverse.js';
import type { OperandJson, PatchPointJson } from './schema.js';

/** One patch field, ready to scatter. */
export interface Field {
  /** Byte offset of the instruction in the template. */
  readonly offset: number;
  /** Bytes of the instruction. */
  readonly unit: 2 | 4;
  /** Index of the base operand. */
  readonly operand: number;
  /** Index of the second base operand; -1 where there is none. */
  readonly with: number;
  /** Computes the scattered value from the base operands; null where the operand itself is scattered. */
  readonly compute: ((a: number, b: number) => number) | null;
  readonly bias: number;
  readonly shift: number;
  /** Mask i is XORed where bit (shift + i) of the value is 1. */
  readonly masks: Int32Array;
  /** Bit of the first mask if the masks are consecutive bits, otherwise -1. */
  readonly run: number;
  /** The bits of the instruction that the field fills. */
  readonly footprint: number;
  /** The bits of the value, shifted down, that reach the code. */
  readonly reach: number;
  /** Reads the value back, where the masks are no run. */
  readonly inverse: readonly InverseRow[];
  readonly point: PatchPointJson;
}

/** An operand with its place in the order of values. */
export interface Operand extends OperandJson {
  readonly index: number;
}

/** Bits `from` .. `from + count - 1` of a value, XORed into the instruction from bit `to` up. */
export interface Run {
  readonly from: number;
  readonly count: number;
  readonly to: number;
}

/** The field's masks as few runs; a bit of the value may be in several. */
export function runsOf({ shift, masks }: Pick<Field, 'shift' | 'masks'>): Run[] {
  const rest = masks.slice();
  const runs: Run[] = [];
  for (let start = 0; start < rest.length;) {
    const mask = rest[start] as number;
    if (mask === 0) {
      start++;
      continue;
    }
    const to = 31 - Math.clz32(mask & -mask);
    let count = 0;
    while (start + count < rest.length && to + count < 32 && ((rest[start + count] as number) >>> (to + count)) & 1) {
      rest[start + count] = (rest[start + count] as number) ^ (1 << (to + count));
      count++;
    }
    runs.push({ from: shift + start, count, to });
  }
  return runs;
}

/** Some of a value's neighbouring bits, from bit `to` up in one word of 32 bits. */
export interface WordPart {
  readonly word: number;
  /** First of them, counted from the first of all. */
  readonly from: number;
  readonly count: number;
  readonly to: number;
}

/** Neighbouring bits of code from bit `bit` on, at most 32 of them, cut where words meet. */
export function partsOf(bit: number, count: number): WordPart[] {
  const to = bit % 32;
  const first = { word: Math.floor(bit / 32), from: 0, count: Math.min(count, 32 - to), to };
  return to + count <= 32 ? [first] : [first, { word: first.word + 1, from: first.count, count: count - first.count, to: 0 }];
}

/** Reads a patched instance back: the inverse of the scatter, for the verifier, listings and tests. */
import type { Field, Template } from '../templates/template.js';

/**
 * The value in every field of the instance at `at`, in the order of `template.fields`: the bits
 * [shift, shift + masks) of the scattered value, moved down to bit 0. Bits that do not reach the
 * code (the low bits of a scaled offset) read as 0.
 * @returns undefined if the bytes are no instance of the template
 */
export function readFields(code: Uint8Array, at: number, template: Template): number[] | undefined {
  if (at < 0 || at + template.size > code.length) return undefined;
  const rest = code.slice(at, at + template.size).map((byte, index) => byte ^ (template.bytes[index] ?? 0));
  const values: number[] = [];
  for (const field of template.fields) {
    const footprint = footprintOf(field);
    const value = solve(field, readWord(rest, field) & footprint);
    if (value === undefined) return undefined;
    values.push(value);
    for (let byte = 0; byte < field.unit; byte++) {
      const index = field.offset + byte;
      rest[index] = (rest[index] ?? 0) & ~(footprint >> (8 * byte));
    }
  }
  return rest.every((byte) => byte === 0) ? values : undefined;
}

/** The bits of the instruction word that belong to the field. */
export function footprintOf(field: Field): number {
  return field.masks.reduce((all, mask) => all | mask, 0);
}

function readWord(bytes: Uint8Array, { offset, unit }: Field): number {
  let word = 0;
  for (let byte = unit - 1; byte >= 0; byte--) word = (word << 8) | (bytes[offset + byte] ?? 0);
  return word;
}

/** Gauss-Jordan over GF(2): the bits whose masks give `word`; those that change nothing are 0. */
function solve(field: Field, word: number): number | undefined {
  const basis: { mask: number; bits: number; pivot: number }[] = [];
  field.masks.forEach((original, bit) => {
    let mask = original;
    let bits = 1 << bit;
    for (const row of basis)
      if (mask & row.pivot) {
        mask ^= row.mask;
        bits ^= row.bits;
      }
    if (mask !== 0) basis.push({ mask, bits, pivot: mask & -mask });
  });
  let rest = word;
  let value = 0;
  for (const row of basis)
    if (rest & row.pivot) {
      rest ^= row.mask;
      value ^= row.bits;
    }
  return rest === 0 ? value : undefined;
}
